"""Three markets to replay: the simulated one, and two that are made from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.support.venue import MARKET
from tools.replay.market_file import Bars, Floats, MarketFile


def mirrored(market: MarketFile) -> MarketFile:
    """Rises are falls: prices p become c²/p about the last close c; what is traded stays."""
    bars, center = market.bars, float(market.bars.close[-1])

    def turned(prices: Floats) -> Floats:
        return np.round(center**2 / prices, 1)

    return _with(
        market,
        replace(
            bars,
            open=turned(bars.open),
            high=turned(bars.low),
            low=turned(bars.high),
            close=turned(bars.close),
            taker_buy_base=bars.volume_base - bars.taker_buy_base,
        ),
        market.open_interest_base,
    )


def swapped(market: MarketFile) -> MarketFile:
    """The second half happens first; prices and open interest go on where the other half ends."""
    bars, held = market.bars, market.open_interest_base
    half, samples = len(bars.time_ms) // 2, len(held) // 2
    price = bars.close[-1] / bars.open[0]
    amount = held[-1] / held[0]

    def turned(prices: Floats) -> Floats:
        return np.round(np.concatenate([prices[half:], prices[:half] * price]), 1)

    prices = {name: turned(getattr(bars, name)) for name in ("open", "high", "low", "close")}
    traded = {
        name: np.roll(getattr(bars, name), -half) for name in ("volume_base", "taker_buy_base")
    }
    open_interest = np.concatenate([held[samples:], np.round(held[:samples] * amount, 3)])
    return _with(market, Bars(bars.time_ms, **prices, **traded), open_interest)


def _with(market: MarketFile, bars: Bars, open_interest_base: Floats) -> MarketFile:
    return MarketFile(market.step_ms, bars, market.sample_ms, open_interest_base)


MARKETS = {"simulated": MARKET, "mirrored": mirrored(MARKET), "swapped": swapped(MARKET)}
