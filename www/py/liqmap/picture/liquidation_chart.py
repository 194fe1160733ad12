"""Liquidations that were seen, as arrays for the page: bars in time, marks, sums by price.

They are never mixed with an estimate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.picture.ticks import Ticks, usd_ticks
from liqmap.words import clock, usd

SOURCES = {
    "liq_long": ("time", "width", "top"),
    "liq_short": ("time", "width", "bottom"),
    "events": ("time", "price", "size", "color", "words"),
    "liq_profile": ("bottom", "top", "left", "right", "color"),
}
"""Column names of each source of the Bokeh document."""

MOST_EVENTS = 25
PRICE_ROWS = 110
_SMALLEST_PX, _LARGEST_PX = 3.0, 18.0
_HEADROOM = 1.25
_SIDES = ((1, "long", LONG_COLOR), (-1, "short", SHORT_COLOR))


@dataclass(frozen=True, eq=False, slots=True)
class LiquidationChart:
    """The liquidations of a window: USD, those of shorts below zero."""

    kind: ClassVar[str] = "liquidations"
    sources: Mapping[str, Mapping[str, Any]]
    """See `SOURCES`."""
    ranges: Mapping[str, tuple[float, float]]
    axes: Mapping[str, Ticks]
    """Of the bars, and of the histogram."""
    title: str
    words: tuple[str, ...]
    """How complete each venue's liquidations are, a sentence each."""
    empty: bool
    """Whether no liquidation was seen."""


def chart(
    seen: Liquidations,
    time_edges_ms: Array,
    price_edges: Array,
    *,
    words: Sequence[str] = (),
    decimals: int = 0,
    most_events: int = MOST_EVENTS,
) -> LiquidationChart:
    """The liquidation chart of a window.

    Parameters
    ----------
    seen : Liquidations
        Of one contract, of one venue or of several; those outside the window are left out.
    time_edges_ms : array of shape (T + 1,)
        The density's, bars half open; where one is missing, what happened in it has its bar.
    price_edges : array of shape (B + 1,)
        Bins half open. Liquidations at other prices are in the bars, not in the histogram.
    words : sequence of str
        How complete each venue's liquidations are, a sentence each.
    decimals : int
        Of a price in words.
    most_events : int
        How many of the largest are marked at their price.
    """
    begin, end = float(time_edges_ms[0]), float(time_edges_ms[-1])
    inside = seen.rows((seen.time_ms >= begin) & (seen.time_ms < end))
    amounts = inside.quantity_quote
    totals = {side: float(amounts[inside.position_side == side].sum()) for side, *_ in _SIDES}
    longs, shorts = _in_time(inside, time_edges_ms)
    marks = _events(inside, price_edges, decimals, most_events)
    by_price, widest = _by_price(inside, price_edges)
    up, down = float(longs["top"].max(initial=0)), -float(shorts["bottom"].min(initial=0))
    least = 0.15 * max(up, down) or 1.0
    lowest, highest = -_HEADROOM * max(down, least), _HEADROOM * max(up, least)
    longest = 1.08 * widest or 1.0
    title = f"Liquidations seen: {usd(totals[1])} long, {usd(totals[-1])} short"
    return LiquidationChart(
        sources={
            "liq_long": longs,
            "liq_short": shorts,
            "events": marks,
            "liq_profile": by_price,
        },
        ranges={"liq_range": (lowest, highest), "liq_profile_range": (0.0, longest)},
        axes={
            "strip_axis": usd_ticks(lowest, highest, 4),
            "past_axis": usd_ticks(0.0, longest, 2),
        },
        title=title if len(inside) else "No liquidation was seen in this window",
        words=tuple(words),
        empty=not len(inside),
    )


def _in_time(seen: Liquidations, time_edges_ms: Array) -> tuple[dict[str, Array], ...]:
    """USD of each side by bar, on an even axis."""
    begin, step = float(time_edges_ms[0]), float(np.diff(time_edges_ms).min())
    columns = math.ceil((float(time_edges_ms[-1]) - begin) / step)
    column = np.floor((seen.time_ms - begin) / step).astype(np.intp)
    bars = []
    for position_side, edge in ((1, "top"), (-1, "bottom")):
        chosen = seen.position_side == position_side
        total = _sums(column[chosen], seen.quantity_quote[chosen], columns)
        filled = np.flatnonzero(total)
        bars.append(
            {
                "time": begin + (filled + 0.5) * step,
                "width": np.full(filled.size, 0.8 * step),
                edge: position_side * total[filled],
            }
        )
    return tuple(bars)


def _sums(row: Any, amounts: Array, count: int) -> Array:
    """Sum of each row; of nothing, numpy's own would be whole numbers."""
    return np.bincount(row, amounts, minlength=count).astype(np.float64)


def _rows(price: Array, edges: Array) -> Any:
    """Bin of each price; −1 and B are outside."""
    return np.searchsorted(edges, price, side="right") - 1


def _events(seen: Liquidations, price_edges: Array, decimals: int, most: int) -> dict[str, Any]:
    """The largest single ones that the picture has room for, largest first."""
    row = _rows(seen.price, price_edges)
    fits = np.flatnonzero((row >= 0) & (row < price_edges.size - 1))
    chosen = fits[np.argsort(-seen.quantity_quote[fits], kind="stable")[:most]]
    time_ms, price, amount = seen.time_ms[chosen], seen.price[chosen], seen.quantity_quote[chosen]
    share = amount / amount[0] if amount.size else amount
    sides = [_SIDES[0] if side > 0 else _SIDES[1] for side in seen.position_side[chosen]]
    return {
        "time": time_ms,
        "price": price,
        "size": _SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * np.sqrt(share),
        "color": [color for *_, color in sides],
        "words": [
            f"happened: {usd(float(amount[one]))} {name} liquidated at {price[one]:,.{decimals}f}, "
            f"{clock(float(time_ms[one]))}"
            for one, (_, name, _) in enumerate(sides)
        ],
    }


def _by_price(seen: Liquidations, price_edges: Array) -> tuple[dict[str, Any], float]:
    """USD by price, shorts beyond longs; and the longest bar."""
    group = math.ceil((price_edges.size - 1) / PRICE_ROWS)
    edges = np.append(price_edges[:-1:group], price_edges[-1])
    row = _rows(seen.price, edges)
    inside = (row >= 0) & (row < edges.size - 1)
    left = np.zeros(edges.size - 1)
    pieces = []
    for position_side, _, color in _SIDES:
        chosen = inside & (seen.position_side == position_side)
        total = _sums(row[chosen], seen.quantity_quote[chosen], left.size)
        filled = np.flatnonzero(total)
        pieces.append((filled, left[filled], left[filled] + total[filled], [color] * filled.size))
        left = left + total
    rows = np.concatenate([piece[0] for piece in pieces])
    return {
        "bottom": edges[rows],
        "top": edges[rows + 1],
        "left": np.concatenate([piece[1] for piece in pieces]),
        "right": np.concatenate([piece[2] for piece in pieces]),
        "color": [color for piece in pieces for color in piece[3]],
    }, float(left.max(initial=0))
