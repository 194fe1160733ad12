"""Kraken Futures, the flexible (PF_) perpetuals. https://docs.kraken.com/api/docs/futures-api

`{"result": "success", …}`, or bare JSON from the charts; lists are oldest first. The
charts ask in seconds and answer in milliseconds, their analytics answer in seconds.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
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
from liqmap.venues.parse import DAY_MS, HOUR_MS, MINUTE_MS, Malformed, Window

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
    """Open interest history from its charts; the last hundred trades by REST."""

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
            "stream": NOW,
        }
    )

    def probe(self) -> Request:
        return Request(f"{_API}/tickers/PF_XBTUSD")

    def read(self, reply: Reply) -> Any:
        answer = wire.decode(reply, self.title)
        if not isinstance(answer, dict):
            raise wire.unknown(self.title, "no object")
        if answer.get("result") == "error" or answer.get("errors"):
            if answer.get("error") == "apiLimitExceeded":
                raise wire.limited(self.title, wire.words(reply), 10)
            raise wire.refused(self.title, wire.words(reply))
        return answer

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        listed, tickers = yield [
            Request(f"{_API}/instruments", weight=2),
            Request(f"{_API}/tickers", weight=2),
        ]
        turnover = {
            row["symbol"]: wire.number(row["vol24h"]) * wire.number(row["markPrice"])
            for row in wire.rows(tickers["tickers"])
            if "vol24h" in row and "markPrice" in row
        }
        return wire.by_volume(
            _instrument(row, turnover.get(row["symbol"], 0.0))
            for row in wire.rows(listed["instruments"])
            if row["symbol"].startswith("PF_") and row["tradeable"]
        )

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
        """The charts want a time: the venue's own."""
        span_ms = (newest or _BARS_A_PAGE) * step_ms
        if start_ms is None or end_ms is None:
            (answer,) = yield [_ticker(instrument)]
            spans = [wire.page_until(wire.iso_ms(answer["serverTime"]), span_ms)]
        else:
            spans = wire.windows(start_ms, end_ms, span_ms)
        table = yield from self._bars("trade", instrument, step_ms, spans)
        return wire.candles(table, _FIELDS, step_ms, start_ms, end_ms)

    @wire.spoken("mark prices")
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        spans = wire.windows(start_ms, end_ms, _BARS_A_PAGE * step_ms)
        table = yield from self._bars("mark", instrument, step_ms, spans)
        return wire.candles(table, _FIELDS[:5], step_ms, start_ms, end_ms)

    def _bars(
        self, series: str, instrument: Instrument, step_ms: int, spans: list[Window]
    ) -> Conversation[list[Any]]:
        resolution = wire.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                wire.path(
                    f"{_CHARTS}/{series}/{instrument.native}/{resolution}",
                    **{"from": span.start_ms // 1000, "to": (span.end_ms - 1) // 1000},
                ),
                until_ms=span.end_ms,
                service="charts",
            )
            for span in spans
        ]
        return [row for answer in answers for row in wire.rows(answer["candles"])]

    @wire.spoken("open interest")
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Bars of open interest: the close of each, at its end."""
        step = wire.best_step(_BARS, max(step_ms, 5 * MINUTE_MS))
        pages = yield [
            Request(
                wire.path(
                    f"{_CHARTS}/analytics/{instrument.native}/open-interest",
                    interval=step // 1000,
                    since=window.start_ms // 1000,
                    to=(window.end_ms - 1) // 1000,
                ),
                until_ms=window.end_ms,
                service="charts",
            )
            for window in wire.windows(start_ms - step, end_ms, _BARS_A_PAGE * step)
        ]
        seconds: list[Any] = []
        closes: list[Any] = []
        for page in pages:
            seconds += wire.rows(page["result"]["timestamp"])
            closes += [_close(bar) for bar in wire.rows(page["result"]["data"])]
        if len(seconds) != len(closes):
            raise Malformed("times and values are not as many")
        ends_ms = np.array([wire.number(one) * 1000 + step for one in seconds])
        return wire.open_interest(ends_ms, np.array(closes), start_ms, end_ms)

    @wire.spoken("ticker")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [_ticker(instrument)]
        row = answer["ticker"]
        return Snapshot(wire.not_negative(row["openInterest"]), wire.positive(row["markPrice"]))

    @wire.spoken("margin levels")
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Each level begins at a notional; to be checked live."""
        (listed,) = yield [Request(f"{_API}/instruments", weight=2)]
        (row,) = (
            one for one in wire.rows(listed["instruments"]) if one["symbol"] == instrument.native
        )
        levels = sorted(
            wire.rows(row["marginLevels"]),
            key=lambda level: wire.number(level["numNonContractUnits"]),
        )
        floors = wire.column(levels, "numNonContractUnits")
        return wire.tiers(np.append(floors[1:], inf), wire.column(levels, "maintenanceMargin"))

    @wire.spoken("liquidations")
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        (answer,) = yield [Request(wire.path(f"{_API}/history", symbol=instrument.native))]
        table = [
            {**row, "time": wire.iso_ms(row["time"]), "qty": row["size"]}
            for row in wire.rows(answer["history"])
        ]
        return _liquidations(table, start_ms, end_ms)


def _ticker(instrument: Instrument) -> Request:
    return Request(f"{_API}/tickers/{instrument.native}")


def _close(bar: Any) -> float:
    """The last of open, high, low, close; some series have single values."""
    return wire.not_negative(bar[3] if isinstance(bar, list) else bar)


def _instrument(row: dict[str, Any], turnover: float) -> Instrument:
    native = wire.text(row["symbol"])
    levels = wire.rows(row["marginLevels"])
    base, quote = wire.text(row["pair"]).split(":")
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=wire.positive(row["tickSize"]),
        max_leverage=1.0 / min(wire.positive(level["initialMargin"]) for level in levels),
        volume_24h_quote=turnover,
    )


def _liquidations(
    trades: list[Any], start_ms: float | None = None, end_ms: float | None = None
) -> Liquidations:
    """`side` is the order's: one who sells in liquidation was long."""
    table = [row for row in trades if row.get("type") == "liquidation"]
    return wire.liquidations(
        wire.column(table, "time"),
        [wire.position_side(row["side"], long="sell", short="buy") for row in table],
        wire.column(table, "price"),
        wire.column(table, "qty"),
        start_ms,
        end_ms,
    )


class KrakenStream(Stream):
    """Every trade with its type."""

    venue = "kraken"
    title = "Kraken Futures"
    url = "wss://futures.kraken.com/ws/v1"
    completeness = "Kraken marks every liquidation among its trades, at the price of the fill."
    ping = '{"event":"ping"}'
    ping_s = 30.0

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"event":"subscribe","feed":"trade","product_ids":["{instrument.native}"]}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        """The first message, `trade_snapshot`, brings older trades."""
        heard = wire.heard(message, self.title)
        if heard.get("event") in ("error", "alert", "subscribed_failed"):
            raise wire.refused(self.title, str(heard.get("message", heard["event"])))
        with wire.reading(self.title, "liquidations", instrument.native):
            about = heard.get("product_id") == instrument.native and "event" not in heard
            feed = heard.get("feed") if about else ""
            table = [heard] if feed == "trade" else []
            if feed == "trade_snapshot":
                table = wire.rows(heard["trades"])
            return _liquidations(table)
