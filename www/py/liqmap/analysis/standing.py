"""How a contract stands, in a few figures of a density: a row of the board."""

from __future__ import annotations

from dataclasses import dataclass

from liqmap.analysis.clusters import Cluster, largest_clusters, nearest_large
from liqmap.analysis.situation import DAY_MS, Balance, balance_within, swept_since
from liqmap.estimate.density import Density

NEAR_RATE = 0.05
"""What waits within this distance of the price (a fraction of it) is weighed, side against side."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The nearest large cluster a side, what waits within `NEAR_RATE`, what a day swept [quote]."""

    spot_price: float
    above: Cluster | None
    below: Cluster | None
    near: Balance | None
    swept_long_quote: float
    swept_short_quote: float


def standing(density: Density, spot_price: float) -> Standing:
    """The figures of the last column, and of the day before its end."""
    clusters = largest_clusters(density, spot_price)
    longs, shorts = swept_since(density, float(density.time_edges_ms[-1]) - DAY_MS)
    return Standing(
        spot_price,
        nearest_large(clusters, -1),
        nearest_large(clusters, 1),
        balance_within(density, spot_price, NEAR_RATE),
        longs,
        shorts,
    )
