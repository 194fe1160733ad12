"""A book of imagined positions that agrees with every published number.

The book does not know the price grid. Every position has its exact liquidation price, and
the bar that will sweep it depends on prices alone, so that is known before any mass is.
What is left to do bar by bar is a handful of sums (`liqmap.models.law`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from liqmap.columns import Array
from liqmap.models.camp import Camps, camp, gathered, parted
from liqmap.models.crowd import (
    LONG,
    SHORT,
    SIGN,
    Crowd,
    Cube,
    Rows,
    Table,
    first_reached,
    joined,
    tally,
)
from liqmap.models.inputs import Bars, Setup
from liqmap.models.law import LEAST_SCALE, Due, patience, settle
from liqmap.models.walk import Entries, walk

STEP = 1024
"""Bars that are lived through at once, at most; no result depends on it."""
PRIOR_ENTRIES = 201


class Sweeps(NamedTuple):
    """Positions of one side and the row (bar of the step) that sweeps each, in that order."""

    who: Crowd
    row: Rows


class Change(NamedTuple):
    """What happened in the bars first … first + n − 1; rows and births count as there.

    Masses are in units of their group, holders and churners of each side, so that closing
    changes the worth of a unit and no mass.
    """

    first: int
    births: tuple[Crowd, Crowd]
    deaths: tuple[Sweeps, Sweeps]
    opened: Cube
    """By side, group and birth: (2, 2, first + n + 1) units."""
    scale: Cube
    """Worth of a unit [base] before the first bar and at each bar's end: (2, 2, n + 1)."""
    bars: Bars


class Canvas(Protocol):
    """Who wants to know."""

    def draw(self, change: Change) -> None:
        """See what happened."""

    def rescale(self, part: Table) -> None:
        """From now on a unit of each side and group is worth so many of those so far."""


