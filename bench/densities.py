"""Every array that every model gives for three fixed markets, as a digest.

    python3 build.py bench --densities FILE

Writes FILE if it is not there; otherwise names what differs from it in a single bit. Run it
before and after a change that shall change no number. Digests of two machines may differ.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

import liqmap
from liqmap.data.market import Instrument, MaintenanceTiers, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.api import MODELS, Live, spread
from tools.replay import SIMULATED
from tools.replay.market_file import MarketFile

STEP_MS = 300_000.0
HOUR_MS = 3_600_000.0
MAINTENANCE = MaintenanceTiers(
    np.array([50e3, 1e6, np.inf]),
    np.array([0.004, 0.01, 0.05]),
    np.array([0.0, 300.0, 40300.0]),
    "entry",
)
COIN = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")

Digests = dict[str, dict[str, str]]
Columns = tuple[Candles, OpenInterest, Candles | None]
"""Candles, open interest, and the mark price where there is one."""


def compare(path: Path) -> int:
    """Write or compare; 0 if nothing differs."""
    now = dict(estimated())
    if not path.exists():
        path.write_text(json.dumps(now, indent=1))
        print(f"wrote {path}: {len(now)} estimates")
        return 0
    found = list(differences(json.loads(path.read_text()), now))
    print("\n".join([*found, f"{len(now)} estimates, {len(found)} differences"]))
    return int(bool(found))


def differences(before: Digests, after: Digests) -> Iterator[str]:
    """A line for each array that changed, came or went."""
    for name in sorted({*before, *after}):
        old, new = before.get(name, {}), after.get(name, {})
        for array in sorted({*old, *new}):
            if array not in old or array not in new:
                yield f"{name}: {array} is only {'before' if array in old else 'after'}"
            elif old[array] != new[array]:
                yield f"{name}: {array} differs"


def estimated() -> Iterator[tuple[str, dict[str, str]]]:
    """Name and digests of each estimate."""
    for name, (candles, interest, mark) in markets().items():
        for model in MODELS:
            for setup, options in setups(candles, mark).items():
                density = liqmap.estimate(candles, interest, model=model, **options)
                yield f"{name} {model} {setup}", digests(density)
        yield from _with_history(name, candles, interest, mark)


def markets() -> dict[str, Columns]:
    """A quiet one without gaps, a wild one with many, and the one that `--replay` shows."""
    return {
        "simulated": _replayed(),
        "storm": _entries_along(7, bars=2300, step_rate=0.004, gaps=True),
        "calm": _entries_along(8, bars=1500, step_rate=0.0006, gaps=False),
    }


def setups(candles: Candles, mark: Candles | None) -> dict[str, dict[str, Any]]:
    """Arguments of `estimate`."""
    close = float(candles.close[-1])
    return {
        "plain": {},
        "coarse": {"every": 3, "first_ms": float(candles.time_ms[700]), "price_bins": 300},
        "only": {"only_leverages": (10, 50)},
        "maintained": {
            "maintenance": MAINTENANCE,
            "mark": mark,
            "price_range": (0.8 * close, 1.2 * close),
        },
        "inverse": {"kind": "inverse", "leverages": {5.0: 1.0, 20.0: 2.0}},
    }


def digests(estimate: Any) -> dict[str, str]:
    """Sixteen hexadecimal digits of each array of a dataclass: its type, shape and bytes."""
    found = {}
    for field in fields(estimate):
        array = np.ascontiguousarray(getattr(estimate, field.name))
        described = f"{array.dtype}{array.shape}".encode()
        found[field.name] = hashlib.sha256(described + array.tobytes()).hexdigest()[:16]
    return found


def _with_history(
    name: str, candles: Candles, interest: OpenInterest, mark: Candles | None
) -> Iterator[tuple[str, dict[str, str]]]:
    """What the page computes: hours before the bars, the spread, and an update by five bars."""
    hours, samples = _hours_before(candles, interest)
    market = Market("x", COIN, candles, samples, mark=mark, before=hours)
    fewer = Market("x", COIN, candles.rows(slice(0, -5)), samples, mark=mark, before=hours)
    options: dict[str, Any] = {
        "mark": mark,
        "first_ms": float(candles.time_ms[len(candles) // 2]),
        "maintenance": MAINTENANCE,
        "price_bins": 500,
    }
    yield f"{name} history", digests(liqmap.estimate(market.history, samples, **options))
    yield f"{name} spread", digests(spread(market.history, samples, **options))
    live = Live(fewer.history, samples, **options)
    yield f"{name} live", digests(live.update(market.history, samples, mark))


def _replayed() -> Columns:
    file = MarketFile.read(SIMULATED)
    bars = file.bars
    candles = Candles(
        *(np.asarray(bars.time_ms, float), bars.open, bars.high, bars.low, bars.close),
        bars.volume_base,
        step_ms=STEP_MS,
    )
    return candles, OpenInterest(np.asarray(file.sample_ms, float), file.open_interest_base), None


def _entries_along(seed: int, *, bars: int, step_rate: float, gaps: bool) -> Columns:
    random = np.random.default_rng(seed)
    close = 2000 * np.exp(np.cumsum(step_rate * random.standard_normal(bars)))
    open_ = np.append(2000.0, close[:-1])
    high = np.maximum(open_, close) * np.exp(step_rate * random.random(bars))
    low = np.minimum(open_, close) * np.exp(-step_rate * random.random(bars))
    steps = random.choice([1.0] * 20 + [6.0] if gaps else [1.0], bars)
    time_ms = 1_700_000_100_000 // STEP_MS * STEP_MS + STEP_MS * np.cumsum(steps)
    held = 50_000 * np.exp(np.cumsum(0.004 * random.standard_normal(bars)))
    volume = 900 * random.exponential(1, bars)
    candles = Candles(time_ms, open_, high, low, close, volume, step_ms=STEP_MS)
    known = random.random(bars) < 0.9
    mark = Candles(time_ms, open_, high, low, close, 0 * volume, step_ms=STEP_MS).rows(known)
    return candles, OpenInterest(time_ms + STEP_MS, held), mark


def _hours_before(candles: Candles, interest: OpenInterest) -> tuple[Candles, OpenInterest]:
    """400 hourly bars that end where the bars begin, and open interest of both."""
    random, count = np.random.default_rng(5), 400
    end_ms = candles.time_ms[0] // HOUR_MS * HOUR_MS
    time_ms = end_ms - HOUR_MS * np.arange(count, 0, -1)
    steps = 0.004 * random.standard_normal(count)
    close = candles.open[0] * np.exp(np.cumsum(steps[::-1])[::-1])
    open_ = np.append(close[0], close[:-1])
    high, low = np.maximum(open_, close) * 1.002, np.minimum(open_, close) * 0.998
    volume = 9000 * random.exponential(1, count)
    held = 48_000 * np.exp(np.cumsum(0.01 * random.standard_normal(count)))
    later = interest.time_ms > end_ms
    samples = OpenInterest(
        np.append(time_ms + HOUR_MS, interest.time_ms[later]),
        np.append(held, interest.open_interest_base[later]),
    )
    return Candles(time_ms, open_, high, low, close, volume, step_ms=HOUR_MS), samples
