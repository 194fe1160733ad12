"""The venues, in the order in which to try them."""

from __future__ import annotations

from liqmap.venues.adapter import Adapter, Stream
from liqmap.venues.aster import Aster, AsterStream
from liqmap.venues.binance import Binance, BinanceStream
from liqmap.venues.bitget import Bitget, BitgetStream
from liqmap.venues.bybit import Bybit, BybitStream
from liqmap.venues.deribit import Deribit, DeribitStream
from liqmap.venues.dydx import Dydx, DydxStream
from liqmap.venues.gate import GateStream
from liqmap.venues.hyperliquid import Hyperliquid
from liqmap.venues.kraken import Kraken, KrakenStream
from liqmap.venues.lighter import Lighter, LighterStream
from liqmap.venues.okx import Okx, OkxStream

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
    (None, GateStream()),
)

ADAPTERS: dict[str, Adapter] = {one.venue: one for one, _ in _VENUES if one}
STREAMS: dict[str, Stream] = {one.venue: one for _, one in _VENUES if one}
