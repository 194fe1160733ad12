"""What came after, by hand: bars that fall, rise, and do not get there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.aftermath import Passed, Path, passed_between, passed_within
from tests.support.small_picture import STEP, density, market

PATH = Path(STEP * np.array([4.0, 5.0, 6.0]), np.array([99.0, 94, 96]), np.array([101.0, 100, 112]))


@pytest.mark.parametrize(
    ("price", "side", "bar"),
    [(99.0, 1, 4), (98.9, 1, 5), (94.0, 1, 5), (93.9, 1, None), (101.0, -1, 4), (112.0, -1, 6)],
)
def test_a_price_is_reached_by_the_end_of_the_first_bar_that_touches_it(
    price: float, side: int, bar: int | None
) -> None:
    assert PATH.reached_ms(price, side) == (None if bar is None else bar * STEP)


def test_a_path_has_the_bars_that_end_after_the_instant() -> None:
    path = Path.after(market(), STEP)
    assert path.end_ms.tolist() == [2 * STEP, 3 * STEP]
    assert (path.lowest, path.highest) == (97.0, 103.0)
    empty = Path.after(market(), 3 * STEP)
    assert (empty.lowest, empty.highest) == (np.inf, -np.inf)
    assert empty.reached_ms(100.0, 1) is None


def test_the_mark_price_is_what_reaches_where_it_is_known() -> None:
    last = market().candles.rows(slice(2, 3))
    mark = replace(last, low=np.array([98.5]), high=np.array([100.5]))
    path = Path.after(replace(market(), mark=mark), STEP)
    assert path.low.tolist() == [98.0, 98.5]
    assert path.high.tolist() == [103.0, 100.5]


def test_a_row_is_passed_by_the_part_that_the_path_reached() -> None:
    """4 BTC at 80 to 90; 8 at 110 to 120, of which a fifth lies below 112."""
    assert passed_between(density(), 1, 80.0, 90.0, PATH) == Passed(340.0, 0.0)
    deeper = replace(PATH, low=np.array([99.0, 85.0, 96.0]))
    assert passed_between(density(), 1, 80.0, 90.0, deeper) == Passed(340.0, 170.0)
    found = passed_between(density(), -1, 110.0, 120.0, PATH)
    assert (found.waited_quote, found.passed_quote) == pytest.approx((920.0, 184.0))
    assert found.rate == pytest.approx(0.2)
    assert passed_between(density(), -1, 110.0, 112.0, PATH).rate == pytest.approx(1.0)


def test_nothing_is_passed_without_a_bar_and_no_part_of_nothing() -> None:
    empty = Path.after(market(), 3 * STEP)
    assert passed_between(density(), -1, 100.0, 120.0, empty) == Passed(1235.0, 0.0)
    assert Passed(0.0, 0.0).rate is None


def test_both_sides_within_a_distance_of_the_price_then() -> None:
    """3 BTC of shorts at 100 to 110, all passed; of longs 85 to 90 waits, half of its row."""
    found = passed_within(density(), 100.0, 0.15, PATH)
    assert found is not None
    longs, shorts = found
    assert (longs.waited_quote, longs.passed_quote) == pytest.approx((170.0, 0.0))
    assert (shorts.waited_quote, shorts.passed_quote) == pytest.approx((775.0, 499.0))
    assert passed_within(density(), 100.0, 0.21, PATH) is None
