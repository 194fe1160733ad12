"""Impossible samples of open interest and impossible bars, which venues publish by mistake.

They are taken as missing, which a series may be at any time: no value is put in their place.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from liqmap.data.market import Market
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.language import mark, say

FAR = 8.0
"""Off by ten, less what a market may have moved meanwhile."""
ABSURD = 1_000.0
"""No price moves so far within a bar; drawn, it would leave the others a line."""
BACK_MS = 7 * 86_400_000.0
"""A new level that lasts longer is real, also if it is left again; but for 0."""
NEW_MS = 86_400_000.0
"""The newest level is real once it has lasted so long."""

SAMPLES_LEFT_OUT = mark(
    "Samples of open interest that cannot be (0, or off by ten and back) are left out."
)
BARS_LEFT_OUT = mark("Bars whose price cannot be (off by ten and back) are left out.")


def plausible(market: Market) -> Market:
    """The market without impossible samples and bars, and with a notice where there were any."""
    samples = plausible_samples(market.open_interest)
    candles = plausible_bars(market.candles)
    marks = None if market.mark is None else plausible_bars(market.mark)
    before = None if market.before is None else plausible_bars(market.before)
    notices = list(market.notices)
    if samples is not market.open_interest:
        notices.append(say(SAMPLES_LEFT_OUT))
    if (candles, marks, before) != (market.candles, market.mark, market.before):
        notices.append(say(BARS_LEFT_OUT))
    return replace(
        market,
        candles=candles,
        open_interest=samples,
        mark=marks,
        before=before,
        notices=tuple(dict.fromkeys(notices)),
    )


def plausible_samples(samples: OpenInterest) -> OpenInterest:
    """Without runs of samples that are 0, or off by ten, until the level before them is back.

    At the end of the series, where nobody knows whether it will come back, a run counts as
    impossible until it has lasted `NEW_MS`, or longer than what was before it. A fall by a half
    stays, and so does a change by ten that lasts. The same object where there is none.
    """
    values, time_ms = samples.open_interest_base, samples.time_ms
    jumps = np.flatnonzero(_far(values[:-1], values[1:])) + 1
    if not jumps.size:
        return samples
    starts = [0, *(int(row) for row in jumps)]
    ends = [*starts[1:], len(samples)]
    kept = [0]  # runs of samples between two jumps, by number
    for run in range(1, len(starts)):
        first, last = starts[run], ends[run] - 1
        left = ends[kept[-1]]  # where the level that holds was left
        level = values[left - 1]
        real = level == 0 or not _far(level, values[first])
        lasts_ms = time_ms[last] - time_ms[left]
        if run < len(starts) - 1:
            real |= values[first] > 0 and lasts_ms > BACK_MS
        else:
            before_ms = time_ms[left - 1] - time_ms[starts[kept[-1]]]
            real |= lasts_ms > NEW_MS or (values[first] > 0 and lasts_ms > before_ms)
        if real:
            kept.append(run)
    if len(kept) == len(starts):
        return samples
    keep = np.zeros(len(samples), dtype=bool)
    for run in kept:
        keep[starts[run] : ends[run]] = True
    return samples.rows(keep)


def plausible_bars(candles: Candles) -> Candles:
    """Without bars that reach a price off by ten from those before and after them.

    The closes of three bars on each side say what the price was: an opening at the wrong close
    before it is wrong, too. A price that stays there is real, and so is the newest bar, unless it
    is `ABSURD` times off. The same object where there is none.
    """
    if len(candles) < 3:
        return candles
    before = _middle(candles.close)
    after = _middle(candles.close[::-1])[::-1]
    off = _far(candles.high, before) | _far(candles.low, before)
    off &= _far(candles.high, after) | _far(candles.low, after)
    off &= ~_far(before, after)
    off[0] = False
    off[-1] = candles.high[-1] >= ABSURD * before[-1] or candles.low[-1] * ABSURD <= before[-1]
    return candles.rows(~off) if off.any() else candles


def _middle(close: Array) -> Array:
    """The median of the three closes before each bar; of the first bars, of those there are."""
    padded = np.concatenate([np.full(3, close[0]), close[:-1]])
    return np.sort(sliding_window_view(padded, 3), axis=1)[:, 1]


def _far(one: Array | float, other: Array | float) -> NDArray[np.bool_]:
    """Whether two amounts are `FAR` apart; 0 is far from all but 0."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    return np.asarray((high > 0) & (high >= FAR * low))
