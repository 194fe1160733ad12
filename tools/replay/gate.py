"""What Gate's stream of liquidations would say; its REST API is closed to browsers.

https://www.gate.com/docs/developers/futures/ws/en/
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.replay.contract import Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.standin import text

_CONTRACT_BASE = {"BTC": 0.0001, "ETH": 0.01}
_CHANNEL = "futures.public_liquidates"


class GateFeed(Feed):
    """One channel for all contracts; sizes in contracts, positive for a long."""

    name = "gate"
    path = "/v4/ws/usdt"

    def topic(self, contract: Contract) -> str:
        return _CHANNEL

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("channel") == "futures.ping":
            return Heard(_said("futures.pong", "", now_ms))
        known = asked.get("event") == "subscribe" and asked.get("payload") == ["!all"]
        if asked.get("channel") != _CHANNEL or not known:
            return Heard(self.refusal(message, now_ms))
        return Heard(_said(_CHANNEL, "subscribe", now_ms, {"status": "success"}), _CHANNEL)

    def refusal(self, message: str, now_ms: int) -> str:
        error = {"code": 2, "message": "unknown contract"}
        return _said(_CHANNEL, "subscribe", now_ms, None, error)

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        """Several rows as an array, one by itself."""
        result = [
            {
                "price": text(one.price),
                "size": text(
                    one.position_side * one.quantity_base / _CONTRACT_BASE[contract.base_coin]
                ),
                "time": one.time_ms,
                "contract": f"{contract.base_coin}_USDT",
            }
            for one in rows
        ]
        return [_said(_CHANNEL, "update", now_ms, result if len(result) > 1 else result[0])]


def _said(
    channel: str, event: str, now_ms: int, result: object = None, error: object = None
) -> str:
    head = {"time": now_ms // 1000, "time_ms": now_ms, "channel": channel, "event": event}
    return written({**head, "error": error, "result": result})
