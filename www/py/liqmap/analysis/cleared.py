"""What price has cleared: how much of a book it reached since an instant, and where it swept most.

docs/explanation/cleared.md says what each figure means.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from liqmap.analysis.aftermath import Passed, Path, passed_within
from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.estimate.density import Density, Matrix

RATES = (0.02, 0.05, 0.1)
MOST_SWEEPS = 16
"""So many sweeps of a side are told at most …"""
LEAST_FRACTION = 0.02
"""… each at least this part of the largest."""


def cleared_since(
    density: Density, market: Market, column: int, rates: Sequence[float] = RATES
) -> tuple[tuple[float, tuple[Passed, Passed] | None], ...]:
    """What of the book at the end of a column the bars since have reached.

    Longs and shorts within each distance of the price of then; None where the grid does not
    reach as far.
    """
    instant_ms = float(density.time_edges_ms[column + 1])
    candles, path = market.candles, Path.after(market, instant_ms)
    before = int(np.searchsorted(candles.end_ms, instant_ms, side="right")) - 1
    spot = float(candles.close[max(before, 0)])
    return tuple((rate, passed_within(density, spot, rate, path, column)) for rate in rates)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A run of columns in which price swept much of one side.

    `price` is the farthest that triggered there; `time_ms` when the largest of its columns began.
    """

    time_ms: float
    price: float
    position_side: int
    amount_quote: float


def sweeps(density: Density, market: Market) -> tuple[Sweep, ...]:
    """Where price swept most, oldest first.

    Neighbouring columns that swept at least `LEAST_FRACTION` of the largest column are one sweep.
    """
    candles = market.candles
    low, high = candles.trigger_range(market.mark)
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
