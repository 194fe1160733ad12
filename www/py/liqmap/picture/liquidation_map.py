"""The liquidation map: the last column by price, stacked by leverage, with its sums."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liqmap.analysis.clusters import Cluster, largest_clusters
from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.leverage import RANGES, LeverageRange
from liqmap.language import say
from liqmap.picture.ticks import Ticks, usd_ticks
from liqmap.words import digits_of, number, usd

SOURCES = {
    "profile": ("left", "right", "bottom", "top", "alpha"),
    "profile_intervals": ("price", "low", "high"),
    "cumulative_long": ("price", "total"),
    "cumulative_short": ("price", "total"),
    "cumulative_ends": ("price", "total", "words", "baseline"),
    "max_pain": ("price", "amount", "right", "words", "side", "baseline"),
}
"""Column names of each source of the Bokeh document."""

ALPHAS = (0.18, 0.3, 0.43, 0.57, 0.71, 0.85, 1.0)
"""How dense the one colour of each of `leverage.RANGES` is: the less room a position has, the
stronger. Each step is at least 1.25 : 1 on dark ground and on light."""
UNKNOWN_ALPHA = 0.6
_MAP_ROWS = 220
_MOST_TICKS = 3
_HEADROOM = 1.08
_SIDES = (("long", "bottom"), ("short", "top"))


@dataclass(frozen=True, eq=False, slots=True)
class LiquidationMap:
    """The last column by price: bars by leverage, curves outward from the price, totals [USD].

    `profile` has a bar a row and class of leverage; `cumulative_*` run outward from the price,
    on an axis of their own. `max_pain` is the largest cluster of each side: where one price would
    liquidate most.
    """

    kind: ClassVar[str] = "map"
    sources: Mapping[str, Mapping[str, Any]]
    ranges: Mapping[str, tuple[float, float]]
    axes: Mapping[str, Ticks]
    """Of the bars, and of the sums."""
    long_total: str
    short_total: str
    beyond: str
    """What waits at prices outside of the picture, in words."""


def profile(density: Density, positions: str, spot_price: float) -> LiquidationMap:
    """The liquidation map of both sides or one; the spot price values what lies outside."""
    _, bottom, top = _rows(density)
    by_side = _by_side(density, positions)
    bars = _stacked(density, by_side)
    middle = 0.5 * (bottom + top)
    long_total, short_total = (rows.sum(axis=0) for rows in by_side)
    longest = _HEADROOM * float(bars[-1][1].max(initial=0.0)) or 1.0
    down = _outward(middle[::-1], long_total[::-1])
    up = _outward(middle, short_total)
    long_sum, short_sum = (float(one["total"].max(initial=0.0)) for one in (down, up))
    largest_sum = _HEADROOM * max(long_sum, short_sum) or 1.0
    return LiquidationMap(
        sources={
            "profile": _bars(bars, bottom, top),
            "cumulative_long": down,
            "cumulative_short": up,
            "cumulative_ends": _ends(down, up),
            "max_pain": _max_pain(density, positions, spot_price, longest),
        },
        ranges={"map_range": (0.0, longest), "cumulative_range": (0.0, largest_sum)},
        axes={
            "map_axis": usd_ticks(0.0, longest, _MOST_TICKS),
            "cumulative_axis": usd_ticks(0.0, largest_sum, _MOST_TICKS),
        },
        long_total=usd(long_sum),
        short_total=usd(short_sum),
        beyond=_beyond(density, spot_price),
    )


def _beyond(density: Density, spot_price: float) -> str:
    """`$3.40B longs below 63.8, $3.70B shorts above 73.5`, where the price is in the picture."""
    low, high = float(density.price_edges[0]), float(density.price_edges[-1])
    long, short = (
        usd(float(base[-1]) * spot_price)
        for base in (density.beyond_long_base, density.beyond_short_base)
    )
    if not low <= spot_price <= high:
        return say("{long} longs, {short} shorts", long=long, short=short)
    return say(
        "{long} longs below {low}, {short} shorts above {high}",
        long=long,
        low=number(low, digits_of(low)),
        short=short,
        high=number(high, digits_of(high)),
    )


def whiskers(
    density: Density,
    positions: str,
    clusters: Sequence[Cluster],
    intervals_quote: Sequence[tuple[float, float]],
) -> dict[str, Array]:
    """The interval of each cluster, at its price on the axis of the bars [quote].

    A cluster is several bars. Its whisker stands at the bar of its price and says of that bar what
    the interval says of the cluster: twice the amount is twice the bar.
    """
    known = clusters[: len(intervals_quote)]
    price = np.array([cluster.price for cluster in known])
    amount = np.array([cluster.amount_quote for cluster in known])
    scale = _bar_at(density, positions, price) / amount
    low, high = np.array(intervals_quote, dtype=np.float64).reshape(-1, 2).T
    return {"price": price, "low": scale * low, "high": scale * high}


def _bars(
    stacked: Sequence[tuple[Array, Array, float]], bottom: Array, top: Array
) -> dict[str, Array]:
    """A bar for each row and class of leverage that holds something."""
    bars = {
        "left": np.concatenate([left for left, _, _ in stacked]),
        "right": np.concatenate([right for _, right, _ in stacked]),
        "bottom": np.tile(bottom, len(stacked)),
        "top": np.tile(top, len(stacked)),
        "alpha": np.repeat([alpha for _, _, alpha in stacked], bottom.size),
    }
    long = bars["right"] > bars["left"]
    return {name: column[long] for name, column in bars.items()}


def _outward(prices: Array, amounts: Array) -> dict[str, Array]:
    """Sums away from the price, from the first row that holds something."""
    total = np.cumsum(amounts)
    return {"price": prices[total > 0], "total": total[total > 0]}


def _ends(down: Mapping[str, Array], up: Mapping[str, Array]) -> dict[str, Any]:
    """The last point of each curve, and its sum in words that stay within the picture."""
    curves = [
        (curve["price"][-1], curve["total"][-1], baseline)
        for curve, (_, baseline) in zip((down, up), _SIDES, strict=True)
        if curve["price"].size
    ]
    return {
        "price": np.array([price for price, *_ in curves]),
        "total": np.array([total for _, total, _ in curves]),
        "words": [usd(float(total)) for _, total, _ in curves],
        "baseline": [baseline for *_, baseline in curves],
    }


def _max_pain(
    density: Density, positions: str, spot_price: float, longest: float
) -> dict[str, Any]:
    """The largest cluster of each side that is shown, from its bar to the end of the axis."""
    found = [
        (cluster, side, baseline)
        for side, baseline in _SIDES
        if positions in ("both", side)
        for cluster in largest_clusters(density, spot_price, 1, side)
    ]
    price = np.array([cluster.price for cluster, *_ in found])
    return {
        "price": price,
        "amount": _bar_at(density, positions, price),
        "right": np.full(len(found), longest),
        "words": [say("max pain")] * len(found),
        "side": [side for _, side, _ in found],
        "baseline": [baseline for *_, baseline in found],
    }


def _by_side(density: Density, positions: str) -> tuple[Array, Array]:
    """The last column of longs and of shorts [quote], by leverage and row of the map."""
    starts, *_ = _rows(density)
    found = []
    for name in ("long", "short"):
        base: Matrix = getattr(density, f"{name}_by_leverage_base")
        if not base.size:
            base = getattr(density, f"{name}_base")[:, -1][None]
        if positions not in ("both", name):
            base = np.zeros_like(base)
        found.append(np.add.reduceat(base * density.prices, starts, axis=1))
    return found[0], found[1]


def _stacked(density: Density, by_side: tuple[Array, Array]) -> list[tuple[Array, Array, float]]:
    """Bars of each class of leverage, one beyond the other: left, right [quote], density."""
    stack = by_side[0] + by_side[1]
    bars = []
    left = np.zeros(stack.shape[1])
    for chosen, alpha in _classes(density.ranges, len(stack)):
        right = left + stack[chosen].sum(axis=0)
        bars.append((left, right, alpha))
        left = right
    return bars


def _bar_at(density: Density, positions: str, price: Array) -> Array:
    """How long the bar at each price is [quote]."""
    *_, top = _rows(density)
    *_, (_, longest, _) = _stacked(density, _by_side(density, positions))
    return longest[np.searchsorted(top, price, side="right")]


def _rows(density: Density) -> tuple[Any, Array, Array]:
    """First bin, lower and upper price of each row of the map."""
    edges = density.price_edges
    group = math.ceil((edges.size - 1) / _MAP_ROWS)
    starts = np.arange(0, edges.size - 1, group)
    return starts, edges[starts], edges[np.minimum(starts + group, edges.size - 1)]


def _classes(ranges: tuple[LeverageRange, ...], count: int) -> list[tuple[Any, float]]:
    """Which rows of the density each range is; one class when they are not known."""
    if len(ranges) != count:
        return [(np.ones(count, dtype=bool), UNKNOWN_ALPHA)]
    return [
        (np.array([known.holds(one.low) or one == known for one in ranges]), alpha)
        for known, alpha in zip(RANGES, ALPHAS, strict=True)
    ]
