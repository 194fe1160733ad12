"""In how many estimates a cluster appears, and in how many anything would."""

from __future__ import annotations

import pytest

from liqmap.analysis.clusters import Cluster
from liqmap.analysis.confluence import appears, by_chance


def at(price: float, side: int = 1) -> Cluster:
    return Cluster(price, price - 1, price + 1, side, 1.0, 0.0, (), 0.0)


def test_a_cluster_appears_where_the_price_of_one_of_its_side_is_in_its_band() -> None:
    assert appears(at(90), [at(70), at(89)])
    assert not appears(at(90), [at(91), at(88.9), at(90, -1)])
    assert not appears(at(90), [])


def test_chance_is_the_part_of_the_side_where_a_band_as_wide_would_have_one() -> None:
    """Bands of 2 between 80 and 100: two that touch, one cut off by the axis, one of the others."""
    found = [at(90), at(91), at(110, -1)]
    assert by_chance(at(85), found, 100.0, (80.0, 120.0)) == pytest.approx(3 / 20)
    assert by_chance(at(85), [at(80.5)], 100.0, (80.0, 120.0)) == pytest.approx(1.5 / 20)
    assert by_chance(at(115, -1), found, 100.0, (80.0, 120.0)) == pytest.approx(2 / 20)
    assert by_chance(at(85), [], 100.0, (80.0, 120.0)) == 0.0
    assert by_chance(at(85), found, 80.0, (80.0, 120.0)) == 0.0
