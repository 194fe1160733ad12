"""What holds for the methods of others over random markets."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.estimate.density import Density
from liqmap.estimate.options import bars_of
from liqmap.estimate.peers.levels import half_lives
from tests.support.random_markets import STEP_MS, Drawn, markets

PEERS = ("turnover", "survivor")
peers = pytest.mark.parametrize("model", PEERS)


def of_side(density: Density, position_side: int) -> tuple[Array, Array]:
    if position_side > 0:
        return density.long_base.astype(np.float64), density.beyond_long_base
    return density.short_base.astype(np.float64), density.beyond_short_base


@peers
@settings(deadline=None, max_examples=40)
@given(markets(extreme=True))
def test_no_side_exceeds_open_interest_or_rests_on_the_wrong_side(
    model: str, market: Drawn
) -> None:
    candles, samples, mark = market
    density = liqmap.estimate(candles, samples, mark=mark, model=model, price_bins=64)
    held, tiny = samples.at(candles.end_ms), 1e-6 * samples.open_interest_base.max()
    traded = np.cumsum(candles.volume_base) > 0
    for position_side in (1, -1):
        inside, beyond = of_side(density, position_side)
        assert np.isfinite(inside).all()
        assert (inside >= 0).all()
        assert (beyond >= 0).all()
        total = inside.sum(axis=0) + beyond
        assert (total <= held * (1 + 1e-5) + tiny).all()
        if model == "turnover":
            # All of it, once anything was traded; unless a bar left nothing standing.
            short = np.flatnonzero(traded & (total < held * (1 - 1e-5) - tiny))
            np.testing.assert_allclose(total[short], 0, atol=tiny)
    lower, upper = density.price_edges[:-1, None], density.price_edges[1:, None]
    assert density.long_base[lower >= candles.close].sum() == 0
    assert density.short_base[upper <= candles.close].sum() == 0
    assert np.isfinite(density.swept_long_quote).all()


@peers
@settings(deadline=None, max_examples=25)
@given(markets())
def test_what_a_bar_sweeps_is_what_stood_in_its_way(model: str, market: Drawn) -> None:
    candles, samples, mark = market
    density = liqmap.estimate(
        candles, samples, mark=mark, model=model, price_bins=500, price_range=(0, 5_000)
    )
    low, high = np.abs(bars_of(candles, samples, mark).reach)[:, 1:]
    lower, upper = density.price_edges[:-1, None], density.price_edges[1:, None]
    for position_side, swept in ((1, density.swept_long_base), (-1, density.swept_short_base)):
        inside, _ = of_side(density, position_side)
        if position_side > 0:
            whole, partly = lower >= low, upper > low
        else:
            whole, partly = upper <= high, lower <= high
        before, slack = inside[:, :-1], 1e-3 + 1e-5 * inside.sum(axis=0)[:-1]
        assert (swept[1:] >= (before * whole).sum(axis=0) - slack).all()
        assert (swept[1:] <= (before * partly).sum(axis=0) + slack).all()


@peers
@settings(deadline=None, max_examples=25)
@given(markets())
def test_a_new_bar_never_changes_earlier_columns(model: str, market: Drawn) -> None:
    candles, samples, mark = market
    if len(candles) < 2:
        return
    every, fewer = (
        liqmap.estimate(some, samples, mark=mark, model=model, price_bins=40, price_range=(50, 200))
        for some in (candles, candles.rows(slice(0, -1)))
    )
    np.testing.assert_allclose(every.long_base[:, :-1], fewer.long_base, rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(every.short_base[:, :-1], fewer.short_base, rtol=1e-6, atol=1e-6)


@peers
@settings(deadline=None, max_examples=25)
@given(markets(), st.sampled_from([1e-3, 7.0, 1e4]))
def test_another_currency_shows_the_same_dollars(model: str, market: Drawn, times: float) -> None:
    candles, samples, _ = market
    prices = np.stack([candles.open, candles.high, candles.low, candles.close]) * times
    open_, high, low, close = prices
    volume = candles.volume_base / times
    other = Candles(candles.time_ms, open_, high, low, close, volume, step_ms=STEP_MS)
    held = OpenInterest(samples.time_ms, samples.open_interest_base / times)
    one = liqmap.estimate(candles, samples, model=model, price_bins=32, price_range=(60, 170))
    two = liqmap.estimate(
        other, held, model=model, price_bins=32, price_range=(60 * times, 170 * times)
    )
    whole = max(1.0, float(samples.open_interest_base.max()) * float(candles.close.max()))
    # A level exactly on an edge, or exactly reached, may round to either side.
    np.testing.assert_allclose(
        one.short_quote.sum(axis=0), two.short_quote.sum(axis=0), atol=3e-2 * whole
    )


@peers
def test_leverages_and_columns_are_parts_of_the_whole(model: str) -> None:
    random = np.random.default_rng(4)
    close = 100 * np.exp(np.cumsum(0.004 * random.standard_normal(300)))
    time = STEP_MS * np.arange(300.0)
    volume = random.exponential(50, 300)
    candles = Candles(time, close, close * 1.003, close * 0.997, close, volume)
    samples = OpenInterest(candles.end_ms, 1_000 + 200 * np.sin(np.arange(300) / 20))
    options: Any = {"model": model, "price_range": (50, 150)}
    whole = liqmap.estimate(candles, samples, **options)
    parts = [
        liqmap.estimate(candles, samples, only_leverages=[one.low], **options)
        for one in whole.ranges
    ]
    total = np.sum([part.long_base for part in parts], axis=0)
    np.testing.assert_allclose(total, whole.long_base, rtol=1e-4, atol=1e-3)
    swept = np.sum([part.swept_long_base for part in parts], axis=0)
    np.testing.assert_allclose(swept, whole.swept_long_base, rtol=1e-9, atol=1e-9)
    last = whole.short_by_leverage_base.sum(axis=0)
    np.testing.assert_allclose(last, whole.short_base[:, -1], rtol=1e-4, atol=1e-3)

    eighth = liqmap.estimate(
        candles,
        samples,
        every=8,
        first_ms=time[100],
        **options,
    )
    ends = [*range(107, 300, 8)]
    np.testing.assert_allclose(eighth.long_base, whole.long_base[:, ends], rtol=1e-6)
    summed = whole.swept_short_quote[100:300].reshape(-1, 8).sum(axis=1)
    np.testing.assert_allclose(eighth.swept_short_quote, summed)


@peers
def test_the_grid_changes_the_drawing_only(model: str) -> None:
    """Bins far from the price, which the price leaves and enters, hold what they always do."""
    close = 100 + 10 * np.sin(np.arange(200) / 9)
    candles = Candles(
        STEP_MS * np.arange(200.0), close, close + 0.5, close - 0.5, close, np.full(200, 9.0)
    )
    samples = OpenInterest(candles.end_ms, 1_000 + np.arange(200.0))
    wide = liqmap.estimate(candles, samples, model=model, price_bins=200, price_range=(50, 150))
    part = liqmap.estimate(candles, samples, model=model, price_bins=10, price_range=(95, 100))
    for position_side in (1, -1):
        (all_of_it, beyond), (some, rest) = (
            of_side(wide, position_side),
            of_side(part, position_side),
        )
        np.testing.assert_allclose(some, all_of_it[90:100], rtol=1e-5, atol=1e-4)
        outside = beyond + all_of_it.sum(axis=0) - all_of_it[90:100].sum(axis=0)
        np.testing.assert_allclose(rest, outside, rtol=1e-5, atol=1e-3)


def test_half_lives_between_the_known_ones_follow_a_power_law() -> None:
    known = {10.0: 8.0, 40.0: 2.0}
    np.testing.assert_allclose(half_lives(np.array([3.0, 10, 20, 40, 99]), known), [8, 8, 4, 2, 2])
