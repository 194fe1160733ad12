"""Bitget, USDT perpetuals. https://www.bitget.com/api-doc/contract/intro

`{"code": "00000", "msg": …, "data": …}`, errors with a 4xx; every number is a string.
20 requests a second and address. Bars of 6 h and more are those of UTC+8 unless one asks
for `utc`.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.series import Candles
from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.venues import parse as wire
from liqmap.venues.adapter import (
    NOW,
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

_BARS = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (1, 5, 15, 30)},
    HOUR_MS: "1H",
    4 * HOUR_MS: "4H",
    6 * HOUR_MS: "6Hutc",
    12 * HOUR_MS: "12Hutc",
    DAY_MS: "1Dutc",
}
_BARS_A_PAGE = 1000
_MARKS_A_PAGE = 200
_LIQUIDATIONS_A_PAGE = 100
_MOST_PAGES = 30
_KIND = "USDT-FUTURES"


class Bitget(Adapter):
    """Real liquidations of three days by REST; open interest only of now."""

    venue = "bitget"
    title = "Bitget"
    origin = "https://api.bitget.com"
    limits = Limits(weight=18, per_seconds=1, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": Depth(ms=30 * DAY_MS, rows=1440),
            "mark": Depth(ms=30 * DAY_MS, rows=1440),
            "maintenance": NOW,
            "liquidations": Depth(ms=3 * DAY_MS),
            "stream": NOW,
        }
    )

    def probe(self) -> Request:
        return Request("/api/v2/public/time")

    def read(self, reply: Reply) -> Any:
        """The `data` of a reply."""
        answer = wire.decode(reply, self.title, wait_s=5)
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "00000":
            return answer.get("data")
        if not isinstance(code, str):
            raise wire.unknown(self.title, "no envelope of code and data")
        said = wire.words(reply)
        if code in ("429", "30007"):
            raise wire.limited(self.title, said, 5)
        raise wire.refused(self.title, said, f"code {code}")

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        contracts, tickers = yield [
            Request(wire.path("/api/v2/mix/market/contracts", productType=_KIND)),
            Request(wire.path("/api/v2/mix/market/tickers", productType=_KIND)),
        ]
        turnover = {row["symbol"]: row["usdtVolume"] for row in wire.rows(tickers)}
        found: dict[str, Instrument] = {}
        for row in wire.rows(contracts):
            if row["symbolType"] == "perpetual" and row["symbolStatus"] == "normal":
                one = _instrument(row, wire.number(turnover.get(row["symbol"]) or 0))
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
        size = newest or _BARS_A_PAGE
        bars = self._bars("candles", 6, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    @wire.spoken("mark prices")
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        series, size = "history-mark-candles", _MARKS_A_PAGE
        bars = self._bars(series, 5, size, instrument, step_ms, start_ms, end_ms)
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
        granularity = wire.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                wire.path(
                    f"/api/v2/mix/market/{series}",
                    symbol=instrument.native,
                    productType=_KIND,
                    granularity=granularity,
                    limit=size,
                    startTime=page.start_ms if page else None,
                    endTime=page.end_ms if page else None,
                ),
                until_ms=page.end_ms if page else inf,
            )
            for page in wire.pages(start_ms, end_ms, size * step_ms)
        ]
        table = [row for answer in answers for row in wire.rows(answer)]
        return wire.candles(table, range(fields), step_ms, start_ms, end_ms)

    @wire.spoken("ticker")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [
            Request(
                wire.path("/api/v2/mix/market/ticker", symbol=instrument.native, productType=_KIND)
            )
        ]
        row = wire.rows(answer)[0]
        return Snapshot(wire.not_negative(row["holdingAmount"]), wire.positive(row["markPrice"]))

    @wire.spoken("position tiers")
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        (answer,) = yield [
            Request(
                wire.path(
                    "/api/v2/mix/market/query-position-lever",
                    symbol=instrument.native,
                    productType=_KIND,
                )
            )
        ]
        table = sorted(wire.rows(answer), key=lambda row: wire.number(row["endUnit"]))
        return wire.tiers(wire.column(table, "endUnit"), wire.column(table, "keepMarginRate"))

    @wire.spoken("liquidations")
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        table: list[Any] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                Request(
                    wire.path(
                        "/api/v3/market/liquidations",
                        category=_KIND,
                        symbol=instrument.native,
                        limit=_LIQUIDATIONS_A_PAGE,
                        cursor=cursor,
                    )
                )
            ]
            page = wire.rows(answer["list"])
            table += page
            cursor = answer.get("cursor")
            oldest = min((wire.number(row["ts"]) for row in page), default=-inf)
            if not cursor or oldest < start_ms:
                break
        return _liquidations(table, instrument, start_ms, end_ms)


def _instrument(row: dict[str, Any], turnover: float) -> Instrument:
    base, quote = wire.text(row["baseCoin"]), wire.text(row["quoteCoin"])
    digits = wire.number(row["pricePlace"])
    return Instrument(
        name=perpetual_name(base, quote),
        native=wire.text(row["symbol"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=wire.positive(row["priceEndStep"]) * 10.0**-digits,
        max_leverage=wire.positive(row["maxLever"]),
        volume_24h_quote=turnover,
    )


def _liquidations(
    table: list[Any],
    instrument: Instrument,
    start_ms: float | None = None,
    end_ms: float | None = None,
) -> Liquidations:
    """`side` is that of the position, `amount` is in USDT.

    Both are inferred (amount / price gives exact lots) and to be checked live.
    """
    mine = [row for row in table if row["symbol"] == instrument.native]
    price = wire.column(mine, "price", wire.positive)
    return wire.liquidations(
        wire.column(mine, "ts"),
        [wire.position_side(row["side"], long="buy", short="sell") for row in mine],
        price,
        wire.column(mine, "amount") / price,
        start_ms,
        end_ms,
    )


class BitgetStream(Stream):
    """All contracts in one topic."""

    venue = "bitget"
    title = "Bitget"
    url = "wss://ws.bitget.com/v3/ws/public"
    completeness = "Bitget does not say how many of its liquidations it sends."
    ping = "ping"
    ping_s = 25.0

    def subscribe(self, instrument: Instrument) -> str:
        topic = f'{{"instType":"{_KIND.lower()}","topic":"liquidation"}}'
        return f'{{"op":"subscribe","args":[{topic}]}}'

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        heard = wire.heard(message, self.title)
        if heard.get("event") == "error":
            raise wire.refused(self.title, str(heard.get("msg")))
        with wire.reading(self.title, "liquidations", instrument.native):
            about = heard.get("arg", {}).get("topic") == "liquidation" and "data" in heard
            return _liquidations(wire.rows(heard["data"]) if about else [], instrument)
