"""What is drawn but may be wrong, or shows nothing: sentences for the notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from liqmap.data.market import Market
from liqmap.language import count, say
from liqmap.picture.viewport import Frame
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from liqmap.words import digits_of, number

AHEAD_MS = 5 * 60_000.0
"""No two clocks that are right differ by as much."""


def cautions(
    markets: Mapping[str, Market], frame: Frame, view: View, now_ms: float
) -> Iterator[str]:
    """Sentences on bars ahead of the visitor's clock, and on prices that the axis leaves out."""
    for venue, market in markets.items():
        ahead_ms = float(market.candles.time_ms[-1]) - now_ms
        if ahead_ms > AHEAD_MS and not market.simulated:
            yield say(
                "The newest bar of {venue} begins {time} ahead of this device’s clock: one of the "
                "two clocks is wrong. Check yours first.",
                venue=ADAPTERS[venue].title,
                time=_span(ahead_ms),
            )
    fixed = view.low is not None or view.high is not None
    if fixed and not any(_within(market, frame) for market in markets.values()):
        yield say(
            "No price of this time is between {low} and {high}: clear lowest and highest price "
            "under Settings to see the market.",
            low=_plain(frame.low_price),
            high=_plain(frame.high_price),
        )


def _within(market: Market, frame: Frame) -> bool:
    """Whether a bar of the frame's time has a price on its axis."""
    bars = market.candles
    bars = bars.rows(bars.time_ms >= frame.first_ms)
    return bool(np.any((bars.low <= frame.high_price) & (bars.high >= frame.low_price)))


def _plain(price: float) -> str:
    return number(price, digits_of(price))


def _span(length_ms: float) -> str:
    minutes = round(length_ms / 60_000)
    if minutes < 120:
        return count("{n} minute", "{n} minutes", minutes)
    if minutes < 2_880:
        return count("{n} hour", "{n} hours", round(minutes / 60))
    days = round(minutes / 1_440)
    return count("{n} day", "{n} days", days, n=number(days))
