"""Price bins: equal steps in price, because the axis they are drawn on is linear.

The book itself does not know the grid (see `liqmap.estimate.balance.model`), so a finer or coarser
one changes how the estimate is drawn, never the estimate.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array, Candles
from liqmap.errors import InputError

MARGIN = 1.10
"""The grid reaches at least 10 % beyond the lowest and highest price …"""
STEP = 1.05
"""… in steps of 5 % from the first price, so that it rarely moves when bars are added."""


@dataclass(frozen=True, slots=True)
class PriceGrid:
    """`bins` half-open bins of equal width over [low_price, high_price)."""

    low_price: float
    high_price: float
    bins: int
    edges: Array = field(init=False, repr=False, compare=False)
    """Shape (bins + 1,)."""
    _outer: Array = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (0 <= self.low_price < self.high_price < math.inf):
            raise InputError(
                f"price_range: expected 0 ≤ low < high, was {self.low_price:g} … "
                f"{self.high_price:g}."
            )
        if self.bins < 1:
            raise InputError(f"price_bins: expected at least 1, was {self.bins}.")
        edges = np.linspace(self.low_price, self.high_price, self.bins + 1)
        edges.flags.writeable = False
        object.__setattr__(self, "edges", edges)
        # Above the last there is no edge, not even for an infinite price.
        outer = np.concatenate([[-np.inf], edges, [np.nan]])
        object.__setattr__(self, "_outer", outer)

    @classmethod
    def around(cls, candles: Candles, bins: int) -> PriceGrid:
        """A grid that holds every price of the bars, with a margin."""
        first = float(candles.close[0])
        down = math.ceil(math.log(first * MARGIN / float(candles.low.min()), STEP))
        up = math.ceil(math.log(float(candles.high.max()) * MARGIN / first, STEP))
        return cls(first / STEP**down, first * STEP**up, bins)

    def rows(self, price: Array) -> NDArray[np.intp]:
        """Bin of each price; −1 below the grid, `bins` above."""
        scale = self.bins / (self.high_price - self.low_price)
        row = np.floor((price - self.low_price) * scale)
        row = np.clip(row, -1, self.bins, out=row).astype(np.intp)
        # Rounding may have put a price that is almost an edge on its wrong side.
        row -= price < self._outer[row + 1]
        row += price >= self._outer[row + 2]
        return row
