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
from liqmap.estimate.balance.settlement import LEAST_SCALE, Due, settle
from liqmap.estimate.cohorts import (
    LONG,
    SHORT,
    SIGN,
    Cohorts,
    Cube,
    Rows,
    Table,
    first_reached,
    joined,
    tally,
)
from liqmap.estimate.entries import Entries, entries_along
from liqmap.estimate.inputs import Bars, Setup

STEP = 1024
"""Bars that are lived through at once, at most; no result depends on it."""
PRIOR_ENTRIES = 1201
"""So many that no picture shows them one by one."""


class Events(NamedTuple):
    """Positions, and when something befalls them: side × n + row of the step's n bars.

    Ascending in `at`.
    """

    who: Cohorts
    at: Rows


class Change(NamedTuple):
    """Positions opened and closed in the bars first … first + n − 1.

    Masses are in units of their group, holders and churners of each side, so that closing
    changes the worth of a unit and no mass.
    """

    first: int
    births: Events
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
    bars: int = 0

    @classmethod
    def before(cls, setup: Setup, price: float, open_interest_base: float) -> Book:
        """The book before the first bar, of which nothing is known but its size.

        Entries are log-normal around the price; who would be liquidated there is not there.
        """
        say = setup.assumptions
        spread = np.linspace(-2.5, 2.5, PRIOR_ENTRIES)
        leverages = setup.weight.shape[1]
        chunks = []
        for side in (LONG, SHORT):
            entry = SIGN[side] * price * np.exp(say.prior_spread * spread)
            depth = np.outer(entry, setup.factor[side]).ravel()
            share = np.outer(np.exp(-0.5 * spread**2), setup.weight[side]).ravel()
            share[depth >= SIGN[side] * price] = 0.0
            keep = np.flatnonzero(share)
            share = share[keep] / share.sum()
            kind = side * leverages + keep % leverages
            chunks.append(settled(Cohorts(depth[keep], share, np.zeros_like(keep), kind)))
        # Of the positions open at an instant, most are held: churners are gone within hours.
        held = np.tile([open_interest_base, 0.0], (2, 1))
        return cls(setup, (chunks[LONG], chunks[SHORT]), held[:, :, None], np.ones((2, 2)), held)

    def advance(self, bars: Bars, raster: Raster) -> None:
        """Advance by more bars; the raster is told what happens."""
        begin, size = 0, bars.close.size
        while begin < size:
            begin += self._step(bars.rows(slice(begin, begin + STEP)), raster)

    def positions(self, side: int) -> tuple[Cohorts, Array]:
        """Open positions of a side, and the quantity of each [base]."""
        who = joined(one.who for one in self.chunks[side])
        left = (self.opened[side] * self.scale[side][:, None]).sum(axis=0)
        return who, who.share * left[who.birth]

    def copy(self) -> Book:
        """This book, for another version of the bars to come."""
        return replace(self)

    def _step(self, bars: Bars, raster: Raster) -> int:
        """Advance by these bars, or by the first of them; how many."""
        births = self._opened(
            entries_along(
                bars.open, bars.high, bars.low, bars.close, self.bars, self.setup.most_entries
            ),
            bars,
        )
        deaths, chunks = self._fates(births, bars.reach)
        opened, scale, held = settle(
            self.held,
            self.scale,
            self._due(deaths, bars.close.size),
            bars.open_interest_base,
            bars.volume_base,
            bars.span_ms,
            self.setup.assumptions,
        )
        if scale.shape[2] < bars.close.size:
            return self._step(bars.rows(slice(scale.shape[2])), raster)
        first, self.bars = self.bars, self.bars + bars.close.size
        self.opened = np.concatenate([self.opened, opened], axis=2)
        scale = np.concatenate([self.scale[:, :, None], scale], axis=2)
        self.scale, self.held, self.chunks = scale[:, :, -1], held, chunks
        raster.draw(Change(first, births, deaths, self.opened, scale, bars))
        if self.scale.min() < LEAST_SCALE:
            part = np.where(self.scale < LEAST_SCALE, LEAST_SCALE, 1.0)
            self.scale, self.opened = self.scale / part, self.opened * part[:, :, None]
            raster.rescale(part)
        return bars.close.size

    def _opened(self, entries: Entries, bars: Bars) -> Events:
        """New positions: one an entry, side and leverage that outlives the rest of the bar."""
        sign = np.array(SIGN)[:, None]
        bar, entry = entries.bar, sign * entries.price
        rest, last = np.stack([entries.rest_low, -entries.rest_high]), sign * bars.close[bar]
        at = np.concatenate([bar, bar + bars.close.size])
        depth, share, total = self._spread(at, entry, rest, 2 * bars.close.size)
        if not total.all():
            # Nobody outlives so wide a bar: they come at its close.
            late = (total[at] == 0).reshape(2, -1)
            entry, rest = np.where(late, last, entry), np.where(late, last, rest)
            depth, share, total = self._spread(at, entry, rest, 2 * bars.close.size)
        share /= total[at].reshape(2, -1, 1)
        kind = np.arange(self.setup.weight.size).reshape(2, 1, -1)
        birth = (bar + (self.bars + 1))[:, None]
        keep = share.ravel().nonzero()[0]
        who = Cohorts(
            depth.ravel(),
            share.ravel(),
            np.broadcast_to(birth, share.shape).ravel(),
            np.broadcast_to(kind, share.shape).ravel(),
        )
        return Events(who.rows(keep), at[keep // share.shape[2]])

    def _spread(self, at: Rows, entry: Array, rest: Array, size: int) -> tuple[Cube, Cube, Array]:
        """Depths and weights by side, entry and leverage; the sum of the weights at each row."""
        depth = entry[:, :, None] * self.setup.factor[:, None]
        share = np.where(depth < rest[:, :, None], self.setup.weight[:, None], 0.0)
        return depth, share, tally(at, share.sum(axis=2).ravel(), size)

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
        (_, share, birth, _), at = deaths
        if not at.size:
            nothing = [[0.0] * size] * 2
            return Due(nothing, nothing, [[0] * size] * 2, [])
        # Those of one bar and one birth share a fate: one entry.
        other = (at[1:] != at[:-1]) | (birth[1:] != birth[:-1])
        begin = np.concatenate([[0], other.nonzero()[0] + 1])
        share, birth, at = np.add.reduceat(share, begin), birth[begin], at[begin]
        past = birth <= self.bars
        old, new = past.nonzero()[0], (~past).nonzero()[0]
        units = self.opened[(at[old] >= size).astype(np.intp), :, birth[old]].T * share[old]
        holders, churners = (tally(at[old], one, 2 * size).reshape(2, -1) for one in units)
        many = np.bincount(at[new], minlength=2 * size).reshape(2, -1)
        born, part = (birth[new] - (self.bars + 1)).tolist(), share[new].tolist()
        longs = int(many[LONG].sum())
        return Due(
            holders.tolist(),
            churners.tolist(),
            many.tolist(),
            [
                zip(born[:longs], part[:longs], strict=True),
                zip(born[longs:], part[longs:], strict=True),
            ],
        )
