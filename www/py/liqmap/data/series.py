"""The columns that flow between rooms: one float64 array a field, oldest first.

Checked once, here, on the way in; read-only afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liqmap.errors import InputError

Array = NDArray[np.float64]


def _column(owner: str, name: str, values: ArrayLike, length: int | None = None) -> Array:
    column = np.array(values, dtype=np.float64)
    if column.ndim != 1:
        raise InputError(f"{owner}.{name}: expected one dimension, was {column.ndim}.")
    if length is not None and column.size != length:
        raise InputError(f"{owner}.{name}: expected {length} values, was {column.size}.")
    bad = np.flatnonzero(~np.isfinite(column))
    if bad.size:
        raise InputError(
            f"{owner}.{name}: not a finite number at row {bad[0]}.",
            hint="Leave out bars without trades: a gap is a missing row.",
        )
    column.flags.writeable = False
    return column


def _ascending(owner: str, time_ms: Array) -> None:
    bad = np.flatnonzero(np.diff(time_ms) <= 0)
    if bad.size:
        raise InputError(f"{owner}.time_ms: not ascending at row {bad[0] + 1}.")


@dataclass(frozen=True, eq=False, slots=True)
class Candles:
    """Bars of one market.

    Parameters
    ----------
    time_ms : array of shape (n,)
        Opening of each bar, UTC, ascending. A missing bar is a missing row.
    open, high, low, close : array of shape (n,)
        [quote/base], positive, low ≤ open, close ≤ high.
    volume_base : array of shape (n,)
        Traded quantity [base], each trade counted once.
    taker_buy_base : array of shape (n,), optional
        The part bought by takers [base].
    step_ms : float, optional
        Length of a bar. Default: the smallest distance of two openings, else 5 minutes.

    Raises
    ------
    InputError
        Unequal lengths, non-finite, descending, or impossible values.
    """

    time_ms: Array
    open: Array
    high: Array
    low: Array
    close: Array
    volume_base: Array
    taker_buy_base: Array | None = None
    step_ms: float = 0.0

    def __post_init__(self) -> None:
        put = object.__setattr__
        time_ms = _column("Candles", "time_ms", self.time_ms)
        put(self, "time_ms", time_ms)
        _ascending("Candles", time_ms)
        for name in ("open", "high", "low", "close", "volume_base", "taker_buy_base"):
            values = getattr(self, name)
            if values is not None:
                put(self, name, _column("Candles", name, values, time_ms.size))
        if not self.step_ms:
            step = float(np.diff(time_ms).min()) if time_ms.size > 1 else 300_000.0
            put(self, "step_ms", step)
        self._check_values()

    def _check_values(self) -> None:
        wrong = {
            "low: not a positive price": self.low <= 0,
            "low: above open or close": self.low > np.minimum(self.open, self.close),
            "high: below open or close": self.high < np.maximum(self.open, self.close),
            "volume_base: negative": self.volume_base < 0,
        }
        if self.taker_buy_base is not None:
            slack = 1e-9 * self.volume_base
            wrong["taker_buy_base: outside 0 … volume_base"] = (self.taker_buy_base < 0) | (
                self.taker_buy_base > self.volume_base + slack
            )
        for complaint, rows in wrong.items():
            if rows.any():
                raise InputError(f"Candles.{complaint} at row {int(np.argmax(rows))}.")

    def __len__(self) -> int:
        return int(self.time_ms.size)

    @property
    def end_ms(self) -> Array:
        """End of each bar [ms], shape (n,)."""
        return self.time_ms + self.step_ms

    def rows(self, keep: slice | NDArray[np.bool_]) -> Candles:
        """The same columns, some rows."""
        taker = None if self.taker_buy_base is None else self.taker_buy_base[keep]
        return Candles(
            self.time_ms[keep],
            self.open[keep],
            self.high[keep],
            self.low[keep],
            self.close[keep],
            self.volume_base[keep],
            taker,
            self.step_ms,
        )


@dataclass(frozen=True, eq=False, slots=True)
class OpenInterest:
    """Open interest at instants.

    Parameters
    ----------
    time_ms : array of shape (n,)
        The instant each sample was taken, UTC, ascending.
    open_interest_base : array of shape (n,)
        ONE side [base]: the longs, which equal the shorts. Not negative.

    Raises
    ------
    InputError
        Unequal lengths, non-finite, descending, or negative values.
    """

    time_ms: Array
    open_interest_base: Array

    def __post_init__(self) -> None:
        put = object.__setattr__
        time_ms = _column("OpenInterest", "time_ms", self.time_ms)
        put(self, "time_ms", time_ms)
        _ascending("OpenInterest", time_ms)
        values = _column(
            "OpenInterest", "open_interest_base", self.open_interest_base, time_ms.size
        )
        put(self, "open_interest_base", values)
        if (values < 0).any():
            row = int(np.argmax(values < 0))
            raise InputError(f"OpenInterest.open_interest_base: negative at row {row}.")

    def __len__(self) -> int:
        return int(self.time_ms.size)

    def at(self, instants_ms: Array) -> Array:
        """Last sample at or before each instant [base]; the first sample before it.

        A bar's open interest is `at(bar end)`: one bar early is a lag, one late a look
        ahead.
        """
        if not len(self):
            raise InputError("OpenInterest: no sample.")
        row = np.searchsorted(self.time_ms, instants_ms, side="right") - 1
        return self.open_interest_base[np.maximum(row, 0)]
