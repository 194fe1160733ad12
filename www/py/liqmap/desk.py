"""From a query string to messages for the page: load, estimate, draw, in that order.

Knows the order of things and who is asked; the waiting, the arithmetic and the drawing
are done in their own rooms. Runs in a test as in the browser: `send` and `post` are given.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Callable
from typing import Any

from liqmap.columns import Array
from liqmap.density import Density
from liqmap.errors import LiqmapError
from liqmap.exchanges import ADAPTERS
from liqmap.fetching import Line, Send
from liqmap.levels import clock, reasons, rows
from liqmap.loading import find_instrument, load_market
from liqmap.market import Instrument, Market
from liqmap.models import estimate
from liqmap.picture import as_csv, draw
from liqmap.view import HOUR_MS, View

STEP_MS = 300_000
HISTORY_MS = 7 * 24 * HOUR_MS
"""A day's book needs about a week behind it (docs/model.md)."""
PRICE_BINS = 800
MOST_COLUMNS = 1_440
MARGIN = 0.6
"""Price axis beyond the window's low and high, in parts of their distance."""
LEAST_MARGIN = 0.03

Post = Callable[[dict[str, Any]], None]


class Desk:
    """One page's worth of state.

    Parameters
    ----------
    send : Send
    post : callable
        Takes one message: plain values and 1-D arrays.
    simulate : callable
        The market shown when no venue can be reached.
    """

    def __init__(self, send: Send, post: Post, *, simulate: Callable[[], Market]) -> None:
        self.origins: dict[str, str] | None = None
        self._send, self._post, self._simulate = send, post, simulate
        self._lines: dict[str, Line] = {}
        self._instruments: dict[str, tuple[Instrument, ...]] = {}
        self._view: View | None = None
        self._loaded: tuple[str, str, int] | None = None
        self._market: Market | None = None
        self._density: tuple[object, Density] | None = None
        self._shows_picture = False
        self._task: asyncio.Task[None] | None = None

    def forget(self) -> None:
        """Ask the venue again, whatever is loaded."""
        self._loaded = None
        self._lines.clear()

    async def show(self, query: str) -> None:
        """Draw the view of a query string; an earlier one still under way is dropped."""
        if self._task is not None:
            self._task.cancel()
        self._task = task = asyncio.ensure_future(self._show(query))
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

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
            fault = LiqmapError(
                "liqmap has a fault.",
                hint="Reload the page; if it stays, report it with the details.",
                detail="".join(traceback.format_exception(error)),
            )
            self._fail(view, fault)

    async def _load_and_draw(self, view: View) -> None:
        wanted = (view.venue, view.symbol, view.window_ms)
        if self._market is not None and self._loaded is not None:
            same_market = self._loaded[:2] == wanted[:2]
            if same_market and self._loaded[2] >= wanted[2]:
                self._draw(view, self._market, "ready")
                return
        if view.venue == "demo":
            self._keep(wanted, self._simulate())
            self._draw(view, self._kept, "ready")
            return
        self._say("loading", f"Asking {ADAPTERS[view.venue].title} for {view.symbol}…")
        line = self._line(view.venue)
        instrument = find_instrument(await self._listed(line), view.symbol)
        self._loaded = None
        market = None
        async for market in load_market(
            line,
            instrument,
            step_ms=STEP_MS,
            window_ms=view.window_ms,
            history_ms=HISTORY_MS,
            say=lambda sentence, done, total: self._say("loading", sentence, done, total),
        ):
            self._keep(None, market)
            self._draw(view, market, "loading")
        if market is not None:
            self._keep(wanted, market)
            self._post({"kind": "status", **self._ready(market)})

    def csv(self) -> str:
        """The last column on screen: price bins with their longs and shorts [quote]."""
        if self._density is None:
            return ""
        return as_csv(self._density[1])

    @property
    def _kept(self) -> Market:
        assert self._market is not None
        return self._market

    def _keep(self, loaded: tuple[str, str, int] | None, market: Market) -> None:
        self._loaded, self._market = loaded, market

    def _line(self, venue: str) -> Line:
        if venue not in self._lines:
            origin = (self.origins or {}).get(venue)
            self._lines[venue] = Line(ADAPTERS[venue], self._send, origin=origin)
        return self._lines[venue]

    async def _listed(self, line: Line) -> tuple[Instrument, ...]:
        venue = line.adapter.venue
        if venue not in self._instruments:
            self._instruments[venue] = await line.converse(line.adapter.instruments())
        names = [one.name for one in self._instruments[venue]]
        self._post({"kind": "instruments", "venue": venue, "names": names})
        return self._instruments[venue]

    def _draw(self, view: View, market: Market, state: str) -> None:
        density = self._estimated(view, market)
        picture = draw(market, density, view)
        spot = picture["spot"]
        status = self._ready(market) if state == "ready" else {}
        self._post(
            {
                "kind": "picture",
                "query": view.to_query(),
                "title": f"{market.instrument.name} · {_title(market)}",
                "market_notices": list(market.notices),
                "reasons": reasons(density),
                "levels": rows(density, spot, view.positions, picture["decimals"]),
                **picture,
                **status,
            }
        )
        self._shows_picture = True

    def _estimated(self, view: View, market: Market) -> Density:
        key = (id(market), view.model, view.tiers, view.window_ms, view.low, view.high)
        if self._density is None or self._density[0] != key:
            bars = view.window_ms // STEP_MS
            first_ms = float(market.candles.end_ms[-1]) - view.window_ms
            density = estimate(
                market.candles,
                market.open_interest,
                model=view.model,
                price_bins=PRICE_BINS,
                only_tiers=view.tiers or None,
                maintenance=market.maintenance,
                mark=market.mark,
                every=max(1, bars // MOST_COLUMNS),
                price_range=price_range(market, first_ms, view),
                first_ms=first_ms,
            )
            self._density = (key, density)
        return self._density[1]

    def _ready(self, market: Market) -> dict[str, Any]:
        at_ms = float(market.candles.end_ms[-1])
        if market.simulated:
            return {"state": "ready", "status": "A simulated market with known positions."}
        name = market.instrument.name
        words = f"{name} from {_title(market)}, bars to {clock(at_ms)} UTC."
        return {"state": "ready", "status": words}

    def _say(self, state: str, status: str, done: int = 0, total: int = 0) -> None:
        self._post(
            {"kind": "status", "state": state, "status": status, "done": done, "total": total}
        )

    def _fail(self, view: View, error: LiqmapError) -> None:
        """Say what failed; what is on screen stays, an empty screen shows the simulation."""
        if not self._shows_picture:
            self._keep(None, self._simulate())
            self._draw(view, self._kept, "failed")
            self._shows_picture = False
        self._post(
            {
                "kind": "status",
                "state": "stale" if self._shows_picture else "failed",
                "status": str(error),
                "detail": "\n".join(part for part in (error.where, error.detail) if part),
                "retry": True,
            }
        )


def price_range(market: Market, first_ms: float, view: View) -> tuple[float, float]:
    """The price axis: what the visitor fixed, else the window with a margin around it."""
    shown: Array = market.candles.time_ms >= first_ms  # type: ignore[assignment]
    low = float(market.candles.low[shown].min())
    high = float(market.candles.high[shown].max())
    margin = max(MARGIN * (high - low), LEAST_MARGIN * high)
    lower, upper = view.low or max(low - margin, 0.05 * low), view.high or high + margin
    if lower >= upper:  # only one of them was fixed, on the far side of the market
        lower, upper = min(lower, low - margin), max(upper, high + margin)
    return lower, upper


def _title(market: Market) -> str:
    return "simulated" if market.simulated else ADAPTERS[market.venue].title
