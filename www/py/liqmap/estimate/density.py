"""What an estimate is: open positions over liquidation price and time.

A density is not liquidations: these have not happened.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array

Matrix = NDArray[np.float32]


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
    leverages : array of shape (K,)
        The leverages of the mix.
    long_by_leverage_base, short_by_leverage_base : float32 array of shape (K, B)
        The last column, by leverage.
    prior_share : array of shape (T,)
        Share of the book that dates from before the data.
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
    leverages: Array = field(default_factory=lambda: np.zeros(0))
    long_by_leverage_base: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    short_by_leverage_base: Matrix = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    prior_share: Array = field(default_factory=lambda: np.zeros(0))

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
