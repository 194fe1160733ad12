"""From a query string to messages for the page: load, estimate, draw, follow, in that order.

Knows the order of things and who is asked; the waiting, the arithmetic and the drawing
are done in their own rooms. Runs in a test as in the browser: `send` and `post` are given.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable, Coroutine
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.symbols import choices
from liqmap.errors import InputError, LiqmapError
from liqmap.feed.cache import Shelf, Store
from liqmap.feed.client import PATIENCE_S, RETRY_S, Send
from liqmap.feed.directory import Venues
from liqmap.feed.loader import refresh_market
from liqmap.feed.markets import Gathering
from liqmap.feed.poller import POLL_S, SUM_POLL_S, Following
from liqmap.feed.recorder import SAVE_S, Recorder, heard_only
from liqmap.feed.stream import Connect
from liqmap.session.accounts import Accounts
from liqmap.session.screen import Post, Screen
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from liqmap.words import clock

ASK_ALL_EVERY_S = 120.0
"""After a failure all venues are asked how they are, no more often than this."""

Wanted = tuple[str, str, int]


class Desk:
    """One page's worth of state.

    Parameters
    ----------
    send : Send
    post : callable
        Takes one message: plain values and 1-D arrays.
    simulate : callable
        The market shown when no venue can be reached, and what is liquidated in it.
    connect : Connect, optional
        Opens a WebSocket.
    store : Store, optional
        What outlives the page.
    """

    def __init__(
        self,
        send: Send,
        post: Post,
        *,
        simulate: Callable[[], tuple[Market, Liquidations]],
        connect: Connect | None = None,
        store: Store | None = None,
    ) -> None:
        self.opened = False
        self._post, self._simulate = post, simulate
        memory = None if store is None else Shelf(store)
        self.venues = Venues(send, memory, lambda: 1000 * time.time())
        self.recorder = Recorder(connect, store, self._heard)
        self.screen = Screen(post, self.recorder)
        self.accounts = Accounts(self.venues, post)
        self._following = Following(self._refresh)
        self._poll_s, self._sum_poll_s = POLL_S, SUM_POLL_S
        self._view: View | None = None
        self._loaded: Wanted | None = None
        self._markets: dict[str, Market] = {}
        self._listened: dict[str, Instrument] = {}
        self._trouble: tuple[str, ...] = ()
        self._notes: tuple[str, ...] = ()
        self._late: tuple[str, ...] = ()
        self._task: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Future[Any]] = set()
        self._asked_all_s = -ASK_ALL_EVERY_S

    async def open(self, site: dict[str, Any]) -> None:
        """What this place knows of stand-ins and pauses, and what earlier visits kept."""
        self.opened = True
        timers: dict[str, float] = site.get("timers", {})
        self._poll_s = timers.get("poll_s", POLL_S)
        self._sum_poll_s = timers.get("sum_poll_s", SUM_POLL_S)
        self.venues.retry_s = timers.get("retry_s", RETRY_S)
        self.venues.patience_s = timers.get("patience_s", PATIENCE_S)
        self.recorder.save_s = timers.get("save_s", SAVE_S)
        self.venues.origins = dict(site.get("origins", {}))
        self.recorder.streams = dict(site.get("streams", {}))
        self._trouble = tuple(filter(None, [await self.recorder.open()]))

    async def show(self, query: str) -> None:
        """Draw the view of a query string; an earlier one still under way is dropped."""
        if self._task is not None:
            self._task.cancel()
        self._task = task = asyncio.ensure_future(self._show(query))
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    async def again(self, query: str) -> None:
        """The same with fresh data: somebody pressed the button."""
        self._loaded = None
        self.venues.forgive()
        await self.show(query)

    def seen(self, *, visible: bool) -> None:
        """Whether the page is looked at."""
        self._following.seen(visible=visible)
        if not visible:
            self._later(self.recorder.save())

    async def ask_all(self) -> None:
        """How every venue is, right now."""
        self._asked_all_s = asyncio.get_running_loop().time()
        await self.venues.ask_all(lambda rows: self._post({"kind": "health", "rows": rows}))

    def csv(self) -> str:
        """The last column on screen: price bins with their longs and shorts [quote]."""
        return self.screen.csv()

    async def _show(self, query: str) -> None:
        view, notices = View.read(query)
        view = view.after(self._view)
        self._view = view
        self._post(
            {
                "kind": "view",
                "query": view.to_query(),
                "controls": view.controls(),
                "notices": list(notices),
            }
        )
        try:
            await self._load_and_draw(view)
        except asyncio.CancelledError:
            raise
        except LiqmapError as error:
            self._fail(view, error)
        except Exception as error:  # a fault of ours is said, not swallowed
            self._fail(view, _fault(error))

    async def _load_and_draw(self, view: View) -> None:
        wanted = (view.venue, view.symbol, view.window_ms)
        if self._covers(wanted):
            self._draw("ready")
            await self._tell_more(view)
            return
        self._following.stop()
        self._loaded, self._late, self._notes = None, (), ()
        if view.venue == "demo":
            self._pretend("ready")
        else:
            gathering = Gathering(self.venues, self._loading, self._offer)
            async for self._markets in gathering.markets(view):
                self._note(gathering.notes)
                self._draw("loading", anew=True)
            self._note(gathering.notes)
            self._post({"kind": "status", **self._ready()})
        self._loaded = wanted
        await self._tell_more(view)
        if view.venue != "demo":
            self._following.start(self._poll_s if len(self._markets) == 1 else self._sum_poll_s)

    def _pretend(self, state: str) -> None:
        """Show the simulation, labelled as what it is."""
        market, liquidations = self._simulate()
        self._markets = {market.venue: market}
        self.recorder.pretend(market.venue, market.instrument.name, liquidations)
        self._draw(state, anew=True)

    def _covers(self, wanted: Wanted) -> bool:
        """Whether what is loaded is the same market, and long enough."""
        loaded = self._loaded
        return loaded is not None and loaded[:2] == wanted[:2] and loaded[2] >= wanted[2]

    async def _tell_more(self, view: View) -> None:
        """What is known beside the picture, once that is there."""
        self._hear(view)
        if view.accounts == "on":
            self.accounts.watch(view.symbol, view.positions, self.screen.axes)
        else:
            self.accounts.leave()
        await asyncio.sleep(0)  # the picture goes out first
        if await self.screen.learn(view):
            self._draw("ready")

    async def _refresh(self) -> bool:
        """One question after the newest bars; what fails leaves the picture as it was."""
        view = self._view
        assert view is not None
        errors: dict[str, LiqmapError] = {}

        async def one(venue: str, market: Market) -> Market:
            try:
                return await refresh_market(self.venues.line(venue), market)
            except LiqmapError as error:
                errors[venue] = error
                return market

        before = self._markets
        found = await asyncio.gather(*(one(*item) for item in before.items()))
        if self._markets is not before:
            return True  # another view came in between
        if len(errors) == len(before):
            at = clock(float(found[0].candles.end_ms[-1]))
            why = next(iter(errors.values())).sentence
            self._say("stale", f"{why} Showing bars to {at} UTC; trying again.")
            self._post({"kind": "health", "rows": self.venues.health()})
            return False
        self._markets = dict(zip(before, found, strict=True))
        self._late = tuple(
            f"{ADAPTERS[venue].title} is late: {error.sentence}" for venue, error in errors.items()
        )
        try:
            self._draw("ready")
            self._hear(view)
        except LiqmapError as error:
            self._fail(view, error)
        return True

    def _hear(self, view: View) -> None:
        """Listen to what is on screen, and show what is known of it."""
        self._listened = {venue: one.instrument for venue, one in self._markets.items()}
        leader = next(iter(self._markets.values()))
        if view.venue == "all":
            self._listened |= heard_only(leader.instrument.base_coin)
        if not leader.simulated:
            for venue, one in self._listened.items():
                candles = self._markets.get(venue, leader).candles
                opened_ms, end_ms = float(candles.time_ms[-1]), float(candles.end_ms[-1])
                self.recorder.bar(venue, one.name, opened_ms, end_ms)
                if self.recorder.lacks(venue, one.name, self.screen.first_ms):
                    line, first_ms = self.venues.line(venue), self.screen.first_ms
                    self._later(self.recorder.ask(line, one, first_ms, end_ms))
        self.recorder.listen_to({} if leader.simulated else self._listened)
        self.screen.tell_happened(self._listened, view)

    def _heard(self) -> None:
        if self._view is not None and self._listened:
            self.screen.tell_happened_soon(self._listened, self._view)

    async def _offer(self, venue: str) -> None:
        """Names for the symbol picker."""
        listed = choices(await self.venues.listed(venue))
        self._post(
            {
                "kind": "instruments",
                "venue": venue,
                "names": [name for name, _ in listed],
                "labels": [label for _, label in listed],
            }
        )

    def _draw(self, state: str, *, anew: bool = False) -> None:
        view = self._view
        assert view is not None
        status = self._ready() if state == "ready" else {}
        notes = (*self._trouble, *self._notes, *self._late)
        self.screen.draw(self._markets, view, notes=notes, status=status, anew=anew)

    def _note(self, notes: tuple[str, ...]) -> None:
        """Which venues failed; when one more did, all are asked how they are."""
        if len(notes) > len(self._notes):
            self._ask_all_soon()
        self._notes = notes

    def _ready(self) -> dict[str, Any]:
        market = next(iter(self._markets.values()))
        if market.simulated:
            return {"state": "ready", "status": "A simulated market with known positions."}
        at = clock(float(market.candles.end_ms[-1]))
        titles = [ADAPTERS[venue].title for venue in self._markets]
        name = market.instrument.name if len(titles) == 1 else market.instrument.base_coin
        return {"state": "ready", "status": f"{name} from {', '.join(titles)}, bars to {at} UTC."}

    def _loading(self, sentence: str, done: int, total: int) -> None:
        self._say("loading", sentence, done, total)

    def _say(self, state: str, status: str, done: int = 0, total: int = 0) -> None:
        self._post(
            {"kind": "status", "state": state, "status": status, "done": done, "total": total}
        )

    def _fail(self, view: View, error: LiqmapError) -> None:
        """Say what failed; what is on screen stays, an empty screen shows the simulation."""
        stale = self.screen.shows_market
        if not stale:
            self._pretend("failed")
            self._hear(view)
        self._post(
            {
                "kind": "status",
                "state": "stale" if stale else "failed",
                "status": str(error) if stale else f"{error} This is a simulated market.",
                "detail": "\n".join(part for part in (error.where, error.detail) if part),
                "retry": True,
            }
        )
        if not isinstance(error, InputError):
            self._ask_all_soon()

    def _ask_all_soon(self) -> None:
        if asyncio.get_running_loop().time() - self._asked_all_s >= ASK_ALL_EVERY_S:
            self._later(self.ask_all())

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it aside; a fault of ours is said there, too."""

        async def said() -> None:
            try:
                await work
            except Exception as error:
                if self._view is not None:
                    self._fail(self._view, _fault(error))

        task = asyncio.ensure_future(said())
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)


def _fault(error: Exception) -> LiqmapError:
    return LiqmapError(
        "liqmap has a fault.",
        hint="Reload the page; if it stays, report it with the details.",
        detail="".join(traceback.format_exception(error)),
    )
