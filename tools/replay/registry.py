"""Every venue as a stand-in: what it would answer, and what it would say, from a market file.

A stand-in computes; it opens no connection. `tools.replay.exchanges` and
`tools.replay.streams` serve it.
"""

from __future__ import annotations

from tools.replay.aster import Aster, AsterFeed
from tools.replay.binance import Binance, BinanceFeed
from tools.replay.bitget import Bitget, BitgetFeed
from tools.replay.bybit import Bybit, BybitFeed
from tools.replay.deribit import Deribit, DeribitFeed
from tools.replay.dydx import Dydx, DydxFeed
from tools.replay.feed import Feed
from tools.replay.gate import Gate, GateFeed
from tools.replay.hyperliquid import Hyperliquid
from tools.replay.kraken import Kraken, KrakenFeed
from tools.replay.lighter import Lighter, LighterFeed
from tools.replay.okx import Okx
from tools.replay.okx_liquidations import OkxFeed
from tools.replay.standin import Venue

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
    (Gate, GateFeed),
)

VENUES: dict[str, type[Venue]] = {one.name: one for one, _ in _VENUES if one}
FEEDS: dict[str, type[Feed]] = {one.name: one for _, one in _VENUES if one}
