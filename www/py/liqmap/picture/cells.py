"""A density as the cells of a picture: summed over rows and columns that a screen can show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix
from liqmap.picture.viewport import Screen
from liqmap.view import View


@dataclass(frozen=True, eq=False, slots=True)
class Cells:
    """Amounts on an even grid, the lowest price first.

    `quote` [quote], shape (rows, columns): the sum over a row's bins, the mean over a column's
    bars; NaN in a gap. Columns begin at whole multiples of `column_ms`.
    """

    quote: Matrix
    begin_ms: float
    column_ms: float
    low_price: float
    row_price: float
    """Height of a row [quote/base]."""


def cells(amounts: Matrix, density: Density, screen: Screen, span_ms: float) -> Cells:
    """The cells of amounts over a density's bins and columns.

    Parameters
    ----------
    amounts : array of shape (B, T)
        [quote]
    density : Density
        Its edges say where they lie.
    screen : Screen
    span_ms : float
        The time that the screen's width shows.
    """
    bins = screen.bins_a_row()
    rows = amounts.reshape(-1, bins, amounts.shape[1]).sum(axis=1)
    opens_ms = density.time_edges_ms[:-1]
    steps_ms = np.diff(opens_ms) if opens_ms.size > 1 else np.diff(density.time_edges_ms)
    column_ms = screen.column_ms(span_ms, float(steps_ms.min()))
    number = opens_ms // column_ms
    first = np.flatnonzero(np.diff(number, prepend=-1.0))
    if first.size > 1 and opens_ms[0] > number[0] * column_ms:  # its beginning has been dropped
        first = first[1:]
    count = np.diff(np.append(first, opens_ms.size))
    means: Matrix = np.add.reduceat(rows, first, axis=1)
    means /= count.astype(np.float32)
    column = (number[first] - number[first[0]]).astype(np.intp)
    if column[-1] + 1 > column.size:
        even = np.full((len(means), int(column[-1]) + 1), np.nan, np.float32)
        even[:, column] = means
        means = even
    edges = density.price_edges
    return Cells(
        means,
        float(number[first[0]] * column_ms),
        column_ms,
        float(edges[0]),
        float(edges[1] - edges[0]) * bins,
    )


def amounts_quote(density: Density, view: View, market: Market) -> Matrix:
    """The amounts of a density that a view shows [quote], shape (B, T).

    Of `bands=live` only what the price has not reached since, of `cleared` only what it has.
    """
    long, short = density.long_base, density.short_base
    if view.bands != "both":
        long = long * _chosen(density, view, market, 1)
        short = short * _chosen(density, view, market, -1)
    shown = {"both": (long, short), "long": (long,), "short": (short,)}[view.positions]
    prices = density.prices[:, None].astype(np.float32)
    amounts: Matrix = shown[0] * prices
    if len(shown) > 1:
        amounts += shown[1] * prices
    return amounts


def _chosen(density: Density, view: View, market: Market, position_side: int) -> Matrix:
    """1 where a side is shown, else 0; shape (B, T)."""
    reached = reached_later(density.time_edges_ms[1:], market, position_side)
    prices = density.prices[:, None]
    cleared = prices >= reached if position_side > 0 else prices <= reached
    return (cleared if view.bands == "cleared" else ~cleared).astype(np.float32)


def reached_later(instants_ms: Array, market: Market, position_side: int) -> Array:
    """The farthest price that triggers a side's liquidations after each instant [quote/base].

    The lowest for longs, the highest for shorts; infinitely far off where no bar follows. The
    mark price triggers where it is known.
    """
    candles = market.candles
    low, high = candles.trigger_range(market.mark)
    signed = low if position_side > 0 else -high
    least = np.append(np.minimum.accumulate(signed[::-1])[::-1], np.inf)
    after = np.searchsorted(candles.time_ms, instants_ms, side="left")
    reached: Array = position_side * least[after]
    return reached
