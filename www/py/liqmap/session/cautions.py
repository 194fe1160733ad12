"""What is drawn but may be wrong, or shows nothing: sentences for the notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from liqmap.data.market import Market
from liqmap.picture.viewport import Frame
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View

AHEAD_MS = 5 * 60_000.0
"""No two clocks that are right differ by as much."""


def cautions(
    markets: Mapping[str, Market], frame: Frame, view: View, now_ms: float
) -> Iterator[str]:
    """Sentences on bars ahead of the visitor's clock, and on prices that the axis leaves out."""
    for venue, market in markets.items():
        ahead_ms = float(market.candles.time_ms[-1]) - now_ms
        if ahead_ms > AHEAD_MS and not market.simulated:
            yield (
                f"The newest bar of {ADAPTERS[venue].title} begins {_span(ahead_ms)} ahead of this "
                "device’s clock: one of the two clocks is wrong. Check yours first."
            )
    fixed = view.low is not None or view.high is not None
    if fixed and not any(_within(market, frame) for market in markets.values()):
        yield (
            f"No price of this time is between {frame.low_price:g} and {frame.high_price:g}: "
            "clear lowest and highest price under Settings to see the market."
        )


def _within(market: Market, frame: Frame) -> bool:
    """Whether a bar of the frame's time has a price on its axis."""
    bars = market.candles
    bars = bars.rows(bars.time_ms >= frame.first_ms)
    return bool(np.any((bars.low <= frame.high_price) & (bars.high >= frame.low_price)))


def _span(length_ms: float) -> str:
    minutes = length_ms / 60_000
    if minutes < 120:
        return f"{minutes:.0f} minutes"
    return f"{minutes / 60:.0f} hours" if minutes < 2_880 else f"{minutes / 1_440:.0f} days"
