"""The law of mass balance, bar by bar, on plain numbers: who rests where is known before.

Of each side there are two groups. Holders leave by their own hazard; churners leave as the
balance needs. A group closes evenly, so it is one sum and one scale: a unit of it is worth
less after each bar, and no position need be touched.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.cohorts import LONG, SHORT, Cube, Table

LEAST_SCALE = 2.0**-700
"""A unit that is worth less has no room for arithmetic; a step ends there."""
_LEAST_KEPT = 1e-30
"""Part of a group that stays where all should leave: too little to be seen beside the rest."""


class Due(NamedTuple):
    """The quantities that each bar of a step sweeps; lists by side.

    `holders` and `churners` [units] are of those born before the step. Of those born in it
    bar t sweeps the next `many[t]` of `cohorts`: row of birth, and part of it.
    """

    holders: list[list[float]]
    churners: list[list[float]]
    many: list[list[int]]
    cohorts: list[Iterator[tuple[int, float]]]


class Settled(NamedTuple):
    """Quantity opened in a step of n bars, and the worth of a unit at each bar's end.

    Both by side, group and bar: (2, 2, n). `held` [base] by side and group.
    """

    opened_units: Cube
    scale_base: Cube
    held_base: Table


def patience(say: Assumptions, span_ms: Array) -> list[float]:
    """Part of the holders who stay through each span of time."""
    hours = np.maximum(span_ms, 0.0) / 3_600_000
    stay: list[float] = np.maximum(np.exp(-say.holder_exit_rate * hours), _LEAST_KEPT).tolist()
    return stay


def settle(
    held_base: Table,
    scale_base: Table,
    due: Due,
    open_interest_base: Array,
    volume_base: Array,
    span_ms: Array,
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
    span_ms : array of shape (n,)
        Since the end of the bar before.
    """
    n = open_interest_base.size
    (hold, churn), (hold_worth, churn_worth) = held_base.T.tolist(), scale_base.T.tolist()
    hold_part, churn_part, churn_rate = say.holder_share, 1 - say.holder_share, say.churn_rate
    units, worth = _columns(n), _columns(n)
    holders, churners, many, cohorts = due
    totals, volumes = open_interest_base.tolist(), volume_base.tolist()
    patient = patience(say, span_ms)
    done = 0
    while done < n:
        total, volume = totals[done], volumes[done]
        # Sweep.
        for side in (LONG, SHORT):
            lost_hold, lost_churn = holders[side][done], churners[side][done]
            new = many[side][done]
            if lost_hold or lost_churn or new:
                of_holders, of_churners = units[side]
                for born, part in islice(cohorts[side], new):
                    lost_hold += of_holders[born] * part
                    lost_churn += of_churners[born] * part
                left = hold[side] - lost_hold * hold_worth[side]
                hold[side] = left if left > 0.0 else 0.0
                left = churn[side] - lost_churn * churn_worth[side]
                churn[side] = left if left > 0.0 else 0.0
        # Open: what the emptier side lacks, and churn.
        longs, shorts = hold[0] + churn[0], hold[1] + churn[1]
        opened = total - (longs if longs < shorts else shorts)
        opened = opened if opened > 0.0 else 0.0
        if volume > opened:
            opened += churn_rate * (volume - opened)
        opened = opened if opened < total else total
        # Close.
        left, new_hold, new_churn = total - opened, opened * hold_part, opened * churn_part
        for side in (LONG, SHORT):
            stay, linger = patient[done], left - hold[side] * patient[done]
            if _LEAST_KEPT * churn[side] < linger < churn[side]:
                linger /= churn[side]
            else:
                stay, linger = _forced(hold[side], churn[side], left, stay)
            hold[side] = held = hold[side] * stay + new_hold
            churn[side] = total - held if total > held else 0.0
            hold_worth[side] = one = hold_worth[side] * stay
            churn_worth[side] = other = churn_worth[side] * linger
            worth[side][0][done], worth[side][1][done] = one, other
            units[side][0][done], units[side][1][done] = new_hold / one, new_churn / other
            if one < LEAST_SCALE or other < LEAST_SCALE:
                n = done + 1  # the step ends with this bar
        done += 1
    return Settled(
        np.array(units)[:, :, :done], np.array(worth)[:, :, :done], np.array([hold, churn]).T
    )


def _columns(n: int) -> list[list[list[float]]]:
    """By side, group and bar."""
    return [[[0.0] * n for _ in range(2)] for _ in range(2)]


def _forced(holders: float, churners: float, left: float, patience: float) -> tuple[float, float]:
    """Part of holders and of churners who stay where churners alone cannot make the balance.

    Where all churners are not enough, holders leave more slowly than they would. Else they
    leave faster, and no churner stays.
    """
    if left - holders * patience >= churners:
        stay = (left - churners) / holders if holders > 0.0 else 1.0
        return min(max(stay, patience), 1.0), 1.0
    stay = max(left / holders, _LEAST_KEPT) if holders > 0.0 else 1.0
    return stay, _LEAST_KEPT if churners > 0.0 else 1.0
