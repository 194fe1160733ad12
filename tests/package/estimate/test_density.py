"""Densities added, cut and scaled: sums that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.api import estimate
from liqmap.estimate.density import Density
from liqmap.estimate.leverage import RANGES

EDGES = np.array([10.0, 11.0, 12.0])


def density(opens: list[float], scale: float = 1.0, **changes: object) -> Density:
    """Column n holds n + 1 in the lower bin and ten times that in the upper one."""
    n = (scale * (np.arange(len(opens)) + 1.0)).astype(np.float64)
    book = np.array([n, 10 * n], dtype=np.float32)
    made = Density(
        np.array([*opens, opens[-1] + 5.0]),
        EDGES,
        book,
        2 * book,
        100 * n,
        200 * n,
        n,
        2 * n,
        10 * n,
        20 * n,
        ranges=RANGES[2:4],
        long_by_leverage_base=book[:, -1:] * np.ones((2, 2), np.float32),
        short_by_leverage_base=book[:, -1:] * np.ones((2, 2), np.float32),
        prior_share=np.full(len(opens), 0.5 if scale == 1 else 0.0),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_one_venue_is_itself() -> None:
    one = density([0, 5, 10])
    both = Density.sum([one])
    assert both.ranges == one.ranges
    assert both.settled is None, "columns of a sum may still change"
    for name in Density.__dataclass_fields__.keys() - {"ranges", "settled"}:
        np.testing.assert_allclose(getattr(both, name), getattr(one, name), err_msg=name)


def test_a_sum_over_the_time_in_common_with_a_gap() -> None:
    """The second venue begins a bar later and misses the bar at 10."""
    one, two = density([0, 5, 10, 15]), density([5, 15], scale=1000)
    both = Density.sum([one, two])
    assert list(both.time_edges_ms) == [5, 10, 15, 20]
    np.testing.assert_allclose(both.long_base[0], [2 + 1000, 3 + 1000, 4 + 2000])
    np.testing.assert_allclose(both.short_base[1], [20 * 1002, 20 * 1003, 20 * 2004])
    np.testing.assert_allclose(both.beyond_long_base, [100 * 1002, 100 * 1003, 100 * 2004])
    np.testing.assert_allclose(both.beyond_short_base, [200 * 1002, 200 * 1003, 200 * 2004])
    np.testing.assert_allclose(both.swept_long_base, [2 + 1000, 3, 4 + 2000])
    np.testing.assert_allclose(both.swept_short_quote, [20 * 1002, 20 * 3, 20 * 2004])
    np.testing.assert_allclose(
        both.long_by_leverage_base, one.long_by_leverage_base + two.long_by_leverage_base
    )
    np.testing.assert_allclose(both.prior_share, 0.5 * np.array([2 / 1002, 3 / 1003, 4 / 2004]))


def test_what_only_one_swept_lands_in_the_bar_it_happened_in() -> None:
    """The second venue has bars that the first one misses."""
    one, two = density([0, 10, 20, 30]), density([0, 5, 20], scale=1000)
    both = Density.sum([one, two])
    assert list(both.time_edges_ms) == [0, 10, 20, 30]
    np.testing.assert_allclose(both.swept_long_base, [1 + 1000 + 2000, 2, 3 + 3000])


def test_other_mixes_have_no_sum_by_leverage() -> None:
    both = Density.sum([density([0, 5]), density([0, 5], ranges=RANGES[:2])])
    assert both.ranges == ()
    assert both.long_by_leverage_base.size == 0


def test_what_cannot_be_merged() -> None:
    with pytest.raises(InputError, match="no density"):
        Density.sum([])
    with pytest.raises(InputError, match="price grids differ"):
        Density.sum([density([0, 5]), density([0, 5], price_edges=EDGES + 1)])
    with pytest.raises(InputError, match="no time in common"):
        Density.sum([density([0, 5]), density([100, 105])])


def test_two_equal_venues_are_twice_one() -> None:
    price = np.array([7.0, 7.1, 6.9])
    time_ms = np.array([0.0, 300_000.0, 600_000.0])
    candles = Candles(time_ms, price, price * 1.01, price * 0.99, price, np.array([5.0, 6.0, 7.0]))
    held = OpenInterest(time_ms, np.array([50.0, 60.0, 55.0]))
    book = estimate(candles, held, price_range=(5, 9), price_bins=30)
    both = Density.sum([book, book])
    np.testing.assert_allclose(both.long_base, 2 * book.long_base, rtol=1e-6)
    np.testing.assert_allclose(
        both.long_base.sum(axis=0) + both.beyond_long_base,
        2 * held.at(candles.end_ms),
        rtol=1e-5,
    )


def test_a_side_is_scaled_by_its_own_factor() -> None:
    one = density([0, 5, 10])
    other = one.scaled(0.5, 3.0)
    for name in ("long_base", "beyond_long_base", "swept_long_quote", "long_by_leverage_base"):
        np.testing.assert_array_equal(getattr(other, name), 0.5 * getattr(one, name))
    for name in ("short_base", "beyond_short_base", "swept_short_quote", "short_by_leverage_base"):
        np.testing.assert_array_equal(getattr(other, name), 3 * getattr(one, name))
    np.testing.assert_array_equal(other.prior_share, one.prior_share)
    assert other.long_base.dtype == np.float32


def test_the_last_columns_are_views_of_everything_that_has_columns() -> None:
    one = density([0, 5, 10, 15])
    last = one.last(2)
    assert list(last.time_edges_ms) == [10, 15, 20]
    np.testing.assert_array_equal(last.short_base, one.short_base[:, 2:])
    np.testing.assert_array_equal(last.swept_long_base, one.swept_long_base[2:])
    assert np.shares_memory(last.long_base, one.long_base)
    assert one.last(4) is one
