"""Deribit, perpetuals: BTC and ETH inverse, the rest in USDC. https://docs.deribit.com

JSON-RPC over GET; lists are oldest first. An inverse contract counts in USD. About 20
requests a second.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.data.series import Candles
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
from liqmap.venues.parse import DAY_MS, HOUR_MS, MINUTE_MS, Malformed

_BARS = {
    **{minutes * MINUTE_MS: str(minutes) for minutes in (1, 3, 5, 10, 15, 30)},
    **{hours * HOUR_MS: str(hours * 60) for hours in (1, 2, 3, 6, 12)},
    DAY_MS: "1D",
}
_BARS_A_PAGE = 1000
_TRADES_A_PAGE = 1000
_MOST_PAGES = 20
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
            "stream": NOW,
        }
    )

    def probe(self) -> Request:
        return _ask("get_time")

    def read(self, reply: Reply) -> Any:
        """The `result` of a reply."""
        answer = wire.decode(reply, self.title, wait_s=1)
        if isinstance(answer, dict) and "result" in answer:
            return answer["result"]
        if isinstance(answer, dict) and "error" in answer:
            raise wire.refused(self.title, wire.words(reply))
        raise wire.unknown(self.title, "no envelope of result or error")

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        currencies = ("BTC", "ETH", "USDC")
        listed, *summaries = yield [
            _ask("get_instruments", currency="any", kind="future"),
            *(
                _ask("get_book_summary_by_currency", currency=one, kind="future")
                for one in currencies
            ),
        ]
        turnover = {
            row["instrument_name"]: wire.number(row.get("volume_usd") or 0)
            for summary in summaries
            for row in wire.rows(summary)
        }
        found: dict[str, Instrument] = {}
        for row in wire.rows(listed):
            if row["settlement_period"] == "perpetual" and row["is_active"]:
                one = _instrument(row, turnover.get(row["instrument_name"], 0.0))
                found.setdefault(one.name, one)
        return wire.by_volume(found.values())

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
        """The chart wants a time: the venue's own. Volume is base coin for both kinds."""
        resolution = wire.step_name(_BARS, step_ms, self.title)
        span_ms = (newest or _BARS_A_PAGE) * step_ms
        if start_ms is None or end_ms is None:
            (now,) = yield [_ask("get_time")]
            spans = [wire.page_until(now, span_ms)]
        else:
            spans = wire.windows(start_ms, end_ms, span_ms)
        answers = yield [
            _ask(
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
        return wire.candles(table, range(6), step_ms, start_ms, end_ms)

    @wire.spoken("open interest now")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [
            _ask("get_book_summary_by_instrument", instrument_name=instrument.native)
        ]
        row = wire.rows(answer)[0]
        price = wire.positive(row["mark_price"])
        held = wire.not_negative(row["open_interest"])
        return Snapshot(held / price if instrument.kind == "inverse" else held, price)

    @wire.spoken("liquidations")
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Newest trades first, until `start_ms` or twenty thousand of them."""
        table: list[Any] = []
        before = end_ms - 1
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                _ask(
                    "get_last_trades_by_instrument_and_time",
                    instrument_name=instrument.native,
                    start_timestamp=int(start_ms),
                    end_timestamp=int(before),
                    count=_TRADES_A_PAGE,
                    sorting="desc",
                )
            ]
            page = wire.rows(answer["trades"])
            table += page
            oldest = min((wire.number(row["timestamp"]) for row in page), default=-inf)
            if not answer["has_more"] or oldest > before:
                break
            # Ask again from the last instant: it may hold more trades than came.
            before = oldest if oldest < before else oldest - 1
            if before < start_ms:
                break
        unique = {row["trade_id"]: row for row in table}
        return _liquidations(list(unique.values()), instrument, start_ms, end_ms)


def _ask(method: str, *, until_ms: float = inf, **parameters: str | int) -> Request:
    return Request(wire.path(f"/api/v2/public/{method}", **parameters), until_ms=until_ms)


def _rows(chart: Any) -> list[Any]:
    if chart.get("status") == "no_data":
        return []
    columns = [wire.rows(chart[field]) for field in _FIELDS]
    if len({len(column) for column in columns}) != 1:
        raise Malformed("the columns of the chart are not of one length")
    return list(zip(*columns, strict=True))


def _instrument(row: dict[str, Any], turnover: float) -> Instrument:
    kind = row.get("instrument_type") or row.get("future_type")
    if kind not in ("reversed", "linear"):
        raise Malformed(f"expected reversed or linear, found {kind!r:.40}")
    base, quote = wire.text(row["base_currency"]), wire.text(row["quote_currency"])
    return Instrument(
        name=perpetual_name(base, quote),
        native=wire.text(row["instrument_name"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        kind="inverse" if kind == "reversed" else "linear",
        tick_size=wire.positive(row["tick_size"]),
        max_leverage=wire.positive(row["max_leverage"]),
        volume_24h_quote=turnover,
        contract_size=wire.positive(row["contract_size"]),
    )


def _liquidations(
    trades: list[Any],
    instrument: Instrument,
    start_ms: float | None = None,
    end_ms: float | None = None,
) -> Liquidations:
    """Trades whose taker (T), maker (M) or both (MT) were liquidated.

    `direction` is the taker's: one who sells in liquidation was long; a maker who was
    bought from was long as well. `amount` is USD for an inverse contract.
    """
    table = []
    for trade in trades:
        who = trade.get("liquidation")
        if who is None:
            continue
        if who not in ("T", "M", "MT"):
            raise Malformed(f"expected T, M or MT, found {who!r:.40}")
        price, amount = wire.positive(trade["price"]), wire.positive(trade["amount"])
        taker = wire.position_side(trade["direction"], long="sell", short="buy")
        quantity = amount / price if instrument.kind == "inverse" else amount
        for letter, side in (("T", taker), ("M", -taker)):
            if letter in who:
                table.append((wire.number(trade["timestamp"]), side, price, quantity))
    times, sides, prices, quantities = ([row[n] for row in table] for n in range(4))
    return wire.liquidations(times, sides, prices, quantities, start_ms, end_ms)


class DeribitStream(Stream):
    """Every trade, the liquidations marked."""

    venue = "deribit"
    title = "Deribit"
    url = "wss://www.deribit.com/ws/api/v2"
    completeness = "Deribit marks every liquidation among its trades, at the price of the fill."
    ping = '{"jsonrpc":"2.0","id":2,"method":"public/test","params":{}}'

    def subscribe(self, instrument: Instrument) -> str:
        channels = f'{{"channels":["{_channel(instrument)}"]}}'
        return f'{{"jsonrpc":"2.0","id":1,"method":"public/subscribe","params":{channels}}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        heard = wire.heard(message, self.title)
        if "error" in heard:
            raise wire.refused(self.title, wire.words(Reply(400, message.encode())))
        with wire.reading(self.title, "liquidations", instrument.native):
            params = heard.get("params", {})
            about = params.get("channel") == _channel(instrument)
            return _liquidations(wire.rows(params["data"]) if about else [], instrument)


def _channel(instrument: Instrument) -> str:
    return f"trades.{instrument.native}.100ms"
