"""Resting orders of a contract. No market file has them: they are made of its bars, by a rule.

Prices lie 0.01 % of the last close apart, up to 5 % on either side of it. At each rests a
thousandth of what an hour like one bar trades: the nearest bid like the newest bar, the nearest
ask like the one before, and so on outward and back in time, a bar for each. So the same file and
time always have the same book, and its two sides differ.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10
from typing import NamedTuple

import numpy as np

from tools.replay.contract import HOUR_MS, Contract

LEVELS = 500
APART_RATE = 0.0001
SHARE = 0.001
Level = tuple[float, float]
"""Price and quantity [base]."""


class Book(NamedTuple):
    """Levels of both sides, the best first."""

    bids: list[Level]
    asks: list[Level]


def book(contract: Contract, now_ms: int) -> Book:
    """The book at that time; a bar without volume leaves a price empty."""
    step_ms = contract.market.step_ms
    bars = contract.bars(step_ms, now_ms)
    last, hourly_base = float(bars.close[-1]), bars.volume_base[::-1] * (HOUR_MS / step_ms)
    decimals = max(contract.decimals, 4 - floor(log10(last)))  # no two prices become one
    number = np.arange(LEVELS)

    def side(direction: int, first: int) -> list[Level]:
        price = np.round(last * (1 + direction * APART_RATE * (number + 1)), decimals)
        base = np.round(SHARE * hourly_base[(2 * number + first) % hourly_base.size], 3)
        levels = zip(price.tolist(), base.tolist(), strict=True)
        return [(at, quantity) for at, quantity in levels if quantity]

    return Book(side(-1, 0), side(1, 1))


def merged(shown: Book, step_of: Callable[[float], float]) -> Book:
    """The same in coarser prices, multiples of `step_of(price)`: bids rounded down, asks up."""

    def side(levels: list[Level], rounded: Callable[[float], int], slack: float) -> list[Level]:
        found: dict[float, float] = {}
        for price, base in levels:
            step = step_of(price)
            at = round(rounded(price / step + slack) * step, 8)
            found[at] = round(found.get(at, 0.0) + base, 8)
        return list(found.items())

    return Book(side(shown.bids, floor, 1e-9), side(shown.asks, ceil, -1e-9))
