"""What price has cleared: how much of a book it reached since an instant, and where it swept most.

docs/explanation/cleared.md says what each figure means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density, Matrix

RATES = (0.02, 0.05, 0.1)
MOST_SWEEPS = 16
"""So many sweeps of a side are told at most …"""
LEAST_FRACTION = 0.02
"""… each at least this part of the largest."""


@dataclass(frozen=True, slots=True)
class Cleared:
    """What waited within a distance of the price at an instant, and what of it price has reached.

    A side that held nothing has no share.
    """

    rate: float
    long_quote: float
    long_cleared_quote: float
    short_quote: float
    short_cleared_quote: float

    @property
    def long_share(self) -> float | None:
        """From 0 to 1."""
        return self.long_cleared_quote / self.long_quote if self.long_quote > 0 else None

    @property
    def short_share(self) -> float | None:
        """From 0 to 1."""
        return self.short_cleared_quote / self.short_quote if self.short_quote > 0 else None


def cleared_since(
    density: Density,
    candles: Candles,
    mark: Candles | None,
    column: int,
    rates: Sequence[float] = RATES,
) -> tuple[Cleared, ...]:
    """What of the book at the end of a column the bars since have reached.

    Parameters
    ----------
    density : Density
    candles, mark : Candles
        Of the market; the mark price triggers where it is known.
    column : int
        Of the density.
    rates : sequence of float
        Distances from the price at that instant. A distance that the grid does not reach is
        counted as far as the grid goes.
    """
    instant_ms = density.time_edges_ms[column + 1]
    before = np.searchsorted(candles.end_ms, instant_ms, side="right") - 1
    spot = float(candles.close[max(int(before), 0)])
    low, high = candles.trigger_range(mark)
    since = candles.time_ms >= instant_ms
    lowest = float(low[since].min(initial=spot))
    highest = float(high[since].max(initial=spot))
    longs = density.long_base[:, column] * density.prices
    shorts = density.short_base[:, column] * density.prices

    def between(amounts: Array, first: float, last: float) -> float:
        return float(amounts @ _parts(density, first, max(first, last)))

    found = []
    for rate in rates:
        below, above = spot * (1 - rate), spot * (1 + rate)
        found.append(
            Cleared(
                rate,
                between(longs, below, spot),
                between(longs, max(below, lowest), spot),
                between(shorts, spot, above),
                between(shorts, spot, min(above, highest)),
            )
        )
    return tuple(found)


def _parts(density: Density, low: float, high: float) -> Array:
    """Which part of each row lies between two prices."""
    edges = np.clip(density.price_edges, low, high)
    return np.diff(edges) / np.diff(density.price_edges)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A run of columns in which price swept much of one side.

    `price` is the farthest that triggered there; `time_ms` when the largest of its columns began.
    """

    time_ms: float
    price: float
    position_side: int
    amount_quote: float


def sweeps(density: Density, candles: Candles, mark: Candles | None) -> tuple[Sweep, ...]:
    """Where price swept most, oldest first.

    Neighbouring columns that swept at least `LEAST_FRACTION` of the largest column are one sweep.
    """
    low, high = candles.trigger_range(mark)
    column = np.searchsorted(density.time_edges_ms, candles.time_ms, side="right") - 1
    inside = (column >= 0) & (column < density.time_edges_ms.size - 1)
    found: list[Sweep] = []
    for side, amounts, reach in (
        (1, density.swept_long_quote, -low),
        (-1, density.swept_short_quote, high),
    ):
        farthest = np.full(amounts.size, -np.inf)
        np.maximum.at(farthest, column[inside], reach[inside])
        found += _of_side(density, amounts, farthest, side)
    return tuple(sorted(found, key=lambda one: one.time_ms))


def _of_side(density: Density, amounts: Array | Matrix, farthest: Array, side: int) -> list[Sweep]:
    much = (amounts >= LEAST_FRACTION * amounts.max(initial=0.0)) & (amounts > 0)
    ends = np.flatnonzero(np.diff(np.concatenate([[False], much, [False]]).astype(np.int8)))
    found = []
    for first, end in ends.reshape(-1, 2):
        largest = first + int(np.argmax(amounts[first:end]))
        reached = float(farthest[first:end].max())
        if np.isfinite(reached):
            total = float(amounts[first:end].sum())
            time_ms = float(density.time_edges_ms[largest])
            found.append(Sweep(time_ms, -side * reached, side, total))
    found.sort(key=lambda one: -one.amount_quote)
    return found[:MOST_SWEEPS]
