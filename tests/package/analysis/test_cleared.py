"""What price cleared: of the small picture, by hand."""

from __future__ import annotations

from dataclasses import astuple, replace

import numpy as np
import pytest

from liqmap.analysis.cleared import Sweep, cleared_since, sweeps
from liqmap.data.series import Candles
from tests.support.small_picture import STEP, density

BOOK = replace(
    density(),  # rows 80–90, 90–100, 100–110, 110–120; three columns
    long_base=np.tile(np.array([[2], [4], [0], [0]], np.float32), 3),
    short_base=np.tile(np.array([[0], [0], [1], [3]], np.float32), 3),
)


def bars(*low_high: tuple[float, float]) -> Candles:
    low, high = np.array(low_high).T
    close = np.full(low.size, 100.0)
    return Candles(STEP * np.arange(low.size), close, high, low, close, np.ones(low.size))


def test_what_the_bars_since_have_reached_is_cleared() -> None:
    """From 100: 10 % below are the row of 90–100, 4 × 95; down to 95 it is half of that."""
    candles = bars((100, 100), (95, 101), (97, 102.5))
    (ten, twenty) = cleared_since(BOOK, candles, None, 0, (0.1, 0.2))
    assert astuple(ten) == pytest.approx((0.1, 380, 190, 105, 26.25))
    assert ten.long_share == 0.5
    assert twenty.long_quote == pytest.approx(380 + 2 * 85)
    assert twenty.long_cleared_quote == 190
    assert twenty.short_quote == pytest.approx(105 + 3 * 115)


def test_before_the_first_bar_after_it_nothing_is_cleared() -> None:
    (ten,) = cleared_since(BOOK, bars((50, 150), (50, 150), (50, 150)), None, 2, (0.1,))
    assert (ten.long_cleared_quote, ten.short_cleared_quote) == (0, 0)


def test_the_mark_price_triggers_where_it_is_known() -> None:
    candles, mark = bars((100, 100), (90, 100), (90, 100)), bars((100, 100), (95, 100), (96, 100))
    (ten,) = cleared_since(BOOK, candles, mark, 0, (0.1,))
    assert ten.long_share == 0.5


def test_a_side_without_anything_has_no_share() -> None:
    empty = replace(BOOK, long_base=np.zeros((4, 3), np.float32))
    (ten,) = cleared_since(empty, bars((100, 100), (95, 101), (97, 102)), None, 0, (0.1,))
    assert ten.long_share is None
    assert ten.short_share is not None


def test_neighbouring_columns_that_swept_much_are_one_sweep() -> None:
    swept = replace(
        BOOK,
        swept_long_quote=np.array([10.0, 100.0, 1.0]),
        swept_short_quote=np.array([0.0, 0.0, 7.0]),
    )
    found = sweeps(swept, bars((99, 100), (95, 101), (97, 102.5)), None)
    assert found == (Sweep(STEP, 95.0, 1, 110.0), Sweep(2 * STEP, 102.5, -1, 7.0))
