"""Which part of time and price a picture shows, and when it must be framed anew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from liqmap.data.market import Market
from liqmap.view import View

PRICE_BINS = 800
MOST_COLUMNS = 1_440
MARGIN = 0.6
"""Margin of the price axis beyond the window's low and high, as a fraction of their distance."""
LEAST_MARGIN = 0.03
EDGE = 0.08
"""A price this near to an end of the axis (fraction of its length) needs a new axis."""
GROWTH = 0.25
"""New bars (fraction of the window) after which the oldest columns are dropped."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A price axis, the first column, and the bars a column.

    `end_ms` is the end of the newest bar when it was framed; `columns` fit the window.
    """

    low_price: float
    high_price: float
    first_ms: float
    end_ms: float
    every: int
    columns: int

    @classmethod
    def around(cls, markets: Iterable[Market], view: View) -> Frame:
        """The frame of a view: the window before the newest bar, with a margin of price.

        It begins with the first bar where the venue keeps less.
        """
        several = list(markets)
        end_ms = max(float(one.candles.end_ms[-1]) for one in several)
        first_ms = max(
            end_ms - view.window_ms, min(float(one.candles.time_ms[0]) for one in several)
        )
        bars = int((end_ms - first_ms) // max(one.candles.step_ms for one in several))
        every = max(1, bars // MOST_COLUMNS)
        low, high = price_range(several, first_ms, view)
        return cls(low, high, first_ms, end_ms, every, -(-bars // every))

    def holds(self, markets: Iterable[Market], view: View) -> bool:
        """Whether the bars that have come since still fit."""
        fixed = view.low is not None or view.high is not None
        edge = EDGE * (self.high_price - self.low_price)
        for one in markets:
            spot = float(one.candles.close[-1])
            if not (fixed or self.low_price + edge <= spot <= self.high_price - edge):
                return False
            if float(one.candles.end_ms[-1]) - self.end_ms > GROWTH * view.window_ms:
                return False
        return True


def price_range(markets: Iterable[Market], first_ms: float, view: View) -> tuple[float, float]:
    """The price axis: what the visitor fixed, else the window with a margin around it."""
    lows, highs = [], []
    for market in markets:
        first = int(np.searchsorted(market.candles.time_ms, first_ms))
        first = min(first, len(market.candles) - 1)
        lows.append(float(market.candles.low[first:].min()))
        highs.append(float(market.candles.high[first:].max()))
    low, high = min(lows), max(highs)
    margin = max(MARGIN * (high - low), LEAST_MARGIN * high)
    lower, upper = view.low or max(low - margin, 0.05 * low), view.high or high + margin
    if lower >= upper:  # only one of them was fixed, on the far side of the market
        lower, upper = min(lower, low - margin), max(upper, high + margin)
    return lower, upper
