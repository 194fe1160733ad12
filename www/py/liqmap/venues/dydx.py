"""dYdX: perpetuals in USD, by the public indexer of v4.

Documented at https://docs.dydx.xyz/indexer-client/http

JSON without an envelope, errors with a 4xx; lists are newest first; times are ISO 8601. The
limit is 100 requests in 10 s and address; some countries are refused.
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
from liqmap.venues import parse, refusals, requests
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
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS

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
    """Open interest since the listing, within the candles; a single margin rate a contract."""

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
    reports_all = True

    def probe(self) -> Request:
        return Request("/v4/time")

    def read(self, reply: Reply) -> Any:
        answer = refusals.decode(reply, self.title)
        if not isinstance(answer, dict):
            raise refusals.unknown(self.title, "no object")
        return answer

    @parse.conversation("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        (answer,) = yield [Request("/v4/perpetualMarkets")]
        markets = answer["markets"].values()
        active = (row for row in markets if row["status"] == "ACTIVE")
        # A comma stands in names of markets that carry the address of a foreign token.
        return parse.by_volume(_instrument(row) for row in active if "," not in row["ticker"])

    @parse.conversation("candles")
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
        return parse.candles(table, _FIELDS, step_ms, start_ms, end_ms, time_ms=_started_ms(table))

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
            "resolution": requests.step_name(_BARS, step_ms, self.title),
            "limit": size,
        }
        if start_ms is None or end_ms is None:
            batch = [Request(requests.path(endpoint, **common))]
        else:
            batch = [
                Request(
                    requests.path(
                        endpoint,
                        **common,
                        fromISO=_iso(window.start_ms),
                        toISO=_iso(window.end_ms),
                    ),
                    until_ms=window.end_ms,
                )
                for window in requests.windows(start_ms, end_ms, size * step_ms)
            ]
        pages = yield batch
        return parse.table(pages, "candles")

    @parse.conversation("open interest")
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """`startingOpenInterest` is sampled at the bar's opening."""
        step = requests.best_step(_BARS, max(step_ms, 5 * MINUTE_MS))
        table = yield from self._bars(instrument, step, start_ms, end_ms + 1)
        held = parse.column(table, "startingOpenInterest")
        return parse.open_interest(_started_ms(table), held, start_ms, end_ms)

    @parse.conversation("market")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        row = yield from _market(instrument)
        return Snapshot(parse.not_negative(row["openInterest"]), parse.positive(row["oraclePrice"]))

    @parse.conversation("market")
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        row = yield from _market(instrument)
        rate = parse.positive(row["maintenanceMarginFraction"])
        return parse.tiers(np.array([inf]), np.array([rate]))

    @parse.conversation("liquidations")
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Of trades since `start_ms`, the newest ten thousand at most."""
        trades: dict[str, Any] = {}
        height: int | None = None
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                Request(
                    requests.path(
                        f"/v4/trades/perpetualMarket/{instrument.native}",
                        limit=_TRADES_A_PAGE,
                        createdBeforeOrAtHeight=height,
                    )
                )
            ]
            page = parse.rows(answer["trades"])
            trades.update((row["id"], row) for row in page)
            if len(page) < _TRADES_A_PAGE or parse.iso_ms(page[-1]["createdAt"]) < start_ms:
                break
            lowest = int(parse.number(page[-1]["createdAtHeight"]))
            height = lowest if height is None or lowest < height else height - 1
        return _liquidations(list(trades.values()), start_ms, end_ms)


def _iso(instant_ms: float) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _started_ms(table: list[Any]) -> Array:
    return np.array([parse.iso_ms(row["startedAt"]) for row in table])


def _market(instrument: Instrument) -> Conversation[dict[str, Any]]:
    (answer,) = yield [Request(requests.path("/v4/perpetualMarkets", ticker=instrument.native))]
    market: dict[str, Any] = answer["markets"][instrument.native]
    return market


def _instrument(row: dict[str, Any]) -> Instrument:
    native = parse.text(row["ticker"])
    base, quote = native.rsplit("-", 1)
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(row["tickSize"]),
        max_leverage=1.0 / parse.positive(row["initialMarginFraction"]),
        volume_24h_quote=parse.not_negative(row["volume24H"]),
    )


def _liquidations(
    trades: list[Any], start_ms: float | None = None, end_ms: float | None = None
) -> Liquidations:
    """`side` is the taker's, and it is the taker that is liquidated."""
    table = [row for row in trades if row.get("type") == "LIQUIDATED"]
    return parse.liquidations(
        [parse.iso_ms(row["createdAt"]) for row in table],
        [parse.position_side(row["side"], long="SELL", short="BUY") for row in table],
        parse.column(table, "price"),
        parse.column(table, "size"),
        start_ms,
        end_ms,
    )


class DydxStream(Stream):
    """All trades of a contract with their type; the first message has older ones."""

    venue = "dydx"
    title = "dYdX"
    url = "wss://indexer.dydx.trade/v4/ws"
    completeness = "dYdX marks every liquidation among its trades, at the price of the fill."

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"type":"subscribe","channel":"v4_trades","id":"{instrument.native}"}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        content = parse.json_object(message, self.title)
        if content.get("type") == "error":
            raise refusals.refused(self.title, str(content.get("message")))
        with parse.reading(self.title, "liquidations", instrument.native):
            relevant = (
                content.get("channel") == "v4_trades" and content.get("id") == instrument.native
            )
            contents = content.get("contents", {}) if relevant else {}
            return _liquidations(parse.rows(contents.get("trades", [])))
