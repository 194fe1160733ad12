"""Lighter: perpetuals in USDC.

Documented at https://apidocs.lighter.xyz

An answer is `{"code": 200, …}`, an error has a 4xx as well; lists are oldest first; margins
are in ten thousandths. A contract is named by a number. The limit is about 60 requests a
minute and address.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles
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
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (1, 5, 15, 30)},
    HOUR_MS: "1h",
    4 * HOUR_MS: "4h",
    12 * HOUR_MS: "12h",
    DAY_MS: "1d",
}
_BARS_A_PAGE = 500
_TRADES_A_PAGE = 100
_QUOTE = "USDC"
_MARGIN_UNIT = 10_000.0


class Lighter(Adapter):
    """Open interest only of now; liquidations among the last hundred trades."""

    venue = "lighter"
    title = "Lighter"
    origin = "https://mainnet.zklighter.elliot.ai"
    limits = Limits(weight=50, per_seconds=60, concurrent=2)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "maintenance": NOW,
            "order_book": NOW,
            "liquidations": Depth(rows=_TRADES_A_PAGE),
            "stream": NOW,
        }
    )
    reports_all = True

    def probe(self) -> Request:
        return Request("/api/v1/recentTrades?market_id=1&limit=1")

    def read(self, reply: Reply) -> Any:
        answer = refusals.decode(reply, self.title, wait_s=30, code=("code",), limits={23000: 30})
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == 200:
            return answer
        if not isinstance(code, int):
            raise refusals.strange(self.title, "no object with a code")
        raise refusals.refused(self.title, refusals.message(reply.body), f"code {code}")

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        (answer,) = yield [Request("/api/v1/orderBookDetails")]
        return columns.by_volume(parse.kept(answer["order_book_details"], _instrument))

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
        """The chart must be told a time: that of the newest trade."""
        resolution = requests.step_name(_BARS, step_ms, self.title)
        span_ms = (newest or _BARS_A_PAGE) * step_ms
        if start_ms is None or end_ms is None:
            (answer,) = yield [_trades(instrument, 1)]
            now_ms = parse.first(answer["trades"], lambda row: parse.instant_ms(row["timestamp"]))
            spans = [requests.page_until(now_ms, span_ms)]
        else:
            spans = requests.windows(start_ms, end_ms, span_ms)
        answers = yield [
            Request(
                requests.path(
                    "/api/v1/candles",
                    market_id=instrument.native,
                    resolution=resolution,
                    start_timestamp=span.start_ms,
                    end_timestamp=span.end_ms,
                    count_back=span_ms // step_ms,
                ),
                until_ms=span.end_ms,
            )
            for span in spans
        ]
        table = parse.table(answers, "c")
        return columns.candles(table, "tohlcv", step_ms, start_ms, end_ms)

    @parse.conversation(quantities.MARKET)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        row = yield from _market(instrument)
        price = row.get("mark_price") or row["last_trade_price"]
        return Snapshot(parse.not_negative(row["open_interest"]), parse.positive(price))

    @parse.conversation(quantities.MARKET)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        row = yield from _market(instrument)
        rate = parse.positive(row["maintenance_margin_fraction"]) / _MARGIN_UNIT
        return columns.tiers([rate], lambda only: (0, only), by_floor=True)

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 250 orders a side, one by one, as of the newest trade: they have no time.

        https://apidocs.lighter.xyz/reference/orderbookorders
        """
        path = "/api/v1/orderBookOrders"
        answer, newest = yield [
            Request(requests.path(path, market_id=instrument.native, limit=250)),
            _trades(instrument, 1),
        ]
        return book.order_book(
            instrument,
            parse.first(newest["trades"], lambda row: parse.instant_ms(row["timestamp"])),
            book.Sides(answer["bids"], answer["asks"]),
            read=lambda row: (
                parse.text(row["order_id"]),
                row["price"],
                row["remaining_base_amount"],
            ),
        )

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        (answer,) = yield [_trades(instrument, _TRADES_A_PAGE)]
        return columns.liquidations(
            answer["trades"], lambda row: _liquidation(row, instrument), start_ms, end_ms
        )


def _trades(instrument: Instrument, count: int) -> Request:
    return Request(requests.path("/api/v1/recentTrades", market_id=instrument.native, limit=count))


def _market(instrument: Instrument) -> Conversation[dict[str, Any]]:
    (answer,) = yield [
        Request(requests.path("/api/v1/orderBookDetails", market_id=instrument.native))
    ]
    return parse.first(
        answer["order_book_details"],
        lambda row: row if str(row["market_id"]) == instrument.native else None,
    )


def _instrument(row: dict[str, Any]) -> Instrument | None:
    coin = parse.text(row["symbol"])
    # A slash stands in the names of spot markets.
    if row["status"] != "active" or row.get("market_type", "perp") != "perp" or "/" in coin:
        return None
    return Instrument(
        name=perpetual_name(coin, _QUOTE),
        native=str(int(parse.not_negative(row["market_id"]))),
        base_coin=canonical_coin(coin),
        quote_coin=_QUOTE,
        tick_size=10.0 ** -parse.not_negative(row["price_decimals"]),
        max_leverage=parse.decoration(
            lambda: _MARGIN_UNIT / parse.positive(row["min_initial_margin_fraction"])
        ),
        volume_24h_quote=parse.decoration(lambda: row["daily_quote_token_volume"]),
        # In per cent: the documents say 1 %, the reply 1.0000 (to be checked live).
        liquidation_fee_rate=parse.decoration(lambda: parse.positive(row["liquidation_fee"]) / 100),
    )


def _position_side(trade: dict[str, Any]) -> float:
    """The taker is liquidated: by its position where given, else by its order."""
    before = trade.get("taker_position_size_before")
    if before is not None and parse.number(before):
        return 1.0 if parse.number(before) > 0 else -1.0
    return parse.position_side(trade["is_maker_ask"], long=False, short=True)


def _liquidation(trade: dict[str, Any], instrument: Instrument) -> list[columns.Row]:
    if trade["type"] != "liquidation" or str(trade["market_id"]) != instrument.native:
        return []
    return [(trade["timestamp"], _position_side(trade), trade["price"], trade["size"])]


class LighterStream(Stream):
    """Liquidations of a contract, apart from other trades; the first message has older ones."""

    venue = "lighter"
    title = "Lighter"
    url = "wss://mainnet.zklighter.elliot.ai/stream"
    completeness = mark(
        "Lighter marks every liquidation among its trades, at the price of the fill."
    )

    silence_s = 180.0  # it sends pings of its own

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"type":"subscribe","channel":"trade/{instrument.native}"}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("error") or None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        relevant = content.get("channel") == f"trade:{instrument.native}"
        return (content.get("liquidation_trades") or []) if relevant else None

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        return _liquidation(row, instrument)

    def _answer(self, content: dict[str, Any]) -> str:
        return '{"type":"pong"}' if content.get("type") == "ping" else ""
