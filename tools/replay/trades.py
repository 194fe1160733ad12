"""The trades of a contract, made of its bars, for venues that mark liquidations among them."""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from tools.replay.contract import Contract

_SHARE = 0.01
"""What part of a bar's volume its first and its last trade are."""


class Trade(NamedTuple):
    """One trade; of the taker of a liquidation, `liquidated` is the side: +1 it was long."""

    number: int
    time_ms: int
    taker_side: str
    price: float
    quantity_base: float
    liquidated: int


class Trades:
    """One at the opening of each bar, one at its close, and the liquidations in between."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract

    def until(self, now_ms: int) -> list[Trade]:
        """All before `now_ms`, oldest first."""
        return self._every[: bisect_left(self._every, now_ms, key=attrgetter("time_ms"))]

    @cached_property
    def _every(self) -> list[Trade]:
        market = self._contract.market
        bars, last_ms = market.bars, market.step_ms - 1
        found: list[tuple[int, str, float, float, int]] = []
        for i in range(bars.time_ms.size):
            opening_ms, opened, closed = int(bars.time_ms[i]), bars.open[i], bars.close[i]
            side = "buy" if closed >= opened else "sell"
            size = max(round(float(_SHARE * bars.volume_base[i]), 3), 0.001)
            found.append((opening_ms, side, float(opened), size, 0))
            found.append((opening_ms + last_ms, side, float(closed), size, 0))
        for time_ms, position_side, price, size in self._contract.liquidated:
            side = "sell" if position_side > 0 else "buy"
            found.append((time_ms, side, price, size, position_side))
        return [Trade(number, *one) for number, one in enumerate(sorted(found), 1)]
