"""Where a book is drawn: columns of a density, on one price grid."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.columns import Array
from liqmap.density import Matrix
from liqmap.grid import PriceGrid
from liqmap.models.book import Book, Change
from liqmap.models.crowd import LONG, SHORT, Crowd, Cube, Rows, Table, tally
from liqmap.models.ledger import Ledger, wider

BLOCK = 64
"""Bars drawn at once: as many as a processor keeps at hand; no result depends on it."""


class _Events(NamedTuple):
    """Births (or deaths) of one side in a change, by row."""

    begin: list[int]
    """Of each row, where its events begin; of all, where they end."""
    row: Rows
    bin: Rows
    units: Table
    """Of holders and of churners, (2, e)."""

    def negative(self) -> _Events:
        """The same, taken away."""
        return self._replace(units=-self.units)


class Sums(NamedTuple):
    """All that the next bar is added to, in units, by side and group."""

    held: Cube
    """By bin: (2, 2, B + 2). The first and the last are all below and above the grid."""
    by_tier: Cube
    """(2, 2, 2, K × (B + 2)). Births and deaths are added up apart, so that it does not matter
    how many bars are drawn at once."""
    prior: Array
    """Part of the book before the data that no bar has swept, (2,)."""

    def copy(self) -> Sums:
        """The same, apart."""
        return Sums(*(one.copy() for one in self))


class Canvas:
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
    """

    def __init__(self, grid: PriceGrid, shown: NDArray[np.bool_], bars: int, ends: Rows) -> None:
        self.grid, self.shown, self.ends = grid, shown, ends
        self.bins = grid.bins + 2
        self.base: tuple[Matrix, Matrix] = (
            np.zeros((grid.bins, ends.size), np.float32),
            np.zeros((grid.bins, ends.size), np.float32),
        )
        self.beyond_base = np.zeros((2, ends.size))
        self.ledger = Ledger(bars)
        self.sums = Sums(
            np.zeros((2, 2, self.bins)),
            np.zeros((2, 2, 2, shown.size * self.bins)),
            np.ones(2),
        )

    def begin(self, book: Book) -> None:
        """Draw who was there before the first bar."""
        for side, camps in enumerate(book.camps):
            for who, _ in camps:
                units = self._events(who, who.birth, self._bin(who.price), book.opened[side], 1)
                for group in (0, 1):
                    self.sums.held[side, group] += tally(units.bin, units.units[group], self.bins)
                self._add_by_tier(side, 0, who, units)

    def rescale(self, part: Table) -> None:
        """From now on a unit of each side and group is worth so many of those so far."""
        self.sums.held[:] *= part[:, :, None]
        self.sums.by_tier[:] *= part[:, None, :, None]

    def draw(self, change: Change) -> None:
        """Add what happened in some bars, and draw the columns that end in them."""
        size = change.bars.close.size
        parts: list[tuple[Crowd, Rows]] = []
        for births, deaths in zip(change.births, change.deaths, strict=True):
            parts += [(births, births.birth - (change.first + 1)), deaths]
        bins = self._bin(np.concatenate([who.price for who, _ in parts]))
        bounds = np.cumsum([0, *(who.share.size for who, _ in parts)]).tolist()
        events = []
        for i, (who, row) in enumerate(parts):
            side, which = divmod(i, 2)
            mine = bins[bounds[i] : bounds[i + 1]]
            events.append(self._events(who, row, mine, change.opened[side], size))
            self._add_by_tier(side, which, who, events[i])
        for side in (LONG, SHORT):
            self.ledger.enter(side, change, events[2 * side + 1].units, self.sums.prior)
            events[2 * side + 1] = events[2 * side + 1].negative()
        for begin in range(0, size, BLOCK):
            self._block(change, events, begin, min(begin + BLOCK, size))

    def by_tier(self, side: int, scale: Table) -> Matrix:
        """The bins at the end of the last bar, by leverage: (K, B)."""
        born, dead = self.sums.by_tier[side]
        mass = scale[side, 0] * (born[0] - dead[0]) + scale[side, 1] * (born[1] - dead[1])
        inside = mass.reshape(self.shown.size, self.bins)[:, 1:-1]
        return np.asarray(inside.clip(0.0), np.float32)

    def grow(self, bars: int, ends: Rows) -> None:
        """Make room: so many bars in all, and new ends; what is drawn stays."""
        self.ends = ends
        self.ledger.grow(bars)
        self.base = (wider(self.base[LONG], ends.size), wider(self.base[SHORT], ends.size))
        self.beyond_base = wider(self.beyond_base, ends.size)

    def _bin(self, price: Array) -> Rows:
        return self.grid.rows(price) + 1

    def _events(self, who: Crowd, row: Rows, bins: Rows, opened: Table, size: int) -> _Events:
        share = who.share if self.shown.all() else who.share * self.shown[who.tier]
        units = np.empty((2, share.size))
        for group in (0, 1):
            np.multiply(opened[group].take(who.birth), share, out=units[group])
        begin = np.searchsorted(row, np.arange(size + 1)).tolist()
        return _Events(begin, row, bins, units)

    def _add_by_tier(self, side: int, which: int, who: Crowd, events: _Events) -> None:
        place = who.tier * self.bins + events.bin
        for group in (0, 1):
            np.add.at(self.sums.by_tier[side, which, group], place, events.units[group])

    def _block(self, change: Change, events: list[_Events], begin: int, end: int) -> None:
        """Running sums over some rows, and their columns.

        Longs rest below the price and shorts above it, so one row holds both: longs up to
        the highest price of the block, then shorts from the lowest.
        """
        bars = change.bars
        around = np.array([bars.high[begin:end].max(), bars.low[begin:end].min()])
        highest, lowest = self._bin(around).tolist()
        parts = [slice(one.begin[begin], one.begin[end]) for one in events]
        highest = max(highest, int(events[1].bin[parts[1]].max(initial=0)))
        lowest = min(lowest, int(events[3].bin[parts[3]].min(initial=self.bins)))
        longs = highest + 1
        width = longs + self.bins - lowest
        place, units = [], []
        for which, (one, part) in enumerate(zip(events, parts, strict=True)):
            offset = 0 if which < 2 else longs - lowest
            where = (one.row[part] - begin) * (2 * width) + (one.bin[part] + offset)
            place += [where, where + width]
            units += [one.units[0, part], one.units[1, part]]
        size = (end - begin) * 2 * width
        flow = tally(np.concatenate(place), np.concatenate(units), size).reshape(-1, 2, width)
        last = np.concatenate(
            [self.sums.held[LONG, :, :longs], self.sums.held[SHORT, :, lowest:]], axis=1
        )
        # No long rests above the close and no short below it, not even by rounding.
        close = self._bin(bars.close[begin:end])
        above, below = (close + 1).tolist(), (close + (longs - lowest)).tolist()
        for row, gone, back in zip(flow, above, below, strict=True):
            last = np.add(row, last, out=row)
            row[:, gone:back] = 0.0
        self.sums.held[LONG, :, :longs] = last[:, :longs]
        self.sums.held[SHORT, :, lowest:] = last[:, longs:]
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
        top = min(longs, self.bins - 1)
        self.base[LONG][: top - 1, columns] = mass[:, 1:top].T
        bottom = max(lowest, 1)
        self.base[SHORT][bottom - 1 :, columns] = mass[:, longs + bottom - lowest : -1].T