@dataclass(eq=False, slots=True)
class Book:
    """Everybody's open positions after some bars. Its arrays are replaced, never changed."""

    setup: Setup
    camps: tuple[Camps, Camps]
    opened: Cube
    scale: Table
    held: Table
    """What each side and group holds [base]."""
    bars: int = 0

    @classmethod
    def before(cls, setup: Setup, price: float, open_interest_base: float) -> Book:
        """The book before the first bar, of which nothing is known but its size.

        Entries are log-normal around the price; who would be liquidated there is not there.
        """
        say = setup.assumptions
        spread = np.linspace(-2.5, 2.5, PRIOR_ENTRIES)
        tiers = setup.weight.shape[1]
        camps = []
        for side in (LONG, SHORT):
            entry = SIGN[side] * price * np.exp(say.prior_spread * spread)
            depth = np.outer(entry, setup.factor[side]).ravel()
            share = np.outer(np.exp(-0.5 * spread**2), setup.weight[side]).ravel()
            share[depth >= SIGN[side] * price] = 0.0
            keep = np.flatnonzero(share)
            share = share[keep] / share.sum()
            camps.append((camp(Crowd(depth[keep], share, np.zeros_like(keep), keep % tiers)),))
        # Whom one meets at an instant mostly holds.
        held = np.tile([open_interest_base, 0.0], (2, 1))
        return cls(setup, (camps[LONG], camps[SHORT]), held[:, :, None], np.ones((2, 2)), held)

    def advance(self, bars: Bars, canvas: Canvas) -> None:
        """Live through more bars; the canvas sees what happens."""
        begin, size = 0, bars.close.size
        while begin < size:
            begin += self._step(bars.rows(slice(begin, begin + STEP)), canvas)

    def copy(self) -> Book:
        """This book, for another version of the bars to come."""
        return replace(self)

    def _step(self, bars: Bars, canvas: Canvas) -> int:
        """Live through these bars, or the first so many of them."""
        entries = walk(bars.open, bars.high, bars.low, bars.close, self.bars)
        deaths, births, camps = zip(
            *(self._fate(side, entries, bars) for side in (LONG, SHORT)), strict=True
        )
        due = (self._due(LONG, deaths[LONG], bars), self._due(SHORT, deaths[SHORT], bars))
        say = self.setup.assumptions
        stay = patience(say, self.setup.bar_ms)
        opened, scale, held = settle(
            self.held, self.scale, due, bars.open_interest_base, bars.volume_base, say, stay
        )
        if scale.shape[2] < bars.close.size:
            return self._step(bars.rows(slice(scale.shape[2])), canvas)
        first, self.bars = self.bars, self.bars + bars.close.size
        self.opened = np.concatenate([self.opened, opened], axis=2)
        scale = np.concatenate([self.scale[:, :, None], scale], axis=2)
        self.scale, self.held, self.camps = scale[:, :, -1], held, camps
        canvas.draw(Change(first, births, deaths, self.opened, scale, bars))
        if self.scale.min() < LEAST_SCALE:
            part = np.where(self.scale < LEAST_SCALE, LEAST_SCALE, 1.0)
            self.scale, self.opened = self.scale / part, self.opened * part[:, :, None]
            canvas.rescale(part)
        return bars.close.size

    def _fate(self, side: int, entries: Entries, bars: Bars) -> tuple[Sweeps, Crowd, Camps]:
        """Who will be swept in these bars, who opens, and who is there at their end."""
        reach, rest = bars.reach[side], (entries.rest_low, -entries.rest_high)[side]
        births = self._newborn(side, entries.bar, entries.price, rest, bars.close)
        lowest = np.minimum.accumulate(reach)
        gone, stay = parted(self.camps[side], float(lowest[-1]))
        after = births.birth - self.bars  # the row after birth
        ahead = np.append(np.minimum.accumulate(reach[::-1])[::-1], np.inf)
        doomed = births.depth >= ahead[after]
        dying = np.flatnonzero(doomed)
        new, start = births.rows(dying), after[dying]
        old = joined(gone) if gone else new.rows(slice(0))
        row = np.concatenate(
            [np.searchsorted(-lowest, -old.depth), first_reached(reach, new.depth, start)]
        )
        order = np.argsort(row.astype(np.int16), kind="stable")
        sweeps = Sweeps(joined((old, new)).rows(order), row[order])
        return sweeps, births, gathered((*stay, camp(births.rows(np.flatnonzero(~doomed)))))

    def _newborn(self, side: int, bar: Rows, entry: Array, rest: Array, close: Array) -> Crowd:
        """Who opens: at each entry one position a leverage, if it outlives the bar."""
        factor, weight = self.setup.factor[side], self.setup.weight[side]
        depth = np.multiply.outer(SIGN[side] * entry, factor)
        share = np.where(depth < rest[:, None], weight, 0.0)
        total = tally(bar, share.sum(axis=1), close.size)
        if not total.all():
            # Nobody outlives so wide a bar: they come at its close.
            late, last = total[bar] == 0, close[bar]
            rest = np.where(late, SIGN[side] * last, rest)
            return self._newborn(side, bar, np.where(late, last, entry), rest, close)
        share /= total[bar][:, None]
        who = Crowd(
            depth.ravel(),
            share.ravel(),
            np.repeat(bar + (self.bars + 1), weight.size),
            np.tile(np.arange(weight.size), bar.size),
        )
        keep = np.flatnonzero(who.share)
        return who if keep.size == who.share.size else who.rows(keep)

    def _due(self, side: int, sweeps: Sweeps, bars: Bars) -> Due:
        (_, share, birth, _), row = sweeps
        size = bars.close.size
        # Those of one bar and one birth share a fate: one entry.
        begin = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(birth, prepend=-1))
        share, birth, row = np.add.reduceat(share, begin), birth[begin], row[begin]
        old = np.flatnonzero(birth <= self.bars)
        unit = self.opened[side][:, birth[old]] * share[old]
        holders, churners = (tally(row[old], of_group, size).tolist() for of_group in unit)
        new = np.flatnonzero(birth > self.bars)
        born = (birth[new] - (self.bars + 1)).tolist()
        return Due(
            holders,
            churners,
            np.bincount(row[new], minlength=size).tolist(),
            list(zip(born, share[new].tolist(), strict=True)),
        )
