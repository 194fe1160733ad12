"""A row of the board, of the small picture, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.standing import standing
from tests.support.small_picture import density


def test_the_figures_of_a_row() -> None:
    """8 BTC of shorts at 115 and 3 at 105 are one cluster each, but one takes its neighbour."""
    swept = replace(
        density(),
        swept_long_quote=np.array([1.0, 2.0, 3.0]),
        swept_short_quote=np.array([0.0, 0.0, 7.0]),
    )
    one = standing(swept, 100.0)
    assert one.spot_price == 100.0
    assert one.above is not None
    assert one.below is not None
    assert one.near is not None
    assert (one.above.price, one.above.amount_quote) == (115.0, 8 * 115 + 3 * 105)
    assert one.above.distance_rate == pytest.approx(0.15)
    assert (one.below.price, one.below.amount_quote) == (85.0, 4 * 85)
    assert one.near.short_quote == pytest.approx(3 * 105 / 2)  # half the row from 100 to 110
    assert one.near.long_quote == 0
    assert one.near.imbalance == 1
    assert (one.swept_long_quote, one.swept_short_quote) == (6.0, 7.0)


def test_a_grid_that_ends_before_five_per_cent_says_nothing_of_what_is_near() -> None:
    narrow = replace(density(), price_edges=np.array([96.0, 98.0, 100.0, 102.0, 104.0]))
    assert standing(narrow, 100.0).near is None


def test_a_side_where_nothing_waits_has_no_cluster() -> None:
    empty = replace(density(), long_base=np.zeros((4, 3), np.float32))
    one = standing(empty, 100.0)
    assert one.below is None
    assert one.above is not None
