"""Binance: USD-M perpetuals.

Documented at https://developers.binance.com/docs/derivatives/usds-margined-futures

An error is a 4xx with `{"code": -n, "msg": …}`; lists are oldest first. The limit is 2400
weight a minute and address; requests after a 429 lead to a ban of two minutes to three days.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.market import Instrument
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

_SAMPLES = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}h" for hours in (1, 2, 4, 6, 12)},
    DAY_MS: "1d",
}
_BARS = {MINUTE_MS: "1m", 3 * MINUTE_MS: "3m", **_SAMPLES, 8 * HOUR_MS: "8h"}
_BARS_A_PAGE = 1500
_SAMPLES_A_PAGE = 500
_RATES_A_PAGE = 1000
_PERPETUAL = ("PERPETUAL", "TRADIFI_PERPETUAL")
_PING = 2  # the number of the request that serves as one
_STATISTICS = "statistics"  # /futures/data is a service of its own, with its own budget


class Binance(Adapter):
    """The largest open interest, 30 days of it; taker volume within the candles."""

    venue = "binance"
    title = "Binance"
    origin = "https://fapi.binance.com"
    limits = Limits(weight=2000, per_seconds=60, concurrent=6)
    steps_ms = tuple(sorted(_BARS))
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "taker_volume": SINCE_LISTING,
            "mark": SINCE_LISTING,
            "open_interest": Depth(ms=30 * DAY_MS - HOUR_MS),
            "order_book": NOW,
            "funding": SINCE_LISTING,
            "long_short_ratio": Depth(ms=30 * DAY_MS - HOUR_MS),
            "stream": NOW,
        }
    )
    reports_all = False

    def probe(self) -> Request:
        return Request("/fapi/v1/time")

    def read(self, reply: Reply) -> Any:
        return refusals.decode(reply, self.title, wait_s=60, code=("code",), limits={-1003: 60})

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        info, tickers = yield [
            Request("/fapi/v1/exchangeInfo"),
            Request("/fapi/v1/ticker/24hr", weight=40),
        ]
        turnover_quote = parse.turnovers(tickers, lambda row: (row["symbol"], row["quoteVolume"]))
        return columns.by_volume(
            parse.kept(info["symbols"], lambda row: _instrument(row, turnover_quote))
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
        fields, size = (0, 1, 2, 3, 4, 5, 9), newest or _BARS_A_PAGE
        bars = self._bars("klines", fields, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    @parse.conversation(quantities.MARK_PRICES)
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        fields, size = (0, 1, 2, 3, 4), _BARS_A_PAGE
        bars = self._bars("markPriceKlines", fields, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    def _bars(
        self,
        series: str,
        fields: tuple[int, ...],
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
                    f"/fapi/v1/{series}",
                    symbol=instrument.native,
                    interval=interval,
                    limit=size,
                    startTime=page.start_ms if page else None,
                    endTime=page.end_ms - 1 if page else None,
                ),
                weight=_weight(size),
                until_ms=page.end_ms if page else inf,
            )
            for page in requests.pages(start_ms, end_ms, size * step_ms)
        ]
        table = parse.table(answers)
        return columns.candles(table, fields, step_ms, start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        pages = yield _statistics("openInterestHist", instrument, step_ms, start_ms, end_ms)
        table = parse.table(pages)
        return columns.open_interest(
            table, lambda row: (row["timestamp"], row["sumOpenInterest"]), start_ms, end_ms
        )

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """No contract is funded more than once an hour (…/rest-api/Get-Funding-Rate-History)."""
        pages = yield requests.history(
            "/fapi/v1/fundingRate",
            start_ms,
            end_ms,
            _RATES_A_PAGE * HOUR_MS,
            lambda window: {"startTime": window.start_ms, "endTime": window.end_ms - 1},
            weight=20,  # 500 requests in 5 minutes
            symbol=instrument.native,
            limit=_RATES_A_PAGE,
        )
        table = parse.table(pages)
        return columns.funding(table, "fundingTime", "fundingRate", start_ms, end_ms)

    @parse.conversation(quantities.RATIOS)
    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Of all accounts, 30 days (…/rest-api/Long-Short-Ratio)."""
        endpoint = "globalLongShortAccountRatio"
        pages = yield _statistics(endpoint, instrument, step_ms, start_ms, end_ms)
        return columns.ratios(
            parse.table(pages),
            lambda row: (row["timestamp"], row["longShortRatio"]),
            start_ms,
            end_ms,
        )

    @parse.conversation(quantities.OPEN_INTEREST_NOW)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        held, premium = yield [
            Request(requests.path("/fapi/v1/openInterest", symbol=instrument.native)),
            Request(requests.path("/fapi/v1/premiumIndex", symbol=instrument.native)),
        ]
        return Snapshot(
            parse.not_negative(held["openInterest"]), parse.positive(premium["markPrice"])
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 1000 prices a side, as of `T` (…/rest-api/Order-Book)."""
        path = requests.path("/fapi/v1/depth", symbol=instrument.native, limit=1000)
        (answer,) = yield [Request(path, weight=20)]
        sides = book.Sides(answer["bids"], answer["asks"])
        return book.order_book(instrument, answer["T"], sides)


def _statistics(
    endpoint: str, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
) -> list[Request]:
    step = requests.best_step(_SAMPLES, step_ms)
    return [
        Request(
            requests.path(
                f"/futures/data/{endpoint}",
                symbol=instrument.native,
                period=_SAMPLES[step],
                limit=_SAMPLES_A_PAGE,
                startTime=max(window.start_ms, start_ms),  # older than 30 days: error -1130
                endTime=window.end_ms - 1,
            ),
            weight=12,  # 1000 requests in 5 minutes, in units of the other budget
            until_ms=window.end_ms if window.start_ms >= start_ms else inf,
            service=_STATISTICS,
        )
        for window in requests.windows(start_ms, end_ms + 1, _SAMPLES_A_PAGE * step)
    ]


def _weight(bars: int) -> int:
    """Weight of a page of candles."""
    return 1 if bars < 100 else 2 if bars < 500 else 5 if bars <= 1000 else 10


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["contractType"] not in _PERPETUAL or row["status"] != "TRADING":
        return None
    base, quote = parse.text(row["baseAsset"]), parse.text(row["quoteAsset"])
    tick_size = parse.first(
        row["filters"],
        lambda rule: (
            parse.positive(rule["tickSize"]) if rule["filterType"] == "PRICE_FILTER" else None
        ),
    )
    return Instrument(
        name=perpetual_name(base, quote),
        native=parse.text(row["symbol"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=tick_size,
        volume_24h_quote=turnover_quote.get(row["symbol"], 0.0),
        liquidation_fee_rate=parse.decoration(lambda: row["liquidationFee"]),
    )


class BinanceStream(Stream):
    """At most one liquidation a second and contract."""

    venue = "binance"
    title = "Binance"
    url = "wss://fstream.binance.com/market/ws"
    completeness = mark(
        "Binance sends at most one liquidation a second: a sample, at the price of the fill."
    )

    ping = f'{{"method":"LIST_SUBSCRIPTIONS","id":{_PING}}}'
    ping_s = 60.0
    silence_s = 180.0

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"method":"SUBSCRIBE","params":["{_topic(instrument)}"],"id":1}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return (content.get("error") or None) if content.get("id") != _PING else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        event = content.get("data", content)
        if event.get("e") == "forceOrder":
            return [event["o"]]
        subscribed = content.get("result")
        listed = isinstance(subscribed, list) and _topic(instrument) in subscribed
        taken = subscribed is None and content.get("id") == 1
        return [] if listed or taken else None

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        """`S` is the side of the order: SELL closes a long."""
        if row["s"] != instrument.native:
            return []
        side = parse.position_side(row["S"], long="SELL", short="BUY")
        return [(row["T"], side, row["ap"], row["z"])]


def _topic(instrument: Instrument) -> str:
    return f"{instrument.native.lower()}@forceOrder"
