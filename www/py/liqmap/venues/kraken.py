"""Kraken Futures: perpetuals in USD, the flexible (PF_) contracts.

Documented at https://docs.kraken.com/api/docs/futures-api

An answer is `{"result": "success", …}`, of the charts JSON without an envelope; lists are
oldest first. Charts take times in seconds and give milliseconds, their analytics seconds.
"""

from __future__ import annotations

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
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS, Window
from liqmap.venues.stream import Stream

_BARS = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (1, 5, 15, 30)},
    HOUR_MS: "1h",
    4 * HOUR_MS: "4h",
    12 * HOUR_MS: "12h",
    DAY_MS: "1d",
}
_BARS_A_PAGE = 1000
_API = "/derivatives/api/v3"
_CHARTS = "/api/charts/v1"
_FIELDS = ("time", "open", "high", "low", "close", "volume")


class Kraken(Adapter):
    """Open interest since the listing; liquidations among the last hundred trades."""

    venue = "kraken"
    title = "Kraken Futures"
    origin = "https://futures.kraken.com"
    limits = Limits(weight=40, per_seconds=10, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "mark": SINCE_LISTING,
            "open_interest": SINCE_LISTING,
            "maintenance": NOW,
            "liquidations": Depth(rows=100),
            "order_book": NOW,
            "stream": NOW,
        }
    )
    reports_all = True

    def probe(self) -> Request:
        return Request(f"{_API}/tickers/PF_XBTUSD")

    def read(self, reply: Reply) -> Any:
        answer = refusals.decode(
            reply, self.title, code=("error",), limits={"apiLimitExceeded": 10}
        )
        if not isinstance(answer, dict):
            raise refusals.strange(self.title, "no object")
        if answer.get("result") == "error" or answer.get("errors"):
            raise refusals.refused(self.title, refusals.message(reply.body))
        return answer

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        listed, tickers = yield [
            Request(f"{_API}/instruments", weight=2),
            Request(f"{_API}/tickers", weight=2),
        ]
        turnover_quote = parse.turnovers(
            tickers.get("tickers"),
            lambda row: (
                row["symbol"],
                parse.number(row["vol24h"]) * parse.number(row["markPrice"]),
            ),
        )
        return columns.by_volume(
            parse.kept(listed["instruments"], lambda row: _instrument(row, turnover_quote))
        )

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
        """The charts must be told a time: the venue's own is asked for first."""
        span_ms = (newest or _BARS_A_PAGE) * step_ms
        if start_ms is None or end_ms is None:
            (answer,) = yield [_ticker(instrument)]
            now_ms = parse.instant_ms(parse.iso_ms(answer["serverTime"]))
            spans = [requests.page_until(now_ms, span_ms)]
        else:
            spans = requests.windows(start_ms, end_ms, span_ms)
        table = yield from self._bars("trade", instrument, step_ms, spans)
        return columns.candles(table, _FIELDS, step_ms, start_ms, end_ms)

    @parse.conversation(quantities.MARK_PRICES)
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        spans = requests.windows(start_ms, end_ms, _BARS_A_PAGE * step_ms)
        table = yield from self._bars("mark", instrument, step_ms, spans)
        return columns.candles(table, _FIELDS[:5], step_ms, start_ms, end_ms)

    def _bars(
        self, series: str, instrument: Instrument, step_ms: int, spans: list[Window]
    ) -> Conversation[list[Any]]:
        resolution = requests.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                requests.path(
                    f"{_CHARTS}/{series}/{instrument.native}/{resolution}",
                    **{"from": span.start_ms // 1000, "to": (span.end_ms - 1) // 1000},
                ),
                until_ms=span.end_ms,
                service="charts",
            )
            for span in spans
        ]
        return parse.table(answers, "candles")

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Open interest comes in bars: the close of each is a sample at the bar's end."""
        step = requests.best_step(_BARS, max(step_ms, 5 * MINUTE_MS))
        pages = yield [
            Request(
                requests.path(
                    f"{_CHARTS}/analytics/{instrument.native}/open-interest",
                    interval=step // 1000,
                    since=window.start_ms // 1000,
                    to=(window.end_ms - 1) // 1000,
                ),
                until_ms=window.end_ms,
                service="charts",
            )
            for window in requests.windows(start_ms - step, end_ms, _BARS_A_PAGE * step)
        ]
        table: list[tuple[Any, Any]] = []
        for page in pages:
            seconds = parse.rows(page["result"]["timestamp"])
            bars = parse.rows(page["result"]["data"])
            if len(seconds) != len(bars):
                raise parse.Malformed("times and values are not as many")
            table += zip(seconds, bars, strict=True)
        return columns.open_interest(
            table,
            lambda row: (parse.seconds_ms(row[0]) + step, _close(row[1])),
            start_ms,
            end_ms,
        )

    @parse.conversation(quantities.TICKER)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [_ticker(instrument)]
        row = answer["ticker"]
        return Snapshot(parse.not_negative(row["openInterest"]), parse.positive(row["markPrice"]))

    @parse.conversation(quantities.MARGIN_LEVELS)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Levels have the notional at which they begin (to be checked live)."""
        (listed,) = yield [Request(f"{_API}/instruments", weight=2)]
        levels = parse.first(
            listed["instruments"],
            lambda row: (
                parse.rows(row["marginLevels"]) if row["symbol"] == instrument.native else None
            ),
        )
        return columns.tiers(
            levels,
            lambda level: (level["numNonContractUnits"], level["maintenanceMargin"]),
            by_floor=True,
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """All prices (https://docs.kraken.com/api/docs/futures-api/trading/get-orderbook)."""
        (answer,) = yield [Request(requests.path(f"{_API}/orderbook", symbol=instrument.native))]
        sides = book.Sides(answer["orderBook"]["bids"], answer["orderBook"]["asks"])
        return book.order_book(instrument, parse.iso_ms(answer["serverTime"]), sides)

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        (answer,) = yield [Request(requests.path(f"{_API}/history", symbol=instrument.native))]
        return columns.liquidations(
            answer["history"],
            lambda row: _liquidation(
                {**row, "time": parse.iso_ms(row["time"]), "qty": row["size"]}
            ),
            start_ms,
            end_ms,
        )


def _ticker(instrument: Instrument) -> Request:
    return Request(f"{_API}/tickers/{instrument.native}")


def _close(bar: Any) -> float:
    """Close of a bar [open, high, low, close], or the value itself: both occur."""
    return parse.not_negative(bar[3] if isinstance(bar, list) else bar)


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    native = parse.text(row["symbol"])
    if not native.startswith("PF_") or not row["tradeable"]:
        return None
    base, quote = parse.text(row["pair"]).split(":")
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(row["tickSize"]),
        max_leverage=parse.decoration(lambda: 1.0 / min(_initial_rates(row["marginLevels"]))),
        volume_24h_quote=turnover_quote.get(native, 0.0),
    )


def _initial_rates(levels: Any) -> list[float]:
    return parse.read_each(levels, lambda level: parse.positive(level["initialMargin"]))


def _liquidation(trade: dict[str, Any]) -> list[columns.Row]:
    """`side` is the order's: an order that sells closes a long."""
    if trade.get("type") != "liquidation":
        return []
    side = parse.position_side(trade["side"], long="sell", short="buy")
    return [(trade["time"], side, trade["price"], trade["qty"])]


class KrakenStream(Stream):
    """All trades of a contract with their type; the first message has older ones."""

    venue = "kraken"
    title = "Kraken Futures"
    url = "wss://futures.kraken.com/ws/v1"
    completeness = mark(
        "Kraken marks every liquidation among its trades, at the price of the fill."
    )
    ping = '{"event":"ping"}'
    ping_s = 30.0
    silence_s = 90.0

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"event":"subscribe","feed":"trade","product_ids":["{instrument.native}"]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        failed = content.get("event") in ("error", "alert", "subscribed_failed")
        return content.get("message", content["event"]) if failed else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        if content.get("event") == "subscribed":
            return []
        if content.get("product_id") != instrument.native:
            return None
        return content["trades"] if content.get("feed") == "trade_snapshot" else [content]

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        return _liquidation(row)
