"""The venues, in the order in which to try them."""

from __future__ import annotations

from liqmap.exchanges.adapter import Adapter, Stream
from liqmap.exchanges.aster import Aster, AsterStream
from liqmap.exchanges.binance import Binance, BinanceStream
from liqmap.exchanges.bitget import Bitget, BitgetStream
from liqmap.exchanges.bybit import Bybit, BybitStream
from liqmap.exchanges.deribit import Deribit, DeribitStream
from liqmap.exchanges.dydx import Dydx, DydxStream
from liqmap.exchanges.gate import GateStream
from liqmap.exchanges.hyperliquid import Hyperliquid
from liqmap.exchanges.kraken import Kraken, KrakenStream
from liqmap.exchanges.lighter import Lighter, LighterStream
from liqmap.exchanges.okx import Okx, OkxStream

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
