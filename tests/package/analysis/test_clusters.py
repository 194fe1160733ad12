"""Clusters: what they hold, of which leverages, and since when."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.clusters import (
    intervals_quote,
    largest_clusters,
    listed,
    most_of,
    row_leverages,
)
from liqmap.estimate.ensemble import WIDER, Members
from liqmap.estimate.leverage import RANGES
from liqmap.words import usd
from tests.support.small_picture import STEP, density


def test_clusters_say_price_side_amount_age_and_leverage() -> None:
    first, second, *_ = largest_clusters(density(), 100.0)
    assert (first.price, first.position_side, first.ranges) == (115.0, -1, (RANGES[2],))
    assert first.amount_quote == pytest.approx(920 + 315)  # the bin beside belongs to the peak
    assert second.position_side == 1
    assert second.amount_quote == pytest.approx(340)
    assert second.distance_rate == pytest.approx(-0.15)
    assert second.since_ms == 0.0


def test_clusters_are_named_on_both_sides_and_no_shoulder_is_one() -> None:
    """200 bins of a dollar: a wall of longs at 60 with wide shoulders, few shorts at 150."""
    longs, shorts = np.zeros((2, 200, 1), np.float32)
    longs[50:71, 0] = 10 - np.abs(np.arange(-10, 11.0))
    shorts[150] = 1
    one = replace(
        density(),
        time_edges_ms=STEP * np.arange(2.0),
        price_edges=np.arange(201.0),
        long_base=longs,
        short_base=shorts,
        long_by_leverage_base=longs[:, -1][None].repeat(2, 0),
        short_by_leverage_base=shorts[:, -1][None].repeat(2, 0),
    )
    found = largest_clusters(one, 100.0, count=4)
    assert [(cluster.price, cluster.position_side) for cluster in found] == [
        (60.5, 1),
        (67.5, 1),
        (150.5, -1),
    ]
    assert [(cluster.low_price, cluster.high_price) for cluster in found[:2]] == [
        (57.0, 64.0),
        (64.0, 71.0),
    ]
    only = largest_clusters(one, 100.0, positions="short")
    assert [cluster.position_side for cluster in only] == [-1]


def test_each_row_names_its_leverages() -> None:
    assert row_leverages(density()) == ["5–10×", "", "50–100×", "5–10×"]
    mixed = np.array([[1, 0, 0, 2], [2, 0, 1, 3]], np.float32)
    assert row_leverages(replace(density(), short_by_leverage_base=mixed))[3] == "50–100×, 5–10×"


def test_the_interval_of_a_cluster_is_that_of_its_rows() -> None:
    """Twelve bins of one dollar; ours waits in bin 5, a member's beside it or outside."""
    longs, shorts = np.zeros((2, 12, 3), np.float32)
    longs[5] = 4
    one = replace(
        density(),
        price_edges=np.arange(95.0, 108.0),
        long_base=longs,
        short_base=shorts,
        long_by_leverage_base=longs[:, -1][None].repeat(2, 0),
        short_by_leverage_base=shorts[:, -1][None].repeat(2, 0),
    )

    def spread(*bins: int) -> str:
        members = Members(*np.zeros((2, len(bins), 12), np.float32))
        for member, row in enumerate(bins):
            members.long_base[member, row] = 1.0
        (cluster,) = largest_clusters(one, 101.0)
        ((low, high),) = intervals_quote([cluster], one, members)
        return f"{usd(low)}–{usd(high)}"

    assert spread(5, 5) == "$402–$402"
    assert spread(4, 6) == "$402–$402"  # the cluster is three bins wide
    ends = 402 * np.array([0.1 / 0.5, 0.9 / 0.5]) ** WIDER
    assert spread(5, 8) == f"{usd(ends[0])}–{usd(ends[1])}"
    assert spread(8, 8) == "$0–$402"  # no more than the estimate says who knows nothing


@pytest.mark.parametrize(
    ("parts", "most"),
    [
        ([1, 2, 3], "5–10×, 3–5×"),
        ([4, 1, 1], "<3×"),  # two thirds
        ([3.9, 1.1, 1], "<3×, 3–5×"),
        ([2, 2.1, 2.2], "5–10×, 3–5×"),
        ([0, 0, 0], ""),
        ([], ""),  # of a model that knows no leverages
    ],
)
def test_the_ranges_of_most_are_those_of_two_thirds(parts: list[float], most: str) -> None:
    assert listed(most_of(np.array(parts), RANGES[:3])) == most
