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
from liqmap.data.series import Array, Candles
from liqmap.language import mark, say
from liqmap.picture.ticks import Ticks, usd_ticks
from liqmap.words import clock, number, side_of, usd

SOURCES = {
    "liq_long": ("time", "width", "top", "amount"),
    "liq_short": ("time", "width", "bottom", "amount"),
    "events": ("time", "price", "size", "side", "amount", "words"),
    "liq_profile": ("bottom", "top", "left", "right", "side"),
}
"""Column names of each source of the Bokeh document; `amount` is always in USD."""

MOST_EVENTS = 100
LEAST_MOVE_PERCENT = 0.1
"""A smaller move counts as this much: a still bar makes no spike."""
PRICE_ROWS = 110
_SMALLEST_PX, _LARGEST_PX = 3.0, 18.0
_HEADROOM = 1.25
_HAPPENED = {
    "long": mark("happened: {amount} long liquidated at {price}, {time}"),
    "short": mark("happened: {amount} short liquidated at {price}, {time}"),
}
_SIDES = ((1, "long"), (-1, "short"))


@dataclass(frozen=True, eq=False, slots=True)
class Strip:
    """The bars in time with their axis."""

    sources: Mapping[str, Mapping[str, Any]]
    ranges: Mapping[str, tuple[float, float]]
    axes: Mapping[str, Ticks]


@dataclass(frozen=True, eq=False, slots=True)
class LiquidationChart:
    """The liquidations of a window: USD, those of shorts below zero."""

    kind: ClassVar[str] = "liquidations"
    sources: Mapping[str, Mapping[str, Any]]
    """See `SOURCES`."""
    ranges: Mapping[str, tuple[float, float]]
    axes: Mapping[str, Ticks]
    """Of the histogram."""
    strips: Mapping[str, Strip]
    """The bars in USD (`usd`), and in USD per 1 % of move (`per_move`)."""
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
    candles: Candles | None = None,
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
    candles : Candles, optional
        By whose moves the amounts of bars are divided; without them, no bar has a move.
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
    totals = {side: float(amounts[inside.position_side == side].sum()) for side, _ in _SIDES}
    step = float(np.diff(time_edges_ms).min())
    columns = math.ceil((end - begin) / step)
    in_time = _in_time(inside, begin, step, columns)
    whole = {side: np.ones(columns) for side, _ in _SIDES}
    moves = _moves(candles, begin, step, columns)
    marks = _events(inside, price_edges, decimals, most_events)
    by_price, widest = _by_price(inside, price_edges)
    longest = 1.08 * widest or 1.0
    if len(inside):
        slots = {"long": usd(totals[1]), "short": usd(totals[-1])}
        title = say("Liquidations seen: {long} long, {short} short", **slots)
    else:
        title = say("No liquidation was seen in this window")
    return LiquidationChart(
        sources={"events": marks, "liq_profile": by_price},
        ranges={"liq_profile_range": (0.0, longest)},
        axes={"past_axis": usd_ticks(0.0, longest, 2)},
        strips={
            "usd": _strip(in_time, whole, begin, step),
            "per_move": _strip(in_time, moves, begin, step),
        },
        title=title,
        words=tuple(words),
        empty=not len(inside),
    )


def _in_time(seen: Liquidations, begin: float, step: float, columns: int) -> dict[int, Array]:
    """USD of each side by bar, on an even axis."""
    column = np.floor((seen.time_ms - begin) / step).astype(np.intp)
    amounts = seen.quantity_quote
    own = {side: seen.position_side == side for side, _ in _SIDES}
    return {side: _sums(column[rows], amounts[rows], columns) for side, rows in own.items()}


def _moves(candles: Candles | None, begin: float, step: float, columns: int) -> dict[int, Array]:
    """How far the price fell from each bar's opening, and how far it rose [%]; NaN without one."""
    opened, lowest, highest = np.full((3, columns), np.nan)
    if candles is not None:
        column = np.floor((candles.time_ms - begin) / step).astype(np.intp)
        held = candles.rows((column >= 0) & (column < columns))
        column = column[(column >= 0) & (column < columns)]
        opened[column[::-1]] = held.open[::-1]  # the first of a bar is written last
        np.fmin.at(lowest, column, held.low)
        np.fmax.at(highest, column, held.high)
    moves = {1: 100 * (1 - lowest / opened), -1: 100 * (highest / opened - 1)}
    return {side: np.maximum(move, LEAST_MOVE_PERCENT) for side, move in moves.items()}


def _strip(
    in_time: Mapping[int, Array], unit: Mapping[int, Array], begin: float, step: float
) -> Strip:
    """Bars of the amounts over their units, longs up, shorts down; none where a unit is NaN."""
    sources, longest = {}, {}
    for side, name in _SIDES:
        amounts = in_time[side]
        height = amounts / unit[side]
        filled = np.flatnonzero(height > 0)
        sources[f"liq_{name}"] = {
            "time": begin + (filled + 0.5) * step,
            "width": np.full(filled.size, 0.8 * step),
            "top" if side > 0 else "bottom": side * height[filled],
            "amount": amounts[filled],
        }
        longest[side] = float(height[filled].max(initial=0))
    least = 0.15 * max(longest.values()) or 1.0
    lowest, highest = (side * _HEADROOM * max(longest[side], least) for side in (-1, 1))
    return Strip(
        sources=sources,
        ranges={"liq_range": (lowest, highest)},
        axes={"strip_axis": usd_ticks(lowest, highest, 4)},
    )


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
    sides = [side_of(one) for one in seen.position_side[chosen]]
    return {
        "time": time_ms,
        "price": price,
        "size": _SMALLEST_PX + (_LARGEST_PX - _SMALLEST_PX) * np.sqrt(share),
        "side": sides,
        "amount": amount,
        "words": [
            say(
                _HAPPENED[name],
                amount=usd(float(amount[one])),
                price=number(float(price[one]), decimals),
                time=clock(float(time_ms[one])),
            )
            for one, name in enumerate(sides)
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
    for position_side, name in _SIDES:
        chosen = inside & (seen.position_side == position_side)
        total = _sums(row[chosen], seen.quantity_quote[chosen], left.size)
        filled = np.flatnonzero(total)
        pieces.append((filled, left[filled], left[filled] + total[filled], [name] * filled.size))
        left = left + total
    rows = np.concatenate([piece[0] for piece in pieces])
    return {
        "bottom": edges[rows],
        "top": edges[rows + 1],
        "left": np.concatenate([piece[1] for piece in pieces]),
        "right": np.concatenate([piece[2] for piece in pieces]),
        "side": [name for piece in pieces for name in piece[3]],
    }, float(left.max(initial=0))
