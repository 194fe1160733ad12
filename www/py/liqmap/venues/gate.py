"""Gate: the liquidations of USDT perpetuals; its REST interface is closed to browsers.

Documented at https://www.gate.com/docs/developers/futures/ws/en/

Quantities are in contracts, positive for a long that was liquidated (to be checked live).
Since August 2026 `time` is in milliseconds, and all orders of a contract within a second come
in one message.
"""

from __future__ import annotations

from typing import Any

from liqmap.data.market import Instrument
from liqmap.language import mark
from liqmap.venues import columns, parse
from liqmap.venues.stream import Stream

# Base coin in one contract; only the closed REST interface tells that of other coins.
_CONTRACT_BASE = {"BTC": 0.0001, "ETH": 0.01}
_CHANNEL = "futures.public_liquidates"


class GateStream(Stream):
    """All contracts in one topic."""

    venue = "gate"
    title = "Gate"
    url = "wss://fx-ws.gateio.ws/v4/ws/usdt"
    completeness = mark("Gate sends every liquidation of BTC and ETH, at the price of the order.")
    coins = tuple(_CONTRACT_BASE)
    ping = '{"time":0,"channel":"futures.ping"}'

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"time":0,"channel":"{_CHANNEL}","event":"subscribe","payload":["!all"]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("error") or None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        """`result` is an array of rows or a single one."""
        if content.get("channel") != _CHANNEL:
            return None
        result = content["result"] if content.get("event") == "update" else []
        return [result] if isinstance(result, dict) else result

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        coin = instrument.base_coin
        if coin not in _CONTRACT_BASE or row["contract"] != f"{coin}_USDT":
            return []
        signed = parse.number(row["size"])
        side = 1.0 if signed > 0 else -1.0
        return [(row["time"], side, row["price"], abs(signed) * _CONTRACT_BASE[coin])]
