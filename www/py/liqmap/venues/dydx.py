"""dYdX: perpetuals in USD, by the public indexer of v4.

Documented at https://docs.dydx.xyz/indexer-client/http

JSON without an envelope, errors with a 4xx; lists are newest first; times are ISO 8601. The
limit is 100 requests in 10 s and address; some countries are refused.
"""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles, OpenInterest
from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.language import mark
from liqmap.venues import book, columns, parse, quantities, refusals, requests
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
)
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS
from liqmap.venues.stream import Stream

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
_CHANNEL = "v4_trades"
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
            "order_book": NOW,
            "stream": NOW,
        }
    )
    reports_all = True

    def probe(self) -> Request:
        return Request("/v4/time")

    def read(self, reply: Reply) -> Any:
        answer = refusals.decode(reply, self.title)
        if not isinstance(answer, dict):
            raise refusals.strange(self.title, "no object")
        return answer

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        (answer,) = yield [Request("/v4/perpetualMarkets")]
        return columns.by_volume(parse.kept(list(answer["markets"].values()), _instrument))

    @parse.conversation(quantities.BARS)
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
        return columns.candles(table, _FIELDS, step_ms, start_ms, end_ms, read_time=parse.iso_ms)

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

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """`startingOpenInterest` is sampled at the bar's opening."""
        step = requests.best_step(_BARS, max(step_ms, 5 * MINUTE_MS))
        table = yield from self._bars(instrument, step, start_ms, end_ms + 1)
        return columns.open_interest(
            table,
            lambda row: (parse.iso_ms(row["startedAt"]), row["startingOpenInterest"]),
            start_ms,
            end_ms,
        )

    @parse.conversation(quantities.MARKET)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        row = yield from _market(instrument)
        return Snapshot(parse.not_negative(row["openInterest"]), parse.positive(row["oraclePrice"]))

    @parse.conversation(quantities.MARKET)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        row = yield from _market(instrument)
        rate = parse.positive(row["maintenanceMarginFraction"])
        return columns.tiers([rate], lambda only: (0, only), by_floor=True)

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 100 prices a side; the time is asked for beside them.

        https://docs.dydx.xyz/indexer-client/http#get-perpetual-market-orderbook
        """
        answer, now = yield [
            Request(f"/v4/orderbooks/perpetualMarket/{instrument.native}"),
            Request("/v4/time"),
        ]
        return book.order_book(
            instrument,
            parse.iso_ms(now["iso"]),
            book.Sides(answer["bids"], answer["asks"]),
            read=lambda row: (row["price"], row["price"], row["size"]),
        )

    @parse.conversation(quantities.LIQUIDATIONS)
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
            page = answer["trades"]
            trades |= parse.kept(page, lambda row: (parse.text(row["id"]), row))
            oldest = parse.earliest_ms(page, lambda row: parse.iso_ms(row["createdAt"]))
            if len(page) < _TRADES_A_PAGE or oldest < start_ms:
                break
            heights = parse.read_each(page, lambda row: parse.positive(row["createdAtHeight"]))
            lowest = int(min(heights))
            height = lowest if height is None or lowest < height else height - 1
        return columns.liquidations(list(trades.values()), _liquidation, start_ms, end_ms)


def _iso(instant_ms: float) -> str:
    return f"{datetime.fromtimestamp(instant_ms / 1000, UTC):%Y-%m-%dT%H:%M:%S.000Z}"


def _market(instrument: Instrument) -> Conversation[dict[str, Any]]:
    (answer,) = yield [Request(requests.path("/v4/perpetualMarkets", ticker=instrument.native))]
    market: dict[str, Any] = answer["markets"][instrument.native]
    return market


def _instrument(row: dict[str, Any]) -> Instrument | None:
    native = parse.text(row["ticker"])
    # A comma stands in names of markets that carry the address of a foreign token.
    if row["status"] != "ACTIVE" or "," in native:
        return None
    base, quote = native.split("-")
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(row["tickSize"]),
        max_leverage=parse.decoration(lambda: 1.0 / parse.positive(row["initialMarginFraction"])),
        volume_24h_quote=parse.decoration(lambda: row["volume24H"]),
    )


def _liquidation(trade: dict[str, Any]) -> list[columns.Row]:
    """`side` is the taker's, and it is the taker that is liquidated."""
    if trade.get("type") != "LIQUIDATED":
        return []
    side = parse.position_side(trade["side"], long="SELL", short="BUY")
    return [(parse.iso_ms(trade["createdAt"]), side, trade["price"], trade["size"])]


class DydxStream(Stream):
    """All trades of a contract with their type; the first message has older ones."""

    venue = "dydx"
    title = "dYdX"
    url = "wss://indexer.dydx.trade/v4/ws"
    completeness = mark("dYdX marks every liquidation among its trades, at the price of the fill.")

    silence_s = 600.0  # of a contract with few trades; what was missed is in the first message

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"type":"subscribe","channel":"{_CHANNEL}","id":"{instrument.native}"}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("message", "") if content.get("type") == "error" else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        if content.get("channel") != _CHANNEL or content.get("id") != instrument.native:
            return None
        return content["contents"]["trades"]

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        return _liquidation(row)
