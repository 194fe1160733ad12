"""The law of mass balance, bar by bar, on plain numbers: who rests where is known before.

Of each side there are two groups, holders and churners, who leave as the balance needs:
holders at a fixed part of the hazard at which churners do. A group closes evenly, so it is
one sum and one scale: a unit of it is worth less after each bar, and no position need be
touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from math import sqrt
from typing import NamedTuple

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.cohorts import Cube, Table

LEAST_SCALE = 2.0**-700
"""A unit that is worth less has no room for arithmetic; a step ends there."""
_MOST_HAZARD = 1e30
"""That of all who leave: of a group of whom nobody should stay, too little stays to be seen."""


class Due(NamedTuple):
    """What each bar of a step of n bars sweeps.

    `units` are of those born before the step: (n, 4), holders and churners among longs, then
    among shorts. Of those born in it, bar t sweeps the next `many[side][t]` of `cohorts[side]`:
    bar of birth, and parts of its holders and churners.
    """

    units: Table
    many: list[list[int]]
    cohorts: list[Iterator[tuple[int, float, float]]]


class Settled(NamedTuple):
    """Quantity opened in a step of n bars, and the worth of a unit at each bar's end.

    Both by side, group and bar: (2, 2, n). `held` [base] by side and group.
    """

    opened_units: Cube
    scale_base: Cube
    held_base: Table


def settle(
    held_base: Table,
    scale_base: Table,
    due: Due,
    open_interest_base: Array,
    volume_base: Array,
    hold_part: Array,
    say: Assumptions,
) -> Settled:
    """Sweep, open and close, bar by bar; stops after a bar that ends below LEAST_SCALE.

    Parameters
    ----------
    held_base, scale_base : arrays of shape (2, 2)
        What is held before the first bar, and what a unit is worth, by side and group.
    due : Due
    open_interest_base, volume_base : arrays of shape (n,)
        [base] at the end of each bar, and traded in it.
    hold_part : array of shape (2,)
        Part of what each side opens that is held.
    """
    churn_rate, ratio = say.churn_rate, say.holder_exit_ratio
    long_hold_part, short_hold_part = hold_part.tolist()
    long_churn_part, short_churn_part = 1.0 - long_hold_part, 1.0 - short_hold_part
    (long_hold, long_churn), (short_hold, short_churn) = held_base.tolist()
    (long_hold_worth, long_churn_worth), (short_hold_worth, short_churn_worth) = scale_base.tolist()
    units: list[list[float]] = [[], [], [], []]
    long_hold_units, long_churn_units, short_hold_units, short_churn_units = units
    worths: list[tuple[float, float, float, float]] = []
    long_new, short_new = due.cohorts
    bars = zip(
        open_interest_base.tolist(),
        volume_base.tolist(),
        due.units.tolist(),
        *due.many,
        strict=True,
    )
    for total, volume, swept, new_longs, new_shorts in bars:
        # Sweep.
        lost_long_hold, lost_long_churn, lost_short_hold, lost_short_churn = swept
        for born, held, churned in islice(long_new, new_longs):
            lost_long_hold += long_hold_units[born] * held
            lost_long_churn += long_churn_units[born] * churned
        for born, held, churned in islice(short_new, new_shorts):
            lost_short_hold += short_hold_units[born] * held
            lost_short_churn += short_churn_units[born] * churned
        # What is below zero is rounding.
        if lost_long_hold or lost_long_churn:
            long_hold = max(long_hold - lost_long_hold * long_hold_worth, 0.0)
            long_churn = max(long_churn - lost_long_churn * long_churn_worth, 0.0)
        if lost_short_hold or lost_short_churn:
            short_hold = max(short_hold - lost_short_hold * short_hold_worth, 0.0)
            short_churn = max(short_churn - lost_short_churn * short_churn_worth, 0.0)
        # Open: what the emptier side lacks, and churn.
        longs, shorts = long_hold + long_churn, short_hold + short_churn
        new = total - (longs if longs < shorts else shorts)
        new = new if new > 0.0 else 0.0
        if volume > new:
            new += churn_rate * (volume - new)
        new = new if new < total else total
        # Close.
        left = total - new
        stay, linger = _staying(long_hold, long_churn, left, ratio)
        long_hold_worth, long_churn_worth = long_hold_worth * stay, long_churn_worth * linger
        long_hold = long_hold * stay + new * long_hold_part
        long_churn = total - long_hold if total > long_hold else 0.0
        stay, linger = _staying(short_hold, short_churn, left, ratio)
        short_hold_worth, short_churn_worth = short_hold_worth * stay, short_churn_worth * linger
        short_hold = short_hold * stay + new * short_hold_part
        short_churn = total - short_hold if total > short_hold else 0.0
        long_hold_units.append(new * long_hold_part / long_hold_worth)
        long_churn_units.append(new * long_churn_part / long_churn_worth)
        short_hold_units.append(new * short_hold_part / short_hold_worth)
        short_churn_units.append(new * short_churn_part / short_churn_worth)
        worths.append((long_hold_worth, long_churn_worth, short_hold_worth, short_churn_worth))
        if (
            long_hold_worth < LEAST_SCALE
            or long_churn_worth < LEAST_SCALE
            or short_hold_worth < LEAST_SCALE
            or short_churn_worth < LEAST_SCALE
        ):
            break  # the step ends with this bar
    return Settled(
        np.array(units).reshape(2, 2, -1),
        np.array(worths).T.reshape(2, 2, -1),
        np.array([[long_hold, long_churn], [short_hold, short_churn]]),
    )


def _staying(hold: float, churn: float, left: float, ratio: float) -> tuple[float, float]:
    """Parts of holders and of churners who stay, for `left` of both together to be left.

    hold / (1 + ratio × hazard) + churn / (1 + hazard) = left, solved for the hazard.
    """
    gone = hold + churn - left
    if gone <= 0.0:
        return 1.0, 1.0
    slope = left - hold + ratio * (left - churn)
    root = sqrt(slope * slope + 4.0 * ratio * left * gone)
    if slope > 0.0:
        hazard = 2.0 * gone / (slope + root)
    else:
        twice = 2.0 * ratio * left
        hazard = (root - slope) / twice if twice > 0.0 else _MOST_HAZARD
    hazard = hazard if hazard < _MOST_HAZARD else _MOST_HAZARD
    return 1.0 / (1.0 + ratio * hazard), 1.0 / (1.0 + hazard)
