"""A market whose older bars are longer than its newest."""

from __future__ import annotations

from dataclasses import fields

import numpy as np

import liqmap
from liqmap.data.series import Candles, OpenInterest

STEP_MS, HOUR_MS = 300_000.0, 3_600_000.0
HOURS, BARS = 40, 60


def bars(start_ms: float, step_ms: float, count: int, seed: int) -> Candles:
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(0.004 * random.standard_normal(count)))
    opened = np.append(100.0, close[:-1])
    high, low = np.maximum(opened, close) * 1.002, np.minimum(opened, close) * 0.998
    time_ms = start_ms + step_ms * np.arange(float(count))
    return Candles(time_ms, opened, high, low, close, 50 * random.random(count), step_ms=step_ms)


def test_only_the_ends_of_longer_bars_count() -> None:
    """An hour moves the book as a short bar of the same prices and the same end does.

    Open interest is sampled within the hours, the first of them included, and the mark price
    of one of five minutes opens with an hour: it says nothing of that hour.
    """
    hours = bars(0.0, HOUR_MS, HOURS, 1)
    short = bars(HOURS * HOUR_MS, STEP_MS, BARS, 2)
    whole = Candles.joined(hours, short)
    at_ends = Candles(
        np.append(hours.end_ms - STEP_MS, short.time_ms),
        whole.open,
        whole.high,
        whole.low,
        whole.close,
        whole.volume_base,
        step_ms=STEP_MS,
    )
    instants = STEP_MS * np.arange(HOURS * 12.0 + BARS + 1)
    random = np.random.default_rng(3)
    held = OpenInterest(instants, 1_000 * random.uniform(0.8, 1.2, instants.size))
    lows = bars(30 * HOUR_MS, STEP_MS, 1, 4)
    mark = Candles.joined(lows.scaled(0.9), short)
    say = {"price_range": (60.0, 150.0), "price_bins": 80, "first_ms": HOURS * HOUR_MS}
    one = liqmap.estimate(whole, held, mark=mark, **say)  # type: ignore[arg-type]
    other = liqmap.estimate(at_ends, held, mark=mark, **say)  # type: ignore[arg-type]
    for column in fields(one):
        np.testing.assert_array_equal(
            getattr(one, column.name), getattr(other, column.name), err_msg=column.name
        )
