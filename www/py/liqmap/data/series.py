"""Columns over time: one float64 array a field, oldest first, read-only.

The public constructors check and copy what they are given; they stand at the border, where
exchanges, files and callers come in. What is made of columns here (rows of them, two of them
joined, another scale) is sound as they are, and is neither checked nor copied again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from liqmap.errors import InputError

Array = NDArray[np.float64]
Keep = slice | NDArray[np.bool_] | NDArray[np.intp]
"""Which rows to keep."""
T = TypeVar("T")


def unchecked(kind: type[T], **columns: Any) -> T:
    """An object of frozen columns that are known to be sound; arrays become read-only."""
    made = object.__new__(kind)
    for name, values in columns.items():
        if isinstance(values, np.ndarray):
            values.flags.writeable = False
        object.__setattr__(made, name, values)
    return made


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
        Length of a bar, of the newest where there are longer ones before. Default: the
        smallest distance of two openings, else 5 minutes.
    end_ms : array of shape (n,), optional
        End of each bar, not after the next one's opening. Default: time_ms + step_ms; given
        where bars differ in length.

    Raises
    ------
    InputError
        Unequal lengths, non-finite, descending, or impossible values.

    Examples
    --------
    >>> bars = Candles([0, 300_000], [100, 101], [102, 103], [99, 100], [101, 102], [5, 7])
    >>> len(bars), bars.step_ms, bars.end_ms.tolist()
    (2, 300000.0, [300000.0, 600000.0])
    """

    time_ms: Array
    open: Array
    high: Array
    low: Array
    close: Array
    volume_base: Array
    taker_buy_base: Array | None = None
    step_ms: float = 0.0
    end_ms: Array = field(default_factory=lambda: np.zeros(0))

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
        given = np.size(self.end_ms) > 0
        ends = self.end_ms if given else time_ms + self.step_ms
        put(self, "end_ms", _column("Candles", "end_ms", ends, time_ms.size))
        if given and (late := np.flatnonzero(self.end_ms[:-1] > time_ms[1:])).size:
            raise InputError(f"Candles.end_ms: after the next opening at row {late[0]}.")
        self._check_values()

    def _check_values(self) -> None:
        wrong = {
            "low: not a positive price": self.low <= 0,
            "low: above open or close": self.low > np.minimum(self.open, self.close),
            "high: below open or close": self.high < np.maximum(self.open, self.close),
            "volume_base: negative": self.volume_base < 0,
            "end_ms: not after the opening": self.end_ms <= self.time_ms,
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

    def trigger_range(self, mark: Candles | None) -> tuple[Array, Array]:
        """Low and high of the price that triggers liquidations in each bar [quote/base].

        That is the mark price where `mark` has a bar of the same opening and `step_ms`, else
        the last price.
        """
        low, high = self.low, self.high
        if mark is None or not len(mark):
            return low, high
        row = np.minimum(np.searchsorted(mark.time_ms, self.time_ms), len(mark) - 1)
        longer = self.end_ms - self.time_ms > 1.5 * self.step_ms  # no mark price is of these
        known = (mark.time_ms[row] == self.time_ms) & ~longer
        return np.where(known, mark.low[row], low), np.where(known, mark.high[row], high)

    def rows(self, keep: Keep) -> Candles:
        """Some bars, in their order."""
        taker = self.taker_buy_base
        return unchecked(
            Candles,
            time_ms=self.time_ms[keep],
            open=self.open[keep],
            high=self.high[keep],
            low=self.low[keep],
            close=self.close[keep],
            volume_base=self.volume_base[keep],
            taker_buy_base=None if taker is None else taker[keep],
            step_ms=self.step_ms,
            end_ms=self.end_ms[keep],
        )

    @classmethod
    def joined(cls, older: Candles, newer: Candles) -> Candles:
        """The older bars that end no later than the newer ones begin, and these.

        The older may be longer: `end_ms` says where each ends, `step_ms` is the newer's.
        """
        if len(newer):
            ended = np.searchsorted(older.end_ms, newer.time_ms[0], side="right")
            older = older.rows(slice(int(ended)))
        names = ("time_ms", "open", "high", "low", "close", "volume_base", "end_ms")
        columns = {
            name: np.concatenate([getattr(older, name), getattr(newer, name)]) for name in names
        }
        taker = None
        if older.taker_buy_base is not None and newer.taker_buy_base is not None:
            taker = np.concatenate([older.taker_buy_base, newer.taker_buy_base])
        return unchecked(cls, **columns, taker_buy_base=taker, step_ms=newer.step_ms)

    def scaled(self, factor: float) -> Candles:
        """The same bars per `factor` coins: prices times it, quantities divided by it."""
        taker = self.taker_buy_base
        return unchecked(
            Candles,
            time_ms=self.time_ms,
            open=self.open * factor,
            high=self.high * factor,
            low=self.low * factor,
            close=self.close * factor,
            volume_base=self.volume_base / factor,
            taker_buy_base=None if taker is None else taker / factor,
            step_ms=self.step_ms,
            end_ms=self.end_ms,
        )

    def gathered(self, length_ms: float) -> Candles:
        """Bars of this length, which begin at its whole multiples; those of one are one bar."""
        number = self.time_ms // length_ms
        first = np.flatnonzero(np.diff(number, prepend=-1.0))
        last = np.append(first[1:], len(self)) - 1
        taker = self.taker_buy_base
        return unchecked(
            Candles,
            time_ms=number[first] * length_ms,
            open=self.open[first],
            high=np.maximum.reduceat(self.high, first),
            low=np.minimum.reduceat(self.low, first),
            close=self.close[last],
            volume_base=np.add.reduceat(self.volume_base, first),
            taker_buy_base=None if taker is None else np.add.reduceat(taker, first),
            step_ms=length_ms,
            end_ms=self.end_ms[last],
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

    Examples
    --------
    >>> samples = OpenInterest([0, 300_000], [1000, 1100])
    >>> samples.at(np.array([299_999, 300_000])).tolist()
    [1000.0, 1100.0]
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

    def rows(self, keep: Keep) -> OpenInterest:
        """Some samples, in their order."""
        return unchecked(
            OpenInterest,
            time_ms=self.time_ms[keep],
            open_interest_base=self.open_interest_base[keep],
        )

    @classmethod
    def joined(cls, older: OpenInterest, newer: OpenInterest) -> OpenInterest:
        """Older samples, and newer ones in the place of those from their time on."""
        kept = older.rows(older.time_ms < newer.time_ms[0])
        return unchecked(
            cls,
            time_ms=np.concatenate([kept.time_ms, newer.time_ms]),
            open_interest_base=np.concatenate([kept.open_interest_base, newer.open_interest_base]),
        )

    def scaled(self, factor: float) -> OpenInterest:
        """The same per `factor` coins: quantities divided by it."""
        return unchecked(
            OpenInterest,
            time_ms=self.time_ms,
            open_interest_base=self.open_interest_base / factor,
        )

    def at(self, instants_ms: Array) -> Array:
        """Last sample at or before each instant [base]; the first sample before it.

        A bar's open interest is `at(bar end)`: one bar early is a lag, one late a look
        ahead.
        """
        if not len(self):
            raise InputError("OpenInterest: no sample.")
        row = np.searchsorted(self.time_ms, instants_ms, side="right") - 1
        return self.open_interest_base[np.maximum(row, 0)]
