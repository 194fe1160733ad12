"""The situation: what waits near the price, how far, how likely, how empty."""

from __future__ import annotations

from dataclasses import replace
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from liqmap.analysis.situation import (
    DAY_MS,
    balance_within,
    daily_range_rate,
    deviation,
    reach_chance,
    swept_since,
    vacuum,
)
from liqmap.data.series import Candles
from liqmap.estimate.ensemble import WIDER, Members
from tests.support.small_picture import STEP, density, known

HOUR_MS = DAY_MS / 24


def hourly(close: NDArray[Any]) -> Candles:
    """Hourly bars that open and close at the same price."""
    time_ms = HOUR_MS * np.arange(float(close.size))
    return Candles(time_ms, close, close, close, close, np.ones(close.size))


def test_a_daily_range_is_that_of_whole_days_back_from_the_newest_bar() -> None:
    """26 hours: the first two belong to no whole day; the last 24 go from 100 to 110 to 100."""
    close = np.full(26, 100.0)
    close[0] = 500.0
    close[10] = 110.0
    assert daily_range_rate(hourly(close)) == pytest.approx(0.1)
    close = np.concatenate([np.full(24, 100.0), np.full(24, 100.0)])
    close[3], close[30] = 120.0, 110.0
    assert daily_range_rate(hourly(close)) == pytest.approx((0.2 + 0.1) / 2)
    assert daily_range_rate(hourly(close[:23])) is None


def test_deviation_grows_with_the_root_of_the_horizon() -> None:
    candles = hourly(100 * np.exp(0.01 * np.array([0, 1, 0, 1, 0])))
    assert deviation(candles, HOUR_MS) == pytest.approx(0.01)
    assert deviation(candles, 16 * HOUR_MS) == pytest.approx(0.04)
    assert deviation(hourly(np.array([100.0])), HOUR_MS) == 0.0


def test_the_chance_to_be_reached_is_that_of_the_reflection_principle() -> None:
    for distance, spread in ((0.01, 0.02), (-0.05, 0.03), (0.2, 0.5)):
        away = abs(np.log1p(distance)) / spread
        assert reach_chance(distance, spread) == pytest.approx(2 * NormalDist().cdf(-away))
    assert reach_chance(0.0, 0.02) == 1.0
    assert reach_chance(0.01, 0.0) == 0.0


def test_a_diffusing_price_reaches_as_often_as_said() -> None:
    random = np.random.default_rng(5)
    steps, spread = 4_000, 0.02
    paths = np.cumsum(random.normal(0, spread / sqrt(steps), (4_000, steps)), axis=1)
    reached = (paths.max(axis=1) >= np.log1p(0.015)).mean()
    assert reached == pytest.approx(reach_chance(0.015, spread), abs=0.03)


@given(st.floats(-0.9, 5), st.floats(0.001, 2))
def test_a_chance_is_one_and_falls_with_distance(distance: float, spread: float) -> None:
    chance = reach_chance(distance, spread)
    assert 0 <= chance <= 1
    assert reach_chance(distance * 0.5, spread) >= chance


def test_what_waits_within_counts_rows_by_the_part_that_lies_within() -> None:
    """From 100: ±15 % is half of the rows at 80…90 and at 110…120."""
    near = balance_within(density(), 100.0, 0.15)
    assert near is not None
    assert near.long_quote == pytest.approx(0.5 * 4 * 85)
    assert near.short_quote == pytest.approx(3 * 105 + 0.5 * 8 * 115)
    total = near.long_quote + near.short_quote
    assert near.imbalance == pytest.approx((near.short_quote - near.long_quote) / total)
    assert (near.low, near.high) == (None, None)
    empty = balance_within(density(), 100.0, 0.0)
    assert empty is not None
    assert empty.imbalance == 0.0


def test_nothing_is_said_of_prices_beyond_the_grid() -> None:
    assert balance_within(density(), 100.0, 0.2) is not None
    assert balance_within(density(), 100.0, 0.21) is None


def test_an_imbalance_has_the_interval_of_its_members() -> None:
    """The estimate stands for their median; `WIDER` is the power of their factors."""
    near = balance_within(density(), 100.0, 0.2, known())
    assert near is not None
    longs = 340 * (np.array([170, 340, 510 + 95]) / 340) ** WIDER
    held = np.array([690, 920, 1150]) + 3 * 105
    shorts = 1235 * (held / 1235) ** WIDER
    expected = np.quantile((shorts - longs) / (shorts + longs), [0.1, 0.9])
    assert (near.low, near.high) == pytest.approx(tuple(expected))
    assert expected[0] <= near.imbalance <= expected[1]
    nobody = Members(np.zeros((3, 4)), np.zeros((3, 4)))
    none = balance_within(density(), 100.0, 0.2, nobody)
    assert none is not None
    assert none.low == none.high == pytest.approx(none.imbalance)


def test_a_vacuum_is_the_nearest_long_stretch_of_a_side() -> None:
    """Longs wait at 80…90 only, so from 100 down to 90 is empty; shorts wait in every row."""
    assert vacuum(density(), 100.0, 1) == (90.0, 100.0)
    assert vacuum(density(), 100.0, -1) is None
    nothing = replace(density(), short_base=np.zeros((4, 3), np.float32))
    assert vacuum(nothing, 100.0, -1) is None


def test_a_short_stretch_is_no_vacuum() -> None:
    """Rows of half a percent: one empty row is none, two are."""
    edges = np.linspace(100, 110, 21)
    shorts = np.ones((20, 3), np.float32)
    shorts[4] = 0
    one = replace(density(), price_edges=edges, long_base=np.zeros_like(shorts), short_base=shorts)
    assert vacuum(one, 100.0, -1) is None
    shorts[11:13] = 0.05
    assert vacuum(one, 100.0, -1) == pytest.approx((105.5, 106.5))


def test_what_was_swept_is_that_of_columns_that_end_later() -> None:
    one = replace(
        density(),
        swept_long_quote=np.array([1.0, 2.0, 4.0]),
        swept_short_quote=np.array([8.0, 16.0, 32.0]),
    )
    assert swept_since(one, STEP) == (6.0, 48.0)
    assert swept_since(one, 0.0) == (7.0, 56.0)
