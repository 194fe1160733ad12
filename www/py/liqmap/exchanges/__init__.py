"""The venues, in the order in which to try them."""

from __future__ import annotations

from liqmap.exchanges.adapter import Adapter
from liqmap.exchanges.bybit import Bybit

_ALL: tuple[Adapter, ...] = (Bybit(),)

ADAPTERS: dict[str, Adapter] = {adapter.venue: adapter for adapter in _ALL}
