"""Three months in bars of an hour, and what a venue shows that keeps less open interest."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import numpy as np
import pytest

from liqmap.data.market import Market
from liqmap.feed.client import Client
from liqmap.feed.loader import load_market, refresh_market
from liqmap.venues.registry import ADAPTERS
from tests.support.clock import run
from tests.support.venue import bitcoin, sending
from tools.replay.market_file import Bars, MarketFile
from tools.replay.registry import VENUES

HOUR_MS, DAY_MS = 3_600_000, 86_400_000
FIRST_MS = 1_762_300_800_000
DAYS = 130
NOW_MS = FIRST_MS + (DAYS - 1) * DAY_MS + 20 * 60_000
"""Twenty minutes into an hour."""
SHOWN_DAYS = {"bybit": 90, "okx": 60, "dydx": 90, "kraken": 90, "gate": 90}
"""The others keep 30 days of open interest or less."""


def past() -> MarketFile:
    """Quarters of an hour that rise by a dollar each; open interest, too."""
    count = DAYS * 96
    time_ms = FIRST_MS + 15 * 60_000 * np.arange(count, dtype=np.int64)
    price = 50_000 + np.arange(float(count))
    bars = Bars(time_ms, price, price + 1, price - 1, price + 0.5, np.ones(count), np.ones(count))
    return MarketFile(15 * 60_000, bars, time_ms + 15 * 60_000, 20_000 + np.arange(float(count)))


PAST = past()


@pytest.fixture(params=ADAPTERS)
def venue(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def loaded(
    venue: str, now_ms: int, asked: Callable[[str, str | None], None] = lambda *_: None
) -> Market:
    async def main() -> Market:
        client = Client(ADAPTERS[venue], sending(VENUES[venue](PAST), now_ms, asked))
        markets = load_market(
            client,
            bitcoin(venue),
            step_ms=HOUR_MS,
            window_ms=90 * DAY_MS,
            history_ms=0,
            before_ms=20 * DAY_MS,
        )
        return [market async for market in markets][-1]

    return run(main())


def test_three_months_in_hours_as_far_as_open_interest_is_kept(venue: str) -> None:
    market = loaded(venue, NOW_MS)
    candles, days = market.candles, SHOWN_DAYS.get(venue, 30)
    assert candles.step_ms == HOUR_MS
    assert candles.end_ms[-1] == NOW_MS // HOUR_MS * HOUR_MS + HOUR_MS
    np.testing.assert_array_equal(np.diff(candles.time_ms), HOUR_MS)
    assert len(candles) == 24 * days
    hours = (candles.time_ms - FIRST_MS) / HOUR_MS
    np.testing.assert_array_equal(candles.open, 50_000 + 4 * hours)
    np.testing.assert_array_equal(candles.close[:-1], 50_003.5 + 4 * hours[:-1])
    if "open_interest" in ADAPTERS[venue].offers:
        held = market.open_interest.at(candles.end_ms[2:-1])  # Binance lacks the first hour
        # OKX keeps two hours apart what is that old, Kraken and dYdX tell it a quarter later.
        np.testing.assert_allclose(held, 20_003 + 4 * hours[2:-1], rtol=0, atol=4)
    assert market.before is not None
    assert market.before.end_ms[-1] == candles.time_ms[0]


def test_a_window_that_is_cut_says_why_and_by_how_much(venue: str) -> None:
    said = [notice for notice in loaded(venue, NOW_MS).notices if "the picture is of" in notice]
    title = ADAPTERS[venue].title
    if SHOWN_DAYS.get(venue) == 90:
        assert said == []
    elif venue == "okx":
        assert said == ["OKX keeps 60 days of open interest: the picture is of 60 days."]
    else:
        kept = "30 days of" if venue == "binance" else "no"
        assert said == [
            f"{title} keeps {kept} open interest: the picture is of 30 days. "
            "The range 30d shows them in finer bars."
        ]


def test_the_newest_hour_grows_and_the_next_one_comes(venue: str) -> None:
    market = loaded(venue, NOW_MS)

    def later(now_ms: int) -> Market:
        client = Client(ADAPTERS[venue], sending(VENUES[venue](PAST), now_ms))
        return run(refresh_market(client, market))

    within, after = later(NOW_MS + 20 * 60_000), later(NOW_MS + HOUR_MS)
    assert len(within.candles) == len(market.candles)
    assert within.candles.close[-1] > market.candles.close[-1]
    assert len(after.candles) == len(market.candles) + 1
    assert after.candles.close[-2] == after.candles.open[-1] - 0.5
    end_ms = after.candles.end_ms
    assert after.open_interest.at(end_ms[-2:])[0] >= market.open_interest.at(end_ms[-3:])[0]


def times_ms(request: str) -> list[float]:
    """Every time in a request: seconds, milliseconds or ISO 8601."""
    numbers = re.findall(r"(?<!\d)1\d{9}(?:\d{3})?(?!\d)", request)
    words = re.findall(r"20\d\d-\d\d-\d\dT[\d:.]+Z", request.replace("%3A", ":"))
    return [
        *(float(one) * (1000 if len(one) == 10 else 1) for one in numbers),
        *(datetime.fromisoformat(one).timestamp() * 1000 for one in words),
    ]


def test_nothing_is_asked_of_the_future(venue: str) -> None:
    """The newest bar ends on the border of every venue's pages, a moment from now."""
    border_ms = 1_771_200_000_000
    asked: list[str] = []
    assert border_ms % (3_000 * HOUR_MS) == 0
    now_ms = border_ms - 60_000

    def note(url: str, body: str | None) -> None:
        asked.append(f"{url} {body}")

    market = loaded(venue, now_ms, note)
    client = Client(ADAPTERS[venue], sending(VENUES[venue](PAST), now_ms, note))
    run(refresh_market(client, market))
    assert market.candles.end_ms[-1] == border_ms
    begins = [min(times) for times in map(times_ms, asked) if times]
    assert len(begins) >= 3
    assert max(begins) <= now_ms
