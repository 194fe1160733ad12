"""The liquidation map: the last column by price, stacked by leverage, with its sums."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.ensemble import Members

LEVERAGE_CLASSES = ((5, "#5b7cfa"), (10, "#27b3c9"), (30, "#f2b134"), (math.inf, "#ef5d60"))
"""Upper leverage and colour of each class of the map."""
UNKNOWN_COLOR = "#8b93a7"
_MAP_ROWS = 220
_BAND = (0.1, 0.9)


def profile(density: Density, positions: str) -> dict[str, Any]:
    """The liquidation map of both sides or one.

    `profile` has one bar a row and class; `cumulative_*` run outward from the price.
    """
    starts, bottom, top = _rows(density)
    by_side = []
    for name in ("long", "short"):
        base: Matrix = getattr(density, f"{name}_by_tier_base")
        if not base.size:
            base = getattr(density, f"{name}_base")[:, -1][None]
        if positions not in ("both", name):
            base = np.zeros_like(base)
        by_side.append(np.add.reduceat(base * density.prices, starts, axis=1))
    stack = by_side[0] + by_side[1]
    pieces = []
    left = np.zeros(starts.size)
    for chosen, color in _classes(density.tiers, len(stack)):
        right = left + stack[chosen].sum(axis=0)
        pieces.append((left, right, [color] * starts.size))
        left = right
    middle = 0.5 * (bottom + top)
    long_total, short_total = (rows.sum(axis=0) for rows in by_side)
    down = np.cumsum(long_total[::-1])
    up = np.cumsum(short_total)
    waiting_below, waiting_above = down > 0, up > 0
    return {
        "sources": {
            "profile": {
                "left": np.concatenate([piece[0] for piece in pieces]),
                "right": np.concatenate([piece[1] for piece in pieces]),
                "bottom": np.tile(bottom, len(pieces)),
                "top": np.tile(top, len(pieces)),
                "color": [color for piece in pieces for color in piece[2]],
            },
            "cumulative_long": {
                "price": middle[::-1][waiting_below],
                "total": down[waiting_below],
            },
            "cumulative_short": {"price": middle[waiting_above], "total": up[waiting_above]},
        },
        "map": [0.0, 1.08 * float(left.max(initial=0.0)) or 1.0],
        "cumulative": [0.0, 1.08 * float(max(down[-1], up[-1])) or 1.0],
        "long_quote": float(down[-1]),
        "short_quote": float(up[-1]),
    }


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


def _rows(density: Density) -> tuple[Any, Array, Array]:
    """First bin, lower and upper price of each row of the map."""
    edges = density.price_edges
    group = math.ceil((edges.size - 1) / _MAP_ROWS)
    starts = np.arange(0, edges.size - 1, group)
    return starts, edges[starts], edges[np.minimum(starts + group, edges.size - 1)]


def _classes(tiers: Array, count: int) -> list[tuple[Any, str]]:
    """Which tiers belong to each colour; one colour when the tiers are not known."""
    if tiers.size != count:
        return [(np.ones(count, dtype=bool), UNKNOWN_COLOR)]
    lowest = [0.0, *(highest for highest, _ in LEVERAGE_CLASSES[:-1])]
    return [
        ((tiers > low) & (tiers <= high), color)
        for low, (high, color) in zip(lowest, LEVERAGE_CLASSES, strict=True)
    ]
