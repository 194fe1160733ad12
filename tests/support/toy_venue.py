"""A venue whose bars are numbered, which lacks and fails what a test wants, and its markets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import NoData
from liqmap.feed.client import Client
from liqmap.feed.loader import load_market
from liqmap.venues.adapter import (
    NOW,
    SINCE_LISTING,
    Adapter,
    Conversation,
    Depth,
    Limits,
    Reply,
    Request,
    Series,
    Snapshot,
)
from tests.support.clock import run

STEP_MS = 300_000
HOUR_MS = 3_600_000
PAGE = 10
NEWEST_MS = 1_769_990_400_000
END_MS = NEWEST_MS + STEP_MS
BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


class Venue(Adapter):
    """Bars numbered by their opening: close = the bar's number, open interest ten times it."""

    venue, title, origin = "toy", "Toy", "https://toy.example"
    limits = Limits(weight=1e9, per_seconds=1)
    steps_ms: tuple[int, ...] = (STEP_MS,)
    offers: Mapping[Series, Depth] = {
        "candles": SINCE_LISTING,
        "mark": SINCE_LISTING,
        "open_interest": SINCE_LISTING,
        "maintenance": NOW,
    }
    end_ms = END_MS
    listed_ms = 0.0
    held = 777.0
    taker = False
    missing: frozenset[int] = frozenset()
    fails: Mapping[str, Exception] = {}

    def probe(self) -> Request:
        return Request("/time")

    def read(self, reply: Reply) -> Any:
        return json.loads(reply.body)

    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        raise NotImplementedError

    def _rows(self, start_ms: float, end_ms: float) -> np.ndarray[Any, np.dtype[np.float64]]:
        start_ms = max(start_ms, self.listed_ms)
        number = np.arange(-(-start_ms // STEP_MS), -(-min(end_ms, self.end_ms) // STEP_MS))
        number = number[~np.isin(number, list(self.missing))]
        if not number.size:
            raise NoData("There are no bars in that range.")
        return number

    def _asked(self, series: str) -> Conversation[None]:
        yield [Request(f"/{series}")]
        if series in self.fails:
            raise self.fails[series]

    def _bars(
        self, series: str, start_ms: float | None, end_ms: float | None
    ) -> Conversation[Candles]:
        yield from self._asked(series)
        start_ms = self.end_ms - PAGE * STEP_MS if start_ms is None else start_ms
        n = self._rows(start_ms, self.end_ms if end_ms is None else end_ms)
        taker = n / 2 if self.taker else None
        return Candles(n * STEP_MS, n, n, n, n, n, taker, STEP_MS)

    def candles(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None = None,
        end_ms: float | None = None,
        *,
        newest: int | None = None,
    ) -> Conversation[Candles]:
        if newest is not None:
            return self._bars("poll", self.end_ms - newest * STEP_MS, self.end_ms)
        return self._bars("candles" if start_ms is None else "older", start_ms, end_ms)

    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        return self._bars("mark", start_ms, end_ms)

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        yield from self._asked("open_interest")
        n = self._rows(start_ms, end_ms + 1)
        return OpenInterest(n * STEP_MS, 10 * n)

    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        yield from self._asked("snapshot")
        return Snapshot(self.held, 1.0)

    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        yield from self._asked("maintenance")
        return MaintenanceTiers(np.array([1e6]), np.array([0.005]), np.array([0.0]))


async def send(url: str, body: str | None) -> Reply:
    await asyncio.sleep(1)
    return Reply(200, b"1")


def load(venue: Venue, bars: int, history: int = 0, **kwargs: Any) -> list[Market]:
    async def main() -> list[Market]:
        loading = load_market(
            Client(venue, send),
            BTC,
            step_ms=STEP_MS,
            window_ms=bars * STEP_MS,
            history_ms=history * STEP_MS,
            **kwargs,
        )
        return [market async for market in loading]

    return run(main())


def without(*series: Series) -> Mapping[Series, Depth]:
    return {name: depth for name, depth in Venue.offers.items() if name not in series}
