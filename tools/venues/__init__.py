"""Every venue as a stand-in: what it would answer, and what it would say, from a market file.

A stand-in computes; it opens no connection. `tools.replay` and `tools.replay_stream` serve it.
"""

from __future__ import annotations

from tools.venues.aster import Aster, AsterFeed
from tools.venues.binance import Binance, BinanceFeed
from tools.venues.bitget import Bitget, BitgetFeed
from tools.venues.bybit import Bybit, BybitFeed
from tools.venues.feed import Feed
from tools.venues.gate import GateFeed
from tools.venues.okx import Okx, OkxFeed
from tools.venues.venue import Venue

VENUES: dict[str, type[Venue]] = {one.name: one for one in (Bybit, Binance, Bitget, Okx, Aster)}
FEEDS: dict[str, type[Feed]] = {
    one.name: one for one in (BybitFeed, BinanceFeed, BitgetFeed, OkxFeed, AsterFeed, GateFeed)
}
