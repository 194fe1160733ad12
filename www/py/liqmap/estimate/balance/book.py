"""A book of imagined positions that agrees with every published number.

The book does not know the price grid. Every position has its exact liquidation price, and
the bar that will sweep it depends on prices alone, so that is known before any mass is.
What is left to do bar by bar is a handful of sums (`liqmap.estimate.balance.settlement`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.balance.chunks import Chunks, gathered, parted, settled
from liqmap.estimate.balance.opening import Births, before, opened_in
from liqmap.estimate.balance.settlement import LEAST_SCALE, Due, settle
from liqmap.estimate.cohorts import (
    LONG,
    SHORT,
    Cohorts,
    Cube,
    Events,
    Rows,
    Table,
    first_reached,
    joined,
    tally,
)
from liqmap.estimate.inputs import Bars, Setup

STEP = 1024
"""Bars are lived through at once from one multiple of this to the next."""


class Change(NamedTuple):
    """Positions opened and closed in the bars first … first + n − 1.

    Masses are in units of their group, holders and churners of each side, so that closing
    changes the worth of a unit and no mass.
    """

    first: int
    births: Births
    deaths: Events
    opened: Cube
    """By side, group and birth: (2, 2, first + n + 1) units."""
    scale: Cube
    """Worth of a unit [base] before the first bar and at each bar's end: (2, 2, n + 1)."""
    bars: Bars


class Raster(Protocol):
    """Receives the changes of a book: a raster that draws them, or a test that counts them."""

    def draw(self, change: Change) -> None:
        """Take what happened in some bars."""

    def rescale(self, part: Table) -> None:
        """From now on a unit of each side and group is worth so many of those so far."""


@dataclass(eq=False, slots=True)
class Book:
    """All open positions after some bars. Its arrays are replaced, never changed."""

    setup: Setup
    chunks: tuple[Chunks, Chunks]
    opened: Cube
    scale: Table
    held: Table
    """Open quantity [base] of each side and group."""
    numbers: Rows
    """Of the next position of each range, (K,)."""
    bars: int = 0

    @classmethod
    def before(cls, setup: Setup, price: float, open_interest_base: float) -> Book:
        """The book before the first bar, of which nothing is known but its size."""
        chunks = settled(before(setup, LONG, price)), settled(before(setup, SHORT, price))
        held_base = open_interest_base * setup.held_at_rest
        numbers = np.zeros(len(setup.ranges), np.intp)
        return cls(setup, chunks, held_base[:, :, None], np.ones((2, 2)), held_base, numbers)

    def advance(self, bars: Bars, raster: Raster) -> None:
        """Advance by more bars; the raster is told what happens."""
        begin, size = 0, bars.close.size
        while begin < size:
            end = begin + STEP - self.bars % STEP
            begin += self._step(bars.rows(slice(begin, end)), raster)

    def positions(self, side: int) -> tuple[Cohorts, Array]:
        """Open positions of a side, and the quantity of each [base]."""
        who = joined(one.who for one in self.chunks[side])
        left = self.opened[side] * self.scale[side][:, None]
        return who, who.held * left[0, who.birth] + who.churned * left[1, who.birth]

    def copy(self) -> Book:
        """This book, for another version of the bars to come."""
        return replace(self)

    def _step(self, bars: Bars, raster: Raster) -> int:
        """Advance by these bars, or by the first of them; how many."""
        births = opened_in(bars, self.setup, self.bars, self.numbers)
        deaths, chunks = self._fates(births.outlived, bars.reach)
        opened, scale, held = settle(
            self.held,
            self.scale,
            self._due(deaths, bars.close.size),
            bars.open_interest_base,
            bars.volume_base,
            self.setup.hold_part,
            self.setup.assumptions,
        )
        if scale.shape[2] < bars.close.size:
            return self._step(bars.rows(slice(scale.shape[2])), raster)
        first, self.bars = self.bars, self.bars + bars.close.size
        self.numbers = births.numbers
        self.opened = np.concatenate([self.opened, opened], axis=2)
        scale = np.concatenate([self.scale[:, :, None], scale], axis=2)
        self.scale, self.held, self.chunks = scale[:, :, -1], held, chunks
        raster.draw(Change(first, births, deaths, self.opened, scale, bars))
        if self.scale.min() < LEAST_SCALE:
            part = np.where(self.scale < LEAST_SCALE, LEAST_SCALE, 1.0)
            self.scale, self.opened = self.scale / part, self.opened * part[:, :, None]
            raster.rescale(part)
        return bars.close.size

    def _fates(self, births: Events, reach: Table) -> tuple[Events, tuple[Chunks, Chunks]]:
        """Positions that these bars sweep, and those that are open at their end."""
        (who, at), size = births, reach.shape[1]
        lowest = np.minimum.accumulate(reach, axis=1)
        ahead = np.full((2, size + 1), np.inf)
        ahead[:, :-1] = np.minimum.accumulate(reach[:, ::-1], axis=1)[:, ::-1]
        doomed = who.depth >= ahead.ravel()[at + (at >= size) + 1]
        dying, living = doomed.nonzero()[0], (~doomed).nonzero()[0]
        new = who.rows(dying)
        longs = np.searchsorted(living, np.searchsorted(at, size))
        gone, row, chunks = [], [], []
        for side, born in ((LONG, living[:longs]), (SHORT, living[longs:])):
            old, stay = parted(self.chunks[side], float(lowest[side, -1]))
            chunks.append(gathered((*stay, *settled(who.rows(born)))))
            gone += old
            row += [np.searchsorted(-lowest[side], -one.depth) + side * size for one in old]
        row.append(first_reached(reach.ravel(), new.depth, at[dying] + 1))
        when = np.concatenate(row)
        order = when.astype(np.int16).argsort(kind="stable")
        return Events(joined((*gone, new)).rows(order), when[order]), (chunks[LONG], chunks[SHORT])

    def _due(self, deaths: Events, size: int) -> Due:
        (_, held, churned, birth, _), at = deaths
        # Those of one bar and one birth share a fate: one entry.
        other = (at[1:] != at[:-1]) | (birth[1:] != birth[:-1])
        begin = np.concatenate([np.zeros(min(at.size, 1), np.intp), other.nonzero()[0] + 1])
        held, churned = np.add.reduceat(held, begin), np.add.reduceat(churned, begin)
        birth, at = birth[begin], at[begin]
        past = birth <= self.bars
        old, new = past.nonzero()[0], (~past).nonzero()[0]
        units = self.opened[(at[old] >= size).astype(np.intp), :, birth[old]].T
        gone = [
            tally(at[old], one * part[old], 2 * size)
            for one, part in zip(units, (held, churned), strict=True)
        ]
        many = np.bincount(at[new], minlength=2 * size).reshape(2, -1)
        longs = int(many[LONG].sum())
        columns = (birth[new] - (self.bars + 1)).tolist(), held[new].tolist(), churned[new].tolist()
        return Due(
            np.stack(gone).reshape(2, 2, -1).swapaxes(0, 1).reshape(4, -1).T,
            many.tolist(),
            [
                zip(*(column[part] for column in columns), strict=True)
                for part in (slice(longs), slice(longs, None))
            ],
        )
