"""In how many estimates a cluster appears (docs/explanation/clusters.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analysis.clusters import Cluster

LARGEST = 10
"""Of an estimate's clusters, both sides together."""


def appears(cluster: Cluster, others: Sequence[Cluster]) -> bool:
    """Whether the price of one of another estimate's clusters of the same side is in its band."""
    return any(
        one.position_side == cluster.position_side
        and cluster.low_price <= one.price < cluster.high_price
        for one in others
    )


def by_chance(
    cluster: Cluster, others: Sequence[Cluster], spot_price: float, ends: tuple[float, float]
) -> float:
    """The chance that a band as wide, anywhere on its side of the price, has one of them in it.

    Parameters
    ----------
    cluster : Cluster
    others : sequence of Cluster
        Of one other estimate.
    spot_price : float
    ends : (low, high)
        Of the price axis [quote/base].
    """
    side = cluster.position_side
    low, high = (ends[0], spot_price) if side > 0 else (spot_price, ends[1])
    half = 0.5 * (cluster.high_price - cluster.low_price)
    covered, until = 0.0, low
    for price in sorted(one.price for one in others if one.position_side == side):
        begin, end = np.clip((max(price - half, until), price + half), low, high).tolist()
        covered += max(0.0, end - begin)
        until = max(until, end)
    return covered / (high - low) if high > low else 0.0
