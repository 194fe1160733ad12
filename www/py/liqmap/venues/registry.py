"""The venues, in the order in which to try them: all lists of venues are made from here."""

from __future__ import annotations

from liqmap.venues.adapter import Adapter
from liqmap.venues.aster import Aster, AsterStream
from liqmap.venues.binance import Binance, BinanceStream
from liqmap.venues.bitget import Bitget, BitgetStream
from liqmap.venues.bybit import Bybit, BybitStream
from liqmap.venues.deribit import Deribit, DeribitStream
from liqmap.venues.dydx import Dydx, DydxStream
from liqmap.venues.gate import Gate, GateStream
from liqmap.venues.hyperliquid import Hyperliquid
from liqmap.venues.kraken import Kraken, KrakenStream
from liqmap.venues.lighter import Lighter, LighterStream
from liqmap.venues.okx import Okx
from liqmap.venues.okx_liquidations import OkxStream
from liqmap.venues.stream import Stream

_VENUES: tuple[tuple[Adapter | None, Stream | None], ...] = (
    (Bybit(), BybitStream()),
    (Hyperliquid(), None),
    (Binance(), BinanceStream()),
    (Bitget(), BitgetStream()),
    (Okx(), OkxStream()),
    (Deribit(), DeribitStream()),
    (Lighter(), LighterStream()),
    (Dydx(), DydxStream()),
    (Aster(), AsterStream()),
    (Kraken(), KrakenStream()),
    (Gate(), GateStream()),
)

ADAPTERS: dict[str, Adapter] = {adapter.venue: adapter for adapter, _ in _VENUES if adapter}
"""Every venue that can be read, by its name in links."""

IN_BROWSER: dict[str, Adapter] = {
    venue: adapter for venue, adapter in ADAPTERS.items() if adapter.in_browser
}
"""Of these, those that the page can read: what it offers, tries and adds up."""

STREAMS: dict[str, Stream] = {stream.venue: stream for _, stream in _VENUES if stream}

TITLES: dict[str, str] = {venue: adapter.title for venue, adapter in IN_BROWSER.items()}
"""Of every venue that the page can read: its name for readers by its name in links."""

HOSTS: tuple[str, ...] = tuple(
    dict.fromkeys(
        [
            *(adapter.origin for adapter in IN_BROWSER.values()),
            *(stream.origin for stream in STREAMS.values()),
        ]
    )
)
"""Origins that the page connects to, each once: adapters first, then streams."""
