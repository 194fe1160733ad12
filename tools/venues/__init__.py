"""Every venue as a stand-in: what it would answer, and what it would say, from a market file.

A stand-in computes; it opens no connection. `tools.replay` and `tools.replay_stream` serve it.
"""

from __future__ import annotations

from tools.venues.bybit import Bybit, BybitFeed
from tools.venues.feed import Feed
from tools.venues.venue import Venue

VENUES: dict[str, type[Venue]] = {one.name: one for one in (Bybit,)}
FEEDS: dict[str, type[Feed]] = {one.name: one for one in (BybitFeed,)}
