"""Every venue as a stand-in: what it would answer, and what it would say, from a market file.

A stand-in computes; it opens no connection. `tools.replay` and `tools.replay_stream` serve it.
"""

from __future__ import annotations

from tools.venues.aster import Aster, AsterFeed
from tools.venues.binance import Binance, BinanceFeed
from tools.venues.bitget import Bitget, BitgetFeed
from tools.venues.bybit import Bybit, BybitFeed
from tools.venues.deribit import Deribit, DeribitFeed
from tools.venues.dydx import Dydx, DydxFeed
from tools.venues.feed import Feed
from tools.venues.gate import GateFeed
from tools.venues.hyperliquid import Hyperliquid
from tools.venues.kraken import Kraken, KrakenFeed
from tools.venues.lighter import Lighter, LighterFeed
from tools.venues.okx import Okx, OkxFeed
from tools.venues.venue import Venue

_VENUES: tuple[tuple[type[Venue] | None, type[Feed] | None], ...] = (
    (Bybit, BybitFeed),
    (Hyperliquid, None),
    (Binance, BinanceFeed),
    (Bitget, BitgetFeed),
    (Okx, OkxFeed),
    (Deribit, DeribitFeed),
    (Lighter, LighterFeed),
    (Dydx, DydxFeed),
    (Aster, AsterFeed),
    (Kraken, KrakenFeed),
    (None, GateFeed),
)

VENUES: dict[str, type[Venue]] = {one.name: one for one, _ in _VENUES if one}
FEEDS: dict[str, type[Feed]] = {one.name: one for _, one in _VENUES if one}
