"""A book of imagined positions that agrees with every published number.

Per bar and side: what the bar's range reached is swept; new contracts open along the bar's
path; the rest of the balance closes. At every bar's end each side equals the open interest.

The book does not know the price grid. Every position has its exact liquidation price, and
the bar that will sweep it depends on prices alone, so that is known before any mass is.
Closing thins a whole group of traders alike, so masses are kept in units of their group's
scale and never touched again. What is left to do bar by bar is a handful of sums.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol

import numpy as np

from liqmap.columns import Array
from liqmap.models.crowd import (
    LONG,
    SHORT,
    SIGN,
    Crowd,
    Cube,
    Rows,
    Table,
    first_reached,
    gathered,
    joined,
    survivors,
    tally,
)
from liqmap.models.inputs import Bars, Setup
from liqmap.models.walk import walk

HOLD, CHURN = 0, 1
STEP = 2048
"""Bars that are lived through at once, at most; no result depends on it."""
PRIOR_ENTRIES = 201
_LEAST_KEPT = 1e-30
_LEAST_SCALE = 2.0**-500


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
    """Everybody's open positions after some bars."""

    setup: Setup
    crowds: tuple[tuple[Crowd, ...], tuple[Crowd, ...]]
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
        crowds = []
        for side in (LONG, SHORT):
            entry = SIGN[side] * price * np.exp(say.prior_spread * spread)
            depth = np.outer(entry, setup.factor[side]).ravel()
            share = np.outer(np.exp(-0.5 * spread**2), setup.weight[side]).ravel()
            share[depth >= SIGN[side] * price] = 0.0
            keep = np.flatnonzero(share)
            share = share[keep] / share.sum()
            tier = (keep % tiers).astype(np.int16)
            crowds.append((Crowd(depth[keep], share, np.zeros_like(keep), tier),))
        # Whom one meets at an instant mostly holds.
        held = np.tile([open_interest_base, 0.0], (2, 1))
        return cls(setup, (crowds[LONG], crowds[SHORT]), held[:, :, None], np.ones((2, 2)), held)

    def advance(self, bars: Bars, canvas: Canvas) -> None:
        """Live through more bars; the canvas sees what happens."""
        end = self.bars + bars.close.size
        while self.bars < end:
            begin = bars.close.size - (end - self.bars)
            self._step(bars.rows(slice(begin, begin + STEP)), canvas)

    def positions(self, side: int) -> tuple[Crowd, Array]:
        """Who is there, and how much [base]."""
        who = joined(self.crowds[side])
        left = (self.opened[side] * self.scale[side][:, None]).sum(axis=0)
        return who, who.share * left[who.birth]

    def copy(self) -> Book:
        """This book, for another version of the bars to come."""
        return replace(self)

    def _step(self, bars: Bars, canvas: Canvas) -> None:
        first = self.bars
        entries = walk(bars.open, bars.high, bars.low, bars.close, first)
        births = (
            self._newborn(LONG, entries.bar, entries.price, entries.rest_low, bars.close),
            self._newborn(SHORT, entries.bar, entries.price, -entries.rest_high, bars.close),
        )
        deaths = (
            self._sweeps(LONG, bars.reach[LONG], births[LONG]),
            self._sweeps(SHORT, bars.reach[SHORT], births[SHORT]),
        )
        opened, scale = self._settle(bars, deaths)
        done = opened.shape[2]
        if done < bars.close.size:
            bars = bars.rows(slice(done))
            births = (_before(births[LONG], first + done), _before(births[SHORT], first + done))
            deaths = (_until(deaths[LONG], done), _until(deaths[SHORT], done))
        self.bars += done
        self.opened = np.concatenate([self.opened, opened], axis=2)
        scale = np.concatenate([self.scale[:, :, None], scale], axis=2)
        self.scale = scale[:, :, -1]
        self.crowds = (
            self._alive(LONG, bars.reach[LONG], births[LONG]),
            self._alive(SHORT, bars.reach[SHORT], births[SHORT]),
        )
        canvas.draw(Change(first, births, deaths, self.opened, scale, bars))
        if self.scale.min() < _LEAST_SCALE:
            part = np.where(self.scale < _LEAST_SCALE, _LEAST_SCALE, 1.0)
            self.scale, self.opened = self.scale / part, self.opened * part[:, :, None]
            canvas.rescale(part)

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
            np.tile(np.arange(weight.size, dtype=np.int16), bar.size),
        )
        keep = np.flatnonzero(who.share)
        return who if keep.size == who.share.size else who.rows(keep)

    def _sweeps(self, side: int, reach: Array, births: Crowd) -> Sweeps:
        """Who will be swept in these bars, and when, in that order."""
        lowest = np.minimum.accumulate(reach)
        old = joined(
            crowd.rows(np.flatnonzero(crowd.depth >= lowest[-1])) for crowd in self.crowds[side]
        )
        after = births.birth - self.bars  # the row after birth
        doomed = np.flatnonzero(births.depth >= _ahead(reach)[after])
        new = births.rows(doomed)
        row = np.concatenate(
            [
                np.searchsorted(-lowest, -old.depth),
                first_reached(reach, new.depth, after[doomed]),
            ]
        )
        order = np.argsort(row.astype(np.int16), kind="stable")
        return Sweeps(joined((old, new)).rows(order), row[order])

    def _alive(self, side: int, reach: Array, births: Crowd) -> tuple[Crowd, ...]:
        after = births.birth - (self.bars - reach.size)
        new = births.rows(np.flatnonzero(births.depth < _ahead(reach)[after]))
        return gathered((*(survivors(self.crowds[side], reach.min())), new))

    def _settle(self, bars: Bars, deaths: tuple[Sweeps, Sweeps]) -> tuple[Cube, Cube]:
        """The law, bar by bar: units opened, and the worth of a unit, by side and group.

        Both of shape (2, 2, n); ends early where a scale runs out of numbers.
        """
        say = self.setup.assumptions
        patience = math.exp(-say.holder_exit_rate * self.setup.bar_ms / 3_600_000)
        hold_part, churn_part, churn_rate = say.holder_share, 1 - say.holder_share, say.churn_rate
        target, volume = bars.open_interest_base.tolist(), bars.volume_base.tolist()
        due = [self._due(side, sweeps, len(target)) for side, sweeps in enumerate(deaths)]
        (hold, churn), (hold_scale, churn_scale) = self.held.T.tolist(), self.scale.T.tolist()
        news: list[float] = []
        scales: list[list[float]] = [[], [], [], []]
        for t, total in enumerate(target):
            # Sweep.
            for side in (LONG, SHORT):
                old_hold, old_churn, begin, birth, share = due[side]
                lost_hold, lost_churn = old_hold[t], old_churn[t]
                if lost_hold or lost_churn or begin[t] < begin[t + 1]:
                    for i in range(begin[t], begin[t + 1]):
                        at = birth[i]
                        lost_hold += news[at] * hold_part / scales[2 * side][at] * share[i]
                        lost_churn += news[at] * churn_part / scales[2 * side + 1][at] * share[i]
                    hold[side] = max(hold[side] - lost_hold * hold_scale[side], 0.0)
                    churn[side] = max(churn[side] - lost_churn * churn_scale[side], 0.0)
            # Open: what the emptier side lacks, and churn.
            longs, shorts = hold[0] + churn[0], hold[1] + churn[1]
            opened = total - (longs if longs < shorts else shorts)
            opened = max(opened, 0.0)
            if volume[t] > opened:
                opened += churn_rate * (volume[t] - opened)
            opened = min(opened, total)
            news.append(opened)
            # Close.
            left = total - opened
            for side in (LONG, SHORT):
                stay, linger = patience, left - hold[side] * patience
                if 0.0 < linger < churn[side]:
                    linger /= churn[side]
                else:
                    stay, linger = _otherwise(hold[side], churn[side], left, linger)
                hold[side] = held = hold[side] * stay + opened * hold_part
                churn[side] = total - held
                hold_scale[side] *= stay
                churn_scale[side] *= linger
                scales[2 * side].append(hold_scale[side])
                scales[2 * side + 1].append(churn_scale[side])
            if min(hold_scale) < _LEAST_SCALE or min(churn_scale) < _LEAST_SCALE:
                break
        self.held = np.array([hold, churn]).T
        scale = np.array(scales).reshape(2, 2, -1)
        parts = np.array([hold_part, churn_part])[:, None]
        return parts * np.array(news) / scale, scale

    def _due(self, side: int, sweeps: Sweeps, size: int) -> _Due:
        (_, share, birth, _), row = sweeps
        # Those of one bar and one birth share a fate: one entry.
        begin = np.flatnonzero(np.diff(row, prepend=-1) | np.diff(birth, prepend=-1))
        share, birth, row = np.add.reduceat(share, begin), birth[begin], row[begin]
        old = np.flatnonzero(birth <= self.bars)
        unit = self.opened[side][:, birth[old]] * share[old]
        one, two = (tally(row[old], of_group, size).tolist() for of_group in unit)
        new = np.flatnonzero(birth > self.bars)
        return _Due(
            one,
            two,
            np.searchsorted(row[new], np.arange(size + 1)).tolist(),
            (birth[new] - (self.bars + 1)).tolist(),
            share[new].tolist(),
        )


class _Due(NamedTuple):
    """What each bar of a step sweeps of one side."""

    holders: list[float]
    """Of those born before the step [units]."""
    churners: list[float]
    begin: list[int]
    """Of those born in it, where each bar's begin."""
    birth: list[int]
    """Row of birth."""
    share: list[float]


def _otherwise(
    holders: float, churners: float, left: float, lingering: float
) -> tuple[float, float]:
    """Part of holders and of churners who stay where churners alone cannot make the balance."""
    if lingering > 0.0:
        return (min((left - churners) / holders, 1.0) if holders > 0.0 else 1.0), 1.0
    return (max(left / holders, _LEAST_KEPT) if holders > 0.0 else 1.0), _LEAST_KEPT


def _ahead(reach: Array) -> Array:
    """The lowest reach from each row on; beyond the last, infinity."""
    return np.append(np.minimum.accumulate(reach[::-1])[::-1], np.inf)


def _before(births: Crowd, bar: int) -> Crowd:
    return births.rows(slice(np.searchsorted(births.birth, bar + 1)))


def _until(sweeps: Sweeps, row: int) -> Sweeps:
    keep = slice(np.searchsorted(sweeps.row, row))
    return Sweeps(sweeps.who.rows(keep), sweeps.row[keep])
