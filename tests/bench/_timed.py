"""What is timed, the same in each interpreter: this file is also run as it is in Pyodide."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import liqmap

BARS, BINS = 2016, 800


def seconds(market: str) -> tuple[float, float]:
    """Quickest estimate of a week of `market`, and quickest cumsum of such a matrix."""
    table: Any = np.genfromtxt(market, delimiter=",", names=True)[-BARS:]
    names = ("time_ms", "open", "high", "low", "close", "volume_base")
    candles = liqmap.Candles(**{name: table[name] for name in names})
    step_ms = candles.time_ms[1] - candles.time_ms[0]
    interest = liqmap.OpenInterest(candles.time_ms + step_ms, table["open_interest_base"])
    matrix = np.random.default_rng(1).random((BINS, BARS), dtype=np.float32)
    return (
        _quickest(lambda: liqmap.estimate(candles, interest, price_bins=BINS), 3),
        _quickest(lambda: np.cumsum(matrix, axis=1), 9),
    )


def _quickest(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken)
