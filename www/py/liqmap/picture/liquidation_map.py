"""The liquidation map: the last column by price, stacked by leverage, with its sums."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.ensemble import Members
from liqmap.estimate.leverage import LeverageRange
from liqmap.words import usd

SOURCES = {
    "profile": ("left", "right", "bottom", "top", "color"),
    "profile_band": ("price", "low", "high"),
    "cumulative_long": ("price", "total"),
    "cumulative_short": ("price", "total"),
}
"""Column names of each source of the Bokeh document."""

LEVERAGE_CLASSES = ((5, "#5b7cfa"), (10, "#27b3c9"), (25, "#f2b134"), (math.inf, "#ef5d60"))
"""Upper leverage and colour of each class of the map."""
UNKNOWN_COLOR = "#8b93a7"
_MAP_ROWS = 220
_BAND = (0.1, 0.9)


@dataclass(frozen=True, eq=False, slots=True)
class LiquidationMap:
    """The last column by price: bars by leverage, curves outward from the price, totals [USD].

    `profile` has one bar a row and class of leverage; `cumulative_*` run outward from the price.
    """

    kind: ClassVar[str] = "map"
    sources: Mapping[str, Mapping[str, Any]]
    ranges: Mapping[str, tuple[float, float]]
    long_total: str
    short_total: str
    beyond_long: str
    """At prices outside of the picture."""
    beyond_short: str


def profile(
    density: Density, positions: str, spot_price: float, members: Members | None = None
) -> LiquidationMap:
    """The liquidation map of both sides or one; the spot price values what lies outside.

    Where members are known, their band has room on the axis.
    """
    _, bottom, top = _rows(density)
    by_side = _by_side(density, positions)
    bars = _stacked(density, by_side)
    middle = 0.5 * (bottom + top)
    long_total, short_total = (rows.sum(axis=0) for rows in by_side)
    down = np.cumsum(long_total[::-1])
    up = np.cumsum(short_total)
    waiting_below, waiting_above = down > 0, up > 0
    return LiquidationMap(
        sources={
            "profile": {
                "left": np.concatenate([left for left, _, _ in bars]),
                "right": np.concatenate([right for _, right, _ in bars]),
                "bottom": np.tile(bottom, len(bars)),
                "top": np.tile(top, len(bars)),
                "color": [color for _, _, color in bars for _ in middle],
            },
            "cumulative_long": {
                "price": middle[::-1][waiting_below],
                "total": down[waiting_below],
            },
            "cumulative_short": {"price": middle[waiting_above], "total": up[waiting_above]},
        },
        ranges={
            "map_range": _axis(bars[-1][1], band(density, positions, members)["high"]),
            "cumulative_range": (0.0, 1.08 * float(max(down[-1], up[-1])) or 1.0),
        },
        long_total=usd(float(down[-1])),
        short_total=usd(float(up[-1])),
        beyond_long=usd(float(density.beyond_long_base[-1]) * spot_price),
        beyond_short=usd(float(density.beyond_short_base[-1]) * spot_price),
    )


def map_range(density: Density, positions: str, high: Array) -> tuple[float, float]:
    """Ends of the map's axis [quote]: the longest bar has room, and the band up to `high`."""
    _, longest, _ = _stacked(density, _by_side(density, positions))[-1]
    return _axis(longest, high)


def band(density: Density, positions: str, members: Members | None) -> dict[str, Array]:
    """P10 and P90 of each row of the map [quote]; empty without members."""
    if members is None:
        return {"price": np.zeros(0), "low": np.zeros(0), "high": np.zeros(0)}
    starts, bottom, top = _rows(density)
    amounts = np.add.reduceat(members_quote(density, positions, members), starts, axis=1)
    low, high = np.quantile(amounts, _BAND, axis=0)
    return {"price": 0.5 * (bottom + top), "low": low, "high": high}


def members_quote(density: Density, positions: str, members: Members) -> Array:
    """Each member's last column [quote], shape (M, B)."""
    total = np.zeros((len(members.long_base), density.prices.size))
    if positions != "short":
        total += members.long_base
    if positions != "long":
        total += members.short_base
    return total * density.prices


def _axis(longest: Array, high: Array) -> tuple[float, float]:
    return 0.0, max(1.08 * float(longest.max(initial=0.0)) or 1.0, float(high.max(initial=0.0)))


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


def _stacked(density: Density, by_side: tuple[Array, Array]) -> list[tuple[Array, Array, str]]:
    """Bars of each class of leverage, one beyond the other: left and right ends [quote], colour."""
    stack = by_side[0] + by_side[1]
    bars = []
    left = np.zeros(stack.shape[1])
    for chosen, color in _classes(density.ranges, len(stack)):
        right = left + stack[chosen].sum(axis=0)
        bars.append((left, right, color))
        left = right
    return bars


def _rows(density: Density) -> tuple[Any, Array, Array]:
    """First bin, lower and upper price of each row of the map."""
    edges = density.price_edges
    group = math.ceil((edges.size - 1) / _MAP_ROWS)
    starts = np.arange(0, edges.size - 1, group)
    return starts, edges[starts], edges[np.minimum(starts + group, edges.size - 1)]


def _classes(ranges: tuple[LeverageRange, ...], count: int) -> list[tuple[Any, str]]:
    """Which leverages belong to each colour; one colour when the leverages are not known."""
    if len(ranges) != count:
        return [(np.ones(count, dtype=bool), UNKNOWN_COLOR)]
    leverages = np.array([one.low for one in ranges])
    lowest = [0.0, *(highest for highest, _ in LEVERAGE_CLASSES[:-1])]
    return [
        ((leverages >= low) & (leverages < high), color)
        for low, (high, color) in zip(lowest, LEVERAGE_CLASSES, strict=True)
    ]
