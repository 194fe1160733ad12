"""OKX: its liquidations, listed or told by its stream, in contracts.

Documented at https://www.okx.com/docs-v5/en/#public-data-rest-api-get-liquidation-orders

`side` is the order's: an order that buys closes a short. A contract is base coin, or USD where
it is inverse.
"""

from __future__ import annotations

from typing import Any

from liqmap.data.market import Instrument
from liqmap.language import mark
from liqmap.venues import columns, parse
from liqmap.venues.stream import Stream

_CHANNEL = "liquidation-orders"


def details(data: Any, instrument: Instrument) -> list[columns.Row]:
    """Liquidations of the contract, out of those of its family or of all swaps."""

    def read(row: Any) -> columns.Row:
        price = parse.positive(row["bkPx"])
        quantity = parse.positive(row["sz"]) * instrument.contract_size
        return (
            parse.instant_ms(row["ts"]),
            parse.position_side(row["side"], long="sell", short="buy"),
            price,
            quantity / price if instrument.kind == "inverse" else quantity,
        )

    lists = parse.kept(
        data, lambda row: parse.rows(row["details"]) if row["instId"] == instrument.native else []
    )
    return parse.kept([row for details in lists for row in details], read)


class OkxStream(Stream):
    """All swaps in one topic, at most one liquidation a second and contract."""

    venue = "okx"
    title = "OKX"
    url = "wss://ws.okx.com:8443/ws/v5/public"
    completeness = mark(
        "OKX sends at most one liquidation a second: a sample, at the bankruptcy price."
    )
    ping = "ping"
    ping_s = 25.0

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"op":"subscribe","args":[{{"channel":"{_CHANNEL}","instType":"SWAP"}}]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("msg", "") if content.get("event") == "error" else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        if content.get("arg", {}).get("channel") != _CHANNEL:
            return None
        return [] if content.get("event") == "subscribe" else details(content["data"], instrument)

    def _liquidations(self, row: columns.Row, instrument: Instrument) -> list[columns.Row]:
        return [row]
