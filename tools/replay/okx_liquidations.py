"""What OKX says of liquidations, in its list and in its stream: `side` is that of the order.

https://www.okx.com/docs-v5/en/#public-data-websocket-liquidation-orders-channel
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.replay.contract import Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.standin import text

CONTRACT_BASE = {"BTC": 0.01, "ETH": 0.1}
"""Base coin in one contract."""
_CHANNEL = {"channel": "liquidation-orders", "instType": "SWAP"}


def family(contract: Contract) -> str:
    """A swap's underlying."""
    return f"{contract.base_coin}-USDT"


class OkxFeed(Feed):
    """One channel for all swaps, and pings as text; `side` is that of the order."""

    name = "okx"
    path = "/ws/v5/public"

    def topic(self, contract: Contract) -> str:
        return "liquidation-orders"

    def hear(self, message: str, now_ms: int) -> Heard:
        if message == "ping":
            return Heard("pong")
        asked = read(message)
        channel = dict((asked.get("args") or [{}])[0])
        if asked.get("op") != "subscribe" or channel != _CHANNEL:
            return Heard(self.refusal(message, now_ms))
        reply = {"event": "subscribe", "arg": channel, "connId": "replay"}
        return Heard(written(reply), "liquidation-orders")

    def refusal(self, message: str, now_ms: int) -> str:
        return written({"event": "error", "code": "60018", "msg": "Wrong URL or channel"})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        return [written({"arg": _CHANNEL, "data": [orders(contract, rows)]})]


def orders(contract: Contract, rows: Sequence[Liquidation]) -> Any:
    """Those of one swap, in contracts."""
    size = CONTRACT_BASE[contract.base_coin]
    details = [
        {
            "bkLoss": "0",
            "bkPx": text(one.price),
            "ccy": "",
            "posSide": "long" if one.position_side > 0 else "short",
            "side": "sell" if one.position_side > 0 else "buy",
            "sz": text(one.quantity_base / size),
            "ts": str(one.time_ms),
        }
        for one in rows
    ]
    return {
        "details": details,
        "instFamily": family(contract),
        "instId": f"{family(contract)}-SWAP",
        "instType": "SWAP",
        "uly": family(contract),
    }
