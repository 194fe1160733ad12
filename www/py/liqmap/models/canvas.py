"""Where a book is drawn: columns of a density, on one price grid."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.columns import Array
from liqmap.density import Matrix
from liqmap.grid import PriceGrid
from liqmap.models.book import Change
from liqmap.models.crowd import LONG, SHORT, Crowd, Cube, Rows, Table, tally

BLOCK = 64
"""Bars drawn at once: as many as a processor keeps at hand; no result depends on it."""


class _Events(NamedTuple):
    """Births (or deaths) of one side in a change, by row."""

    begin: list[int]
    """Of each row, where its events begin; of all, where they end."""
    row: Rows
    bin: Rows
    units: Table
    """Of holders and of churners, (2, e); of deaths negative."""


class Canvas:
    """Columns for the bars `ends`, and sums for every bar.

    Running sums of births and deaths, by side, group and bin, in the group's units. The
    first and the last bin are all that lies below and above the grid.

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
        self.prior_base = np.zeros(bars)
        self.swept_base, self.swept_quote = np.zeros((2, bars)), np.zeros((2, bars))
        self._held = np.zeros((2, 2, self.bins))
        self._prior = np.ones(2)

    def begin(self, crowds: tuple[Crowd, Crowd], opened: Cube) -> None:
        """Draw who was there before the first bar."""
        for side, who in enumerate(crowds):
            seen = who.share * self.shown[who.tier]
            held = tally(self._bin(who.price), seen, self.bins)
            self._held[side] = opened[side, :, :1] * held

    def rescale(self, part: Table) -> None:
        """From now on a unit of each side and group is worth so many of those so far."""
        self._held *= part[:, :, None]

    def draw(self, change: Change) -> None:
        """Add what happened in some bars, and draw the columns that end in them."""
        size = change.bars.close.size
        events = []
        for side in (LONG, SHORT):
            births, (deaths, row) = change.births[side], change.deaths[side]
            events.append(
                self._events(births, births.birth - (change.first + 1), change.opened[side], size)
            )
            events.append(self._events(deaths, row, change.opened[side], size))
            self._sweep(side, change, events[-1].units)
            np.negative(events[-1].units, out=events[-1].units)
        for begin in range(0, size, BLOCK):
            self._block(change, events, begin, min(begin + BLOCK, size))

    def grow(self, bars: int, ends: Rows) -> None:
        """Make room: so many bars in all, and new ends; what is drawn stays."""
        self.ends = ends
        if ends.size > self.base[LONG].shape[1]:
            more = 2 * ends.size - self.base[LONG].shape[1]
            self.base = (_wider(self.base[LONG], more), _wider(self.base[SHORT], more))
            self.beyond_base = _wider(self.beyond_base, more)
        if bars > self.prior_base.size:
            more = 2 * bars - self.prior_base.size
            self.prior_base = _wider(self.prior_base[None], more)[0]
            self.swept_base = _wider(self.swept_base, more)
            self.swept_quote = _wider(self.swept_quote, more)

    def saved(self) -> tuple[Cube, Array]:
        """The running sums, to return to."""
        return self._held.copy(), self._prior.copy()

    def restore(self, saved: tuple[Cube, Array]) -> None:
        """Return to running sums saved before."""
        self._held, self._prior = saved[0].copy(), saved[1].copy()

    def by_tier(self, who: Crowd, mass_base: Array) -> Matrix:
        """The same bins at one instant, by leverage: (K, B)."""
        row, tier = self.grid.rows(who.price), who.tier.astype(np.intp)
        inside = np.flatnonzero((row >= 0) & (row < self.grid.bins) & self.shown[tier])
        place = tier[inside] * self.grid.bins + row[inside]
        held = tally(place, mass_base[inside], self.shown.size * self.grid.bins)
        return held.reshape(self.shown.size, -1).astype(np.float32)

    def _bin(self, price: Array) -> Rows:
        return self.grid.rows(price) + 1

    def _events(self, who: Crowd, row: Rows, opened: Table, size: int) -> _Events:
        share = who.share if self.shown.all() else who.share * self.shown[who.tier]
        units = np.empty((2, share.size))
        for group in (0, 1):
            np.multiply(opened[group].take(who.birth), share, out=units[group])
        begin = np.searchsorted(row, np.arange(size + 1)).tolist()
        return _Events(begin, row, self._bin(who.price), units)

    def _sweep(self, side: int, change: Change, units: Table) -> None:
        """What each bar swept, and what it left of the book before the data."""
        (who, row), size = change.deaths[side], change.bars.close.size
        opened, scale = change.opened[side], change.scale[side]
        after = slice(change.first, change.first + size)
        mass = units[0] * scale[0].take(row) + units[1] * scale[1].take(row)
        self.swept_base[side, after] = tally(row, mass, size)
        self.swept_quote[side, after] = tally(row, mass * who.price, size)
        old = np.flatnonzero(who.birth == 0)
        gone = tally(row[old], who.share[old], size)
        there = np.cumsum(np.concatenate([self._prior[side : side + 1], -gone]))
        self._prior[side] = there[-1]
        left = there[1:] * (opened[:, :1] * scale[:, 1:]).sum(axis=0)
        self.prior_base[after] = left if side == LONG else self.prior_base[after] + left

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
        last = np.concatenate([self._held[LONG, :, :longs], self._held[SHORT, :, lowest:]], axis=1)
        # No long rests above the close and no short below it, not even by rounding.
        close = self._bin(bars.close[begin:end])
        above, below = (close + 1).tolist(), (close + (longs - lowest)).tolist()
        for row, gone, back in zip(flow, above, below, strict=True):
            last = np.add(row, last, out=row)
            row[:, gone:back] = 0.0
        self._held[LONG, :, :longs] = last[:, :longs]
        self._held[SHORT, :, lowest:] = last[:, longs:]
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


def _wider(columns: Any, more: int) -> Any:
    return np.pad(columns, ((0, 0), (0, more)))
