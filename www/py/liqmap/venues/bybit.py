"""Bybit: USDT and USDC perpetuals.

Documented at https://bybit-exchange.github.io/docs/v5/intro

An error comes with HTTP 200 and `retCode`; lists are newest first; every number is a string.
The limit is 600 requests in 5 s and address; breaking it costs ten minutes.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
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
    **{minutes * MINUTE_MS: str(minutes) for minutes in (1, 3, 5, 15, 30)},
    **{hours * HOUR_MS: str(hours * 60) for hours in (1, 2, 4, 6, 12)},
    DAY_MS: "D",
}
_SAMPLES = {
    5 * MINUTE_MS: "5min",
    15 * MINUTE_MS: "15min",
    30 * MINUTE_MS: "30min",
    HOUR_MS: "1h",
    4 * HOUR_MS: "4h",
    DAY_MS: "1d",
}
_BARS_A_PAGE = 1000
_LIMITS = {10006: 5.0, 10009: 600.0, 10018: 600.0}
_SAMPLES_A_PAGE = 200
_RATIOS_A_PAGE = 500


class Bybit(Adapter):
    """All that a page needs but taker volume; open interest since the listing."""

    venue = "bybit"
    title = "Bybit"
    origin = "https://api.bybit.com"
    limits = Limits(weight=500, per_seconds=5, concurrent=10)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "mark": SINCE_LISTING,
            "open_interest": SINCE_LISTING,
            "maintenance": NOW,
            "order_book": NOW,
            "funding": SINCE_LISTING,
            "long_short_ratio": SINCE_LISTING,
            "stream": NOW,
        }
    )
    reports_all = True

    def probe(self) -> Request:
        return Request("/v5/market/time")

    def read(self, reply: Reply) -> Any:
        """The `result` of a reply."""
        if reply.status == 403 and b"too frequent" in reply.body:
            raise refusals.limited(self.title, refusals.message(reply.body), 600)
        answer = refusals.decode(reply, self.title, code=("retCode",), limits=_LIMITS)
        code = answer.get("retCode") if isinstance(answer, dict) else None
        if code == 0 and isinstance(answer.get("result"), dict):
            return answer["result"]
        if not isinstance(code, int) or code == 0:
            raise refusals.strange(self.title, "no envelope of retCode and result")
        said = refusals.message(reply.body)
        if code in (10010, 10024):
            raise refusals.blocked(self.title, said)
        if code in (10000, 10016):
            raise refusals.busy(self.title, said)
        raise refusals.refused(self.title, said, f"retCode {code}")

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        endpoint = "/v5/market/instruments-info"
        first = requests.path(endpoint, category="linear", limit=1000)
        page, tickers = yield [
            Request(first),
            Request(requests.path("/v5/market/tickers", category="linear")),
        ]
        turnover_quote = parse.turnovers(
            tickers.get("list"), lambda row: (row["symbol"], row["turnover24h"])
        )
        listed: list[Any] = []
        cursors: set[str] = set()
        while True:
            listed += parse.rows(page["list"])
            cursor = page.get("nextPageCursor")
            if not cursor or not isinstance(cursor, str) or cursor in cursors:
                break
            cursors.add(cursor)
            (page,) = yield [
                Request(requests.path(endpoint, category="linear", limit=1000, cursor=cursor))
            ]
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
        size = newest or _BARS_A_PAGE
        return (yield from self._bars("kline", 6, size, instrument, step_ms, start_ms, end_ms))

    @parse.conversation(quantities.MARK_PRICES)
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        size = _BARS_A_PAGE
        bars = self._bars("mark-price-kline", 5, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    def _bars(
        self,
        series: str,
        fields: int,
        size: int,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None,
        end_ms: float | None,
    ) -> Conversation[Candles]:
        interval = requests.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                requests.path(
                    f"/v5/market/{series}",
                    category="linear",
                    symbol=instrument.native,
                    interval=interval,
                    limit=size,
                    start=page.start_ms if page else None,
                    end=page.end_ms - 1 if page else None,
                ),
                until_ms=page.end_ms if page else inf,
            )
            for page in requests.pages(start_ms, end_ms, size * step_ms)
        ]
        table = parse.table(answers, "list")
        return columns.candles(table, range(fields), step_ms, start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        step = requests.best_step(_SAMPLES, step_ms)
        pages = yield requests.history(
            "/v5/market/open-interest",
            start_ms,
            end_ms,
            _SAMPLES_A_PAGE * step,
            _bounds,
            category="linear",
            symbol=instrument.native,
            intervalTime=_SAMPLES[step],
            limit=_SAMPLES_A_PAGE,
        )
        table = parse.table(pages, "list")
        return columns.open_interest(
            table, lambda row: (row["timestamp"], _one_sided(row)), start_ms, end_ms
        )

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """No contract is funded more than once an hour (…/v5/market/history-fund-rate)."""
        pages = yield requests.history(
            "/v5/market/funding/history",
            start_ms,
            end_ms,
            _SAMPLES_A_PAGE * HOUR_MS,
            _bounds,
            category="linear",
            symbol=instrument.native,
            limit=_SAMPLES_A_PAGE,
        )
        table = parse.table(pages, "list")
        return columns.funding(table, "fundingRateTimestamp", "fundingRate", start_ms, end_ms)

    @parse.conversation(quantities.RATIOS)
    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Since July 2020 (…/v5/market/long-short-ratio)."""
        step = requests.best_step(_SAMPLES, step_ms)
        pages = yield requests.history(
            "/v5/market/account-ratio",
            start_ms,
            end_ms,
            _RATIOS_A_PAGE * step,
            _bounds,
            category="linear",
            symbol=instrument.native,
            period=_SAMPLES[step],
            limit=_RATIOS_A_PAGE,
        )
        return columns.ratios(
            parse.table(pages, "list"),
            lambda row: (
                row["timestamp"],
                parse.not_negative(row["buyRatio"]) / parse.positive(row["sellRatio"]),
            ),
            start_ms,
            end_ms,
        )

    @parse.conversation(quantities.TICKER)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [
            Request(
                requests.path("/v5/market/tickers", category="linear", symbol=instrument.native)
            )
        ]
        return parse.first(
            answer["list"],
            lambda row: Snapshot(_one_sided(row), parse.positive(row["markPrice"])),
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 500 prices a side (https://bybit-exchange.github.io/docs/v5/market/orderbook).

        All of them, at /v5/market/full_orderbook, are announced for futures.
        """
        (answer,) = yield [
            Request(
                requests.path(
                    "/v5/market/orderbook",
                    category="linear",
                    symbol=instrument.native,
                    limit=500,
                )
            )
        ]
        return book.order_book(instrument, answer["ts"], book.Sides(answer["b"], answer["a"]))

    @parse.conversation(quantities.RISK_LIMITS)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        (answer,) = yield [
            Request(
                requests.path("/v5/market/risk-limit", category="linear", symbol=instrument.native)
            )
        ]
        tiers = [
            row
            for row in parse.rows(answer["list"])
            if isinstance(row, dict) and row.get("symbol") == instrument.native
        ]
        if not tiers:
            raise parse.Malformed(f"there is no {instrument.native} in the list")
        unit = _percent(tiers)
        return columns.tiers(
            tiers,
            lambda row: (row["riskLimitValue"], parse.number(row["maintenanceMargin"]) / unit),
            rule="entry",
        )


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["contractType"] != "LinearPerpetual" or row["status"] != "Trading":
        return None
    base, quote = parse.text(row["baseCoin"]), parse.text(row["quoteCoin"])
    return Instrument(
        name=perpetual_name(base, quote),
        native=parse.text(row["symbol"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(row["priceFilter"]["tickSize"]),
        max_leverage=parse.decoration(lambda: row["leverageFilter"]["maxLeverage"]),
        volume_24h_quote=turnover_quote.get(row["symbol"], 0.0),
    )


def _bounds(window: requests.Window) -> dict[str, int]:
    return {"startTime": window.start_ms, "endTime": window.end_ms - 1}


def _one_sided(row: dict[str, Any]) -> float:
    """`openInterest` counts both sides; `singleOpenInterest` (since 2026-06) one of them."""
    single = row.get("singleOpenInterest")
    return parse.not_negative(single) if single else parse.not_negative(row["openInterest"]) / 2


def _percent(tiers: list[dict[str, Any]]) -> float:
    """100 when the margins are percent, 1 when they are fractions: both occur.

    Told by initial margin × maximum leverage, which is 1 in every tier.
    """

    def read(row: Any) -> float:
        return parse.positive(row["initialMargin"]) * parse.positive(row["maxLeverage"])

    products = sorted(parse.read_each(tiers, read))
    for unit in (1.0, 100.0):
        if products and 0.5 < products[len(products) // 2] / unit < 2:
            return unit
    raise parse.Malformed("initial margin × leverage is neither 1 nor 100 percent")


class BybitStream(Stream):
    """All liquidations of a contract, every 500 ms."""

    venue = "bybit"
    title = "Bybit"
    url = "wss://stream.bybit.com/v5/public/linear"
    completeness = mark("Bybit sends every liquidation, at the bankruptcy price.")
    ping = '{"op":"ping"}'

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"op":"subscribe","args":["{_topic(instrument)}"]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("ret_msg", "") if content.get("success") is False else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        if content.get("topic") == _topic(instrument):
            return content["data"]
        return [] if content.get("op") == "subscribe" else None

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        """`S` is the side of the position: Buy is a long that was liquidated."""
        side = parse.position_side(row["S"], long="Buy", short="Sell")
        return [(row["T"], side, row["p"], row["v"])]


def _topic(instrument: Instrument) -> str:
    return f"allLiquidation.{instrument.native}"
