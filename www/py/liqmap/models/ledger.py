"""What is known of every bar, drawn or not: who was swept, and who is left from before."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.columns import Array
from liqmap.models.book import Change
from liqmap.models.crowd import LONG, Table, tally


class Ledger:
    """Sums for each of `bars` bars; `swept_*` by side."""

    def __init__(self, bars: int) -> None:
        self.swept_base, self.swept_quote = np.zeros((2, bars)), np.zeros((2, bars))
        self.prior_share = np.zeros(bars)

    def enter(self, side: int, change: Change, units: Table, prior: Array) -> None:
        """Enter one side of some bars, longs before shorts.

        Parameters
        ----------
        units : array of shape (2, e)
            Holders and churners of the deaths, as far as they are shown.
        prior : array of shape (2,)
            What is left of the book before the data, by side; brought up to date.
        """
        (who, row), bars = change.deaths[side], change.bars
        size, opened, scale = bars.close.size, change.opened[side], change.scale[side]
        after = slice(change.first, change.first + size)
        mass = units[0] * scale[0].take(row) + units[1] * scale[1].take(row)
        self.swept_base[side, after] = tally(row, mass, size)
        self.swept_quote[side, after] = tally(row, mass * who.price, size)
        old = np.flatnonzero(who.birth == 0)
        gone = tally(row[old], who.share[old], size)
        there = np.cumsum(np.concatenate([prior[side : side + 1], -gone]))[1:]
        prior[side] = there[-1]
        left = there * (opened[:, :1] * scale[:, 1:]).sum(axis=0)
        held = bars.open_interest_base
        share = np.divide(0.5 * left, held, out=np.zeros(size), where=held > 0)
        if side == LONG:
            self.prior_share[after] = share
        else:
            self.prior_share[after] = np.clip(self.prior_share[after] + share, 0.0, 1.0)

    def grow(self, bars: int) -> None:
        """Make room for so many bars."""
        self.swept_base = wider(self.swept_base, bars)
        self.swept_quote = wider(self.swept_quote, bars)
        self.prior_share = wider(self.prior_share, bars)


def wider(columns: Any, wanted: int) -> Any:
    """The same columns with room for at least so many; some more, so that it is rarely done."""
    if wanted <= columns.shape[-1]:
        return columns
    more = np.zeros((*columns.shape[:-1], wanted + max(64, wanted // 8)), columns.dtype)
    more[..., : columns.shape[-1]] = columns
    return more
