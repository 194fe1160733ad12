"""Rules that know nothing of positions: what an estimate has to beat.

Each predicts how much is liquidated in a span of time, up to a factor, from candles and
open interest alone. Liquidations come with large moves, so these already rank the days
well; only what a book adds to the best of them is skill.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array, Candles
from liqmap.evaluate.bootstrap import HOUR_MS, summed

Sides = NDArray[np.float64]
"""Two rows: long, short."""

LOOKBACKS_H = np.geomspace(0.5, 192.0, 10)
NEAR_SPOT_SCALE = 0.01
"""The kernel around the price falls to 1 / e at this distance, in parts of the price."""


def range_times_open_interest(
    candles: Candles, open_interest_base: Array, span: NDArray[np.intp]
) -> Sides:
    """Range of the bar × open interest: a book spread evenly over prices, by span and side."""
    return _both((candles.high - candles.low) * open_interest_base, span)


def return_times_volume(
    candles: Candles, open_interest_base: Array, span: NDArray[np.intp]
) -> Sides:
    """`|log return|` × traded value."""
    before = np.concatenate([candles.open[:1], candles.close[:-1]])
    moved = np.abs(np.log(candles.close / before))
    return _both(moved * candles.volume_base * candles.close, span)


def near_spot(candles: Candles, open_interest_base: Array, span: NDArray[np.intp]) -> Sides:
    """Open interest in an exponential kernel around the price at the start of each span."""
    first = np.flatnonzero(np.diff(span, prepend=span[0] - 1))
    start = candles.open[first]
    low = np.minimum.reduceat(candles.low, first)
    high = np.maximum.reduceat(candles.high, first)
    held = open_interest_base[first] * start
    reach = np.stack([np.log(start / low), np.log(high / start)])
    found = np.zeros((2, int(span[-1]) + 1))
    found[:, span[first]] = held * -np.expm1(-reach / NEAR_SPOT_SCALE)
    return found


def fresh_extremes(candles: Candles, open_interest_base: Array, span: NDArray[np.intp]) -> Sides:
    """How far each bar breaks the low (high) of the last half hour … eight days.

    Summed over ten lookbacks, in log price. Knows no leverage, volume, or positions, and
    is the hardest to beat: a price not seen for long is where positions may wait.
    """
    depths = np.stack([-np.log(candles.low), np.log(candles.high)])
    broken = np.zeros_like(depths)
    for hours in LOOKBACKS_H:
        bars = max(1, round(hours * HOUR_MS / candles.step_ms))
        broken += np.maximum(depths - _highest_before(depths, bars), 0.0)
    return np.stack([summed(span, row, int(span[-1]) + 1) for row in broken])


Baseline = Callable[[Candles, Array, NDArray[np.intp]], Sides]

BASELINES: dict[str, Baseline] = {
    "range × open interest": range_times_open_interest,
    "|return| × volume": return_times_volume,
    "near the price": near_spot,
    "fresh lows and highs": fresh_extremes,
}
"""Candles (n bars), open interest at each bar's end [base], and the span each bar lies in
(ascending from 0), to arrays of shape (2, spans)."""


def _highest_before(values: Sides, bars: int) -> Sides:
    """Along the last axis, the maximum of up to `bars` values before each; of the first, itself.

    Maxima over doubling spans; two overlapping ones make any other length.
    """
    bars = min(bars, values.shape[-1])
    highest, length = values, 1
    while 2 * length <= bars:
        highest = np.maximum(highest, _later(highest, length))
        length *= 2
    highest = np.maximum(highest, _later(highest, bars - length))
    return _later(highest, 1)


def _later(values: Sides, bars: int) -> Sides:
    """Moved to the right; the first value fills the gap, which no maximum minds."""
    if not bars:
        return values
    return np.concatenate([np.repeat(values[:, :1], bars, axis=1), values[:, :-bars]], axis=1)


def _both(values: Array, span: NDArray[np.intp]) -> Sides:
    return np.tile(summed(span, values, int(span[-1]) + 1), (2, 1))
