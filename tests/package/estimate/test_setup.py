"""Even steps through a range of leverage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.series import Array
from liqmap.estimate.setup import POINTS, steps_through

factors = st.tuples(st.floats(0.05, 4.0), st.floats(0.05, 4.0)).filter(
    lambda ends: abs(np.log(ends[0] / ends[1])) > 1e-3
)


@given(factors, st.floats(0.2, 5.0))
def test_steps_are_even_and_hold_the_shares(ends: tuple[float, float], power: float) -> None:
    """Ascending or descending; the share up to any step is that of the range up to there."""
    begin, end = ends
    factor = np.geomspace(begin, end, 4_000)
    below = np.linspace(0, 1, 4_000) ** power
    found, weight, width = steps_through(factor, below)
    assert width == pytest.approx(abs(np.log(end / begin)))
    order = np.argsort(found)
    steps = np.diff(np.log(found[order]))
    # One step, that at an end of the range, may be cut.
    assert np.sort(steps)[1:-1] == pytest.approx(width / POINTS, rel=1e-6)
    assert steps.max() <= width / POINTS * (1 + 1e-6)
    assert min(ends) <= found.min()
    assert found.max() <= max(ends) * (1 + 1e-12)
    assert weight.mean() == pytest.approx(1)
    # All that the range has before its first step is in the last one.
    first = np.log(found.min()) - 0.5 * width / POINTS
    edges = np.minimum(first + width / POINTS * np.arange(POINTS + 1), np.log(max(ends)))
    covered = np.interp(edges, np.log(np.sort(factor)), _ascending(factor, below))
    expected = np.diff(covered)
    expected[-1] += covered[0]
    np.testing.assert_allclose(weight[order] / POINTS, expected, atol=1e-9)


def _ascending(factor: Array, below: Array) -> Array:
    """The share below each factor, ascending in it."""
    return below if factor[0] < factor[-1] else 1 - below[::-1]


@given(factors)
def test_a_step_has_its_place_on_one_lattice_of_all_prices(ends: tuple[float, float]) -> None:
    """Step j is j + ½ of so many parts of the width from price 1, but for whole widths."""
    found, _, width = steps_through(np.geomspace(*ends, 50), np.linspace(0, 1, 50))
    place = np.log(found) / width * POINTS - (np.arange(POINTS) + 0.5)
    off = np.abs(place - POINTS * np.round(place / POINTS))
    assert np.median(off) < 1e-6
    assert off.max() <= 0.5 + 1e-6  # where the end of the range cuts a step


@pytest.mark.parametrize("factor", [[0.9, 0.9], [0.9, np.inf], [-0.1, 0.9], [0.0, 0.5]])
def test_a_single_leverage_or_one_that_is_never_liquidated_is_a_point(factor: list[float]) -> None:
    found, weight, width = steps_through(np.array(factor), np.array([0.0, 1.0]))
    np.testing.assert_array_equal(found, factor[-1])
    np.testing.assert_array_equal(weight, 1)
    assert width == 0
