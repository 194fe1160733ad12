"""Gate: the liquidations of USDT perpetuals; its REST interface is closed to browsers.

Documented at https://www.gate.com/docs/developers/futures/ws/en/

Quantities are in contracts, positive for a long that was liquidated (to be checked live).
"""

from __future__ import annotations

from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.venues import columns, parse, refusals
from liqmap.venues.adapter import Stream

# Base coin in one contract; only the closed REST interface tells that of other coins.
_CONTRACT_BASE = {"BTC": 0.0001, "ETH": 0.01}


class GateStream(Stream):
    """All contracts in one topic."""

    venue = "gate"
    title = "Gate"
    url = "wss://fx-ws.gateio.ws/v4/ws/usdt"
    completeness = "Gate sends every liquidation of BTC and ETH, at the price of the order."
    coins = tuple(_CONTRACT_BASE)
    ping = '{"time":0,"channel":"futures.ping"}'

    def subscribe(self, instrument: Instrument) -> str:
        return (
            '{"time":0,"channel":"futures.public_liquidates",'
            '"event":"subscribe","payload":["!all"]}'
        )

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        content = parse.json_object(message, self.title)
        if content.get("error"):
            raise refusals.refused(self.title, refusals.message(message.encode()))
        with parse.reading(self.title, "liquidations", instrument.name):
            relevant = content.get("channel") == "futures.public_liquidates"
            relevant = relevant and content.get("event") == "update"
            size = _CONTRACT_BASE.get(instrument.base_coin, 0.0)
            contract = f"{instrument.base_coin}_USDT"

            def read_row(row: Any) -> list[columns.Row]:
                if row["contract"] != contract:
                    return []
                signed = parse.number(row["size"])
                side = 1.0 if signed > 0 else -1.0
                return [(row["time_ms"], side, row["price"], abs(signed) * size)]

            return columns.liquidations(content["result"] if relevant and size else [], read_row)
