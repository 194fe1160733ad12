"""Densities of what is on screen: alive, in one frame, on as much history as there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.api import estimate
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.picture.viewport import Frame, Window
from liqmap.session.estimates import Estimates, options, together
from liqmap.session.state import Detail, Loaded
from liqmap.view import STEP_MS, View

HOUR_MS = 3_600_000.0
BARS = 2 * 288


def wave(n: int, step_ms: float, first_ms: float, level: float = 100.0) -> Candles:
    """Bars that go up and down around a price."""
    close = level * (1 + 0.02 * np.sin(np.arange(float(n)) / 9))
    opens = np.concatenate([[level], close[:-1]])
    high, low = np.maximum(opens, close) * 1.001, np.minimum(opens, close) * 0.999
    times = first_ms + step_ms * np.arange(float(n))
    return Candles(times, opens, high, low, close, np.full(n, 40.0), step_ms=step_ms)


def market(bars: int = BARS, venue: str = "bybit", before: int = 0) -> Market:
    """Two days of five minutes, and so many hours before them."""
    candles = wave(bars, STEP_MS, 0.0)
    hours = wave(before, HOUR_MS, -before * HOUR_MS, 90.0) if before else None
    samples = OpenInterest(np.arange(-400 * HOUR_MS, 3 * 86_400_000.0, STEP_MS), np.full(5664, 1e3))
    one = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    return Market(venue, one, candles, samples, before=hours)


def frame(one: Market, span: str = "24h") -> Frame:
    return Frame.around([one], View(range=span))


def test_what_has_not_changed_is_not_estimated_again() -> None:
    estimates, one = Estimates(), market()
    first = estimates.of({"bybit": one}, frame(one), "balance", ())["bybit"]
    again = estimates.of({"bybit": one}, frame(one), "balance", ())["bybit"]
    assert again.long_base.base is first.long_base.base


def test_a_growing_market_is_the_whole_one_s_estimate_in_its_last_columns() -> None:
    estimates, small = Estimates(), market()
    fixed = frame(small)
    estimates.of({"bybit": small}, fixed, "balance", ())
    large = market(BARS + 3)
    found = estimates.of({"bybit": large}, fixed, "balance", ())["bybit"]
    whole = estimate(large.candles, large.open_interest, **options(large, fixed, ()))
    assert found.time_edges_ms.size - 1 == fixed.columns == 288
    for name in ("long_base", "short_base"):
        np.testing.assert_array_equal(getattr(found, name), getattr(whole, name)[:, 3:])
    np.testing.assert_array_equal(found.swept_long_quote, whole.swept_long_quote[3:])
    np.testing.assert_array_equal(found.time_edges_ms, whole.time_edges_ms[3:])


def test_what_comes_before_the_first_column_is_shown_too() -> None:
    """The newest page comes first; the window may begin before it."""
    estimates, whole = Estimates(), market()
    page = replace(whole, candles=whole.candles.rows(slice(-100, None)))
    fixed = frame(whole)
    assert estimates.of({"bybit": page}, fixed, "balance", ())["bybit"].long_base.shape[1] == 100
    found = estimates.of({"bybit": whole}, fixed, "balance", ())["bybit"]
    assert found.time_edges_ms[0] == fixed.first_ms
    assert found.long_base.shape[1] == fixed.columns


def test_longer_bars_before_leave_less_to_assume_and_no_columns() -> None:
    one, deep = market(), market(before=300)
    shown = {"bybit": one}, {"bybit": deep}
    short, long = (Estimates().of(it, frame(one), "balance", ())["bybit"] for it in shown)
    np.testing.assert_array_equal(short.time_edges_ms, long.time_edges_ms)
    # Of the holders of 300 hours ago, as many as the measured rate leaves.
    assert long.prior_share[-1] < 0.5 * short.prior_share[-1]
    everything = Estimates().of(shown[1], frame(one, "30d"), "balance", ())["bybit"]
    assert everything.time_edges_ms[0] == deep.candles.time_ms[0]


def test_the_methods_of_others_see_the_bars_of_the_picture_only() -> None:
    one, deep = market(), market(before=300)
    short, long = (
        Estimates().of({"bybit": it}, frame(one), "turnover", ())["bybit"] for it in (one, deep)
    )
    np.testing.assert_array_equal(short.long_base, long.long_base)


def test_the_newest_columns_of_everything() -> None:
    one = market()
    whole = estimate(one.candles, one.open_interest, price_bins=20)
    last = whole.last(5)
    np.testing.assert_array_equal(last.short_base, whole.short_base[:, -5:])
    np.testing.assert_array_equal(last.prior_share, whole.prior_share[-5:])
    np.testing.assert_array_equal(last.long_by_leverage_base, whole.long_by_leverage_base)
    assert whole.last(BARS) is whole


def test_a_venue_of_another_time_is_left_out_of_the_sum() -> None:
    one = market()
    density = estimate(one.candles, one.open_interest, price_bins=20, price_range=(80, 120))
    old = replace(density, time_edges_ms=density.time_edges_ms - 1e10)
    total, dropped = together({"bybit": density, "okx": old})
    assert dropped == ("okx",)
    assert total is density
    twice, dropped = together({"bybit": density, "okx": density})
    assert dropped == ()
    assert twice.long_base.sum() == pytest.approx(2 * density.long_base.sum())


def test_who_tells_too_little_of_the_time_is_named_once() -> None:
    whole = market()
    page = whole.candles.rows(slice(-100, None))
    few = {venue: replace(whole, venue=venue, candles=page) for venue in ("binance", "okx")}
    loaded = Loaded(View(venue="all"), {"bybit": whole, **few})
    picture = Estimates().shown(
        loaded, loaded.view, None, shares=lambda: ASSUMED["all_exchanges"], anew=True
    )
    assert tuple(picture.markets) == ("bybit",)
    said = "Left out of the sum, with too little of this time: Binance, OKX."
    assert [notice for notice in picture.notices if "the sum" in notice] == [said]


def test_a_year_of_a_market_that_is_two_days_long_shows_these() -> None:
    """As of the simulation, whose bars are of five minutes in every range."""
    one = market()
    fixed = frame(one, "1y")
    found = Estimates().of({"bybit": one}, fixed, "balance", ())["bybit"]
    assert found.time_edges_ms[0] == one.candles.time_ms[0]
    assert found.time_edges_ms.size - 1 == BARS


def test_columns_of_a_market_that_begins_late_lie_where_the_frames_do() -> None:
    """Columns of half an hour; the bars begin ten minutes after one."""
    columns = Frame(90.0, 110.0, 0.0, BARS * STEP_MS, 6, BARS // 6)
    late = replace(market(), candles=market().candles.rows(slice(2, None)))
    assert options(market(), columns, ())["first_ms"] == 0
    assert options(late, columns, ())["first_ms"] == HOUR_MS / 2
    short = replace(late, candles=late.candles.rows(slice(0, 2)))
    assert options(short, columns, ())["first_ms"] == 3 * STEP_MS, "its last bar"


def test_a_detail_is_estimated_once_for_each_bar() -> None:
    estimates, one = Estimates(), market()
    loaded = Loaded(View(), {"bybit": one})
    window = Window(100 * STEP_MS, 200 * STEP_MS, 95.0, 105.0)

    def detail(view: View, of: Loaded) -> Detail | None:
        shares = ASSUMED["this_venue"]
        shown = estimates.shown(of, view, None, shares=lambda: shares, anew=True)
        return estimates.detail(shown, window)

    first = detail(View(), loaded)
    assert first is not None
    assert detail(View(palette="grey"), loaded) is first
    assert detail(View(positions="long"), loaded) is first, "sides are chosen when it is drawn"
    assert detail(View(leverages=(10,)), loaded) is not first
    assert detail(View(), Loaded(View(), {"bybit": market(BARS + 1)})) is not first
