"""Make simulated.csv.gz: twelve days of five-minute bars of a market that never was.

Run `python -m tools.replay.simulated_market` to write it again; the same seed gives the same file.
Volatility comes in bursts, volume follows volatility, open interest builds while the price
drifts and drops in the few sharp moves, as it does when positions are liquidated.
"""

from __future__ import annotations

import gzip

import numpy as np

from tools.replay import SIMULATED

STEP_MS = 300_000
START_MS = 1_772_323_200_000  # 2026-03-01 00:00 UTC
BARS = 12 * 288


def make(seed: int = 7) -> str:
    """The file's text."""
    draw = np.random.default_rng(seed)
    hour = np.arange(BARS) / 12 % 24
    day_shape = 1 + 0.35 * np.cos((hour - 15) / 24 * 2 * np.pi)
    log_volatility = np.zeros(BARS)
    for i in range(1, BARS):
        log_volatility[i] = 0.985 * log_volatility[i - 1] + 0.11 * draw.standard_normal()
    volatility = 0.0011 * day_shape * np.exp(log_volatility)
    move = volatility * draw.standard_t(5, BARS) / 1.3
    for shock in draw.choice(BARS - 400, 7, replace=False) + 200:
        size = draw.uniform(0.006, 0.018) * draw.choice([-1, 1])
        move[shock : shock + 4] += size * np.array([0.5, 0.3, 0.15, -0.2])
        volatility[shock : shock + 12] *= np.linspace(3.5, 1.2, 12)

    close = np.round(92_000 * np.exp(np.cumsum(move)), 1)
    opened = np.concatenate([[92_000.0], close[:-1]])
    reach = volatility * close
    high = np.round(np.maximum(opened, close) + reach * draw.exponential(0.45, BARS), 1)
    low = np.round(np.minimum(opened, close) - reach * draw.exponential(0.45, BARS), 1)

    swing = np.abs(move) / 0.0011
    volume = np.round(180 * day_shape * (0.35 + swing**1.1) * draw.lognormal(0, 0.35, BARS), 3)
    built = volume * (0.02 + 0.1 * draw.standard_normal(BARS)) * np.exp(-swing / 6)
    flushed = 0.45 * volume * np.clip(swing - 4, 0, 8) / 8
    interest = np.empty(BARS)
    level = 58_000.0
    for i in range(BARS):
        level += built[i] - flushed[i] + 0.0005 * (60_000 - level)
        interest[i] = round(level, 3)

    rows = ["time_ms,open,high,low,close,volume_base,open_interest_base"]
    for i in range(BARS):
        numbers = (opened[i], high[i], low[i], close[i], volume[i], interest[i])
        rows.append(f"{START_MS + i * STEP_MS}," + ",".join(f"{float(x)!r}" for x in numbers))
    return "\n".join([*rows, ""])


if __name__ == "__main__":
    SIMULATED.write_bytes(gzip.compress(make().encode(), 9, mtime=0))
