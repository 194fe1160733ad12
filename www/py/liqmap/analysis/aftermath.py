"""What came after an instant: where the price went, and what it passed of what waited then.

The path is that of the price that triggers liquidations: the mark price where it is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.analysis.situation import parts_within
from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.estimate.density import Density


@dataclass(frozen=True, eq=False, slots=True)
class Path:
    """The bars after an instant: their ends [ms], lows and highs [quote/base], shape (n,)."""

    end_ms: Array
    low: Array
    high: Array

    @classmethod
    def after(cls, market: Market, instant_ms: float) -> Path:
        """The bars that end after an instant."""
        low, high = market.candles.trigger_range(market.mark)
        later = market.candles.end_ms > instant_ms
        return cls(market.candles.end_ms[later], low[later], high[later])

    @property
    def lowest(self) -> float:
        """The lowest price [quote/base]; infinite without a bar."""
        return float(self.low.min(initial=np.inf))

    @property
    def highest(self) -> float:
        """The highest price [quote/base]; minus infinite without a bar."""
        return float(self.high.max(initial=-np.inf))

    def reached_ms(self, price: float, position_side: int) -> float | None:
        """End of the first bar that falls to a price of longs, or rises to one of shorts."""
        touches = self.low <= price if position_side > 0 else self.high >= price
        return float(self.end_ms[np.argmax(touches)]) if touches.any() else None


@dataclass(frozen=True, slots=True)
class Passed:
    """What waited then, and what of it lies at prices that the path has reached since [quote].

    The second is what was liquidated at most: some had been closed before the price came.
    """

    waited_quote: float
    passed_quote: float

    @property
    def rate(self) -> float | None:
        """The part that was passed; None where nothing waited."""
        return self.passed_quote / self.waited_quote if self.waited_quote > 0 else None


def passed_between(
    density: Density, position_side: int, low: float, high: float, path: Path, column: int = -1
) -> Passed:
    """Of a side in a column, between two prices; a row partly there counts by that part."""
    base = density.long_base if position_side > 0 else density.short_base
    waiting_quote = base[:, column].astype(np.float64) * density.prices
    first, last = (path.lowest, high) if position_side > 0 else (low, path.highest)
    first, last = max(first, low), min(last, high)
    waited = float(waiting_quote @ parts_within(density, low, high))
    if first >= last:
        return Passed(waited, 0.0)
    return Passed(waited, float(waiting_quote @ parts_within(density, first, last)))


def passed_within(
    density: Density, spot_price: float, rate: float, path: Path, column: int = -1
) -> tuple[Passed, Passed] | None:
    """Longs from `spot · (1 − rate)` to the price then, shorts up to `spot · (1 + rate)`.

    Of a column of the density, at whose end the price was `spot_price`.

    None where the grid does not reach that far.
    """
    low, high = spot_price * (1 - rate), spot_price * (1 + rate)
    if density.price_edges[0] > low or density.price_edges[-1] < high:
        return None
    return (
        passed_between(density, 1, low, spot_price, path, column),
        passed_between(density, -1, spot_price, high, path, column),
    )
