"""A market file: bars and open interest of one contract, as CSV.

Columns (a header names them; others are ignored): `time_ms` (bar opening, UTC), `open`,
`high`, `low`, `close`, `volume_base`, `open_interest_base` (one side, at the bar's END).
A row of `nan` prices is a gap; `nan` open interest is a missing sample. Taker volume and
mark prices are derived: takers buy as high in the bar's range as it closes, and the mark
follows two thirds of each wick.
"""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tools.build.console import BuildError

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

_PRICES = ("open", "high", "low", "close")
_COLUMNS = (*_PRICES, "volume_base", "open_interest_base")


@dataclass(frozen=True, eq=False, slots=True)
class Bars:
    """Bars, oldest first; `time_ms` is the opening, takers bought `taker_buy_base`."""

    time_ms: Times
    open: Floats
    high: Floats
    low: Floats
    close: Floats
    volume_base: Floats
    taker_buy_base: Floats


@dataclass(frozen=True, eq=False, slots=True)
class MarketFile:
    """One contract's past: `step_ms` apart, bars and samples without missing values."""

    step_ms: int
    bars: Bars
    sample_ms: Times
    open_interest_base: Floats

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a CSV file, gzipped or not.

        Raises
        ------
        BuildError
            The file is missing, lacks a column, or holds no bar.
        """
        opener = gzip.open if path.suffix == ".gz" else open
        try:
            with opener(path, "rt", newline="") as file:
                rows = csv.reader(file)
                names = next(rows, [])
                table = np.array([[float(cell) for cell in row] for row in rows])
        except (OSError, ValueError) as error:
            raise BuildError(f"{path} cannot be read as a market file: {error}.") from error
        lacking = [name for name in ("time_ms", *_COLUMNS) if name not in names]
        if lacking or table.ndim != 2 or len(table) < 2:
            raise BuildError(
                f"{path} is not a market file: "
                + (f"no column {', '.join(lacking)}." if lacking else "it holds no bars.")
            )
        time_ms = table[:, names.index("time_ms")].astype(np.int64)
        columns = {name: table[:, names.index(name)] for name in _COLUMNS}
        step_ms = int(np.diff(time_ms).min())
        traded = np.isfinite([columns[name] for name in _PRICES]).all(axis=0)
        interest = columns.pop("open_interest_base")
        sampled = np.isfinite(interest)
        bars = {name: values[traded] for name, values in columns.items()}
        return cls(
            step_ms,
            Bars(time_ms[traded], **bars, taker_buy_base=_taker_buy(**bars)),
            time_ms[sampled] + step_ms,
            interest[sampled],
        )

    @property
    def end_ms(self) -> int:
        """When the last bar ends: the file's present."""
        return int(self.bars.time_ms[-1]) + self.step_ms

    def scaled(self, price: float, decimals: int) -> MarketFile:
        """Another market of the same shape: prices divided by `price`, quantities times it."""
        bars = self.bars
        columns = {name: np.round(getattr(bars, name) / price, decimals) for name in _PRICES}
        columns["volume_base"] = np.round(bars.volume_base * price, 3)
        return MarketFile(
            self.step_ms,
            Bars(bars.time_ms, **columns, taker_buy_base=_taker_buy(**columns)),
            self.sample_ms,
            np.round(self.open_interest_base * price, 3),
        )

    def klines(self, interval_ms: int, now_ms: int) -> Bars:
        """Bars of `interval_ms` that opened before `now_ms`; the last may be unfinished."""
        return _gathered(self.bars, interval_ms, now_ms)

    def marks(self, interval_ms: int, now_ms: int) -> Bars:
        """The same of the mark price; its volumes are 0."""
        bars, none = self.bars, np.zeros_like(self.bars.open)
        top, bottom = np.maximum(bars.open, bars.close), np.minimum(bars.open, bars.close)
        high = np.round(top + (bars.high - top) * 2 / 3, 2)
        low = np.round(bottom - (bottom - bars.low) * 2 / 3, 2)
        marks = Bars(bars.time_ms, bars.open, high, low, bars.close, none, none)
        return _gathered(marks, interval_ms, now_ms)

    def samples(self, interval_ms: int, now_ms: int) -> tuple[Times, Floats]:
        """Open interest at each multiple of `interval_ms` up to `now_ms`: times, values.

        The value is the last sample at or before that time, if no older than the interval.
        """
        first = -(-int(self.sample_ms[0]) // interval_ms) * interval_ms
        times = np.arange(first, min(now_ms, self.end_ms) + 1, interval_ms, dtype=np.int64)
        at = np.searchsorted(self.sample_ms, times, side="right") - 1
        fresh = times - self.sample_ms[at] < interval_ms
        return times[fresh], self.open_interest_base[at[fresh]]


def _taker_buy(
    open: Floats,  # noqa: A002 - a column
    high: Floats,
    low: Floats,
    close: Floats,
    volume_base: Floats,
) -> Floats:
    reach = high - low
    share = np.divide(close - low, reach, out=np.full_like(reach, 0.5), where=reach > 0)
    return np.minimum(np.round(share * volume_base, 3), volume_base)


def _gathered(bars: Bars, interval_ms: int, now_ms: int) -> Bars:
    known = int(np.searchsorted(bars.time_ms, now_ms))
    opening = bars.time_ms[:known] // interval_ms * interval_ms
    starts = np.flatnonzero(np.diff(opening, prepend=-1))
    if not starts.size:
        nothing = np.array([])
        return Bars(opening, *[nothing] * 6)
    lasts = np.append(starts[1:], known) - 1
    return Bars(
        opening[starts],
        bars.open[starts],
        np.maximum.reduceat(bars.high[:known], starts),
        np.minimum.reduceat(bars.low[:known], starts),
        bars.close[lasts],
        np.add.reduceat(bars.volume_base[:known], starts),
        np.add.reduceat(bars.taker_buy_base[:known], starts),
    )
