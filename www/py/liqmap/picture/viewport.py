"""Which part of time and price a picture shows, on which screen, and when it is framed anew."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from liqmap.data.market import Market
from liqmap.view import STEP_MS, View

PRICE_BINS = 600
MOST_COLUMNS = 1_440
MARGIN = 0.6
"""Margin of the price axis beyond the window's low and high, as a fraction of their distance."""
LEAST_MARGIN = 0.03
EDGE = 0.08
"""A price this near to an end of the axis (fraction of its length) needs a new axis."""
GROWTH = 0.25
"""New bars (fraction of the window) after which the oldest columns are dropped."""
_MORE = 0.02
"""Fraction of a visitor's window that is computed beyond each of its sides."""
_ROW_PX = 2.0
_COLUMN_PX = 3.0
_ROW_BINS = (1, 2, 3, 4, 5, 6, 8, 10, 12)
"""Bins a row: all rows hold as many."""
_COLUMN_BARS = (1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 144, 288, 576, 864, 1_440, 2_016)
"""Lengths of a column: neighbours differ by about half, and each is a round time."""


def _column_lengths_ms(step_ms: float) -> list[int]:
    """Lengths that a column may have, whole multiples of a bar's, the shortest first."""
    return [bars * STEP_MS for bars in _COLUMN_BARS if bars * STEP_MS % step_ms == 0]


@dataclass(frozen=True, slots=True)
class Screen:
    """The plot's inner size [CSS px, above zero], and whether the system asks for light colours."""

    width_px: float = 1_100.0
    height_px: float = 600.0
    system_light: bool = False

    def bins_a_row(self) -> int:
        """How many of `PRICE_BINS` are one row of about two pixels."""
        return min(_ROW_BINS, key=lambda bins: abs(bins - PRICE_BINS * _ROW_PX / self.height_px))

    def column_ms(self, span_ms: float, least_ms: float = STEP_MS) -> float:
        """Length of a column of about three pixels where the plot shows so much time.

        A whole multiple of `least_ms`.
        """
        about_ms = max(span_ms * _COLUMN_PX / self.width_px, least_ms)
        return min(
            _column_lengths_ms(least_ms), key=lambda length: abs(math.log(length / about_ms))
        )

    def light(self, theme: str) -> bool:
        """Whether the ground is light under a theme of the view."""
        return theme == "light" or (theme == "auto" and self.system_light)


@dataclass(frozen=True, slots=True)
class Window:
    """The part of time [ms] and price [quote/base] that a visitor has zoomed to."""

    begin_ms: float
    end_ms: float
    low_price: float
    high_price: float


@dataclass(frozen=True, slots=True)
class Frame:
    """A price axis, the first column, and the bars a column.

    `end_ms` is the end of the newest bar when it was framed; `columns` fit the window. Columns
    begin at whole multiples of their length, so that a new bar moves none of them.
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
        low, high = price_range(several, first_ms, view)
        return cls._columned(several, low, high, first_ms, end_ms)

    @classmethod
    def within(cls, window: Window, markets: Iterable[Market]) -> Frame | None:
        """The frame of a visitor's window and a little more, as far as there are bars.

        None where there are none.
        """
        several = list(markets)
        more_ms = max(_MORE * (window.end_ms - window.begin_ms), STEP_MS)
        more_price = _MORE * (window.high_price - window.low_price)
        known_ms = min(float(one.candles.time_ms[0]) for one in several)
        first_ms = max(window.begin_ms - more_ms, known_ms)
        known_ms = max(float(one.candles.end_ms[-1]) for one in several)
        end_ms = min(window.end_ms + more_ms, known_ms)
        low, high = max(window.low_price - more_price, 0.0), window.high_price + more_price
        if first_ms >= end_ms or low >= high:
            return None
        return cls._columned(several, low, high, first_ms, end_ms)

    @classmethod
    def _columned(
        cls, several: list[Market], low: float, high: float, first_ms: float, end_ms: float
    ) -> Frame:
        """Columns of as few bars as are not too many; the longest bars of all markets."""
        step_ms = max(one.candles.step_ms for one in several)
        lengths_ms = _column_lengths_ms(step_ms)
        least_ms = (end_ms - first_ms) / MOST_COLUMNS
        column_ms = next((one for one in lengths_ms if one >= least_ms), lengths_ms[-1])
        first_ms = first_ms // column_ms * column_ms
        columns = math.ceil((end_ms - first_ms) / column_ms)
        return cls(low, high, first_ms, end_ms, round(column_ms / step_ms), columns)

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
