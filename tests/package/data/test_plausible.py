"""Impossible samples and bars are missing ones; what a market may do stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.market import Market
from liqmap.data.plausible import (
    BARS_LEFT_OUT,
    SAMPLES_LEFT_OUT,
    plausible,
    plausible_bars,
    plausible_samples,
)
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.estimate.api import estimate
from tests.support.markets import market

STEP_MS = 300_000.0
DAY = 288


def samples(*values: float) -> OpenInterest:
    return OpenInterest(STEP_MS * np.arange(float(len(values))), np.array(values))


def kept(*values: float) -> list[float]:
    return list(plausible_samples(samples(*values)).open_interest_base)


def test_zeros_between_positives_are_missing() -> None:
    assert kept(5_000.5, 5_003, 0, 0, 0, 4_998.1, 5_001) == [5_000.5, 5_003, 4_998.1, 5_001]
    assert kept(50.0, *[0] * 116, 49, 48) == [50, 49, 48]
    assert kept(50.0, *[0] * 30 * DAY, 49) == [50, 49]


@pytest.mark.parametrize("factor", [1e6, 10, 0.1, 1e-6, 0])
@pytest.mark.parametrize("run", [1, 2, 116])
def test_off_by_ten_and_back_is_missing(factor: float, run: int) -> None:
    around = [700.0, 703.0, 699.0]
    assert kept(*around, *[701 * factor] * run, *around) == around * 2


def test_several_faults_in_a_row() -> None:
    assert kept(10.0, 0, 1e7, 0, 11, 12, 1e7, 0, 11) == [10, 11, 12, 11]


@pytest.mark.parametrize(
    "values",
    [
        (80.0, 40, 41, 39, 40),  # a fall by a half
        (80.0, 40, 20, 10, 5, 2.5),  # and again
        (0.0, 0, 0, 90, 95),  # before its listing
        (0.0, 0, 0),
        (90.0,),
        (1.0, 90, 91, 92),  # newly listed
        (*[500.0] * DAY, *[40.0] * (DAY + 2)),  # fell, and stays
        (*[500.0] * DAY, *[40.0] * 8 * DAY, *[480.0] * (DAY + 2)),  # and is back after a week
        (*[500.0] * 3 * DAY, *[0.0] * (DAY + 2)),  # delisted
    ],
)
def test_what_may_be_stays(values: tuple[float, ...]) -> None:
    held = samples(*values)
    assert plausible_samples(held) is held


def test_the_newest_sample_waits_for_others() -> None:
    usual = [500.0] * DAY
    assert kept(*usual, 0) == usual
    assert kept(*usual, 0, 5e9) == usual
    assert kept(*usual, *[5e3] * 200) == usual


walks = st.lists(st.floats(-0.02, 0.02), min_size=8, max_size=40)


@given(walks, st.data())
def test_what_was_spoiled_is_what_goes(walk: list[float], data: st.DataObject) -> None:
    """Whatever the series, and wherever in it the run."""
    values = 1e5 * np.exp(np.cumsum(walk))
    first = data.draw(st.integers(1, len(walk) - 2))
    last = data.draw(st.integers(first, len(walk) - 2))
    factor = data.draw(st.sampled_from([0.0, 1e6, 30.0, 1e-3]))
    spoiled = values.copy()
    spoiled[first : last + 1] *= factor
    good = np.r_[values[:first], values[last + 1 :]]
    np.testing.assert_array_equal(kept(*spoiled), good)
    assert kept(*values) == list(values)


def bars(close: Array) -> Candles:
    close = np.asarray(close, dtype=float)
    opens = np.r_[close[0], close[:-1]]
    high, low = np.maximum(opens, close), np.minimum(opens, close)
    return Candles(STEP_MS * np.arange(float(close.size)), opens, high, low, close, close * 0 + 1)


def test_a_price_off_by_ten_and_back_is_a_missing_bar() -> None:
    close = np.array([7.0, 7.1, 7.2, 7.1, 7.0, 7.1, 7.2])
    for factor in (10, 0.1, 1e6):
        spoiled = close.copy()
        spoiled[3] *= factor
        # The bar, and the one that opens at its close.
        assert list(plausible_bars(bars(spoiled)).time_ms / STEP_MS) == [0, 1, 2, 5, 6]
    wick = bars(close)
    high = wick.high.copy()
    high[3] = 71.0
    assert list(plausible_bars(replace(wick, high=high)).time_ms / STEP_MS) == [0, 1, 2, 4, 5, 6]


@pytest.mark.parametrize(
    "close",
    [
        [7.0, 7.1, 3.5, 3.4, 7.0, 7.1],  # a half, and back
        [7.0, 7.1, 7.0, 0.5, 0.5, 0.51, 0.5],  # a crash that stays
        [7.0, 7.1, 7.0, 7.1, 71.0],  # the newest bar: nobody knows yet
        [7.0, 70.0],
    ],
)
def test_a_price_that_may_be_stays(close: list[float]) -> None:
    one = bars(np.array(close))
    assert plausible_bars(one) is one


def spoiled_market() -> tuple[Market, Market]:
    """A market, and the same with zeros, a sample a million times too large, and an odd bar."""
    good = market()
    values, high = good.open_interest.open_interest_base.copy(), good.candles.high.copy()
    values[400:516] = 0
    values[700] *= 1e6
    high[600] *= 10
    candles = replace(good.candles, high=high)
    held = OpenInterest(good.open_interest.time_ms, values)
    return good, replace(good, open_interest=held, candles=candles, mark=candles)


@pytest.mark.parametrize("factor", [1e18, 1_100.0, 1e-4])
def test_a_newest_price_that_is_absurd_waits_for_others(factor: float) -> None:
    close = [7.0, 7.1, 7.0, 7.1]
    assert len(plausible_bars(bars(np.array([*close, 7 * factor])))) == 4
    assert len(plausible_bars(bars(np.array([*close, *[7 * factor] * 4])))) == 8


def test_it_is_said_once_and_the_book_stays_as_old_as_it_was() -> None:
    good, spoiled = spoiled_market()
    found = plausible(spoiled)
    assert found.notices == (SAMPLES_LEFT_OUT, BARS_LEFT_OUT)
    assert plausible(replace(spoiled, notices=found.notices)).notices == found.notices
    assert len(found.open_interest) == len(good.open_interest) - 117
    assert len(found.candles) == len(good.candles) - 1
    assert found.mark is not None
    assert len(found.mark) == len(good.candles) - 1
    assert plausible(good).notices == ()

    def prior(one: Market) -> float:
        return float(estimate(one.candles, one.open_interest).prior_share[-1])

    assert prior(spoiled) < 0.5 * prior(good)  # what the fault would do
    assert prior(found) == pytest.approx(prior(good), rel=0.02)
