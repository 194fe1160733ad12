"""What an estimate is: open positions over liquidation price and time.

A density is not liquidations: these have not happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.errors import InputError
from liqmap.estimate.leverage import LeverageRange

Matrix = NDArray[np.float32]
_BY_COLUMN = (
    *("beyond_long_base", "beyond_short_base", "swept_long_base", "swept_short_base"),
    *("swept_long_quote", "swept_short_quote", "prior_share"),
)


@dataclass(frozen=True, eq=False, slots=True)
class Settled:
    """The columns of a density that stay: every later one of the same book has them.

    They are those that end by `until_ms`; two densities are of the same book if `book` is one
    and the same object.
    """

    book: object
    until_ms: float


@dataclass(frozen=True, eq=False, slots=True)
class Density:
    """Open positions by the price that would liquidate them.

    Attributes
    ----------
    time_edges_ms : array of shape (T + 1,)
    price_edges : array of shape (B + 1,)
        Ascending [quote/base]; bins are half open.
    long_base, short_base : float32 array of shape (B, T)
        [base] waiting to be liquidated in the bin at the END of the bar; row 0 lowest.
    beyond_long_base, beyond_short_base : array of shape (T,)
        [base] open positions whose liquidation price lies outside the grid.
    swept_long_base, swept_short_base : array of shape (T,)
        [base] exposure that the bar's price passed; by rank a measure of liquidations,
        in dollars far above them.
    swept_long_quote, swept_short_quote : array of shape (T,)
        The same [quote], at the exact liquidation prices, whatever the grid.
    ranges : tuple of LeverageRange, K of them
        The leverages that the model distinguishes.
    long_by_leverage_base, short_by_leverage_base : float32 array of shape (K, B)
        The last column, by leverage.
    prior_share : array of shape (T,)
        Share of the book that dates from before the data.
    settled : Settled or None
        Which columns stay, of a density that goes on.

    Examples
    --------
    >>> none, column = np.zeros(1), np.array([[2.0], [0.0]], np.float32)  # two bins, one bar
    >>> edges_ms, edges = np.array([0.0, 300_000]), np.array([80.0, 90, 100])
    >>> density = Density(edges_ms, edges, column, column, *[none] * 6)
    >>> density.prices.tolist(), density.long_quote.ravel().tolist()
    ([85.0, 95.0], [170.0, 0.0])
    """

    time_edges_ms: Array
    price_edges: Array
    long_base: Matrix
    short_base: Matrix
    beyond_long_base: Array
    beyond_short_base: Array
    swept_long_base: Array
    swept_short_base: Array
    swept_long_quote: Array
    swept_short_quote: Array
    ranges: tuple[LeverageRange, ...] = ()
    long_by_leverage_base: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    short_by_leverage_base: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    prior_share: Array = field(default_factory=lambda: np.zeros(0))
    settled: Settled | None = None

    @property
    def prices(self) -> Array:
        """Middle of each bin [quote/base], shape (B,)."""
        return 0.5 * (self.price_edges[1:] + self.price_edges[:-1])

    @property
    def long_quote(self) -> Matrix:
        """`long_base` × the bin's price [quote]."""
        return self.long_base * self.prices[:, None].astype(np.float32)

    @property
    def short_quote(self) -> Matrix:
        """`short_base` × the bin's price [quote]."""
        return self.short_base * self.prices[:, None].astype(np.float32)

    def last(self, columns: int) -> Density:
        """The same density, its newest columns only; the arrays are views."""
        have = self.time_edges_ms.size - 1
        if have <= columns:
            return self
        newest = slice(have - columns, None)
        by_column = {name: getattr(self, name)[newest] for name in _BY_COLUMN}
        return replace(
            self,
            time_edges_ms=self.time_edges_ms[newest],
            long_base=self.long_base[:, newest],
            short_base=self.short_base[:, newest],
            **by_column,
        )

    def scaled(self, long: float, short: float) -> Density:
        """The same with every quantity of a side times its factor."""
        changed = {}
        for column in fields(self):
            for side, factor in (("long", long), ("short", short)):
                if side in column.name:
                    changed[column.name] = getattr(self, column.name) * factor
        return replace(self, **changed, settled=None)  # the factors may be others next time

    @classmethod
    def sum(cls, parts: Iterable[Density]) -> Density:
        """The sum of densities on one price grid, over the time that all of them cover.

        Columns are those of the part that has most. Another's column is its last one that
        opens no later, so a gap of one part keeps its book; what was swept is added where it
        happened. Where the mixes differ, there is no sum by leverage.

        Raises
        ------
        InputError
            Nothing to add, different price grids, or no common time.
        """
        several = list(parts)
        if not several:
            raise InputError("Density.sum: no density.")
        leader = max(several, key=lambda part: part.time_edges_ms.size)
        if not all(np.array_equal(part.price_edges, leader.price_edges) for part in several):
            raise InputError("Density.sum: the price grids differ.")
        opens_ms, ends_ms = leader.time_edges_ms[:-1], leader.time_edges_ms[1:]
        first_ms = max(float(part.time_edges_ms[0]) for part in several)
        last_ms = min(float(part.time_edges_ms[-1]) for part in several)
        covered = (opens_ms >= first_ms) & (opens_ms < last_ms)
        if not covered.any():
            raise InputError("Density.sum: the venues have no time in common.")
        opens_ms, end_ms = opens_ms[covered], float(ends_ms[covered][-1])
        column = [
            np.searchsorted(part.time_edges_ms[:-1], opens_ms, side="right") - 1 for part in several
        ]

        def books(name: str) -> Matrix:
            total = np.zeros((leader.price_edges.size - 1, opens_ms.size), np.float32)
            for part, at in zip(several, column, strict=True):
                total += getattr(part, name)[:, at]
            return total

        def swept(name: str) -> Array:
            total = np.zeros(opens_ms.size)
            for part in several:
                opened_ms = part.time_edges_ms[:-1]
                inside = (opened_ms >= opens_ms[0]) & (opened_ms < end_ms)
                at = np.searchsorted(opens_ms, opened_ms[inside], side="right") - 1
                np.add.at(total, at, getattr(part, name)[inside])
            return total

        beyond_long_base, beyond_short_base, held_base, prior_base = np.zeros((4, opens_ms.size))
        for part, at in zip(several, column, strict=True):
            beyond_long_base += part.beyond_long_base[at]
            beyond_short_base += part.beyond_short_base[at]
            held = part.long_base.sum(axis=0, dtype=np.float64)[at] + part.beyond_long_base[at]
            held_base += held
            prior_base += held * part.prior_share[at]

        total = cls(
            np.append(opens_ms, end_ms),
            leader.price_edges,
            books("long_base"),
            books("short_base"),
            beyond_long_base,
            beyond_short_base,
            swept("swept_long_base"),
            swept("swept_short_base"),
            swept("swept_long_quote"),
            swept("swept_short_quote"),
            prior_share=prior_base / np.maximum(held_base, 1e-300),
        )
        if any(part.ranges != leader.ranges for part in several):
            return total
        return replace(
            total,
            ranges=leader.ranges,
            long_by_leverage_base=np.sum([part.long_by_leverage_base for part in several], axis=0),
            short_by_leverage_base=np.sum(
                [part.short_by_leverage_base for part in several], axis=0
            ),
        )
