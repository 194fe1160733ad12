"""One contract's past, and what a venue derives from it: marks, takers, liquidations."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from tools.replay.market_file import Bars, Floats, MarketFile, Times

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
_LARGE = 2.0
"""Bars with so many times the usual range liquidate positions."""
_VICTIMS = ((0.0, 0.004), (0.2, 0.01), (0.5, 0.002))
"""How far back from the extreme to the opening, and what share of the bar's volume."""


class Liquidation(NamedTuple):
    """A position that was closed by force; `position_side` +1: it was long."""

    time_ms: int
    position_side: int
    price: float
    quantity_base: float


@dataclass(frozen=True, slots=True)
class Day:
    """Sums and extremes of the last 24 hours, and what stands now."""

    open: float
    high: float
    low: float
    last: float
    volume_base: float
    volume_quote: float
    mark: float
    open_interest_base: float


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed perpetual against USDT: a coin, a price step, and its market."""

    base_coin: str
    tick: str
    market: MarketFile
    liquidated: Sequence[Liquidation]

    @property
    def decimals(self) -> int:
        """Of its prices."""
        return len(self.tick.rstrip("0").partition(".")[2])

    def bars(self, interval_ms: int, now_ms: int) -> Bars:
        """Bars that opened before `now_ms`, oldest first; the last may be unfinished."""
        return self.market.klines(interval_ms, now_ms)

    def marks(self, interval_ms: int, now_ms: int) -> Bars:
        """The same of the mark price."""
        return self.market.marks(interval_ms, now_ms)

    def samples(self, interval_ms: int, now_ms: int) -> tuple[Times, Floats]:
        """Open interest up to `now_ms`, one side [base]: times, values."""
        return self.market.samples(interval_ms, now_ms)

    def liquidations(self, first_ms: int, now_ms: int) -> list[Liquidation]:
        """Those of [first_ms, now_ms), oldest first."""
        first, last = (
            bisect_left(self.liquidated, at, key=attrgetter("time_ms")) for at in (first_ms, now_ms)
        )
        return list(self.liquidated[first:last])

    def day(self, now_ms: int) -> Day:
        """What a ticker shows."""
        bars = self.bars(self.market.step_ms, now_ms)
        day = bars.time_ms >= now_ms - DAY_MS
        volume = bars.volume_base[day]
        _, interest = self.samples(self.market.step_ms, now_ms)
        return Day(
            float(bars.open[day][0]),
            float(bars.high[day].max()),
            float(bars.low[day].min()),
            float(bars.close[-1]),
            float(volume.sum()),
            float((volume * bars.close[day]).sum()),
            float(self.marks(self.market.step_ms, now_ms).close[-1]),
            float(interest[-1]),
        )


@lru_cache(maxsize=2)
def listed(market: MarketFile) -> tuple[Contract, ...]:
    """Bitcoin as in the file, ether as the same market at a thirtieth."""
    return (
        _contract("BTC", "0.10", market),
        _contract("ETH", "0.01", market.scaled(30, 2)),
    )


def _contract(base_coin: str, tick: str, market: MarketFile) -> Contract:
    contract = Contract(base_coin, tick, market, [])
    return replace(contract, liquidated=_liquidated(market.bars, market.step_ms, contract.decimals))


def _liquidated(bars: Bars, step_ms: int, decimals: int) -> list[Liquidation]:
    """A few longs on the way down to the low of each large bar, shorts up to its high."""
    reach = (bars.high - bars.low) / bars.open
    found = []
    for i in np.flatnonzero(reach > _LARGE * np.median(reach)):
        for side, extreme in ((1, bars.low[i]), (-1, bars.high[i])):
            for n, (back, share) in enumerate(_VICTIMS):
                part = n + 1 if side > 0 else n + 5  # eighths of the bar
                found.append(
                    Liquidation(
                        int(bars.time_ms[i]) + part * step_ms // 8,
                        side,
                        round(float(extreme + back * (bars.open[i] - extreme)), decimals),
                        max(round(float(share * bars.volume_base[i]), 3), 0.001),
                    )
                )
    return found
