"""The lines of the strip below the picture, by hand; a gap stays a gap."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.samples import Samples
from liqmap.data.series import Candles, OpenInterest
from liqmap.picture.context import (
    Curve,
    account_ratio,
    funding_rate,
    open_interest_change,
    strip,
    taker_delta,
    words_only,
)

HOUR = 3_600_000.0
NAN = float("nan")


def points(curve: Curve | None) -> list[list[float]]:
    """Hours and values."""
    assert curve is not None
    return [(curve.time_ms / HOUR).tolist(), curve.value.tolist()]


def held(hours: list[float], values: list[float]) -> OpenInterest:
    return OpenInterest(HOUR * np.array(hours), np.array(values, float))


def told(hours: list[float], values: list[float]) -> Samples:
    return Samples(HOUR * np.array(hours), np.array(values, float))


def same(curve: Curve | None, *expected: list[float]) -> None:
    np.testing.assert_allclose(points(curve), expected, atol=1e-12)


def test_open_interest_changes_from_the_last_sample_before_the_left_edge() -> None:
    curve = open_interest_change(held([0, 1, 2, 3], [10, 12, 9, 20]), 0.5 * HOUR, 2 * HOUR)
    same(curve, [0, 1, 2], [0, 2, -1])
    at_the_edge = open_interest_change(held([0, 1, 2, 3], [10, 12, 9, 20]), HOUR, 3 * HOUR)
    same(at_the_edge, [1, 2, 3], [0, -3, 8])
    assert at_the_edge is not None
    assert at_the_edge.since_ms == HOUR


def test_samples_that_begin_later_say_since_when() -> None:
    curve = open_interest_change(held([4, 5], [10, 11]), HOUR, 9 * HOUR)
    assert curve is not None
    assert curve.since_ms == 4 * HOUR


def test_one_value_that_stands_for_the_whole_past_is_not_of_the_edge() -> None:
    """As a market has it whose history could not be read."""
    curve = open_interest_change(held([0, 24, 25, 26], [7, 7, 9, 8]), HOUR, 26 * HOUR)
    same(curve, [24, 25, 26], [0, 2, 1])
    assert open_interest_change(held([0], [7]), HOUR, 26 * HOUR) is None


def test_missing_samples_are_a_gap_and_longer_steps_are_none() -> None:
    curve = account_ratio(told([0, 1, 2, 6, 7], [1, 2, 3, 4, 5]), 0.0, 9 * HOUR)
    same(curve, [0, 1, 2, 2, 6, 7], [1, 2, 3, NAN, 4, 5])
    coarse_before = account_ratio(told([0, 8, 16, 17, 18], [1, 2, 3, 4, 5]), 0.0, 20 * HOUR)
    same(coarse_before, [0, 8, 16, 17, 18], [1, 2, 3, 4, 5])
    assert account_ratio(told([3], [1]), 0.0, 9 * HOUR) is None


def bars(**changes: Any) -> Candles:
    """Four hours: of 5, 6, 7 and 8 that were traded, takers bought 4, 1, 3.5 and 8."""
    price = np.full(4, 100.0)
    volume, bought = np.array([5.0, 6, 7, 8]), np.array([4, 1, 3.5, 8])
    made = Candles(HOUR * np.arange(4.0), price, price, price, price, volume, bought, HOUR)
    return replace(made, **changes)


def test_takers_buys_less_sells_are_summed_from_the_left_edge() -> None:
    """By bar +3, −4, 0 and +8."""
    same(taker_delta(bars(), 0.0, 4 * HOUR), [0, 1, 2, 3, 4], [0, 3, -1, -1, 7])
    same(taker_delta(bars(), HOUR, 3 * HOUR), [1, 2, 3], [0, -4, -4])
    assert taker_delta(bars(taker_buy_base=None), 0.0, 4 * HOUR) is None
    assert taker_delta(bars(), 5 * HOUR, 6 * HOUR) is None


def test_missing_bars_are_a_gap_of_the_sum() -> None:
    without = bars().rows(np.array([0, 2, 3]))
    same(
        taker_delta(without, 0.0, 4 * HOUR),
        [0, 1, 1, 2, 3, 4],
        [0, 3, NAN, 3, 3, 11],
    )


def test_a_funding_rate_is_of_the_time_before_its_instant() -> None:
    curve = funding_rate(told([0, 8, 16, 24], [0.0001, 0.0002, -0.0001, 1]), 4 * HOUR, 20 * HOUR)
    same(curve, [4, 8, 8, 16], [0.02, 0.02, -0.01, -0.01])
    late = funding_rate(told([0, 1, 2, 6, 7], [0, 0.01, 0.02, 0.03, 0.04]), 0.0, 9 * HOUR)
    same(late, [0, 1, 1, 2, 2, 6, 6, 7], [1, 1, 2, 2, NAN, NAN, 4, 4])
    assert funding_rate(told([3], [1]), 0.0, 9 * HOUR) is None


def test_the_axis_holds_the_line_and_its_nought() -> None:
    curve = Curve(HOUR * np.arange(4.0), np.array([-900, 0, NAN, 2_000]), HOUR)
    drawn = strip(curve, "Said", "BTC", HOUR)
    assert drawn.ranges["context_range"] == (-160, 2_160)
    assert drawn.axes["context_axis"].labels == ("0", "+1K", "+2K")
    assert (drawn.level, drawn.decimals, drawn.unit) == (0, 0, "BTC")
    ratio = strip(replace(curve, value=np.array([1, 1.5, 2, 2])), "", "", 0, level=1, signed=False)
    assert ratio.axes["context_axis"].labels == ("1.0", "1.5", "2.0")
    assert ratio.ranges["context_range"] == pytest.approx((0.92, 2.08))
    assert ratio.decimals == 2


def test_a_line_that_never_moves_has_an_axis() -> None:
    drawn = strip(Curve(np.arange(2.0), np.zeros(2), 0.0), "", "BTC", 0.0)
    assert drawn.ranges["context_range"] == (-1, 1)


def test_words_have_neither_line_nor_ticks() -> None:
    empty = words_only("Kraken does not publish it")
    assert empty.visible
    assert empty.axes["context_axis"].places == ()
    assert empty.sources == {"context_line": {"time": [], "value": []}}
