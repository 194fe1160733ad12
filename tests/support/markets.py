"""Markets in memory, and a network where nobody answers."""

from __future__ import annotations

import numpy as np

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import Unreachable
from liqmap.venues.adapter import Reply

STEP_MS = 300_000.0
BARS = 3 * 288


def market(
    simulated: bool = False, symbol: str = "BTC-USDT-PERP", venue: str = "bybit", more: int = 0
) -> Market:
    """Three days of a quiet walk, and some bars."""
    n = BARS + more
    close = 100 + np.sin(np.arange(float(n)) / 40)
    candles = Candles(
        STEP_MS * np.arange(float(n)), close, close + 0.2, close - 0.2, close, np.full(n, 10.0)
    )
    samples = OpenInterest(candles.end_ms, 1_000 + 100 * np.sin(np.arange(float(n)) / 90))
    instrument = Instrument(symbol, symbol, symbol.partition("-")[0], "USDT", tick_size=0.01)
    return Market(venue, instrument, candles, samples, simulated=simulated)


async def send(_url: str, _body: str | None) -> Reply:
    """Nobody answers."""
    raise Unreachable("nobody is there.", hint="Wait.")
