"""Aster: USDT perpetuals.

Documented at https://github.com/asterdex/api-docs

Binance's interface at another host, without its history of open interest.
"""

from __future__ import annotations

from types import MappingProxyType

from liqmap.data.market import Instrument
from liqmap.data.series import OpenInterest
from liqmap.venues.adapter import NOW, SINCE_LISTING, Conversation, Depth, Series
from liqmap.venues.binance import Binance, BinanceStream


class Aster(Binance):
    """Taker volume within the candles; open interest only of now."""

    venue = "aster"
    title = "Aster"
    origin = "https://fapi.asterdex.com"
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "taker_volume": SINCE_LISTING,
            "mark": SINCE_LISTING,
            "order_book": NOW,
            "stream": NOW,
        }
    )

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        return self._lacks("history of open interest")


class AsterStream(BinanceStream):
    """At most one liquidation a second and contract."""

    venue = "aster"
    title = "Aster"
    url = "wss://fstream.asterdex.com/ws"
    completeness = (
        "Aster sends at most one liquidation a second: a sample, at the price of the fill."
    )
