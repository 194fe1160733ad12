"""How far the last column could be off: the same market under other assumptions.

Exchanges publish nothing about leverage, or who holds on. Each member of the ensemble is a
whole book that obeys the law of mass balance, with what nobody knows drawn from what has
been measured (docs/explanation/uncertainty.md). Between its 10 % and 90 % quantiles lies what
the data leave open; that the method is right is not among the things it tries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.balance import model as balance
from liqmap.estimate.cohorts import SIGN, Rows, Table
from liqmap.estimate.inputs import Bars, Inputs, Setup

QUANTILES = (0.1, 0.9)
TILT = 0.7
"""Weights × leverage^tilt, on each side for itself: a mean leverage of 4× … 21×."""
SHIFT = 0.25
"""Log of the distance from entry at which a range is liquidated, more or less: margin that was
added or lost since, size, and entries that are not where the bar's path says."""
DOUBTS = {
    "churn_rate": 2.0,
    "holder_share": 2.0,
    "holder_exit_ratio": 2.0,
    "prior_gain_spread": 2.0,
    "prior_loss_spread": 2.0,
}
"""Up to so many times more or less than assumed."""
ENTRIES = 16
"""Along the path of one of those bars: a member need not be smooth."""
WIDER = 1.35
"""Power of the factors, so that of simulated truths four fifths lie within (bench/truth.py)."""
BARS = 150
"""A book lives through fewer than twice so many bars: neighbours become one."""


@dataclass(frozen=True, eq=False, slots=True)
class Members:
    """The last column as each of several equally good guesses has it [base], (M, B)."""

    long_base: NDArray[Any]
    short_base: NDArray[Any]

    def scaled(self, long: float | Array, short: float | Array) -> Members:
        """The same with every quantity of a side times its factor, or each member's (M, 1)."""
        return Members(self.long_base * long, self.short_base * short)

    def interval(self, amount: Array, first: Rows, end: Rows, position_side: int) -> Table:
        """P10 and P90 of what the rows first … end − 1 hold together, shape (2, n).

        Parameters
        ----------
        amount : array of shape (n,)
            The estimate of each window, in any unit. It is the median: members say how far
            it could be off, as a factor.
        first, end : arrays of shape (n,)
        position_side : 1 or −1
        """
        members = self.long_base if position_side > 0 else self.short_base
        below = np.pad(np.cumsum(members, axis=1, dtype=np.float64), ((0, 0), (1, 0)))
        held = np.take(below, end, axis=1) - np.take(below, first, axis=1)
        low, middle, high = np.quantile(held, (QUANTILES[0], 0.5, QUANTILES[1]), axis=0)
        known = middle > 0
        factors = np.divide([low, high], middle, out=np.zeros((2, middle.size)), where=known)
        factors[1, ~known] = 1.0
        interval: Table = amount * factors**WIDER
        return interval


@dataclass(frozen=True, eq=False, slots=True)
class Spread(Members):
    """The last column of a density under M sets of assumptions.

    Attributes
    ----------
    long_base, short_base : array of shape (M, B)
        The members [base]; a sum of theirs is a sum of one and the same book.
    price_edges : array of shape (B + 1,)
    """

    price_edges: Array


def spread_of(inputs: Inputs, members: int, seed: int) -> Spread:
    """Books under `members` sets of assumptions; the same seed draws the same."""
    few = _coarse(inputs)
    columns = []
    for setup in _setups(few.setup, members, seed):
        density = balance.estimate(replace(few, setup=setup))
        columns.append((density.long_base[:, -1], density.short_base[:, -1]))
    longs, shorts = np.array(columns, np.float64).swapaxes(0, 1)
    return Spread(longs, shorts, inputs.grid.edges)


def _coarse(inputs: Inputs) -> Inputs:
    """The last column alone, of fewer and longer bars."""
    bars, last = merged(inputs.bars)
    return replace(
        inputs,
        candles=inputs.candles.rows(np.isin(np.arange(len(inputs.candles)), last)),
        bars=bars,
        setup=inputs.setup._replace(most_entries=ENTRIES),
        starts=np.array([last.size - 1]),
        ends=np.array([last.size - 1]),
    )


def _setups(setup: Setup, members: int, seed: int) -> Iterator[Setup]:
    """The setup under other assumptions."""
    random = np.random.default_rng(seed)
    log_leverage = np.log(setup.leverage)
    tilts = TILT * _evenly(random, members, 2)
    shifts = SHIFT * _evenly(random, members, log_leverage.size)
    doubts = _evenly(random, members, len(DOUBTS))
    for tilt, shift, doubt in zip(tilts, shifts, doubts, strict=True):
        tilted = np.exp(np.outer(tilt, log_leverage))
        tilted /= (tilted * setup.share).sum(axis=1, keepdims=True)
        distance = np.minimum(np.abs(1 - setup.factor) * np.exp(shift)[:, None], 1.0)
        yield setup._replace(
            weight=setup.weight * tilted[:, :, None],
            factor=1 - np.array(SIGN)[:, None, None] * distance,
            assumptions=_doubted(setup.assumptions, doubt),
        )


def _doubted(say: Assumptions, doubt: Array) -> Assumptions:
    changed = {
        name: getattr(say, name) * times**power
        for (name, times), power in zip(DOUBTS.items(), doubt.tolist(), strict=True)
    }
    changed["churn_rate"] = min(changed["churn_rate"], 1.0)
    changed["holder_share"] = min(changed["holder_share"], 1.0)
    return replace(say, **changed)


def _evenly(random: np.random.Generator, members: int, unknowns: int) -> Table:
    """Between −1 and 1, (members, unknowns): each unknown evenly over its range, shuffled.

    So few members say more than as many throws of dice: a Latin hypercube.
    """
    order = np.argsort(random.random((members, unknowns)), axis=0)
    places: Table = 2 * (order + random.random((members, unknowns))) / members - 1
    return places


def merged(bars: Bars, most: int = BARS) -> tuple[Bars, Rows]:
    """Neighbours as one, from the last bar back; and the last row of each.

    There remain at least `most` bars and less than twice as many.
    """
    size = bars.close.size
    times = max(1, size // most)
    start = np.arange((size - 1) % times + 1 - times, size, times).clip(0)
    end = np.append(start[1:], size) - 1
    together = Bars(
        bars.open[start],
        np.maximum.reduceat(bars.high, start),
        np.minimum.reduceat(bars.low, start),
        bars.close[end],
        np.add.reduceat(bars.volume_base, start),
        bars.open_interest_base[end],
        np.minimum.reduceat(bars.reach, start, axis=1),
    )
    return together, end
