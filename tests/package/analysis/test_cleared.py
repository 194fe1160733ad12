"""What price cleared: of the small picture, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from liqmap.analysis.aftermath import Passed
from liqmap.analysis.cleared import Sweep, cleared_since, sweeps
from liqmap.data.market import Market
from liqmap.data.series import Candles
from tests.support.small_picture import STEP, density, market

BOOK = replace(
    density(),  # rows 80–90, 90–100, 100–110, 110–120; three columns
    long_base=np.tile(np.array([[2], [4], [0], [0]], np.float32), 3),
    short_base=np.tile(np.array([[0], [0], [1], [3]], np.float32), 3),
)


def of_bars(*low_high: tuple[float, float]) -> Market:
    low, high = np.array(low_high).T
    close = np.full(low.size, 100.0)
    times = STEP * np.arange(low.size)
    return replace(market(), candles=Candles(times, close, high, low, close, np.ones(low.size)))


def test_what_the_bars_since_have_reached_is_cleared() -> None:
    """From 100: 10 % below are the row of 90–100, 4 × 95; down to 95 it is half of that."""
    one = of_bars((100, 100), (95, 101), (97, 102.5))
    ((rate, sides),) = cleared_since(BOOK, one, 0, (0.1,))
    assert rate == 0.1
    assert sides is not None
    longs, shorts = sides
    assert longs == Passed(380, 190)
    np.testing.assert_allclose((shorts.waited_quote, shorts.passed_quote), (105, 26.25))


def test_before_the_first_bar_after_it_nothing_is_cleared() -> None:
    one = of_bars((50, 150), (50, 150), (50, 150))
    ((_, sides),) = cleared_since(BOOK, one, 2, (0.1,))
    assert sides is not None
    assert [side.passed_quote for side in sides] == [0, 0]


def test_a_distance_beyond_the_grid_has_no_figure() -> None:
    ((_, sides),) = cleared_since(BOOK, of_bars((100, 100), (95, 101), (97, 102)), 0, (0.3,))
    assert sides is None


def test_neighbouring_columns_that_swept_much_are_one_sweep() -> None:
    swept = replace(
        BOOK,
        swept_long_quote=np.array([10.0, 100.0, 1.0]),
        swept_short_quote=np.array([0.0, 0.0, 7.0]),
    )
    found = sweeps(swept, of_bars((99, 100), (95, 101), (97, 102.5)))
    assert found == (Sweep(STEP, 95.0, 1, 110.0), Sweep(2 * STEP, 102.5, -1, 7.0))
