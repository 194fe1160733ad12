"""A second visit: closed bars never change, so they are not asked for again."""

from __future__ import annotations

from urllib.parse import urlsplit

import numpy as np

from liqmap.data.market import Instrument, Market
from liqmap.feed.client import Client
from liqmap.feed.loader import load_market
from liqmap.venues.registry import ADAPTERS
from tests.support.clock import run
from tests.support.venue import flat_market, sending
from tools.replay.registry import VENUES

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
STEP_MS = 300_000
DAY_MS = 86_400_000
NOON_MS = 1_769_990_400_000 + DAY_MS // 2 + 42_000


PAST = flat_market(8640, 84_000.0, 25_000.0, NOON_MS // DAY_MS * DAY_MS - 28 * DAY_MS)
"""A month that goes on for two days after noon."""


class Kept(dict[str, bytes]):
    """A memory, empty at first."""

    async def get(self, key: str) -> bytes | None:  # type: ignore[override]
        return dict.get(self, key)

    async def put(self, key: str, body: bytes) -> None:
        self[key] = body

    async def forget(self, key: str) -> None:
        self.pop(key, None)


def series_of(url: str) -> str:
    return urlsplit(url).path.rsplit("/", 1)[1]


def visit(now_ms: int, memory: Kept | None) -> tuple[Market, list[str]]:
    log: list[str] = []

    async def main() -> Market:
        send = sending(VENUES["bybit"](PAST), now_ms, lambda url, _: log.append(series_of(url)))
        line = Client(ADAPTERS["bybit"], send, memory=memory)
        markets = load_market(
            line, BTC, step_ms=STEP_MS, window_ms=7 * DAY_MS, history_ms=7 * DAY_MS
        )
        return [market async for market in markets][-1]

    return run(main()), log


def test_a_reload_of_a_week_is_a_request_or_two_a_series() -> None:
    memory = Kept()
    _, first = visit(NOON_MS, memory)
    again, second = visit(NOON_MS + 600_000, memory)
    assert len(first) > 30
    assert {series: second.count(series) for series in first} == {
        "kline": 1,
        "risk-limit": 1,
        "open-interest": 1,
        "mark-price-kline": 1,
    }
    fresh, _ = visit(NOON_MS + 600_000, None)
    assert len(again.candles) == len(fresh.candles) == 4032
    assert again.mark is not None
    assert fresh.mark is not None
    for one, other in (
        (again.candles.time_ms, fresh.candles.time_ms),
        (again.candles.volume_base, fresh.candles.volume_base),
        (again.mark.time_ms, fresh.mark.time_ms),
        (again.open_interest.time_ms, fresh.open_interest.time_ms),
        (again.open_interest.open_interest_base, fresh.open_interest.open_interest_base),
    ):
        np.testing.assert_array_equal(one, other)
    assert again.notices == fresh.notices == ()


def test_a_visit_a_day_later_asks_for_the_day() -> None:
    memory = Kept()
    visit(NOON_MS, memory)
    _, later = visit(NOON_MS + DAY_MS, memory)
    assert later.count("open-interest") <= 3
    assert later.count("kline") <= 2
