"""A book drawn on a price grid: the columns of a density."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.balance.book import Book, Change
from liqmap.estimate.balance.ledger import Ledger, wider
from liqmap.estimate.cohorts import LONG, SHORT, Cohorts, Cube, Rows, Table, joined, tally
from liqmap.estimate.density import Matrix
from liqmap.estimate.grid import PriceGrid

BLOCK = 128
"""Columns drawn at once: as many as a processor keeps at hand; no result depends on it."""
BREADTH_RATE = 0.0012
"""A position of a range stands for a crowd, and is drawn over so much of the price, from its
liquidation price on away from the market …"""
BREADTH_OF_GRID = 0.005
"""… or over so much of a grid, where that is more."""


class _Marks(NamedTuple):
    """Births (or deaths) as they are drawn, those of longs first, ascending in `row`."""

    row: Rows
    bin: Rows
    units: Table
    """Of holders and of churners, (2, e); of deaths negative."""
    longs: int
    """So many of them are longs."""

    def between(self, first: int, end: int) -> tuple[slice, slice]:
        """Longs and shorts of some rows."""
        ends = [first, end]
        longs = np.searchsorted(self.row[: self.longs], ends).tolist()
        shorts = np.searchsorted(self.row[self.longs :], ends) + self.longs
        return slice(*longs), slice(*shorts.tolist())


class Sums(NamedTuple):
    """All that the next bar is added to, in units, by side and group."""

    held: Cube
    """By bin: (2, 2, B + 2). The first and the last are all below and above the grid."""
    by_leverage: Cube
    """By group, side, leverage and bin, births and deaths apart, so that it does not matter how
    many bars are drawn at once: (2, 2, 2 × K × (B + 2))."""
    prior: Table
    """Part of the book before the data that no bar has swept, by side and group: (2, 2)."""

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
    breadth : int
        Rows over which each position is drawn, a power of two.
    """

    def __init__(
        self,
        grid: PriceGrid,
        shown: NDArray[np.bool_],
        bars: int,
        ends: Rows,
        room: int = 0,
        breadth: int = 1,
    ) -> None:
        self.breadth = breadth
        self.grid, self.ends, self.leverages = grid, ends, shown.size
        self.shown = shown
        self.bins = grid.bins + 2
        self.base: tuple[Matrix, Matrix] = (
            np.zeros((grid.bins, ends.size + room), np.float32),
            np.zeros((grid.bins, ends.size + room), np.float32),
        )
        self.beyond_base = np.zeros((2, ends.size + room))
        self.drawn = 0
        """So many columns, of memory that was empty."""
        self.ledger = Ledger(bars + room)
        self.sums = Sums(
            np.zeros((2, 2, self.bins)),
            np.zeros((2, 2, 2 * shown.size * self.bins)),
            np.ones((2, 2)),
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
        """Add what happened in some bars, and draw the columns that end in them.

        What happened in the bars of one column is added at once, so a book is kept where a
        column ends.
        """
        bars, (born, dead) = change.bars, (change.births.outlived, change.deaths)
        size, births, both = bars.close.size, born.at.size, born.at.size + dead.at.size
        prices = (born.who.price, dead.who.price, bars.close, bars.high, bars.low)
        bins = self._bin(np.concatenate(prices))
        path = bins[both:].reshape(3, size)
        column = np.searchsorted(self.ends, np.arange(change.first, change.first + size))
        row = np.tile(column - column[0], 2)
        marks = []
        for which, ((who, at), mine) in enumerate(
            ((born, bins[:births]), (dead, bins[births:both]))
        ):
            units = self._units(who, change.opened)
            self._add_by_leverage(which, who, mine, units)
            longs = int(np.searchsorted(at, size))
            marks.append(_Marks(row.take(at), mine, units, longs))
        self.ledger.enter(change, marks[1].units, self.sums.prior, self.shown)
        np.negative(marks[1].units, out=marks[1].units)
        rows = int(row[-1]) + 1
        starts = np.searchsorted(row[:size], np.arange(rows + 1)).tolist()
        for begin in range(0, rows, BLOCK):
            block = slice(begin, min(begin + BLOCK, rows))
            self._block(change, path, marks[0], marks[1], block, starts[begin : block.stop + 1])

    def by_leverage(self, scale: Table) -> tuple[Matrix, Matrix]:
        """The bins at the end of the last bar, by leverage: longs and shorts, (K, B)."""
        left = (self.sums.by_leverage[0] - self.sums.by_leverage[1]).reshape(2, 2, -1)
        mass = left[0] * scale[:, :1] + left[1] * scale[:, 1:]
        mass = mass.reshape(2, self.leverages, self.bins)
        long, _ = _broadened(mass[LONG, :, 1:-1].T, self.breadth)
        short, _ = _broadened(mass[SHORT, :, -2:0:-1].T, self.breadth)
        inside = np.stack([long.T, short[::-1].T])
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
        births = opened.shape[2]
        place = self._side(who) * (2 * births) + who.birth
        units = np.empty((2, place.size))
        for group, share in enumerate((who.held, who.churned)):
            np.multiply(opened.reshape(-1).take(place + group * births), share, out=units[group])
        if not self.shown.all():
            units *= np.tile(self.shown, 2)[who.kind]
        return units

    def _add_by_leverage(self, which: int, who: Cohorts, bins: Rows, units: Table) -> None:
        place = who.kind * self.bins + bins
        for group in (0, 1):
            np.add.at(self.sums.by_leverage[which, group], place, units[group])

    def _block(
        self,
        change: Change,
        path: Rows,
        born: _Marks,
        dead: _Marks,
        block: slice,
        starts: list[int],
    ) -> None:
        """Running sums over some rows, and their columns.

        `path` are bins of close, high, low, `starts` the first bars of the rows and the end of
        the last. Longs rest below the price and shorts above it, so one row holds both: longs
        up to the highest price of the block, then shorts from the lowest.
        """
        rows = block.stop - block.start
        (new_longs, new_shorts), (old_longs, old_shorts) = (
            marks.between(block.start, block.stop) for marks in (born, dead)
        )
        close, high, low = path[:, starts[0] : starts[-1]]
        longs = 1 + max(int(high.max()), int(dead.bin[old_longs].max(initial=0)))
        lowest = min(int(low.min()), int(dead.bin[old_shorts].min(initial=self.bins)))
        shift, width = longs - lowest, longs + self.bins - lowest
        corner = block.start * 2 * width
        place, units = [], []
        for marks, part, first in (
            (born, new_longs, corner),
            (dead, old_longs, corner),
            (born, new_shorts, corner - shift),
            (dead, old_shorts, corner - shift),
        ):
            where = marks.row[part] * (2 * width) + (marks.bin[part] - first)
            place += [where, where + width]
            units += [marks.units[0, part], marks.units[1, part]]
        flow = tally(np.concatenate(place), np.concatenate(units), rows * 2 * width)
        flow = flow.reshape(-1, 2, width)
        held = self.sums.held
        last = np.concatenate([held[LONG, :, :longs], held[SHORT, :, lowest:]], axis=1)
        ends = [start - starts[0] - 1 for start in starts[1:]]
        for row, bin_ in zip(flow, close[ends].tolist(), strict=True):
            last = np.add(row, last, out=row)
            # No long rests above the close and no short below it, not even by rounding.
            row[:, bin_ + 1 : bin_ + shift] = 0.0
        held[LONG, :, :longs], held[LONG, :, longs:] = last[:, :longs], 0.0
        held[SHORT, :, lowest:], held[SHORT, :, :lowest] = last[:, longs:], 0.0
        last_bars = np.array(starts[1:]) - 1
        drawn = slice(
            *np.searchsorted(self.ends, change.first + last_bars[[0, -1]] + [0, 1]).tolist()
        )
        if drawn.stop > drawn.start:
            full = drawn.stop - drawn.start
            scale = change.scale[:, :, last_bars[:full] + 1]
            self._columns(flow[:full], scale, drawn, longs, lowest)

    def _columns(self, groups: Cube, scale: Cube, columns: slice, longs: int, lowest: int) -> None:
        """Draw columns: units of both groups by row, (t, 2, w), times what they are worth."""
        mass = np.empty((groups.shape[0], groups.shape[2]))
        for side, part in ((LONG, slice(longs)), (SHORT, slice(longs, None))):
            np.einsum("gt,tgw->tw", scale[side], groups[:, :, part], out=mass[:, part])
        self.beyond_base[LONG, columns] = np.maximum(mass[:, 0], 0.0)
        self.beyond_base[SHORT, columns] = np.maximum(mass[:, -1], 0.0)
        if longs == self.bins:
            self.beyond_base[LONG, columns] += np.maximum(mass[:, longs - 1], 0.0)
        if lowest == 0:
            self.beyond_base[SHORT, columns] += np.maximum(mass[:, longs], 0.0)
        top, bottom = min(longs, self.bins - 1), max(lowest, 1)
        below, above = self.base[LONG][:, columns], self.base[SHORT][:, columns]
        if columns.start < self.drawn:  # they were drawn before
            below[top - 1 :], above[: bottom - 1] = 0.0, 0.0
        self.drawn = max(self.drawn, columns.stop)
        for side, rows, inside in (
            (LONG, mass[:, 1:top], below[: top - 1]),
            (SHORT, mass[:, longs + bottom - lowest : -1][:, ::-1], above[bottom - 1 :][::-1]),
        ):
            inside[:], over = _broadened(rows.T, self.breadth)
            self.beyond_base[side, columns] += over


def _broadened(rows: Any, breadth: int) -> tuple[Matrix, Array]:
    """Each row's mass spread evenly over it and the rows before it, and what runs over the first.

    `breadth` is a power of two. What is below zero is rounding.
    """
    room = breadth - 1
    once = np.zeros((room + rows.shape[0], *rows.shape[1:]), np.float32)
    np.multiply(rows, 1 / breadth, out=once[room:], casting="unsafe")
    np.maximum(once, 0.0, out=once)
    twice, step = np.empty_like(once), 1
    while step < breadth:
        np.add(once[:-step], once[step:], out=twice[:-step])
        twice[-step:] = once[-step:]
        once, twice, step = twice, once, 2 * step
    return once[room:], once[:room].sum(axis=0)
