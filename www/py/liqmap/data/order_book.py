"""Resting orders of a venue: what a forced sale or purchase would be filled by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class OrderBook:
    """One instant's resting orders, the best first.

    Parameters
    ----------
    time_ms : float
        UTC, when it was read.
    bid_price, bid_base : array of shape (n,)
        Buyers: prices [quote/base], falling, and what is wanted at each [base], positive.
    ask_price, ask_base : array of shape (m,)
        Sellers: prices, rising, and what is offered at each.

    Raises
    ------
    InputError
        Unequal lengths, values that are not finite and positive, prices out of order.
    """

    time_ms: float
    bid_price: Array
    bid_base: Array
    ask_price: Array
    ask_base: Array

    def __post_init__(self) -> None:
        for side, direction in (("bid", -1), ("ask", 1)):
            price, base = (
                np.array(getattr(self, f"{side}_{what}"), dtype=np.float64)
                for what in ("price", "base")
            )
            for name, column in ((f"{side}_price", price), (f"{side}_base", base)):
                column.flags.writeable = False
                object.__setattr__(self, name, column)
                if column.shape != (price.size,):
                    raise InputError(f"OrderBook.{name}: not of the length of {side}_price.")
                if not (np.isfinite(column) & (column > 0)).all():
                    raise InputError(f"OrderBook.{name}: not a positive number.")
            if (np.diff(price) * direction <= 0).any():
                raise InputError(f"OrderBook.{side}_price: not from the best outward.")
