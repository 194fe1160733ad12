"""What Aster would say: Binance's API without its statistics."""

from __future__ import annotations

from collections.abc import Mapping

from tools.replay.binance import Binance, BinanceFeed
from tools.replay.standin import Answer, Endpoint


class Aster(Binance):
    """No /futures/data."""

    name = "aster"
    forbidden = Answer(b"<html><body>403 Forbidden</body></html>", 403)

    def endpoints(self) -> Mapping[str, Endpoint]:
        every = super().endpoints()
        return {path: one for path, one in every.items() if path.startswith("/fapi/")}


class AsterFeed(BinanceFeed):
    """As Binance's, at the path that was Binance's."""

    name = "aster"
    path = "/ws"
