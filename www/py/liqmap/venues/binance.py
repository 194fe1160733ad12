"""Binance USD-M futures. https://developers.binance.com/docs/derivatives/usds-margined-futures

An error is a 4xx with `{"code": -n, "msg": …}`; lists are oldest first. 2400 weight a
minute and address; who goes on after a 429 is banned for two minutes to three days.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.data.series import Candles, OpenInterest
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

_SAMPLES = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}h" for hours in (1, 2, 4, 6, 12)},
    DAY_MS: "1d",
}
_BARS = {MINUTE_MS: "1m", 3 * MINUTE_MS: "3m", **_SAMPLES, 8 * HOUR_MS: "8h"}
_BARS_A_PAGE = 1500
_SAMPLES_A_PAGE = 500
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
            "stream": NOW,
        }
    )

    def probe(self) -> Request:
        return Request("/fapi/v1/time")

    def read(self, reply: Reply) -> Any:
        return wire.decode(reply, self.title, wait_s=60)

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        info, tickers = yield [
            Request("/fapi/v1/exchangeInfo"),
            Request("/fapi/v1/ticker/24hr", weight=40),
        ]
        turnover = {row["symbol"]: row["quoteVolume"] for row in wire.rows(tickers)}
        found: dict[str, Instrument] = {}
        for row in wire.rows(info["symbols"]):
            perpetual = row["contractType"] in ("PERPETUAL", "TRADIFI_PERPETUAL")
            if perpetual and row["status"] == "TRADING":
                one = _instrument(row, wire.number(turnover.get(row["symbol"], 0)))
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
        fields, size = (0, 1, 2, 3, 4, 5, 9), newest or _BARS_A_PAGE
        bars = self._bars("klines", fields, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    @wire.spoken("mark prices")
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
        interval = wire.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                wire.path(
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
            for page in wire.pages(start_ms, end_ms, size * step_ms)
        ]
        table = [row for answer in answers for row in wire.rows(answer)]
        return wire.candles(table, fields, step_ms, start_ms, end_ms)

    @wire.spoken("open interest")
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        step = wire.best_step(_SAMPLES, step_ms)
        pages = yield [
            Request(
                wire.path(
                    "/futures/data/openInterestHist",
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
            for window in wire.windows(start_ms, end_ms + 1, _SAMPLES_A_PAGE * step)
        ]
        table = [row for page in pages for row in wire.rows(page)]
        return wire.open_interest(
            wire.column(table, "timestamp"),
            wire.column(table, "sumOpenInterest"),
            start_ms,
            end_ms,
        )

    @wire.spoken("open interest now")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        held, premium = yield [
            Request(wire.path("/fapi/v1/openInterest", symbol=instrument.native)),
            Request(wire.path("/fapi/v1/premiumIndex", symbol=instrument.native)),
        ]
        return Snapshot(
            wire.not_negative(held["openInterest"]), wire.positive(premium["markPrice"])
        )


def _weight(bars: int) -> int:
    """What a page of candles costs."""
    return 1 if bars < 100 else 2 if bars < 500 else 5 if bars <= 1000 else 10


def _instrument(row: dict[str, Any], turnover: float) -> Instrument:
    base, quote = wire.text(row["baseAsset"]), wire.text(row["quoteAsset"])
    (tick_size,) = (
        wire.positive(one["tickSize"])
        for one in wire.rows(row["filters"])
        if one["filterType"] == "PRICE_FILTER"
    )
    return Instrument(
        name=perpetual_name(base, quote),
        native=wire.text(row["symbol"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=tick_size,
        volume_24h_quote=turnover,
    )


class BinanceStream(Stream):
    """At most one liquidation a second and contract."""

    venue = "binance"
    title = "Binance"
    url = "wss://fstream.binance.com/market/ws"
    completeness = (
        "Binance sends at most one liquidation a second: a sample, at the price of the fill."
    )

    def subscribe(self, instrument: Instrument) -> str:
        stream = f"{instrument.native.lower()}@forceOrder"
        return f'{{"method":"SUBSCRIBE","params":["{stream}"],"id":1}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        """`S` is the side of the order: SELL closes a long."""
        heard = wire.heard(message, self.title)
        if "error" in heard:
            raise wire.refused(self.title, wire.words(Reply(400, message.encode())))
        with wire.reading(self.title, "liquidations", instrument.native):
            event = heard.get("data", heard)
            order = event["o"] if event.get("e") == "forceOrder" else {}
            table = [order] if order and order["s"] == instrument.native else []
            return wire.liquidations(
                wire.column(table, "T"),
                [wire.position_side(row["S"], long="SELL", short="BUY") for row in table],
                wire.column(table, "ap"),
                wire.column(table, "z"),
            )
