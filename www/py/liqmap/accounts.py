"""Real positions of known accounts, where a venue shows them: no estimate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.columns import Array
from liqmap.errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class Positions:
    """One row a position that has a liquidation price.

    Parameters
    ----------
    position_side : array of shape (n,)
        +1 long, -1 short.
    quantity_base : array of shape (n,)
        [base], positive.
    entry_price, liquidation_price : array of shape (n,)
        [quote/base], positive.
    leverage : array of shape (n,)
    held_long_base, held_short_base : float
        [base] of all positions that were found, those without a liquidation price too.
    """

    position_side: Array
    quantity_base: Array
    entry_price: Array
    liquidation_price: Array
    leverage: Array
    held_long_base: float
    held_short_base: float

    def __post_init__(self) -> None:
        size = len(self.position_side)
        names = ("position_side", "quantity_base", "entry_price", "liquidation_price", "leverage")
        for name in names:
            column = np.array(getattr(self, name), dtype=np.float64)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
            if column.shape != (size,) or not np.isfinite(column).all():
                raise InputError(f"Positions.{name}: expected {size} finite numbers.")
            if name != "position_side" and (column <= 0).any():
                raise InputError(f"Positions.{name}: not positive.")
        if (np.abs(self.position_side) != 1).any():
            raise InputError("Positions.position_side: neither +1 nor -1.")

    def __len__(self) -> int:
        return int(self.position_side.size)

    def share_of(self, open_interest_base: float) -> float:
        """Share of the one-sided open interest that these accounts hold, 0 … 1."""
        if open_interest_base <= 0:
            return 0.0
        held = 0.5 * (self.held_long_base + self.held_short_base)
        return min(1.0, held / open_interest_base)
