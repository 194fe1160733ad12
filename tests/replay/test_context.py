"""Made-up funding and ratios of accounts: their rules, and each adapter reads its stand-in's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from liqmap.errors import NotOffered, Refused
from liqmap.venues.adapter import Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import play
from tests.support.venue import (
    BTC,
    ETH,
    NOW,
    answers_of,
    ask,
    flat_market,
    instrument_of,
    stand_in,
)
from tools.replay import context
from tools.replay.contract import Contract, listed
from tools.replay.registry import VENUES

HOUR = 3_600_000
DAY = 24 * HOUR
STEP = 300_000


def offering(series: Any) -> list[Any]:
    return [pytest.param(one, id=one.venue) for one in ADAPTERS.values() if series in one.offers]


def test_the_rules_by_hand() -> None:
    """Takers bought half: nothing is paid, half of all accounts are long. Then 40 of 50."""
    flat = listed(flat_market(100, 50_000.0, 30.0, 0))[0]
    times, rates = context.funding(flat, 8 * HOUR + 1)
    assert (times.tolist(), rates.tolist()) == ([8 * HOUR], [0.0])
    flat.market.bars.taker_buy_base[:96] = 0.8 * flat.market.bars.volume_base[:96]
    assert context.funding(flat, 8 * HOUR)[1].tolist() == [0.0003]
    times, long = context.long_shares(flat, 7 * HOUR + 1, HOUR)
    assert times.tolist() == [hour * HOUR for hour in range(1, 8)]
    assert long.tolist() == [0.6] * 7


@pytest.mark.parametrize("adapter", offering("funding"))
@pytest.mark.parametrize("past", [BTC, ETH])
def test_funding_of_several_pages(adapter: Any, past: Contract) -> None:
    hourly = adapter.venue in ("deribit", "hyperliquid")
    late_ms = 48 if adapter.venue == "hyperliquid" else 0
    start, log = NOW - 30 * DAY, list[Request]()
    got = ask(adapter, adapter.funding(instrument_of(adapter, past.base_coin), start, NOW), log)
    times, rates = context.funding(past, NOW - late_ms, HOUR if hourly else 8 * HOUR)
    inside = times + late_ms >= start
    np.testing.assert_array_equal(got.time_ms, times[inside] + late_ms)
    np.testing.assert_allclose(got.value, rates[inside])
    assert np.abs(rates).max() <= 0.0005
    assert (len(log) > 1) == (adapter.venue != "bitget")


@pytest.mark.parametrize("adapter", offering("long_short_ratio"))
def test_ratios_of_several_pages(adapter: Any) -> None:
    start, log = NOW - 2 * DAY, list[Request]()
    talk = adapter.long_short_ratio(instrument_of(adapter, "BTC"), STEP, start, NOW)
    got = ask(adapter, talk, log)
    times, long = context.long_shares(BTC, NOW, STEP)
    inside = times >= start
    if adapter.venue == "bitget":
        inside[:-30] = False
    np.testing.assert_array_equal(got.time_ms, times[inside])
    np.testing.assert_allclose(got.value, (long / (1 - long))[inside], atol=1e-4)
    assert got.value.min() < 1 < got.value.max()
    assert (len(log) > 1) == (adapter.venue != "bitget")


@pytest.mark.parametrize("series", ["funding", "long_short_ratio"])
def test_who_has_none_says_so(series: str) -> None:
    for adapter in ADAPTERS.values():
        if series not in adapter.offers:
            one, step = instrument_of(adapter, "BTC"), [STEP] * (series != "funding")
            with pytest.raises(NotOffered, match=adapter.title):
                ask(adapter, getattr(adapter, series)(one, *step, NOW - DAY, NOW))
    lacking = {venue for venue, one in ADAPTERS.items() if "funding" not in one.offers}
    assert lacking == {"lighter", "dydx", "kraken"}


def test_bitget_is_asked_for_pages_until_the_start() -> None:
    """A hundred rates, three a day, are 33 days."""
    market = flat_market(70 * 288, 50_000.0, 30.0, 1_769_990_400_000)
    adapter, now = ADAPTERS["bitget"], market.end_ms
    answer = answers_of(VENUES["bitget"](market), now)
    for days, pages, rates in ((30, 1, 91), (40, 2, 121), (90, 3, 210)):
        log: list[Request] = []
        talk = adapter.funding(instrument_of(adapter, "BTC"), now - days * DAY, now)
        assert len(play(adapter, talk, answer, log)) == rates
        assert [one.path.rpartition("=")[2] for one in log] == [str(n + 1) for n in range(pages)]


def test_what_a_venue_keeps() -> None:
    bybit, binance = (stand_in(venue) for venue in ("bybit", "binance"))
    path = f"/v5/market/funding/history?category=linear&symbol=BTCUSDT&startTime={NOW - DAY}"
    with pytest.raises(Refused, match="time range"):
        ADAPTERS["bybit"].read(bybit(Request(path)))
    path = "/futures/data/globalLongShortAccountRatio?symbol=BTCUSDT&period=1h&startTime="
    with pytest.raises(Refused, match="startTime"):
        ADAPTERS["binance"].read(binance(Request(f"{path}{NOW - 31 * DAY}")))
