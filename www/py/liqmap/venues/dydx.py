"""dYdX v4, the public indexer. https://docs.dydx.xyz/indexer-client/http

Bare JSON, errors with a 4xx; lists are newest first; times are ISO 8601. 100 requests in
10 s and address; some countries are refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.venues import parse as wire
from liqmap.venues.adapter import (
    NOW,
    SINCE_LISTING,
    Adapter,
    Conversation,
    Depth,
    Limits,
    Reply,
    Request,
    Series,
    Snapshot,
    Stream,
)
from liqmap.venues.parse import DAY_MS, HOUR_MS, MINUTE_MS

_BARS = {
    MINUTE_MS: "1MIN",
    5 * MINUTE_MS: "5MINS",
    15 * MINUTE_MS: "15MINS",
    30 * MINUTE_MS: "30MINS",
    HOUR_MS: "1HOUR",
    4 * HOUR_MS: "4HOURS",
    DAY_MS: "1DAY",
}
_BARS_A_PAGE = 1000
_TRADES_A_PAGE = 1000
_MOST_PAGES = 10
_FIELDS = ("startedAt", "open", "high", "low", "close", "baseTokenVolume")


class Dydx(Adapter):
    """Open interest within the candles, since the listing; one margin rate a market."""

    venue = "dydx"
    title = "dYdX"
    origin = "https://indexer.dydx.trade"
    limits = Limits(weight=80, per_seconds=10, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "open_interest": SINCE_LISTING,
            "maintenance": NOW,
            "liquidations": Depth(rows=_TRADES_A_PAGE * _MOST_PAGES),
            "stream": NOW,
        }
    )

    def probe(self) -> Request:
        return Request("/v4/time")

    def read(self, reply: Reply) -> Any:
        answer = wire.decode(reply, self.title)
        if not isinstance(answer, dict):
            raise wire.unknown(self.title, "no object")
        return answer

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        (answer,) = yield [Request("/v4/perpetualMarkets")]
        markets = answer["markets"].values()
        active = (row for row in markets if row["status"] == "ACTIVE")
        # Markets of tokens from elsewhere carry the token's address in their name.
        return wire.by_volume(_instrument(row) for row in active if "," not in row["ticker"])

    @wire.spoken("candles")
    def candles(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None = None,
        end_ms: float | None = None,
        *,
        newest: int | None = None,
    ) -> Conversation[Candles]:
        size = newest or _BARS_A_PAGE
        table = yield from self._bars(instrument, step_ms, start_ms, end_ms, size)
        return wire.candles(table, _FIELDS, step_ms, start_ms, end_ms, time_ms=_started_ms(table))

    @wire.spoken("open interest")
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """`startingOpenInterest` is that of the bar's opening."""
        step = wire.best_step(_BARS, max(step_ms, 5 * MINUTE_MS))
        table = yield from self._bars(instrument, step, start_ms, end_ms + 1)
        held = wire.column(table, "startingOpenInterest")
        return wire.open_interest(_started_ms(table), held, start_ms, end_ms)

    def _bars(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None,
        end_ms: float | None,
        size: int = _BARS_A_PAGE,
    ) -> Conversation[list[Any]]:
        endpoint = f"/v4/candles/perpetualMarkets/{instrument.native}"
        common: dict[str, str | int] = {
            "resolution": wire.step_name(_BARS, step_ms, self.title),
            "limit": size,
        }
        if start_ms is None or end_ms is None:
            asked = [Request(wire.path(endpoint, **common))]
        else:
            asked = [
                Request(
                    wire.path(
                        endpoint,
                        **common,
                        fromISO=_iso(window.start_ms),
                        toISO=_iso(window.end_ms),
                    ),
                    until_ms=window.end_ms,
                )
                for window in wire.windows(start_ms, end_ms, size * step_ms)
            ]
        pages = yield asked
        return [row for page in pages for row in wire.rows(page["candles"])]

    @wire.spoken("market")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        row = yield from _market(instrument)
        return Snapshot(wire.not_negative(row["openInterest"]), wire.positive(row["oraclePrice"]))

    @wire.spoken("market")
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        row = yield from _market(instrument)
        rate = wire.positive(row["maintenanceMarginFraction"])
        return wire.tiers(np.array([inf]), np.array([rate]))

    @wire.spoken("liquidations")
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Newest trades first, until `start_ms` or ten thousand of them."""
        trades: dict[str, Any] = {}
        height: int | None = None
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                Request(
                    wire.path(
                        f"/v4/trades/perpetualMarket/{instrument.native}",
                        limit=_TRADES_A_PAGE,
                        createdBeforeOrAtHeight=height,
                    )
                )
            ]
            page = wire.rows(answer["trades"])
            trades.update((row["id"], row) for row in page)
            if len(page) < _TRADES_A_PAGE or wire.iso_ms(page[-1]["createdAt"]) < start_ms:
                break
            lowest = int(wire.number(page[-1]["createdAtHeight"]))
            height = lowest if height is None or lowest < height else height - 1
        return _liquidations(list(trades.values()), start_ms, end_ms)


def _iso(instant_ms: float) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _started_ms(table: list[Any]) -> Array:
    return np.array([wire.iso_ms(row["startedAt"]) for row in table])


def _market(instrument: Instrument) -> Conversation[dict[str, Any]]:
    (answer,) = yield [Request(wire.path("/v4/perpetualMarkets", ticker=instrument.native))]
    market: dict[str, Any] = answer["markets"][instrument.native]
    return market


def _instrument(row: dict[str, Any]) -> Instrument:
    native = wire.text(row["ticker"])
    base, quote = native.rsplit("-", 1)
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=wire.positive(row["tickSize"]),
        max_leverage=1.0 / wire.positive(row["initialMarginFraction"]),
        volume_24h_quote=wire.not_negative(row["volume24H"]),
    )


def _liquidations(
    trades: list[Any], start_ms: float | None = None, end_ms: float | None = None
) -> Liquidations:
    """`side` is the taker's, and the liquidation is the taker."""
    table = [row for row in trades if row.get("type") == "LIQUIDATED"]
    return wire.liquidations(
        [wire.iso_ms(row["createdAt"]) for row in table],
        [wire.position_side(row["side"], long="SELL", short="BUY") for row in table],
        wire.column(table, "price"),
        wire.column(table, "size"),
        start_ms,
        end_ms,
    )


class DydxStream(Stream):
    """Every trade with its type; the first message brings older ones."""

    venue = "dydx"
    title = "dYdX"
    url = "wss://indexer.dydx.trade/v4/ws"
    completeness = "dYdX marks every liquidation among its trades, at the price of the fill."

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"type":"subscribe","channel":"v4_trades","id":"{instrument.native}"}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        heard = wire.heard(message, self.title)
        if heard.get("type") == "error":
            raise wire.refused(self.title, str(heard.get("message")))
        with wire.reading(self.title, "liquidations", instrument.native):
            about = heard.get("channel") == "v4_trades" and heard.get("id") == instrument.native
            contents = heard.get("contents", {}) if about else {}
            return _liquidations(wire.rows(contents.get("trades", [])))
