"""Accounts that hold positions, for venues that show those: entered and liquidated by the bars."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

import numpy as np

from tools.replay.contract import Contract

COUNT = 24
_LEVERAGES = (3, 5, 10, 20, 25, 40)


@dataclass(frozen=True, slots=True)
class Position:
    """An isolated position from `opened_ms` until `closed_ms`, when the price reaches its end.

    `raw_quote` is what the account's cash would be after the position: negative for a long.
    """

    address: str
    position_side: int
    quantity_base: float
    entry_price: float
    leverage: int
    raw_quote: float
    liquidation_price: float
    opened_ms: int
    closed_ms: float


def address(number: int) -> str:
    """Of the account of that number."""
    return "0x" + sha256(f"account {number}".encode()).hexdigest()[:40]


def positions(contract: Contract, max_leverage: int) -> list[Position]:
    """One an account, longs and shorts in turn, of all leverages up to the coin's."""
    return [_position(contract, number, max_leverage) for number in range(COUNT)]


def _position(contract: Contract, number: int, max_leverage: int) -> Position:
    market = contract.market
    bars = market.bars
    row = (number + 1) * (bars.time_ms.size - 1) // (COUNT + 1)
    side = 1 if number % 2 else -1
    leverage = min(_LEVERAGES[number % len(_LEVERAGES)], max_leverage)
    entry = float(bars.close[row])
    size = round(float(market.open_interest_base[0]) * (0.001 + 0.0006 * (number % 5)), 3)
    raw = size * entry * (1 / leverage - side)
    # The maintenance rate is half the initial one at the coin's highest leverage.
    price = -raw / (side * size * (1 - side * 0.5 / max_leverage))
    later = bars.low[row + 1 :] <= price if side > 0 else bars.high[row + 1 :] >= price
    reached = np.flatnonzero(later)
    closed_ms = float(bars.time_ms[row + 1 + reached[0]]) if reached.size else float("inf")
    return Position(
        address(number),
        side,
        size,
        entry,
        leverage,
        raw,
        price,
        int(bars.time_ms[row]) + market.step_ms,
        closed_ms,
    )
