"""The law of mass balance, over random markets and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap
from liqmap.calibrate import Assumptions
from liqmap.columns import Array, Candles, OpenInterest
from liqmap.density import Density
from liqmap.models.crowd import first_reached
from liqmap.models.walk import walk

STEP = 300_000.0


@st.composite
def markets(draw: st.DrawFn) -> tuple[Candles, OpenInterest]:
    """Random walks with jumps, gaps, still bars, no volume, and falling open interest."""
    seed = draw(st.integers(0, 2**32 - 1))
    bars = draw(st.integers(1, 60))
    wild = draw(st.sampled_from([0.0, 0.002, 0.05]))
    random = np.random.default_rng(seed)
    steps = wild * random.standard_normal(bars)
    if draw(st.booleans()):
        steps[random.integers(bars)] += draw(st.sampled_from([-2.3, 2.3]))
    close = 100 * np.exp(np.cumsum(steps))
    open_ = np.concatenate([[100.0], close[:-1]])
    high = np.maximum(open_, close) * np.exp(wild * random.random(bars))
    low = np.minimum(open_, close) * np.exp(-wild * random.random(bars))
    volume = random.exponential(50, bars) * (random.random(bars) < 0.8)
    time = STEP * np.cumsum(random.choice([1.0, 1.0, 1.0, 4.0], bars))
    held = 1_000 * np.exp(np.cumsum(0.1 * random.standard_normal(bars)))
    if draw(st.booleans()):
        held[random.integers(bars)] = 0.0
    candles = Candles(time, open_, high, low, close, volume, None, STEP)
    return candles, OpenInterest(candles.end_ms, held)


def of_side(density: Density, position_side: int) -> tuple[Array, Array]:
    if position_side > 0:
        return density.long_base.astype(np.float64), density.beyond_long_base
    return density.short_base.astype(np.float64), density.beyond_short_base


@settings(deadline=None, max_examples=60)
@given(markets())
def test_each_side_equals_open_interest_and_rests_on_its_side(
    market: tuple[Candles, OpenInterest],
) -> None:
    candles, samples = market
    density = liqmap.estimate(candles, samples, price_bins=64)
    held = samples.at(candles.end_ms)
    for position_side in (1, -1):
        inside, beyond = of_side(density, position_side)
        assert np.isfinite(inside).all()
        assert (inside >= 0).all()
        assert (beyond >= -1e-9 * held.max()).all()
        np.testing.assert_allclose(inside.sum(axis=0) + beyond, held, rtol=1e-5, atol=1e-3)
    lower, upper = density.price_edges[:-1, None], density.price_edges[1:, None]
    assert density.long_base[lower >= candles.close].sum() == 0
    assert density.short_base[upper <= candles.close].sum() == 0
    assert (density.swept_long_base >= 0).all()
    assert np.isfinite(density.swept_short_quote).all()


@settings(deadline=None, max_examples=25)
@given(markets())
def test_a_new_bar_never_changes_earlier_columns(market: tuple[Candles, OpenInterest]) -> None:
    candles, samples = market
    every = liqmap.estimate(candles, samples, price_bins=40, price_range=(50, 200))
    if len(candles) < 2:
        return
    fewer = liqmap.estimate(
        candles.rows(slice(0, -1)), samples, price_bins=40, price_range=(50, 200)
    )
    np.testing.assert_allclose(every.long_base[:, :-1], fewer.long_base, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(every.short_base[:, :-1], fewer.short_base, rtol=1e-6, atol=1e-6)


@settings(deadline=None, max_examples=25)
@given(markets(), st.sampled_from([1e-3, 7.0, 1e4]))
def test_another_currency_shows_the_same_dollars(
    market: tuple[Candles, OpenInterest], times: float
) -> None:
    candles, samples = market
    other = Candles(
        candles.time_ms,
        candles.open * times,
        candles.high * times,
        candles.low * times,
        candles.close * times,
        candles.volume_base / times,
        None,
        STEP,
    )
    held = OpenInterest(samples.time_ms, samples.open_interest_base / times)
    one = liqmap.estimate(candles, samples, price_bins=32, price_range=(60.01, 170.03))
    two = liqmap.estimate(other, held, price_bins=32, price_range=(60.01 * times, 170.03 * times))
    whole = max(1.0, float(samples.open_interest_base.max()) * float(candles.close.max()))
    np.testing.assert_allclose(one.swept_long_quote, two.swept_long_quote, atol=1e-6 * whole)
    # A position exactly on a bin's edge may round to either side.
    np.testing.assert_allclose(
        one.long_quote.sum(axis=0), two.long_quote.sum(axis=0), rtol=2e-2, atol=1e-2 * whole
    )


def bar(*prices: float, volume: float = 0.0) -> Candles:
    """Bars of (open, high, low, close), five minutes each."""
    rows = np.array(prices).reshape(-1, 4)
    time = STEP * np.arange(float(len(rows)))
    open_, high, low, close = rows.T
    return Candles(time, open_, high, low, close, np.full(len(rows), volume), None, STEP)


def interest(*held: float) -> OpenInterest:
    """Samples at the ends of bars."""
    return OpenInterest(STEP * np.arange(1.0, len(held) + 1), np.array(held))


def test_by_hand_three_bars_five_bins() -> None:
    """One leverage of 10 without maintenance: longs at 0.9, shorts at 1.1 of the entry.

    Bar 0 stands still at 100: all 10 rest at 90 and 110. Bar 1 falls to 89 and back to 95:
    the longs at 90 are swept; the 10 that open interest then lacks open along the way.
    """
    candles = bar(100, 100, 100, 100, 100, 100, 89, 95, 95, 95, 95, 95)
    density = liqmap.estimate(
        candles,
        interest(0, 10, 14),
        tiers={10.0: 1.0},
        maintenance=1e-12,
        price_bins=5,
        price_range=(70, 120),
    )
    assert density.long_base[:, 0].sum() == 0
    np.testing.assert_allclose(density.swept_long_base, [0, 0, 0])
    longs = density.long_base[:, 2]
    assert longs.sum() == pytest.approx(14)
    # 4 more opened at 95 exactly: 85.5 is in the second bin (80 … 90).
    grown = density.long_base[:, 2] - density.long_base[:, 1]
    np.testing.assert_allclose(grown, [0, 4, 0, 0, 0], atol=1e-5)
    shorts = density.short_base[:, 2] - density.short_base[:, 1]
    np.testing.assert_allclose(shorts, [0, 0, 0, 4, 0], atol=1e-5)


def test_what_the_range_reached_is_swept_to_the_coin() -> None:
    candles = bar(100, 100, 100, 100, 100, 100, 89, 100)
    still = OpenInterest(np.array([0.0, STEP, 2 * STEP]), np.array([0.0, 10.0, 10.0]))
    density = liqmap.estimate(
        candles, still, tiers={10.0: 1.0}, maintenance=1e-12, price_range=(50, 150)
    )
    np.testing.assert_allclose(density.swept_long_base, [0, 10])
    np.testing.assert_allclose(density.swept_long_quote, [0, 900])
    np.testing.assert_allclose(density.swept_short_base, [0, 0])


def test_the_mark_price_decides_where_it_is_known() -> None:
    candles = bar(100, 100, 100, 100, 100, 100, 89, 100)
    mark = bar(100, 100, 100, 100, 100, 100, 95, 100)
    still = OpenInterest(np.array([0.0, STEP, 2 * STEP]), np.array([0.0, 10.0, 10.0]))
    swept = [
        liqmap.estimate(
            candles, still, tiers={10.0: 1.0}, maintenance=1e-12, price_range=(50, 150), mark=one
        ).swept_long_base[1]
        for one in (None, mark)
    ]
    np.testing.assert_allclose(swept, [10, 0])


def test_churn_opens_a_third_of_the_volume() -> None:
    """Open interest stays 90; of a volume of 30 a third is new, at the new price."""
    candles = bar(100, 100, 100, 100, 100, 100, 100, 100)
    churn = Assumptions().churn_rate
    price, volume = np.array([100.0, 104.0]), np.array([0.0, 30.0])
    moved = Candles(candles.time_ms, price, price, price, price, volume, None, STEP)
    held = OpenInterest(np.array([0.0, STEP]), np.array([0.0, 90.0]))
    density = liqmap.estimate(
        moved, held, tiers={10.0: 1.0}, maintenance=1e-12, price_bins=100, price_range=(50, 150)
    )
    np.testing.assert_allclose(density.long_base[[40, 43], 1], [90 - 30 * churn, 30 * churn])


def test_showing_some_leverages_leaves_the_book_alone() -> None:
    random = np.random.default_rng(3)
    close = 100 * np.exp(np.cumsum(0.004 * random.standard_normal(300)))
    candles = bar(*np.stack([close, close * 1.003, close * 0.997, close], axis=1).ravel())
    samples = interest(*(1_000 + 200 * np.sin(np.arange(300) / 20)))
    whole = liqmap.estimate(candles, samples, price_range=(50, 150))
    parts = [
        liqmap.estimate(candles, samples, price_range=(50, 150), only_tiers=[tier])
        for tier in whole.tiers
    ]
    total = np.sum([part.long_base for part in parts], axis=0)
    np.testing.assert_allclose(total, whole.long_base, rtol=1e-4, atol=1e-3)
    swept = np.sum([part.swept_long_base for part in parts], axis=0)
    np.testing.assert_allclose(swept, whole.swept_long_base, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        whole.long_by_tier_base.sum(axis=0), whole.long_base[:, -1], rtol=1e-4, atol=1e-3
    )


def test_columns_of_several_bars_are_those_of_single_bars() -> None:
    random = np.random.default_rng(4)
    close = 100 * np.exp(np.cumsum(0.004 * random.standard_normal(100)))
    candles = bar(*np.stack([close, close * 1.003, close * 0.997, close], axis=1).ravel())
    samples = interest(*(1_000 + 200 * np.sin(np.arange(100) / 20)))
    single = liqmap.estimate(candles, samples, price_range=(50, 150))
    several = liqmap.estimate(candles, samples, price_range=(50, 150), every=8)
    ends = [*range(7, 100, 8), 99]
    np.testing.assert_allclose(several.long_base, single.long_base[:, ends], rtol=1e-6)
    assert several.swept_long_base.sum() == pytest.approx(single.swept_long_base.sum())
    assert several.time_edges_ms[-1] == candles.end_ms[-1]


def test_a_long_and_hectic_book_neither_overflows_nor_vanishes() -> None:
    """Ten thousand bars that each turn the book over: the scale passes many epochs."""
    n = 10_000
    close = 100 + np.sin(np.arange(n) / 30)
    candles = Candles(
        STEP * np.arange(float(n)), close, close + 0.1, close - 0.1, close, np.full(n, 2_000.0)
    )
    density = liqmap.estimate(
        candles, interest(*np.full(n, 1_000.0)), every=10, price_bins=200, price_range=(20, 300)
    )
    total = density.long_base.sum(axis=0) + density.beyond_long_base
    np.testing.assert_allclose(total, 1_000, rtol=1e-5)


@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_first_reached_is_the_first(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    level = random.integers(0, 20, n).astype(np.float64)
    threshold, start = random.integers(-1, 20, 30).astype(float), random.integers(0, n + 1, 30)
    found = first_reached(level, threshold, start)
    for at, limit, begin in zip(found, threshold, start, strict=True):
        later = [t for t in range(begin, n) if level[t] <= limit]
        assert at == (later[0] if later else n)


@settings(max_examples=40)
@given(markets(), st.integers(0, 10_000))
def test_entries_walk_the_bar_evenly_and_know_what_is_to_come(
    market: tuple[Candles, OpenInterest], first: int
) -> None:
    """Against each bar's path walked corner by corner."""
    candles, _ = market
    found = walk(candles.open, candles.high, candles.low, candles.close, first)
    assert found.bar.tolist() == sorted(found.bar)
    for t in range(len(candles)):
        low, high = candles.low[t], candles.high[t]
        turns = [low, high] if candles.close[t] >= candles.open[t] else [high, low]
        corners = np.array([candles.open[t], *turns, candles.close[t]])
        along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(corners)))])
        at = np.flatnonzero(found.bar == t)
        assert 2 <= at.size <= 64
        shift = ((first + 1 + t) * (np.sqrt(5) - 1) / 2) % 1.0
        place = (np.arange(at.size) + shift) / at.size * along[-1]
        price = np.interp(place, along, corners)
        np.testing.assert_allclose(found.price[at], price, rtol=1e-9)
        for one, way in zip(at, place, strict=True):
            ahead = np.append(corners[along > way * (1 + 1e-12)], candles.close[t])
            assert found.rest_low[one] == min(found.price[one], ahead.min())
            assert found.rest_high[one] == max(found.price[one], ahead.max())
