"""Deribit: BTC and ETH perpetuals that are inverse, others in USDC.

Documented at https://docs.deribit.com

JSON-RPC over GET; lists are oldest first. Quantities of an inverse contract are in USD. The
limit is about 20 requests a second.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
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
    **{minutes * MINUTE_MS: str(minutes) for minutes in (1, 3, 5, 10, 15, 30)},
    **{hours * HOUR_MS: str(hours * 60) for hours in (1, 2, 3, 6, 12)},
    DAY_MS: "1D",
}
_BARS_A_PAGE = 1000
_TRADES_A_PAGE = 1000
_MOST_PAGES = 20
_RATES_A_PAGE = 500
_PING = 2  # the number of the request that serves as one
_FIELDS = ("ticks", "open", "high", "low", "close", "volume")


class Deribit(Adapter):
    """Liquidations are marked among its trades; open interest only of now."""

    venue = "deribit"
    title = "Deribit"
    origin = "https://www.deribit.com"
    limits = Limits(weight=15, per_seconds=1, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "liquidations": Depth(rows=_TRADES_A_PAGE * _MOST_PAGES),
            "order_book": NOW,
            "funding": SINCE_LISTING,
            "stream": NOW,
        }
    )
    reports_all = True

    def probe(self) -> Request:
        return _request("get_time")

    def read(self, reply: Reply) -> Any:
        """The `result` of a reply."""
        answer = refusals.decode(
            reply, self.title, wait_s=1, code=("error", "code"), limits={10028: 1}
        )
        if isinstance(answer, dict) and "result" in answer:
            return answer["result"]
        if isinstance(answer, dict) and "error" in answer:
            raise refusals.refused(self.title, refusals.message(reply.body))
        raise refusals.strange(self.title, "no envelope of result or error")

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        currencies = ("BTC", "ETH", "USDC")
        listed, *summaries = yield [
            _request("get_instruments", currency="any", kind="future"),
            *(
                _request("get_book_summary_by_currency", currency=currency, kind="future")
                for currency in currencies
            ),
        ]
        turnover_quote: dict[str, float] = {}
        for summary in summaries:
            turnover_quote |= parse.turnovers(
                summary, lambda row: (row["instrument_name"], row["volume_usd"])
            )
        return columns.by_volume(parse.kept(listed, lambda row: _instrument(row, turnover_quote)))

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
        """The chart must be told a time: the venue's own is asked for first.

        Volume is base coin for both kinds of contract.
        """
        resolution = requests.step_name(_BARS, step_ms, self.title)
        span_ms = (newest or _BARS_A_PAGE) * step_ms
        if start_ms is None or end_ms is None:
            (now,) = yield [_request("get_time")]
            spans = [requests.page_until(parse.instant_ms(now), span_ms)]
        else:
            spans = requests.windows(start_ms, end_ms, span_ms)
        answers = yield [
            _request(
                "get_tradingview_chart_data",
                until_ms=span.end_ms,
                instrument_name=instrument.native,
                resolution=resolution,
                start_timestamp=span.start_ms,
                end_timestamp=span.end_ms - 1,
            )
            for span in spans
        ]
        table = [row for answer in answers for row in _rows(answer)]
        return columns.candles(table, range(6), step_ms, start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_NOW)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [
            _request("get_book_summary_by_instrument", instrument_name=instrument.native)
        ]

        def read(row: Any) -> Snapshot:
            price = parse.positive(row["mark_price"])
            held = parse.not_negative(row["open_interest"])
            return Snapshot(held / price if instrument.kind == "inverse" else held, price)

        return parse.first(answer, read)

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 1000 prices a side; amounts as everywhere (…/#public-get_order_book)."""
        name = instrument.native
        (answer,) = yield [_request("get_order_book", instrument_name=name, depth=1000)]
        sides = book.Sides(answer["bids"], answer["asks"])
        return book.order_book(instrument, answer["timestamp"], sides)

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Of the hour before (`interest_1h`; …/#public-get_funding_rate_history)."""
        pages = yield [
            _request(
                "get_funding_rate_history",
                until_ms=window.end_ms,
                instrument_name=instrument.native,
                start_timestamp=window.start_ms,
                end_timestamp=window.end_ms - 1,
            )
            for window in requests.windows(start_ms, end_ms + 1, _RATES_A_PAGE * HOUR_MS)
        ]
        table = parse.table(pages)
        return columns.funding(table, "timestamp", "interest_1h", start_ms, end_ms)

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Of trades since `start_ms`, the newest twenty thousand at most."""
        trades: dict[str, Any] = {}
        before = end_ms - 1
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                _request(
                    "get_last_trades_by_instrument_and_time",
                    instrument_name=instrument.native,
                    start_timestamp=int(start_ms),
                    end_timestamp=int(before),
                    count=_TRADES_A_PAGE,
                    sorting="desc",
                )
            ]
            page = answer["trades"]
            trades |= parse.kept(page, lambda row: (parse.text(row["trade_id"]), row))
            oldest = parse.earliest_ms(page, lambda row: row["timestamp"])
            if not answer["has_more"] or oldest > before:
                break
            # From the oldest time again: it may have more trades than came.
            before = oldest if oldest < before else oldest - 1
            if before < start_ms:
                break
        return columns.liquidations(
            list(trades.values()), lambda row: _liquidation(row, instrument), start_ms, end_ms
        )


def _request(method: str, *, until_ms: float = inf, **parameters: str | int) -> Request:
    return Request(requests.path(f"/api/v2/public/{method}", **parameters), until_ms=until_ms)


def _rows(chart: Any) -> list[Any]:
    """Rows of a chart, which comes as columns."""
    if chart.get("status") == "no_data":
        return []
    fields = [parse.rows(chart[field]) for field in _FIELDS]
    if len({len(field) for field in fields}) != 1:
        raise parse.Malformed("the columns of the chart are not of one length")
    return list(zip(*fields, strict=True))


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["settlement_period"] != "perpetual" or not row["is_active"]:
        return None
    kind = row.get("instrument_type") or row.get("future_type")
    if kind not in ("reversed", "linear"):
        raise parse.Malformed(f"expected reversed or linear, found {kind!r:.40}")
    base, quote = parse.text(row["base_currency"]), parse.text(row["quote_currency"])
    return Instrument(
        name=perpetual_name(base, quote),
        native=parse.text(row["instrument_name"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        kind="inverse" if kind == "reversed" else "linear",
        tick_size=parse.positive(row["tick_size"]),
        max_leverage=parse.decoration(lambda: row["max_leverage"]),
        volume_24h_quote=turnover_quote.get(row["instrument_name"], 0.0),
        contract_size=parse.positive(row["contract_size"]),
        liquidation_fee_rate=parse.decoration(lambda: row["max_liquidation_commission"]),
    )


def _liquidation(trade: dict[str, Any], instrument: Instrument) -> list[columns.Row]:
    """`liquidation` says whether the taker (T), the maker (M) or both (MT) were liquidated.

    `direction` is the taker's: a taker that sells was long, its maker was short.
    """
    liquidated = trade.get("liquidation")
    if liquidated is None:
        return []
    if liquidated not in ("T", "M", "MT"):
        raise parse.Malformed(f"expected T, M or MT, found {liquidated!r:.40}")
    price, amount = parse.positive(trade["price"]), parse.positive(trade["amount"])
    taker = parse.position_side(trade["direction"], long="sell", short="buy")
    quantity = amount / price if instrument.kind == "inverse" else amount
    sides = [side for letter, side in (("T", taker), ("M", -taker)) if letter in liquidated]
    return [(trade["timestamp"], side, price, quantity) for side in sides]


def _channel(instrument: Instrument) -> str:
    return f"trades.{instrument.native}.100ms"


class DeribitStream(Stream):
    """All trades of a contract, with the liquidations marked."""

    venue = "deribit"
    title = "Deribit"
    url = "wss://www.deribit.com/ws/api/v2"
    completeness = mark(
        "Deribit marks every liquidation among its trades, at the price of the fill."
    )
    ping = f'{{"jsonrpc":"2.0","id":{_PING},"method":"public/test","params":{{}}}}'

    def subscribe(self, instrument: Instrument) -> str:
        channels = f'{{"channels":["{_channel(instrument)}"]}}'
        return f'{{"jsonrpc":"2.0","id":1,"method":"public/subscribe","params":{channels}}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return (content.get("error") or None) if content.get("id") != _PING else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        channel, subscribed = _channel(instrument), content.get("result")
        if isinstance(subscribed, list) and channel in subscribed:
            return []
        params = content.get("params", {})
        return params["data"] if params.get("channel") == channel else None

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        return _liquidation(row, instrument)
