"""What is timed, the same in each interpreter: this file is also run as it is in Pyodide."""

import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from typing import Any

import numpy as np

import liqmap
from liqmap.data.market import Instrument
from liqmap.estimate.api import Live
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.session.estimates import Estimates
from liqmap.session.panels.heatmap import HeatmapPanel
from liqmap.session.state import Loaded, State
from liqmap.view import View

BINS = 800
WEEK, PAGE, SHOWN = 2_016, 2_304, 288
"""Bars of five minutes: a week; what the page loads, and what of it it shows."""
UPDATES = 24
Market = tuple[liqmap.Candles, liqmap.OpenInterest]


def figures(path: str) -> Iterator[tuple[str, float]]:
    """Name and value; ratios compare minima that were taken in turn."""
    week = market_of(path, WEEK)
    matrix = np.random.default_rng(1).random((BINS, WEEK), dtype=np.float32)
    ours, cumsum = quickest(9, lambda: estimate(week), lambda: np.cumsum(matrix, axis=1))
    yield "s", ours
    yield "over_cumsum_ratio", ours / cumsum
    yield from _live(path)
    for window, bars in (("24h", PAGE), ("7d", PAGE + WEEK - SHOWN)):
        market = market_of(path, bars)
        yield f"page_{window}_to_rgba_s", quickest(9, partial(paint, market, window))[0]


def paint(data: Market, window: str) -> None:
    """From bars in memory to the colours of the page's picture."""
    candles, interest = data
    coin = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT", tick_size=0.1)
    market = liqmap.Market("bybit", coin, candles, interest)
    view = View(range=window)
    loaded = Loaded(view, {"bybit": market}, complete=True)
    shares = ASSUMED["this_venue"]
    shown = Estimates().shown(loaded, view, None, shares=lambda: shares, anew=True)
    HeatmapPanel().message(State(view=view, loaded=loaded, shown=shown))


def more_figures(path: str) -> Iterator[tuple[str, float]]:
    """What one interpreter tells for both."""
    week = market_of(path, WEEK)
    large, matrix = synthetic(5_000), np.zeros((1_100, 5_000), np.float32)
    ours, cumsum = quickest(5, lambda: estimate(large, 1_100), lambda: np.cumsum(matrix, axis=1))
    yield "5000x1100_s", ours
    yield "5000x1100_over_cumsum_ratio", ours / cumsum
    calm, storm = synthetic(WEEK), synthetic(WEEK, storm=2.0)
    quiet, wild = quickest(5, lambda: estimate(calm), lambda: estimate(storm))
    yield "storm_over_calm_ratio", wild / quiet
    short, long = synthetic(1_000), synthetic(20_000)
    few, many = quickest(3, lambda: estimate(short, 100), lambda: estimate(long, 100))
    yield "time_per_bar_20000_over_1000_ratio", many / few / 20
    month = synthetic(8_640)
    columns, single = quickest(5, lambda: estimate(month, every=6), lambda: estimate(week))
    yield "8640_bars_every_6_over_week_by_bars_ratio", columns / single / (8_640 / WEEK)
    yield "peak_over_result_ratio", peak(lambda: estimate(week))
    yield "peak_every_6_over_result_ratio", peak(lambda: estimate(month, every=6))


def _live(path: str) -> Iterator[tuple[str, float]]:
    """An update by one bar that has just begun, over the run that makes all of it."""
    for name, bars, first in (("page", PAGE, PAGE - SHOWN), ("week", WEEK, 0)):
        candles, interest = market_of(path, bars)
        span = float(candles.low.min()) * 0.9, float(candles.high.max()) * 1.1
        first_ms = float(candles.time_ms[first])
        versions = [candles.rows(slice(n)) for n in range(bars - UPDATES, bars + 1)]
        run = partial(liqmap.estimate, candles, interest, price_range=span, first_ms=first_ms)
        full, updates = [], []
        for _ in range(5):
            live = Live(versions[0], interest, price_range=span, first_ms=first_ms)
            updates.append([timed(partial(live.update, now, interest)) for now in versions[1:]])
            full.append(timed(run))
        update = sum(min(column) for column in zip(*updates, strict=True)) / UPDATES
        yield f"live_update_{name}_over_full_ratio", update / min(full)


def estimate(market: Market, bins: int = BINS, every: int = 1) -> liqmap.Density:
    """Every column of it."""
    return liqmap.estimate(*market, price_bins=bins, every=every)


def market_of(path: str, bars: int) -> Market:
    """The end of a market file."""
    table: Any = np.genfromtxt(path, delimiter=",", names=True)[-bars:]
    names = ("time_ms", "open", "high", "low", "close", "volume_base")
    candles = liqmap.Candles(**{name: table[name] for name in names})
    return candles, liqmap.OpenInterest(candles.end_ms, table["open_interest_base"])


def synthetic(bars: int, storm: float = 1.0) -> Market:
    """A random walk that turns back, so that its range does not grow with its length.

    `storm` multiplies how far bars move and how much is traded in them.
    """
    random = np.random.default_rng(7)
    close = np.empty(bars)
    last = 0.0
    for t, step in enumerate(0.0015 * storm * random.standard_normal(bars)):
        last = 0.999 * last + step
        close[t] = last
    close = 100 * np.exp(close)
    open_ = np.append(100.0, close[:-1])
    high = np.maximum(open_, close) * np.exp(0.0008 * storm * random.random(bars))
    low = np.minimum(open_, close) * np.exp(-0.0008 * storm * random.random(bars))
    time_ms = 300_000.0 * np.arange(float(bars))
    volume = random.exponential(500 * storm, bars)
    candles = liqmap.Candles(time_ms, open_, high, low, close, volume)
    held = 80_000 * np.exp(0.1 * np.sin(np.arange(bars) / 300))
    return candles, liqmap.OpenInterest(candles.end_ms, held)


def peak(work: Callable[[], liqmap.Density]) -> float:
    """Most memory that was held meanwhile over that of the arrays of the result."""
    tracemalloc.start()
    density = work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    held = sum(int(getattr(density, field.name).nbytes) for field in fields(density))
    return most / held


def quickest(times: int, *works: Callable[[], object]) -> list[float]:
    """Least seconds of each, taken in turn."""
    taken = [[timed(work) for work in works] for _ in range(times)]
    return [min(column) for column in zip(*taken, strict=True)]


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
