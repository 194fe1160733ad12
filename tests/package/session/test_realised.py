"""The share of the exposure that is expected to be liquidated: whose, and what was heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.estimate.api import estimate
from liqmap.evaluate.realised_share import ASSUMED, Shares
from liqmap.feed.recorder import Recorder
from liqmap.session.realised import RealisedShares, whose
from liqmap.session.state import Loaded
from liqmap.simulation import simulate
from liqmap.view import HOUR_MS, STEP_MS, View

DAY = 288
MARKET = simulate(3, bars=9 * DAY).market
END_MS = float(MARKET.candles.end_ms[-1])
SWEPT = estimate(MARKET.candles, MARKET.open_interest, price_bins=10)


def loaded(*venues: str, view: View | None = None, market: Market = MARKET) -> Loaded:
    found = {venue: replace(market, venue=venue, simulated=False) for venue in venues}
    return Loaded(view or View(venue=venues[0]), found)


def liquidated(long: float, short: float) -> Liquidations:
    """These parts of what each bar swept."""
    middle: Array = SWEPT.time_edges_ms[:-1] + 0.5 * STEP_MS
    price = np.full(2 * middle.size, 100.0)
    quote = np.concatenate([long * SWEPT.swept_long_quote, short * SWEPT.swept_short_quote])
    side = np.repeat([1.0, -1.0], middle.size)
    rows = quote > 0
    return Liquidations.sorted(
        np.tile(middle, 2)[rows], side[rows], price[rows], (quote / price)[rows]
    )


def heard(
    days: float, part: tuple[float, float], *venues: str, recorder: Recorder | None = None
) -> Recorder:
    """These venues were listened to for so many days up to now."""
    recorder = recorder or Recorder(None, None, lambda: None)
    start_ms = END_MS - days * DAY * STEP_MS
    for venue in venues:
        seen = liquidated(*part)
        recorder.tape.add(
            venue, MARKET.instrument.name, seen.rows(np.flatnonzero(seen.time_ms >= start_ms))
        )
        recorder.tape.watch(venue, MARKET.instrument.name, start_ms, END_MS)
    return recorder


def shares(recorder: Recorder, one: Loaded) -> Shares:
    return RealisedShares(recorder).of(one)


@pytest.mark.parametrize(
    ("venue", "whom"),
    [("bybit", "this_venue"), ("hyperliquid", "this_venue"), ("binance", "all_exchanges")],
)
def test_whose_liquidations_depends_on_what_the_venue_reports(venue: str, whom: str) -> None:
    assert whose(loaded(venue)) == whom
    assert whose(loaded(venue, view=View(venue="auto"))) == whom
    assert whose(loaded(venue, view=View(venue="all"))) == "all_exchanges"


def test_where_nothing_was_heard_the_shares_are_assumed() -> None:
    nobody = Recorder(None, None, lambda: None)
    assert shares(nobody, loaded("bybit")) is ASSUMED["this_venue"]
    assert shares(nobody, loaded("okx")) is ASSUMED["all_exchanges"]
    assert shares(heard(0.5, (0.1, 0.1), "okx"), loaded("okx"))[:2] == ASSUMED["all_exchanges"][:2]


@pytest.mark.parametrize("off", [0.1, 1 / 3, 1.0, 3.0, 10.0])
def test_a_week_that_was_heard_brings_it_within_a_factor_of_one_and_a_half(off: float) -> None:
    assumed = ASSUMED["all_exchanges"]
    true = off * assumed.long.value, off * assumed.short.value
    found = shares(heard(7, true, "binance"), loaded("binance"))
    for share, before, truth in zip(found[:2], assumed[:2], true, strict=True):
        assert isinstance(share.value, float)
        assert 1 / 1.5 < share.value / truth < 1.5
        assert share.high / share.low < before.high / before.low
        assert share.source == "measured over 7 days, heard here from Binance"


def test_a_week_before_a_short_picture_counts() -> None:
    """What is measured does not depend on the range of the view."""
    recorder = heard(7, (0.1, 0.02), "bybit")
    short, long = (
        shares(recorder, loaded("bybit", view=View(venue="bybit", range=span)))
        for span in ("12h", "7d")
    )
    assert short == long


def test_hours_that_nobody_listened_to_are_not_taken_for_quiet() -> None:
    """Two spans with a gap between them: nothing was kept in the gap."""
    share, name = (0.1, 0.02), MARKET.instrument.name
    whole, parted = heard(7, share, "bybit"), Recorder(None, None, lambda: None)
    first, second = END_MS - 7 * DAY * STEP_MS, END_MS - 2 * DAY * STEP_MS
    seen = liquidated(*share)
    for begin, end in ((first, first + 2 * DAY * STEP_MS), (second, END_MS)):
        inside = (seen.time_ms >= begin) & (seen.time_ms < end)
        parted.tape.add("bybit", name, seen.rows(np.flatnonzero(inside)))
        parted.tape.watch("bybit", name, begin, end)
    complete, with_gap = (shares(one, loaded("bybit")) for one in (whole, parted))
    assert with_gap.long.value == pytest.approx(complete.long.value, rel=0.1)
    assert with_gap.long.source.startswith("measured over 4 days")


def test_venues_of_a_sum_are_added_up() -> None:
    """Two report 0.4 % and 1.2 % of the same: 0.8 % of both; one without a stream says nothing."""
    recorder = heard(7, (0.004, 0.004), "binance")
    heard(7, (0.012, 0.012), "okx", recorder=recorder)
    every = loaded("binance", "okx", "hyperliquid", view=View(venue="all"))
    found = shares(recorder, every)
    one = shares(heard(7, (0.008, 0.008), "binance"), loaded("binance"))
    assert found.whose == "all_exchanges"
    assert found.long[:3] == pytest.approx(one.long[:3], rel=1e-6)
    assert found.long.source == "measured over 7 days, heard here from Binance, OKX"


def test_a_side_without_liquidations_stays_assumed() -> None:
    found = shares(heard(7, (0.1, 0.0), "bybit"), loaded("bybit"))
    assert found.long.source.startswith("measured")
    assert found.short == ASSUMED["this_venue"].short


def test_it_is_measured_again_when_more_was_heard_or_an_hour_has_passed() -> None:
    recorder = heard(3, (0.1, 0.02), "bybit")
    realised = RealisedShares(recorder)
    early = realised.of(loaded("bybit"))
    recorder.tape.clear()
    recorder.tape.watch("bybit", MARKET.instrument.name, END_MS - 3 * DAY * STEP_MS, END_MS)
    assert realised.of(loaded("bybit")) == early
    heard(7, (0.1, 0.02), "bybit", recorder=recorder)
    assert realised.of(loaded("bybit")) == shares(heard(7, (0.1, 0.02), "bybit"), loaded("bybit"))
    assert END_MS % HOUR_MS == 0
    later = replace(MARKET, candles=MARKET.candles.rows(slice(None, -13)))
    recorder.tape.clear()
    assert realised.of(loaded("bybit", market=later)) is ASSUMED["this_venue"]


def test_a_simulated_market_tells_of_all_its_liquidations() -> None:
    recorder = Recorder(None, None, lambda: None)
    recorder.pretend(MARKET.venue, MARKET.instrument.name, liquidated(0.3, 0.2))
    found = shares(recorder, Loaded(View(venue="demo"), {MARKET.venue: MARKET}))
    assert found.whose == "this_venue"
    assert found.long.value == pytest.approx(0.3, rel=0.1)
    assert found.long.source.endswith("simulated")
