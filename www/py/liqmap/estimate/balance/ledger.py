"""Sums for every bar, drawn or not: what was swept, and what is left from before the data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.estimate.balance.book import Change
from liqmap.estimate.cohorts import Table, tally


class Ledger:
    """Sums for each of `bars` bars; `swept_*` by side."""

    def __init__(self, bars: int) -> None:
        self.swept_base, self.swept_quote = np.zeros((2, bars)), np.zeros((2, bars))
        self.prior_share = np.zeros(bars)

    def enter(self, change: Change, units: Table, prior: Table, shown: NDArray[np.bool_]) -> None:
        """Enter some bars.

        Parameters
        ----------
        units : array of shape (2, e)
            Holders and churners of the deaths, as far as they are shown.
        prior : array of shape (2, 2)
            What is left of the book before the data, by side and group; brought up to date.
        shown : array of shape (K,)
            Which leverages are drawn.
        """
        (who, at), held = change.deaths, change.bars.open_interest_base
        size, scale = held.size, change.scale[:, :, 1:]
        before = change.scale[:, :, :-1].swapaxes(0, 1).reshape(2, -1)
        after = slice(change.first, change.first + size)
        mass = units[0] * before[0].take(at) + units[1] * before[1].take(at)
        self.swept_base[:, after] = tally(at, mass, 2 * size).reshape(2, -1)
        self.swept_quote[:, after] = tally(at, mass * who.price, 2 * size).reshape(2, -1)
        within, price_rate = change.births.within, change.births.within_price
        if within.any():
            opened = (change.opened[:, :, -size:] * scale).sum(axis=1)
            self.swept_base[:, after] += opened * (within @ shown)
            self.swept_quote[:, after] += opened * (price_rate @ shown) * change.bars.close
        old = (who.birth == 0).nonzero()[0]
        both = [tally(at[old], share[old], 2 * size) for share in (who.held, who.churned)]
        gone = np.stack(both).reshape(2, 2, -1).swapaxes(0, 1)
        left = np.concatenate([prior[:, :, None], -gone], axis=2).cumsum(axis=2)[:, :, 1:]
        prior[:] = left[:, :, -1]
        mass = 0.5 * (left * change.opened[:, :, :1] * scale).sum(axis=(0, 1))
        mass = np.minimum(np.maximum(mass, 0.0), held)
        self.prior_share[after] = np.divide(mass, held, out=np.zeros(size), where=held > 0)

    def grow(self, bars: int) -> None:
        """Make room for so many bars."""
        self.swept_base = wider(self.swept_base, bars)
        self.swept_quote = wider(self.swept_quote, bars)
        self.prior_share = wider(self.prior_share, bars)


def wider(columns: Any, wanted: int) -> Any:
    """The same columns with room for at least so many; some more, so that it is rarely done."""
    if wanted <= columns.shape[-1]:
        return columns
    more = np.zeros((*columns.shape[:-1], wanted + wanted // 8), columns.dtype)
    more[..., : columns.shape[-1]] = columns
    return more
