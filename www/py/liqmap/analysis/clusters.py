"""Clusters: neighbouring price bins that hold much of the last column of a density."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.ensemble import Members
from liqmap.estimate.leverage import LeverageRange

_NEAR_RATE = 0.0015
"""Bins this close to a peak (fraction of the price) belong to it."""
_NEAR_AXIS = 0.015
"""So do bins this close as a fraction of the price axis: what looks like one cluster is one."""
BAND_FRACTION = 0.5
"""As long as this part of what waits at a place is there, it is the same band: a cluster is as
old as the column since which it held so much."""
LARGE_FRACTION = 0.5
"""A cluster is large that holds this part of the largest of its side."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Neighbouring price bins of one side that hold much.

    `amount_quote` is what the bins from `low_price` to `high_price` hold; `ranges` are
    those of the leverages that make up most of it, the largest part first; `since_ms` is when half
    of it was there and stayed.
    """

    price: float
    low_price: float
    high_price: float
    position_side: int
    amount_quote: float
    distance_rate: float
    ranges: tuple[LeverageRange, ...]
    since_ms: float


def largest_clusters(
    density: Density, spot_price: float, count: int = 10, positions: str = "both"
) -> tuple[Cluster, ...]:
    """The largest clusters at the last bar, largest first; of both sides half of `count` each.

    A peak takes the bins near it with it, so that no cluster is named twice.

    Examples
    --------
    >>> from liqmap.estimate.api import estimate
    >>> from liqmap.simulation import simulate
    >>> market = simulate(bars=288).market
    >>> spot = market.candles.close[-1]
    >>> found = largest_clusters(estimate(market.candles, market.open_interest), spot, count=4)
    >>> sorted(cluster.position_side for cluster in found)
    [-1, -1, 1, 1]
    >>> all((cluster.price < spot) == (cluster.position_side > 0) for cluster in found)
    True
    """
    if positions == "both":
        found = [
            *_of_side(density, spot_price, 1, count - count // 2),
            *_of_side(density, spot_price, -1, count // 2),
        ]
    else:
        found = _of_side(density, spot_price, 1 if positions == "long" else -1, count)
    return tuple(sorted(found, key=lambda one: -one.amount_quote))


def nearest_large(clusters: Sequence[Cluster], position_side: int) -> Cluster | None:
    """The nearest of a side that is large, on the side of the price where it would be swept."""
    own = [
        one
        for one in clusters
        if one.position_side == position_side and one.distance_rate * position_side < 0
    ]
    largest = max((one.amount_quote for one in own), default=0.0)
    large = [one for one in own if one.amount_quote >= LARGE_FRACTION * largest]
    return min(large, key=lambda one: abs(one.distance_rate), default=None)


def _of_side(density: Density, spot: float, position_side: int, count: int) -> list[Cluster]:
    side = "long" if position_side > 0 else "short"
    base: Matrix = getattr(density, f"{side}_base")
    by_leverage: Matrix = getattr(density, f"{side}_by_leverage_base")
    amounts = base[:, -1].astype(np.float64) * density.prices
    left = amounts.copy()
    reach = reach_bins(density, spot)
    found = []
    for _ in range(count):
        peak = int(np.argmax(left))
        if left[peak] <= 0:
            break
        first, last = max(0, peak - reach), min(left.size, peak + reach + 1)
        amount = float(amounts[first:last].sum())
        price = float(density.prices[peak])
        found.append(
            Cluster(
                price,
                float(density.price_edges[first]),
                float(density.price_edges[last]),
                position_side,
                amount,
                price / spot - 1,
                most_of(by_leverage[:, first:last].sum(axis=1), density.ranges),
                since_ms(base[first:last].sum(axis=0), density.time_edges_ms),
            )
        )
        left[max(0, first - reach) : last + reach] = 0  # a shoulder is no peak
    return found


def reach_bins(density: Density, spot_price: float) -> int:
    """How many bins on each side of a peak belong to it."""
    width = float(density.price_edges[1] - density.price_edges[0])
    return max(1, round(_NEAR_RATE * spot_price / width), round(_NEAR_AXIS * density.prices.size))


def band_quote(density: Density, cluster: Cluster) -> Array:
    """What the band of a cluster held at the end of each column [quote], shape (T,)."""
    base = density.long_base if cluster.position_side > 0 else density.short_base
    rows = rows_of(density, cluster)
    held: Array = density.prices[rows] @ base[rows]
    return held


def by_leverage_quote(density: Density, cluster: Cluster) -> Array:
    """What the band of a cluster holds at last by range of leverage [quote], shape (K,)."""
    long = cluster.position_side > 0
    base: Matrix = density.long_by_leverage_base if long else density.short_by_leverage_base
    rows = rows_of(density, cluster)
    held: Array = base[:, rows] @ density.prices[rows]
    return held


def rows_of(density: Density, cluster: Cluster) -> slice:
    """The rows of a cluster's band; of its own density, or of another one on the same grid."""
    ends = np.searchsorted(density.price_edges, (cluster.low_price, cluster.high_price))
    return slice(*ends.tolist())


def most_of(parts: Matrix | Array, ranges: tuple[LeverageRange, ...]) -> tuple[LeverageRange, ...]:
    """The ranges of leverage that make up two thirds of the parts, the largest first."""
    total = float(parts.sum()) if parts.size == len(ranges) else 0.0
    if total <= 0:
        return ()
    order = np.argsort(-parts)
    enough = int(np.searchsorted(np.cumsum(parts[order]), total * 2 / 3)) + 1
    return tuple(ranges[row] for row in order[:enough])


def since_ms(amounts: Matrix | Array, time_edges_ms: Array) -> float:
    """When half of the last amount was there and stayed [ms]."""
    less = np.flatnonzero(amounts < BAND_FRACTION * amounts[-1])
    return float(time_edges_ms[less[-1] + 1 if less.size else 0])


def intervals_quote(
    clusters: Sequence[Cluster], density: Density, members: Members
) -> list[tuple[float, float]]:
    """P10 and P90 [quote] of what each cluster holds; the estimate is the median."""
    found = np.zeros((2, len(clusters)))
    sides = np.array([one.position_side for one in clusters], int)
    amounts = np.array([one.amount_quote for one in clusters], float)
    ends = np.array([(one.low_price, one.high_price) for one in clusters], float).reshape(-1, 2)
    first, end = np.searchsorted(density.price_edges, ends.T)
    for side in np.unique(sides).tolist():
        own = sides == side
        found[:, own] = members.interval(amounts[own], first[own], end[own], side)
    return [(low, high) for low, high in found.T.tolist()]


def row_leverages(density: Density, bins: int = 1) -> list[str]:
    """`10–25×, 5–10×`: what makes up most of each row of so many bins of the last column."""
    by_leverage = density.long_by_leverage_base + density.short_by_leverage_base
    if not by_leverage.size:
        return [""] * (density.prices.size // bins)
    rows = by_leverage.reshape(len(by_leverage), -1, bins).sum(axis=2)
    order = np.argsort(-rows, axis=0)
    below = np.cumsum(np.take_along_axis(rows, order, axis=0), axis=0) < rows.sum(axis=0) * 2 / 3
    enough = np.where(rows.any(axis=0), below.sum(axis=0) + 1, 0)
    names = [one.name for one in density.ranges]
    return [
        ", ".join(names[one] for one in column[:many])
        for column, many in zip(order.T.tolist(), enough.tolist(), strict=True)
    ]


def listed(ranges: tuple[LeverageRange, ...]) -> str:
    """`10–25×, 5–10×`."""
    return ", ".join(one.name for one in ranges)
