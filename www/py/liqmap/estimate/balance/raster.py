"""A book drawn on a price grid: the columns of a density."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.balance.book import Book, Change
from liqmap.estimate.balance.ledger import Ledger, wider
from liqmap.estimate.cohorts import LONG, SHORT, Cohorts, Cube, Rows, Table, joined, tally
from liqmap.estimate.density import Matrix
from liqmap.estimate.grid import PriceGrid

BLOCK = 128
"""Bars drawn at once: as many as a processor keeps at hand; no result depends on it."""


class _Marks(NamedTuple):
    """Births (or deaths) as they are drawn."""

    begin: list[int]
    """Of each side and row (side × n + row), where its marks begin; of all, where they end."""
    at: Rows
    bin: Rows
    units: Table
    """Of holders and of churners, (2, e); of deaths negative."""

    def rows(self, first: int, end: int) -> slice:
        """Those of some rows of one side."""
        return slice(self.begin[first], self.begin[end])


class Sums(NamedTuple):
    """All that the next bar is added to, in units, by side and group."""

    held: Cube
    """By bin: (2, 2, B + 2). The first and the last are all below and above the grid."""
    by_leverage: Cube
    """By group, side, leverage and bin, births and deaths apart, so that it does not matter how
    many bars are drawn at once: (2, 2, 2 × K × (B + 2))."""
    prior: Array
    """Part of the book before the data that no bar has swept, (2,)."""

    def copy(self) -> Sums:
        """The same, apart."""
        return Sums(*(one.copy() for one in self))


class Raster:
    """Columns for the bars `ends`, and sums for every bar.

    Parameters
    ----------
    grid : PriceGrid
    shown : array of shape (K,)
        Which leverages are drawn.
    bars : int
        How many there will be.
    ends : array of shape (T,)
        The bars at whose end a column is drawn, ascending.
    room : int
        Bars and columns that may come without anything being moved.
    """

    def __init__(
        self, grid: PriceGrid, shown: NDArray[np.bool_], bars: int, ends: Rows, room: int = 0
    ) -> None:
        self.grid, self.ends, self.leverages = grid, ends, shown.size
        self.shown = None if shown.all() else np.tile(shown, 2)
        self.bins = grid.bins + 2
        self.base: tuple[Matrix, Matrix] = (
            np.empty((grid.bins, ends.size + room), np.float32),
            np.empty((grid.bins, ends.size + room), np.float32),
        )
        self.beyond_base = np.zeros((2, ends.size + room))
        self.ledger = Ledger(bars + room)
        self.sums = Sums(
            np.zeros((2, 2, self.bins)),
            np.zeros((2, 2, 2 * shown.size * self.bins)),
            np.ones(2),
        )

    def begin(self, book: Book) -> None:
        """Draw the positions from before the first bar."""
        who = joined(one.who for chunks in book.chunks for one in chunks)
        bins, units = self._bin(who.price), self._units(who, book.opened)
        self._add_by_leverage(0, who, bins, units)
        place = self._side(who) * self.bins + bins
        for group in (0, 1):
            held = tally(place, units[group], 2 * self.bins)
            self.sums.held[:, group] = held.reshape(2, -1)

    def rescale(self, part: Table) -> None:
        """From now on a unit of each side and group is worth so many of those so far."""
        self.sums.held[:] *= part[:, :, None]
        by_side = self.sums.by_leverage.reshape(2, 2, 2, -1)
        by_side *= part.T[:, :, None]

    def draw(self, change: Change) -> None:
        """Add what happened in some bars, and draw the columns that end in them."""
        bars, (born, dead) = change.bars, (change.births, change.deaths)
        size, births, both = bars.close.size, born.at.size, born.at.size + dead.at.size
        prices = (born.who.price, dead.who.price, bars.close, bars.high, bars.low)
        bins = self._bin(np.concatenate(prices))
        path = bins[both:].reshape(3, size)
        marks = []
        for which, ((who, at), mine) in enumerate(
            ((born, bins[:births]), (dead, bins[births:both]))
        ):
            units = self._units(who, change.opened)
            self._add_by_leverage(which, who, mine, units)
            begin = np.searchsorted(at, np.arange(2 * size + 1)).tolist()
            marks.append(_Marks(begin, at, mine, units))
        self.ledger.enter(change, marks[1].units, self.sums.prior)
        np.negative(marks[1].units, out=marks[1].units)
        for begin in range(0, size, BLOCK):
            self._block(change, path, marks[0], marks[1], slice(begin, min(begin + BLOCK, size)))

    def by_leverage(self, scale: Table) -> tuple[Matrix, Matrix]:
        """The bins at the end of the last bar, by leverage: longs and shorts, (K, B)."""
        left = (self.sums.by_leverage[0] - self.sums.by_leverage[1]).reshape(2, 2, -1)
        mass = left[0] * scale[:, :1] + left[1] * scale[:, 1:]
        mass = np.maximum(mass, 0.0, out=mass).reshape(2, self.leverages, self.bins)
        inside = mass[:, :, 1:-1].astype(np.float32)
        last = self.ends.size - 1
        for side in (LONG, SHORT):
            # Where nobody is, rounding may have left something of those who were.
            inside[side] *= self.base[side][:, last] > 0.0
        return inside[LONG], inside[SHORT]

    def resume(self, sums: Sums, bars: int, ends: Rows) -> None:
        """Go on with sums that were kept; there will be so many bars and columns."""
        self.sums, self.ends = sums.copy(), ends
        self.ledger.grow(bars)
        self.base = (wider(self.base[LONG], ends.size), wider(self.base[SHORT], ends.size))
        self.beyond_base = wider(self.beyond_base, ends.size)

    def _bin(self, price: Array) -> Rows:
        return self.grid.rows(price) + 1

    def _side(self, who: Cohorts) -> Rows:
        return (who.kind >= self.leverages).astype(np.intp)

    def _units(self, who: Cohorts, opened: Cube) -> Table:
        """Holders and churners of each, as far as they are shown."""
        share = who.share if self.shown is None else who.share * self.shown[who.kind]
        births = opened.shape[2]
        place = self._side(who) * (2 * births) + who.birth
        units = np.empty((2, share.size))
        for group in (0, 1):
            np.multiply(opened.reshape(-1).take(place + group * births), share, out=units[group])
        return units

    def _add_by_leverage(self, which: int, who: Cohorts, bins: Rows, units: Table) -> None:
        place = who.kind * self.bins + bins
        for group in (0, 1):
            np.add.at(self.sums.by_leverage[which, group], place, units[group])

    def _block(self, change: Change, path: Rows, born: _Marks, dead: _Marks, block: slice) -> None:
        """Running sums over some rows, and their columns; `path` are bins of close, high, low.

        Longs rest below the price and shorts above it, so one row holds both: longs up to
        the highest price of the block, then shorts from the lowest.
        """
        begin, end, size = block.start, block.stop, change.bars.close.size
        new_longs, new_shorts = born.rows(begin, end), born.rows(begin + size, end + size)
        old_longs, old_shorts = dead.rows(begin, end), dead.rows(begin + size, end + size)
        close, high, low = path[:, block]
        longs = 1 + max(int(high.max()), int(dead.bin[old_longs].max(initial=0)))
        lowest = min(int(low.min()), int(dead.bin[old_shorts].min(initial=self.bins)))
        shift, width = longs - lowest, longs + self.bins - lowest
        place, units = [], []
        for marks, part, corner in (
            (born, new_longs, begin * 2 * width),
            (dead, old_longs, begin * 2 * width),
            (born, new_shorts, (begin + size) * 2 * width - shift),
            (dead, old_shorts, (begin + size) * 2 * width - shift),
        ):
            where = marks.at[part] * (2 * width) + (marks.bin[part] - corner)
            place += [where, where + width]
            units += [marks.units[0, part], marks.units[1, part]]
        flow = tally(np.concatenate(place), np.concatenate(units), (end - begin) * 2 * width)
        flow = flow.reshape(-1, 2, width)
        held = self.sums.held
        last = np.concatenate([held[LONG, :, :longs], held[SHORT, :, lowest:]], axis=1)
        # No long rests above the close and no short below it, not even by rounding.
        for row, bin_ in zip(flow, close.tolist(), strict=True):
            last = np.add(row, last, out=row)
            row[:, bin_ + 1 : bin_ + shift] = 0.0
        held[LONG, :, :longs], held[LONG, :, longs:] = last[:, :longs], 0.0
        held[SHORT, :, lowest:], held[SHORT, :, :lowest] = last[:, longs:], 0.0
        first = change.first + begin
        columns = slice(*np.searchsorted(self.ends, (first, change.first + end)).tolist())
        rows = self.ends[columns] - first
        if rows.size:
            if rows.size < end - begin:
                flow = flow[rows]
            scale = change.scale[:, :, rows + (begin + 1)]
            self._columns(flow, scale, columns, longs, lowest)

    def _columns(self, groups: Cube, scale: Cube, columns: slice, longs: int, lowest: int) -> None:
        for side, part in ((LONG, slice(longs)), (SHORT, slice(longs, None))):
            for group in (0, 1):
                groups[:, group, part] *= scale[side, group][:, None]
        held = np.add(groups[:, 0], groups[:, 1], out=groups[:, 0])
        # What is below zero is rounding.
        mass = np.maximum(held, 0.0, out=held)
        self.beyond_base[LONG, columns] = mass[:, 0]
        self.beyond_base[SHORT, columns] = mass[:, -1]
        if longs == self.bins:
            self.beyond_base[LONG, columns] += mass[:, longs - 1]
        if lowest == 0:
            self.beyond_base[SHORT, columns] += mass[:, longs]
        top, bottom = min(longs, self.bins - 1), max(lowest, 1)
        below, above = self.base[LONG][:, columns], self.base[SHORT][:, columns]
        below[: top - 1], below[top - 1 :] = mass[:, 1:top].T, 0.0
        above[bottom - 1 :], above[: bottom - 1] = mass[:, longs + bottom - lowest : -1].T, 0.0
