"""Markets that nobody would trade in, and short ones by hand."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from liqmap.data.series import Candles, OpenInterest

STEP_MS = 300_000.0
Drawn = tuple[Candles, OpenInterest, Candles | None]


@st.composite
def markets(
    draw: st.DrawFn, most: int = 60, *, extreme: bool = False, step_ms: float = STEP_MS
) -> Drawn:
    """Random walks with jumps, gaps, still bars, no volume, falling and no open interest.

    With mark prices (or none) that are missing at some bars. `extreme`: any size of numbers.
    """
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    bars = draw(st.integers(1, most))
    wild = draw(st.sampled_from([0.0, 0.002, 0.05]))
    steps = wild * random.standard_normal(bars)
    if draw(st.booleans()):
        steps[random.integers(bars)] += draw(st.sampled_from([-2.3, 2.3]))
    price = 10.0 ** draw(st.sampled_from([-9, 0, 9])) if extreme else 1.0
    close = price * 100 * np.exp(np.cumsum(steps))
    gap = draw(st.sampled_from([0.1, 3.0]))
    open_ = np.append(100 * price, close[:-1]) * np.exp(gap * wild * random.standard_normal(bars))
    high = np.maximum(open_, close) * np.exp(wild * random.random(bars))
    low = np.minimum(open_, close) * np.exp(-wild * random.random(bars))
    size = 10.0 ** draw(st.sampled_from([-15, 0, 12])) if extreme else 1.0
    hectic = draw(st.sampled_from([0.05, 3.0]))
    held = (
        size
        * 1_000
        * np.exp(np.cumsum(draw(st.sampled_from([0.01, 0.3])) * random.standard_normal(bars)))
    )
    if draw(st.booleans()):
        held[random.random(bars) < 0.1] = 0.0
    volume = size * 1_000 * hectic * random.exponential(1, bars) * (random.random(bars) < 0.8)
    time = step_ms * np.cumsum(random.choice([1.0, 1.0, 1.0, 4.0], bars))
    candles = Candles(time, open_, high, low, close, volume, None, step_ms)
    mark = None
    if draw(st.booleans()):
        # As deep as the last price or less, and beside it: its reach may miss the close.
        middle = close * draw(st.sampled_from([0.98, 1.0, 1.02]))
        below = np.minimum(np.maximum(low, 0.99 * middle), middle)
        above = np.maximum(np.minimum(high, 1.01 * middle), middle)
        mark = Candles(time, middle, above, below, middle, 0 * volume, None, step_ms)
        mark = mark.rows(random.random(bars) < 0.9)
    first = np.append(time[0] - 1, candles.end_ms)
    before = size * draw(st.sampled_from([0.0, 1_000.0]))
    return candles, OpenInterest(first, np.append(before, held)), mark


def bars_at(*prices: float | tuple[float, float, float, float], volume: float = 0.0) -> Candles:
    """Five-minute bars: (open, high, low, close), or one price all along."""
    rows = np.array([one if isinstance(one, tuple) else (one,) * 4 for one in prices], float)
    time = STEP_MS * np.arange(float(len(rows)))
    open_, high, low, close = rows.T
    return Candles(time, open_, high, low, close, np.full(len(rows), volume), None, STEP_MS)


def held_at_ends(*base: float, before: float) -> OpenInterest:
    """Open interest before the first of such bars, and at the end of each."""
    return OpenInterest(STEP_MS * np.arange(len(base) + 1.0), np.array([before, *base]))
