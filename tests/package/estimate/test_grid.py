"""Bins of equal width, half open."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.series import Array
from liqmap.estimate.grid import PriceGrid
from tests.support.random_markets import bars_at

PRICES = st.floats(1e-9, 1e9)


@given(PRICES, st.floats(1.001, 10), st.integers(1, 1_000))
def test_every_edge_begins_its_bin(low: float, times: float, bins: int) -> None:
    grid = PriceGrid(low, low * times, bins)
    row = np.arange(bins + 1)
    np.testing.assert_array_equal(grid.rows(grid.edges), row)
    np.testing.assert_array_equal(grid.rows(np.nextafter(grid.edges, 0)), row - 1)
    outside: Array = np.array([0.0, np.inf])
    np.testing.assert_array_equal(grid.rows(outside), [-1, bins])


@given(PRICES, st.floats(0.2, 1), st.floats(1, 5))
def test_a_grid_around_bars_has_a_margin_and_rarely_moves(
    price: float, down: float, up: float
) -> None:
    grid = PriceGrid.around(bars_at(price, price * down, price * up), 10)
    assert price * down / 1.2 < grid.low_price <= price * down / 1.1 * (1 + 1e-9)
    assert price * up * 1.1 * (1 - 1e-9) <= grid.high_price < price * up * 1.2
    again = PriceGrid.around(bars_at(price, price * down, price * up, price), 10)
    assert again == grid
