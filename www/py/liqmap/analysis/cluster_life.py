"""What the price did to clusters: which state the bars say they are in, and which were swept.

Definitions are in docs/explanation/clusters.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from liqmap.analysis.clusters import Cluster, band_quote, reach_bins, since_ms
from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density

GLANCES = 240
"""Sweeps are looked for in so many parts of the time."""
APPROACH_RATE = 0.005
"""A bar that comes this near to a band (fraction of its near edge) approaches it."""

State = Literal["untouched", "approached", "held", "swept", "reclaimed"]


@dataclass(frozen=True, eq=False, slots=True)
class Path:
    """Bars as the positions of one side meet them; for shorts every price is negated.

    Attributes
    ----------
    position_side : 1 or −1
    time_ms, end_ms : array of shape (n,)
    reach : array of shape (n,)
        The farthest price that triggers liquidations: the low, for shorts minus the high.
    close : array of shape (n,)
    """

    position_side: int
    time_ms: Array
    end_ms: Array
    reach: Array
    close: Array

    @classmethod
    def of(cls, candles: Candles, mark: Candles | None, position_side: int) -> Path:
        """The mark price triggers where it is known."""
        low, high = candles.trigger_range(mark)
        reach = low if position_side > 0 else -high
        close = position_side * candles.close
        return cls(position_side, candles.time_ms, candles.end_ms, reach, close)

    def near(self, cluster: Cluster) -> float:
        """The end of its band that the price reaches first."""
        return cluster.high_price if self.position_side > 0 else -cluster.low_price

    def by_column(self, time_edges_ms: Array) -> Array:
        """The farthest reach of each column; infinite where a column has no bar."""
        column = np.searchsorted(time_edges_ms, self.time_ms, side="right") - 1
        inside = (column >= 0) & (column < time_edges_ms.size - 1)
        farthest = np.full(time_edges_ms.size - 1, np.inf)
        np.minimum.at(farthest, column[inside], self.reach[inside])
        return farthest


@dataclass(frozen=True, slots=True)
class Life:
    """The state of a cluster.

    `bars` reached into its band; `at_ms` is the end of the bar that swept or reclaimed it, of the
    last that reached into it, or of the one that came nearest; `swept_ms` of the first that swept
    it, None where none did.
    """

    state: State
    bars: int
    at_ms: float
    swept_ms: float | None = None


def life(cluster: Cluster, path: Path, from_ms: float) -> Life:
    """What the bars that open at or after an instant did to a cluster of the path's side."""
    after = slice(int(np.searchsorted(path.time_ms, from_ms)), None)
    reach, end_ms = path.reach[after], path.end_ms[after]
    near = path.near(cluster)
    inside = np.flatnonzero(reach <= near)
    swept = np.flatnonzero(reach <= path.position_side * cluster.price)
    if swept.size:
        back = np.flatnonzero(path.close[after][swept[0] :] > near)
        state: State = "reclaimed" if back.size else "swept"
        at = swept[0] + (back[0] if back.size else 0)
        return Life(state, inside.size, float(end_ms[at]), float(end_ms[swept[0]]))
    if inside.size:
        return Life("held", inside.size, float(end_ms[inside[-1]]))
    if not reach.size:
        return Life("untouched", 0, from_ms)
    nearest = int(np.argmin(reach))
    approached = reach[nearest] <= near * (1 + path.position_side * APPROACH_RATE)
    return Life("approached" if approached else "untouched", 0, float(end_ms[nearest]))


@dataclass(frozen=True, slots=True)
class SweptCluster:
    """A cluster that the price swept.

    `cluster.amount_quote` is what its band lost in the visit, `part` that as a part of what it held
    before, `left` what it holds now as a part of that. `visit_ms` is when the visit began.
    """

    cluster: Cluster
    life: Life
    part: float
    left: float
    visit_ms: float


def swept_clusters(
    density: Density, path: Path, spot_price: float, count: int, least_quote: float
) -> tuple[SweptCluster, ...]:
    """The largest clusters of the path's side that were swept in the density's time.

    Parameters
    ----------
    density : Density
    path : Path
        Its bars; columns without one sweep nothing.
    spot_price : float
        Distances are from it.
    count : int
        At most so many, the largest first.
    least_quote : float
        They lost at least so much.
    """
    reach = path.by_column(density.time_edges_ms)
    first_row, lost, parts = _losses(density, path, reach)
    near = reach_bins(density, spot_price)
    bins = density.prices.size
    found: list[SweptCluster] = []
    while lost.size and len(found) < count:
        peak = int(np.argmax(lost))
        if lost[peak] <= 0:
            break
        row = first_row + peak
        first, last = max(0, row - near), min(bins, row + near + 1)
        one = _swept(density, path, reach, (row, first, last), parts[peak], spot_price)
        if one.cluster.amount_quote < least_quote:
            break
        found.append(one)
        lost[max(0, first - near - first_row) : max(0, last + near - first_row)] = 0.0
    return tuple(found)


def _losses(density: Density, path: Path, reach: Array) -> tuple[int, Array, list[list[int]]]:
    """First row that was reached; of it and later ones the largest loss [quote], and when.

    That is a part of the time: its first column and the one after its last.
    """
    side, edges = path.position_side, density.price_edges
    base = density.long_base if side > 0 else density.short_base
    known = reach[np.isfinite(reach)]
    if known.size == 0 or reach.size < 2:
        return 0, np.zeros(0), []
    low, high = sorted((side * float(known.min()), side * float(known.max())))
    first = max(0, int(np.searchsorted(edges, low)) - 1)
    rows = slice(first, max(first, min(int(np.searchsorted(edges, high)), edges.size - 1)))
    columns = np.append(np.arange(0, reach.size - 1, -(-reach.size // GLANCES)), reach.size - 1)
    farthest = np.minimum.reduceat(reach, columns[:-1] + 1)
    held = base[rows].take(columns, axis=1)
    lost = held[:, :-1] - held[:, 1:]
    lost *= farthest <= side * density.prices[rows, None]
    part = np.argmax(lost, axis=1)
    worst = lost[np.arange(part.size), part] * density.prices[rows]
    return rows.start, worst, np.stack([columns[part] + 1, columns[part + 1] + 1], axis=1).tolist()


def _swept(
    density: Density,
    path: Path,
    reach: Array,
    rows: tuple[int, int, int],
    part: list[int],
    spot_price: float,
) -> SweptCluster:
    """The visit of the price to a band in a part of the time, and what the band lost in it."""
    row, first, last = rows
    low, price, high = density.price_edges[first], density.prices[row], density.price_edges[last]
    distance = float(price) / spot_price - 1
    one = Cluster(float(price), float(low), float(high), path.position_side, 0.0, distance, (), 0.0)
    held = band_quote(density, one)
    outside = np.flatnonzero(reach > path.near(one))
    at = int(np.searchsorted(outside, part[0] + int(np.argmin(reach[slice(*part)]))))
    begin = int(outside[at - 1]) + 1 if at else 1
    end = int(outside[at]) if at < outside.size else reach.size
    before = held[begin - 1]
    lost = np.maximum(held[begin - 1 : end - 1] - held[begin:end], 0.0).sum()
    edges_ms = density.time_edges_ms
    cluster = Cluster(
        one.price,
        one.low_price,
        one.high_price,
        one.position_side,
        float(lost),
        distance,
        (),
        since_ms(held[:begin], edges_ms),
    )
    visit_ms = float(edges_ms[begin])
    found = life(cluster, path, visit_ms)
    whole = max(float(before), float(lost))
    return SweptCluster(cluster, found, float(lost) / whole, float(held[-1]) / whole, visit_ms)
