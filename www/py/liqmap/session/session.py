"""From a query string to messages for the page: load, estimate, show, follow, in that order.

The session replaces the state and lets every panel read it; fetching, arithmetic and drawing
are done elsewhere. Whatever reaches outside is given to it, so it runs in a test, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.search import choose
from liqmap.errors import InputError, LiqmapError
from liqmap.feed.accounts import AccountPoller
from liqmap.feed.cache import AnswerCache, Store
from liqmap.feed.client import Send
from liqmap.feed.depth import order_book
from liqmap.feed.directory import Directory
from liqmap.feed.limits import Pauses
from liqmap.feed.loader import load_market, refresh_market
from liqmap.feed.markets import Load, Markets
from liqmap.feed.poller import Poller
from liqmap.feed.reader import Say, silent
from liqmap.feed.recorder import Recorder
from liqmap.feed.stream import Connect
from liqmap.picture.viewport import Screen, Window
from liqmap.session import failures
from liqmap.session.as_of import AsOf
from liqmap.session.books import Read
from liqmap.session.desk import Desk
from liqmap.session.estimates import Estimates, framed, members_of
from liqmap.session.heard import contracts_of, heard, unread
from liqmap.session.judgement import judge
from liqmap.session.lender import Lender
from liqmap.session.messages import Message, Settings, Status
from liqmap.session.panels import panels
from liqmap.session.realised import RealisedShares
from liqmap.session.scenario import Doubts
from liqmap.session.search import ContractSearch
from liqmap.session.state import Lent, Listing, Loaded, Shown, State
from liqmap.session.tasks import Tasks
from liqmap.session.timers import Timers
from liqmap.view import View, venue_and_symbol

ASK_ALL_EVERY_S = 120.0
"""After a failure all venues are probed, no more often than this."""

Post = Callable[[Message], None]
Refresh = Callable[[Any, Market], Awaitable[Market]]


class Session:
    """One visitor's page.

    Parameters
    ----------
    send : Send
        Asks a venue.
    post : callable
        Takes one message for the page.
    simulate : callable
        The market of `venue=demo`, and what is liquidated in it.
    connect : Connect, optional
        Opens a WebSocket.
    store : Store, optional
        What outlives the page.
    directory, load, refresh, doubts, depth : optional
        Replace, in tests, the venues' directory, the loading of a market, of its newest bars, the
        members of its last column, and its order book.
    """

    sparing = False
    """Whether to ask for a picture and no more: no newer bars, no stream, nothing beside it."""

    def __init__(
        self,
        send: Send,
        post: Post,
        *,
        simulate: Callable[[], tuple[Market, Liquidations]],
        connect: Connect | None = None,
        store: Store | None = None,
        directory: Directory | None = None,
        load: Load = load_market,
        refresh: Refresh = refresh_market,
        doubts: Doubts = members_of,
        depth: Read = order_book,
    ) -> None:
        self.state = State()
        self.opened = False
        memory = None if store is None else AnswerCache(store)
        self.directory = directory or Directory(send, memory)
        self.recorder = Recorder(connect, store, self._hear_soon)
        self.accounts = AccountPoller(self.directory, lambda found: self._become(accounts=found))
        self._post, self._simulate = post, simulate
        self._load, self._refresh, self._doubts = load, refresh, doubts
        self._panels, self._estimates, self._as_of = panels(), Estimates(), AsOf(self.recorder)
        self._realised = RealisedShares(self.recorder)
        realised, now = self._realised.of, lambda: self.state
        self.desk = Desk(self.directory, depth, realised, doubts, now, self._become)
        self.search = ContractSearch(self.directory, post)
        self._lender = Lender(self.directory, now, self._lend)
        self._poller, self._trier, self._timers = Poller(self._follow), Poller(self._try), Timers()
        self._tasks, self._trouble, self._asked_all_s = Tasks(self._fault), "", -ASK_ALL_EVERY_S

    async def open(self, site: Mapping[str, Any]) -> None:
        """Read the site file (addresses of stand-ins, pauses) and what earlier visits kept."""
        self.opened = True
        self.directory.origins = dict(site.get("origins", {}))
        self.recorder.streams = dict(site.get("streams", {}))
        self._timers = timers = Timers.of(site)
        self.recorder.archive.save_s = timers.save_s
        self.directory.pauses = Pauses(timers.retry_s, timers.patience_s)
        self._trouble = await self.recorder.open()

    async def show(self, query: str) -> None:
        """Show the view of a query string; an earlier one still under way is dropped."""
        await self._tasks.only(self._show(query))

    async def choose(self, typed: str, query: str) -> None:
        """Show the view of a query string with the contract that somebody typed."""
        venue, symbol = venue_and_symbol(typed)
        listing = self.state.listing
        if listing is not None and venue in ("", listing.venue):
            name = choose(listing.instruments, symbol)
            typed = f"{venue}:{name}" if venue else name
        await self.show(View.with_symbol(query, typed))

    async def again(self, query: str) -> None:
        """Show it with fresh data: what is remembered is asked for again, and who refused."""
        self._become(loaded=None, told=None)
        with self.directory.afresh():
            await self.show(query)

    def seen(self, *, visible: bool) -> None:
        """Note whether the page is visible: hidden, it is updated for alerts alone."""
        self._poller.seen(visible=visible or bool(self.state.rules))
        self._trier.seen(visible=visible)
        if not visible:
            self._tasks.aside(self.recorder.save())

    def screen(self, width_px: float, height_px: float, *, system_light: bool) -> None:
        """Note what the picture is shown on; it is drawn for that."""
        if width_px > 0 and height_px > 0:  # else it is not laid out yet
            self._become(screen=Screen(width_px, height_px, system_light))

    def zoom(self, window: Window | None) -> None:
        """Draw the part of the picture that the visitor sees; None: all of it."""
        self._become(window=window, shown=self._zoomed(self.state.shown, window))

    def note(self, **asked: Any) -> None:
        """Note what the visitor asks of the desk: fields of the state that only panels read."""
        self._become(**asked)

    async def ask_all(self) -> None:
        """Probe every venue now."""
        self._asked_all_s = asyncio.get_running_loop().time()
        await self.directory.ask_all(self._healths)

    # ---------------------------------------------------------------- the order of things

    async def _show(self, query: str) -> None:
        asked, notices = View.read(query)
        view = asked.after(self.state.view)
        same = framed(view) == framed(self.state.view)
        self._become(view=view, window=self.state.window if same else None)
        self._post(Settings(query=view.to_query(), controls=view.controls(), notices=notices))
        self._trier.stop()
        error = await self._attempt(view, self._loading)
        if error is not None and not isinstance(error, InputError):
            self._ask_all_soon()
        if error is not None and failures.passing(error):
            self._trier.start(self._timers.poll_s)

    async def _try(self) -> bool:
        """Ask once more for a view that could not be loaded; the pauses grow until it can."""
        view = self.state.view

        async def once() -> None:
            if await self._attempt(view, silent) is None:
                self._trier.stop()

        await self._tasks.only(once())
        return False

    async def _attempt(self, view: View, say: Say) -> LiqmapError | None:
        """Load a view and draw it; gives the failure, which it has told."""
        try:
            await self._load_and_draw(view, say)
        except LiqmapError as error:
            self._fail(error)
            return error
        except Exception as error:  # a fault of ours is reported, not swallowed
            return self._fault(error)
        return None

    async def _load_and_draw(self, view: View, say: Say) -> None:
        loaded = self.state.loaded
        anew = loaded is None or not loaded.covers(view)
        if loaded is None or anew:
            self._poller.stop()
            self._become(loaded=None)
            if view.venue == "demo":
                market, happened = self._simulate()
                self.recorder.pretend(market.venue, market.instrument.name, happened)
                self._draw(loaded := Loaded(view, {market.venue: market}), anew=True)
            else:
                loaded = await self._gathered(view, say)
            loaded = replace(loaded, complete=True)
            self._become(loaded=loaded, then=self._as_of.shown(loaded, self.state.shown, None))
        else:
            self._draw(loaded)
        self._post(Status("ready", loaded.sentence()))
        if self.sparing:
            return
        self._learn_more(view)
        if anew and not loaded.simulated:
            self._poller.start(self._timers.between(len(loaded.markets)))
        await asyncio.gather(self._doubt(), self.desk.scenarios.learn())

    async def _gathered(self, view: View, say: Say) -> Loaded:
        """The markets of a view, drawn again and again as more comes."""
        found = Markets(self.directory, say, self._listed, load=self._load)
        loaded = Loaded(view, {})
        async for markets in found.of(view):
            loaded = replace(loaded, markets=markets, left_out=found.left_out)
            loaded = self._with_failures(loaded, found.notes)
            self._draw(loaded, anew=True)
        return self._with_failures(loaded, found.notes)

    def _with_failures(self, loaded: Loaded, failed: tuple[str, ...]) -> Loaded:
        """Note venues that could not be read; a new failure has all venues probed."""
        if len(failed) > len(loaded.failed):
            self._ask_all_soon()
        return replace(loaded, failed=failed)

    def _draw(self, loaded: Loaded, *, anew: bool = False) -> None:
        """Estimate the view on these markets, and let the panels show it."""
        state = self.state
        shown = state.shown and loaded is state.loaded and state.shown.redrawn(state.view)
        if anew or not shown:
            before, shares = state.shown, lambda: self._realised.of(loaded)
            shown = self._estimates.shown(loaded, state.view, before, shares=shares, anew=anew)
            if self._trouble:
                shown = replace(shown, notices=(self._trouble, *shown.notices))
        then = self._as_of.shown(loaded, shown, state.then)
        scenario = self.desk.scenarios.on(loaded, shown)
        shown = self._zoomed(shown, state.window)
        self._become(loaded=loaded, shown=shown, then=then, scenario=scenario)

    def _zoomed(self, shown: Shown | None, window: Window | None) -> Shown | None:
        """The picture with the detail of a window."""
        detail = self._estimates.detail(shown, window) if shown and window else None
        return shown and replace(shown, detail=detail)

    def _learn_more(self, view: View) -> None:
        """Begin to listen, and to watch accounts if the view asks for them."""
        self._listen()
        if view.accounts == "on":
            self.accounts.watch(view.symbol, view.positions)
        else:
            self.accounts.leave()

    async def _doubt(self) -> None:
        """Compute the members of what stands, after it has gone out."""
        about = self.state.standing
        await asyncio.sleep(0)
        if about is None or about.exposed is not None:
            return
        exposed = await self._doubts(about)
        if exposed is not None:
            self._become(**self.state.doubted(about, exposed))

    async def _follow(self) -> bool:
        """Ask once for the newest bars; False if all venues fail, and the picture stays."""
        before = self.state.loaded
        if before is None:
            return True
        errors: dict[str, LiqmapError] = {}

        async def refreshed(venue: str, market: Market) -> Market:
            try:
                return await self._refresh(self.directory.client(venue), market)
            except LiqmapError as error:
                errors[venue] = error
                return market

        found = await asyncio.gather(*(refreshed(*item) for item in before.markets.items()))
        if self.state.loaded is not before:
            return True  # another view came in between
        if len(errors) == len(found):
            self._post(failures.unheard(next(iter(errors.values())), before.leader))
            self._healths(self.directory.health())
            return False
        markets = dict(zip(before.markets, found, strict=True))
        loaded = replace(before, markets=markets, late=failures.late(errors))
        try:
            self._draw(loaded)
            self._post(Status("ready", loaded.sentence()))
            self._listen()
        except LiqmapError as error:
            self._fail(error)
        return True

    # ---------------------------------------------------------------- liquidations

    def _listen(self) -> None:
        """Listen to the contracts on screen, and show their known liquidations."""
        loaded, shown = self.state.loaded, self.state.shown
        assert loaded is not None
        assert shown is not None
        contracts = contracts_of(loaded, self.state.lent)
        if not loaded.simulated:
            for venue, contract, end_ms in unread(self.recorder, contracts, loaded, shown):
                client = self.directory.client(venue)
                self._tasks.aside(self.recorder.ask(client, contract, shown.first_ms, end_ms))
            self._tasks.aside(self._lender.learn())
        self._tasks.aside(self.desk.learn())
        self.recorder.listen_to({} if loaded.simulated else contracts)
        self._hear(contracts)

    def _lend(self, lent: Lent) -> None:
        """Show the liquidations of another venue, too."""
        self._become(lent=lent)
        self._listen()

    def _hear_soon(self) -> None:
        """Show what the recorder has in a moment; several calls before that are one."""
        if self.state.heard is not None:
            self._tasks.soon(self._timers.soon_s, self._hear)

    def _hear(self, contracts: Mapping[str, Any] | None = None) -> None:
        """Show known liquidations, and judge the picture by them."""
        state = self.state
        if state.shown is None:
            return
        if contracts is None:
            assert state.heard is not None
            contracts = state.heard.contracts
        found = heard(self.recorder, contracts, state.shown)
        self._become(heard=found, judgement=judge(state.shown, found, state.judgement))

    # ---------------------------------------------------------------- what is said

    def _become(self, **changes: Any) -> None:
        """Replace fields of the state, and post the messages of all panels."""
        self.state = replace(self.state, **changes)
        for panel in self._panels:
            if (message := panel.update(self.state)) is not None:
                self._post(message)

    async def _listed(self, venue: str) -> None:
        """Let the symbol field offer what the venue lists."""
        self._become(listing=Listing(venue, await self.directory.listed(venue)))

    def _loading(self, sentence: str, done: int, total: int) -> None:
        self._post(Status("loading", sentence, done=done, total=total))

    def _healths(self, rows: list[list[str]]) -> None:
        self._become(health=tuple(tuple(row) for row in rows))

    def _fail(self, error: LiqmapError) -> None:
        """Report an error; the picture stays."""
        self._post(failures.failed(error, self.state.shown))

    def _fault(self, error: Exception) -> LiqmapError:
        """Report an unexpected exception."""
        self._fail(fault := failures.fault(error))
        return fault

    def _ask_all_soon(self) -> None:
        since_s = asyncio.get_running_loop().time() - self._asked_all_s
        if since_s >= ASK_ALL_EVERY_S and not self.sparing:
            self._tasks.aside(self.ask_all())
