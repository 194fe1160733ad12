"""Aster: USDT perpetuals.

Documented at https://github.com/asterdex/api-docs

Binance's interface at another host, without its history of open interest.
"""

from __future__ import annotations

from types import MappingProxyType

from liqmap.data.market import Instrument
from liqmap.data.samples import Samples
from liqmap.data.series import OpenInterest
from liqmap.language import mark
from liqmap.venues import quantities
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
            "funding": SINCE_LISTING,
            "stream": NOW,
        }
    )

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        return self._lacks(quantities.OPEN_INTEREST_HISTORY)

    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        return self._lacks(quantities.RATIO_HISTORY)


class AsterStream(BinanceStream):
    """At most one liquidation a second and contract."""

    venue = "aster"
    title = "Aster"
    url = "wss://fstream.asterdex.com/ws"
    completeness = mark(
        "Aster sends at most one liquidation a second: a sample, at the price of the fill."
    )
