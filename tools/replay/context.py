"""Funding rates and ratios of accounts: no market file has them, so they are made of its bars.

Between two instants takers bought some share of what was traded. Longs then pay a thousandth of
what that share is above a half (shorts, where it is below), and of three accounts one and that
share are long: from a third, where takers only sold, to two thirds.
"""

from __future__ import annotations

import numpy as np

from tools.replay.contract import HOUR_MS, Contract
from tools.replay.market_file import Floats, Times

FUNDED_MS = 8 * HOUR_MS
"""Time between two payments at most venues."""


def funding(contract: Contract, now_ms: int, interval_ms: int = FUNDED_MS) -> tuple[Times, Floats]:
    """Instants up to `now_ms`, at multiples of `interval_ms`, and the rate paid at each."""
    times, share = _taker_share(contract, interval_ms, now_ms)
    return times, np.round((share - 0.5) / 1000, 8)


def long_shares(contract: Contract, now_ms: int, interval_ms: int) -> tuple[Times, Floats]:
    """Instants alike, and the share of accounts that are long at each."""
    times, share = _taker_share(contract, interval_ms, now_ms)
    return times, np.round((1 + share) / 3, 4)


def _taker_share(contract: Contract, interval_ms: int, now_ms: int) -> tuple[Times, Floats]:
    """Ends of the bars that have ended, and the share of each that takers bought."""
    bars = contract.bars(interval_ms, now_ms)
    ended = bars.time_ms + interval_ms <= now_ms
    bought, volume = bars.taker_buy_base[ended], bars.volume_base[ended]
    half = np.full(volume.size, 0.5)
    share = np.divide(bought, volume, out=half, where=volume > 0)
    return bars.time_ms[ended] + interval_ms, share
