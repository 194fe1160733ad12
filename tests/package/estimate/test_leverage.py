"""Mixes: shares of ranges and of points within them, against sums by hand."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from liqmap.errors import InputError
from liqmap.estimate.leverage import RANGES, ROUND_SHARE, LeverageRange, Mix, mix_of


def measured_below(leverage: float, low: tuple[float, float], high: tuple[float, float]) -> float:
    """Between two measured points (leverage, share below it), by the logarithm."""
    rate = math.log(leverage / low[0]) / math.log(high[0] / low[0])
    return low[1] + rate * (high[1] - low[1])


THREE = measured_below(3, (2.45, 0.15), (3.87, 0.41))
FIVE = measured_below(5, (3.87, 0.41), (7.07, 0.6))
TEN = measured_below(10, (7.07, 0.6), (14.1, 0.755))
QUARTER = measured_below(25, (24.5, 0.845), (38.7, 0.91))
HUNDRED = measured_below(100, (70.7, 0.955), (122, 0.985))


def test_ranges_follow_each_other_and_each_leverage_is_in_one() -> None:
    assert all(one.high == other.low for one, other in pairwise(RANGES))
    assert all(one.low <= one.round < one.high for one in RANGES)
    for leverage in (1.25, 2.99, 3, 5, 24.9, 25, 100, 150):
        assert sum(one.holds(leverage) for one in RANGES) == 1
    assert LeverageRange.single(7.5) == (7.5, 7.5, "7.5×", 7.5, 1)
    assert LeverageRange.single(7.5).holds(7.5)


def test_ranges_have_the_measured_shares() -> None:
    mix = mix_of(None)
    assert mix.ranges == RANGES
    assert mix.weight.sum() == pytest.approx(1)
    np.testing.assert_allclose(mix.weight[:3], [THREE, FIVE - THREE, TEN - FIVE])
    assert mix.weight[6] == pytest.approx(1 - HUNDRED)


def test_bare_leverages_have_what_was_measured_nearest_to_them() -> None:
    """10 and 2.5 part at 5, 10 and 1,000 at 100."""
    mix = mix_of([10, 1_000, 2.5])
    assert [one.low for one in mix.ranges] == [2.5, 10, 1_000]
    np.testing.assert_allclose(mix.weight, [FIVE, HUNDRED - FIVE, 1 - HUNDRED])


def test_a_mapping_is_single_leverages_whose_weights_sum_to_one() -> None:
    mix = mix_of({50: 1, 5: 3})
    assert mix.ranges == (LeverageRange.single(5.0), LeverageRange.single(50.0))
    np.testing.assert_allclose(mix.weight, [0.75, 0.25])
    assert mix_of(mix) is mix


def test_what_is_not_offered_goes_to_the_highest_that_is() -> None:
    mix = mix_of(None)
    few = mix.offered(30.0)
    assert few.ranges == RANGES
    leverage, below = few.spread(30.0)
    assert leverage.max() == pytest.approx(30)
    assert leverage[4, [0, -1]] == pytest.approx([25, 30])
    np.testing.assert_allclose(below[:, [0, -1]], np.tile([0, 1], (7, 1)), atol=1e-12)
    np.testing.assert_allclose(few.weight[:4], mix.weight[:4])
    np.testing.assert_allclose(few.weight[4:], [mix.weight[4:].sum(), 0, 0])
    assert mix.offered(1_000.0).ranges == RANGES
    points = Mix.of_points({5: 1, 20: 1, 100: 2}).offered(20.0)
    np.testing.assert_allclose(points.weight, [0.25, 0.75, 0])
    nothing = Mix.of_points({5: 1, 20: 1}).offered(2.0)
    np.testing.assert_allclose(nothing.weight, [1, 0])


def test_within_a_range_a_part_stands_around_its_round_leverage() -> None:
    """From 10 to 25: `ROUND_SHARE` up to 10.83, and the rest as measured."""
    leverage, below = mix_of(None).spread()
    assert (np.diff(below, axis=1) >= 0).all()
    for row, one in enumerate(RANGES):
        assert leverage[row, [0, -1]].tolist() == pytest.approx([one.low, one.high])
        assert below[row, [0, -1]].tolist() == pytest.approx([0, 1])
    at = 10 * math.exp(0.08)
    measured = measured_below(at, (7.07, 0.6), (14.1, 0.755)) - TEN
    expected = ROUND_SHARE + (1 - ROUND_SHARE) * measured / (QUARTER - TEN)
    assert np.interp(at, leverage[3], below[3]) == pytest.approx(expected, abs=4e-3)
    above = 15.0
    measured = measured_below(above, (14.1, 0.755), (24.5, 0.845)) - TEN
    expected = ROUND_SHARE + (1 - ROUND_SHARE) * measured / (QUARTER - TEN)
    assert np.interp(above, leverage[3], below[3]) == pytest.approx(expected, abs=4e-3)


@pytest.mark.parametrize(
    ("leverages", "says"),
    [
        ([], "at least one leverage"),
        ([5, -1], "all positive"),
        ({}, "at least one"),
        ({0.5: 1}, "ascending leverages from 1"),
        ({5: -1, 10: 2}, "not negative"),
        ({5: 0}, "nor all zero"),
        ({5: math.nan}, "not a finite number"),
        ({math.inf: 1}, "not a finite number"),
    ],
)
def test_what_is_no_mix_is_said(leverages: dict[float, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        mix_of(leverages)
    with pytest.raises(InputError, match="ascending"):
        Mix(RANGES[::-1], np.ones(len(RANGES)))
    with pytest.raises(InputError, match="one weight for each"):
        Mix(RANGES, np.ones(3))
