"""The board: how a venue's most traded contracts stand, one after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from math import nan

from liqmap.analysis.clusters import Cluster
from liqmap.analysis.situation import Balance
from liqmap.analysis.standing import NEAR_RATE, Standing, standing
from liqmap.data.market import Instrument, Market
from liqmap.data.search import search
from liqmap.errors import LiqmapError, RateLimited, Unreachable
from liqmap.feed.client import Client
from liqmap.feed.directory import Directory
from liqmap.feed.limits import wall_ms
from liqmap.feed.loader import load_market
from liqmap.feed.markets import HISTORY_MS, Load
from liqmap.language import count, say
from liqmap.picture.heatmap import decimals_of
from liqmap.picture.viewport import Frame
from liqmap.session.desk_messages import Board, BoardRow
from liqmap.session.estimates import estimate_in
from liqmap.session.state import State
from liqmap.venues.registry import ADAPTERS, IN_BROWSER, TITLES
from liqmap.view import DAY_MS, HOUR_MS, View
from liqmap.words import number, percent, usd

COINS = 20
PRICE_BINS = 200
MOST_A_MINUTE = 60
"""Requests."""
SHARE = 0.5
"""The board spends no more than this part of what the venue allows: the picture needs the rest."""
_DAY = View(range="24h")
_AXIS_RATE = 1.2 * NEAR_RATE
"""The price axis reaches at least this far from the price, so that what is near is on it."""


class BoardLoop:
    """Loads the contracts of one venue, one at a time, with a pause after each.

    Parameters
    ----------
    directory : Directory
    post : callable
        Takes the board whenever a row has come.
    load : Load
        `liqmap.feed.loader.load_market`.
    wall_ms : callable
        The visitor's clock [ms].
    """

    def __init__(
        self,
        directory: Directory,
        post: Callable[[Board], None],
        *,
        load: Load = load_market,
        wall_ms: Callable[[], float] = wall_ms,
    ) -> None:
        self._directory, self._post, self._load, self._wall_ms = directory, post, load, wall_ms
        self._rows: list[BoardRow] = []
        self._words = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self, state: State, text: str = "") -> None:
        """Load the most traded contracts of the picture's venue, or of those that a text means.

        What was being loaded before is dropped.
        """
        self._drop()
        self._rows = []
        venue = _venue_of(state)
        if not venue:
            alone = say("A simulation has one market: choose a venue for its board.")
            self._say(alone, running=False)
            return
        self._task = task = asyncio.ensure_future(self._run(venue, state.view.model, text))
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    def stop(self) -> None:
        """Ask for nothing more; the rows that are there stay."""
        if self._drop():
            self._say(f"{say('Stopped.')} {self._words}", running=False)

    def _drop(self) -> bool:
        running = self._task is not None and not self._task.done()
        if running and self._task is not None:
            self._task.cancel()
        return running

    async def _run(self, venue: str, model: str, text: str) -> None:
        self._say(say("Reading the list of {venue}.", venue=TITLES[venue]), running=True)
        client = self._directory.client(venue)
        sent = client.sent
        try:
            contracts = search(await self._directory.listed(venue), text)
            chosen = contracts[:COINS]
            for contract in chosen:
                self._tell(venue, len(chosen), len(contracts), client.sent - sent)
                await self._one(client, contract, model, last=contract is chosen[-1])
            self._tell(venue, len(chosen), len(contracts), client.sent - sent, running=False)
        except LiqmapError as error:
            self._say(say("Ended: {why}", why=str(error)), running=False)
        except Exception:
            self._say(say("Ended by a fault of liqmap."), running=False)
            raise

    async def _one(self, client: Client, contract: Instrument, model: str, *, last: bool) -> None:
        """A row, and the pause that keeps the budget.

        Raises
        ------
        LiqmapError
            The venue cannot be read; what is wrong with the contract alone is its row.
        """
        clock = asyncio.get_running_loop().time
        begun_s, sent, weight = clock(), client.sent, client.weight_sent
        venue, opens = client.adapter.venue, f"{client.adapter.venue}:{contract.name}"
        try:
            market = await self._loaded(client, contract)
            await asyncio.sleep(0)  # what the visitor asks for goes first
            row = _row(opens, market, model, self._wall_ms() / 1000)
        except (RateLimited, Unreachable):  # the next contract would meet the same
            raise
        except LiqmapError as error:
            row = BoardRow(opens, _pair(contract), (error.sentence,), (), self._wall_ms() / 1000)
        self._rows.append(row)
        limits = ADAPTERS[venue].limits
        cost_s = max(
            (client.sent - sent) * 60 / MOST_A_MINUTE,
            (client.weight_sent - weight) * limits.per_seconds / limits.weight / SHARE,
        )
        if not last:
            self._say(self._words, running=True)
            await asyncio.sleep(max(0.0, begun_s + cost_s - clock()))

    async def _loaded(self, client: Client, contract: Instrument) -> Market:
        """A day in bars of an hour, and the week before, of which the book is made."""
        found: Market | None = None
        async for market in self._load(
            client, contract, step_ms=HOUR_MS, window_ms=DAY_MS, history_ms=HISTORY_MS
        ):
            found = market
        assert found is not None, "a load yields or raises"
        return found

    def _tell(
        self, venue: str, wanted: int, listed: int, requests: int, *, running: bool = True
    ) -> None:
        """`Bybit: 7 of 20 of its 512 contracts here; 28 requests since, with the picture’s.`"""
        self._say(
            count(
                "{venue}: {some} of {wanted} of its {listed} contracts here; {n} request since, "
                "with the picture’s.",
                "{venue}: {some} of {wanted} of its {listed} contracts here; {n} requests since, "
                "with the picture’s.",
                requests,
                venue=TITLES[venue],
                some=len(self._rows),
                wanted=wanted,
                listed=number(listed),
            ),
            running=running,
        )

    def _say(self, words: str, *, running: bool) -> None:
        self._words = words
        self._post(Board(tuple(self._rows), words, running))


def _venue_of(state: State) -> str:
    """The venue of the picture, or that of the view; empty for a simulation."""
    if state.loaded is not None:
        return "" if state.loaded.simulated else state.loaded.leader.venue
    if state.view.venue == "demo":
        return ""
    return state.view.venue if state.view.venue in IN_BROWSER else next(iter(IN_BROWSER))


def standing_of(market: Market, model: str) -> Standing:
    """How a market stands by a model, on a coarse grid that reaches beyond `NEAR_RATE`."""
    spot = float(market.candles.close[-1])
    frame = Frame.around([market], _DAY)
    frame = replace(
        frame,
        low_price=min(frame.low_price, spot * (1 - _AXIS_RATE)),
        high_price=max(frame.high_price, spot * (1 + _AXIS_RATE)),
    )
    return standing(estimate_in(market, frame, model, (), PRICE_BINS), spot)


def _row(opens: str, market: Market, model: str, at_s: float) -> BoardRow:
    one = standing_of(market, model)
    spot, contract = one.spot_price, market.instrument
    swept = one.swept_long_quote + one.swept_short_quote
    cells = (
        number(spot, decimals_of(contract.tick_size, spot)),
        *(_cluster(near) for near in (one.above, one.below)),
        _lean(one.near),
        _swept(one.swept_long_quote, swept),
    )
    lean = nan if one.near is None else one.near.imbalance
    numbers = (*_numbers(one.above), *_numbers(one.below), lean, swept / 1e6)
    return BoardRow(opens, _pair(contract), cells, numbers, at_s)


def _numbers(near: Cluster | None) -> tuple[float, float]:
    """Million USD and distance."""
    return (nan, nan) if near is None else (near.amount_quote / 1e6, abs(near.distance_rate))


def _pair(contract: Instrument) -> str:
    return contract.name.removesuffix("-PERP")


def _cluster(near: Cluster | None) -> str:
    if near is None:
        return say("none")
    return f"{usd(near.amount_quote)}\n{percent(near.distance_rate, 1, signed=True)}"


def _lean(near: Balance | None) -> str:
    """`60%` and which side is the heavier."""
    if near is None:
        return "–"
    side = say("to shorts") if near.imbalance > 0 else say("to longs")
    return f"{percent(abs(near.imbalance))}\n{side}"


def _swept(long_quote: float, all_quote: float) -> str:
    """`$1.25M`, and how much of it were longs."""
    if all_quote <= 0:
        return usd(0.0)
    longs = say("{part} longs", part=percent(long_quote / all_quote))
    return f"{usd(all_quote)}\n{longs}"
