"""A density as the cells of a picture: summed over rows and columns that a screen can show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix, Settled
from liqmap.picture.viewport import Screen
from liqmap.view import View

_FEW_FRACTION = 0.01
"""So few of the columns that no scale moves."""


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
    about: object = None
    settled: Settled | None = None
    """Of the density; with `about`, what the next cells may take over."""
    taken: int = 0
    """So many of the first columns stand in the same place in the cells before."""

    def nearly(self, before: Cells) -> bool:
        """Whether these are the cells before but for a few columns."""
        columns = len(self.quote.T)
        return len(before.quote.T) == columns and columns - self.taken <= _FEW_FRACTION * columns


def cells(
    density: Density,
    amounts_of: Callable[[Density], Matrix],
    screen: Screen,
    span_ms: float,
    *,
    about: object = None,
    before: Cells | None = None,
) -> Cells:
    """The cells of a density's amounts.

    Parameters
    ----------
    density : Density
    amounts_of : callable
        Its amounts [quote], shape (B, T), or those of its newest columns alone.
    screen : Screen
    span_ms : float
        The time that the screen's width shows.
    about : object
        Names the amounts; equal for `before` if those of a settled column are the same.
    before : Cells, optional
        Of the picture before: its columns that have not changed are taken as they are.
    """
    bins = screen.bins_a_row()
    edges, opens_ms = density.price_edges, density.time_edges_ms[:-1]
    steps_ms = np.diff(opens_ms) if opens_ms.size > 1 else np.diff(density.time_edges_ms)
    column_ms = screen.column_ms(span_ms, float(steps_ms.min()))
    number = opens_ms // column_ms
    first = np.flatnonzero(np.diff(number, prepend=-1.0))
    if first.size > 1 and opens_ms[0] > number[0] * column_ms:  # its beginning has been dropped
        first = first[1:]
    column = (number[first] - number[first[0]]).astype(np.intp)
    begin_ms = float(number[first[0]] * column_ms)
    about = (about, bins, column_ms)

    kept = _kept(before, about, density.settled, opens_ms[first])
    amounts = amounts_of(density.last(opens_ms.size - int(first[kept])))
    rows = amounts[::bins].copy()
    for one in range(1, bins):
        rows += amounts[one::bins]
    means: Matrix = np.add.reduceat(rows, first[kept:] - first[kept], axis=1)
    means /= np.diff(np.append(first, opens_ms.size))[kept:].astype(np.float32)
    taken = 0
    if column[-1] + 1 > len(means.T):
        even = np.full((len(means), int(column[-1]) + 1), np.nan, np.float32)
        even[:, column[kept:]] = means
        if kept and before is not None:
            skipped = round((begin_ms - before.begin_ms) / column_ms)
            old = before.quote[:, skipped : skipped + int(column[kept])]
            even[:, : len(old.T)] = old
            taken = 0 if skipped else int(column[kept])
        means = even
    low, row_price = float(edges[0]), float(edges[1] - edges[0]) * bins
    return Cells(means, begin_ms, column_ms, low, row_price, about, density.settled, taken)


def _kept(before: Cells | None, about: object, settled: Settled | None, begins_ms: Array) -> int:
    """How many of the columns that begin then are in the cells before, and have not changed."""
    if before is None or before.settled is None or settled is None:
        return 0
    if before.about != about or before.settled.book is not settled.book:
        return 0
    if begins_ms[0] < before.begin_ms:
        return 0
    return int(np.searchsorted(begins_ms[1:], before.settled.until_ms, "right"))


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
