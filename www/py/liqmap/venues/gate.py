"""Gate, USDT perpetuals: only the stream of liquidations is open to a browser.

https://www.gate.com/docs/developers/futures/ws/en/
"""

from __future__ import annotations

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.venues import parse as wire
from liqmap.venues.adapter import Reply, Stream

# Base coin in one contract of the markets that we can know without the closed REST API.
_CONTRACT_BASE = {"BTC": 0.0001, "ETH": 0.01}


class GateStream(Stream):
    """All contracts in one topic; quantities in contracts, signed by the position."""

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
        """A positive `size` is a long that was liquidated; to be checked live."""
        heard = wire.heard(message, self.title)
        if heard.get("error"):
            raise wire.refused(self.title, wire.words(Reply(400, message.encode())))
        with wire.reading(self.title, "liquidations", instrument.name):
            about = heard.get("channel") == "futures.public_liquidates"
            about = about and heard.get("event") == "update"
            size = _CONTRACT_BASE.get(instrument.base_coin)
            contract = f"{instrument.base_coin}_USDT"
            table = [
                row
                for row in (wire.rows(heard["result"]) if about and size else [])
                if row["contract"] == contract
            ]
            contracts = wire.column(table, "size")
            return wire.liquidations(
                wire.column(table, "time_ms"),
                [1.0 if signed > 0 else -1.0 for signed in contracts],
                wire.column(table, "price"),
                abs(contracts) * (size or 0.0),
            )
