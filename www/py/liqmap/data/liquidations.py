"""Liquidations that happened: what the tape keeps and the score is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from liqmap.data.series import Array, Keep, unchecked
from liqmap.errors import InputError


@dataclass(frozen=True, eq=False, slots=True)
class Liquidations:
    """One row a liquidation, oldest first.

    Parameters
    ----------
    time_ms : array of shape (n,)
        UTC, not falling.
    position_side : array of shape (n,)
        +1: a long was liquidated, -1: a short.
    price : array of shape (n,)
        [quote/base], positive: the fill, or the bankruptcy price where a venue gives that.
    quantity_base : array of shape (n,)
        [base], positive.

    Raises
    ------
    InputError
        Unequal lengths, non-finite or impossible values.
    """

    time_ms: Array
    position_side: Array
    price: Array
    quantity_base: Array

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("time_ms", "position_side", "price", "quantity_base"):
            column = np.array(getattr(self, name), dtype=np.float64)
            column.flags.writeable = False
            put(self, name, column)
            if column.shape != (self.time_ms.size,):
                raise InputError(f"Liquidations.{name}: not of the length of time_ms.")
            if not np.isfinite(column).all():
                raise InputError(f"Liquidations.{name}: not a finite number.")
        wrong = {
            "time_ms: falling": (np.diff(self.time_ms) < 0).any(),
            "position_side: neither +1 nor -1": (np.abs(self.position_side) != 1).any(),
            "price: not positive": (self.price <= 0).any(),
            "quantity_base: not positive": (self.quantity_base <= 0).any(),
        }
        for complaint, found in wrong.items():
            if found:
                raise InputError(f"Liquidations.{complaint}.")

    def __len__(self) -> int:
        return int(self.time_ms.size)

    @property
    def quantity_quote(self) -> Array:
        """Notional [quote], shape (n,)."""
        return self.price * self.quantity_base

    def rows(self, keep: Keep) -> Liquidations:
        """Some of them, in their order."""
        return unchecked(
            Liquidations,
            time_ms=self.time_ms[keep],
            position_side=self.position_side[keep],
            price=self.price[keep],
            quantity_base=self.quantity_base[keep],
        )

    def scaled(self, factor: float) -> Liquidations:
        """The same per `factor` coins: prices times it, quantities divided by it."""
        return unchecked(
            Liquidations,
            time_ms=self.time_ms,
            position_side=self.position_side,
            price=self.price * factor,
            quantity_base=self.quantity_base / factor,
        )

    @classmethod
    def sorted(
        cls,
        time_ms: ArrayLike,
        position_side: ArrayLike,
        price: ArrayLike,
        quantity_base: ArrayLike,
    ) -> Liquidations:
        """From rows in any order; rows of one instant keep theirs."""
        columns = [
            np.asarray(one, dtype=np.float64)
            for one in (time_ms, position_side, price, quantity_base)
        ]
        order = np.argsort(columns[0], kind="stable")
        return cls(*(column[order] for column in columns))

    @classmethod
    def joined(cls, parts: Iterable[Liquidations]) -> Liquidations:
        """All rows of all parts, oldest first."""
        several = list(parts)
        if not several:
            return cls.sorted([], [], [], [])
        columns = {
            name: np.concatenate([getattr(one, name) for one in several])
            for name in ("time_ms", "position_side", "price", "quantity_base")
        }
        order = np.argsort(columns["time_ms"], kind="stable")
        return unchecked(cls, **{name: column[order] for name, column in columns.items()})
