"""Positions drawn over some rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.estimate.balance.raster import _broadened


@pytest.mark.parametrize("breadth", [1, 2, 4, 8, 64])
@given(seed=st.integers(0, 2**32 - 1), bins=st.integers(1, 40), columns=st.integers(1, 5))
def test_each_row_is_drawn_over_itself_and_those_before_it(
    breadth: int, seed: int, bins: int, columns: int
) -> None:
    """Nothing is lost: what runs over the first row is returned as well."""
    rows = np.random.default_rng(seed).exponential(1, (bins, columns))
    expected, over = np.zeros_like(rows), np.zeros(columns)
    for row in range(bins):
        for before in range(row - breadth + 1, row + 1):
            if before < 0:
                over += rows[row] / breadth
            else:
                expected[before] += rows[row] / breadth
    inside, beyond = _broadened(rows, breadth)
    np.testing.assert_allclose(inside, expected, rtol=1e-5)
    np.testing.assert_allclose(beyond, over, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(inside.sum(axis=0) + beyond, rows.sum(axis=0), rtol=1e-5)


def test_what_is_below_zero_is_rounding() -> None:
    inside, over = _broadened(np.array([[-1e-12], [4.0], [0.0]]), 2)
    np.testing.assert_array_equal(inside, [[2.0], [2.0], [0.0]])
    np.testing.assert_array_equal(over, [0.0])
