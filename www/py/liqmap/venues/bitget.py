"""Bitget: USDT perpetuals.

Documented at https://www.bitget.com/api-doc/contract/intro

An answer is `{"code": "00000", "msg": …, "data": …}`, an error has a 4xx as well; every
number is a string. The limit is 20 requests a second and address. Bars of 6 h and more open
at midnight of UTC+8 unless their name ends in `utc`.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
from liqmap.data.series import Candles
from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.language import mark
from liqmap.venues import book, columns, parse, quantities, refusals, requests
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
)
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS
from liqmap.venues.stream import Stream

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
_RATES_A_PAGE = 100
_RATIOS = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}h" for hours in (1, 2, 4, 6, 12)},
    DAY_MS: "1d",
}
_LIMITS = {"429": 5.0, "30007": 5.0}
_KIND = "USDT-FUTURES"
_TOPIC = "liquidation"


class Bitget(Adapter):
    """Liquidations of three days; open interest only of now."""

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
            "order_book": NOW,
            "funding": Depth(rows=_RATES_A_PAGE * _MOST_PAGES),
            "long_short_ratio": Depth(rows=30),
            "stream": NOW,
        }
    )
    reports_all = False

    def probe(self) -> Request:
        return Request("/api/v2/public/time")

    def read(self, reply: Reply) -> Any:
        """The `data` of a reply."""
        answer = refusals.decode(reply, self.title, wait_s=5, code=("code",), limits=_LIMITS)
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "00000":
            return answer.get("data")
        if not isinstance(code, str):
            raise refusals.strange(self.title, "no envelope of code and data")
        raise refusals.refused(self.title, refusals.message(reply.body), f"code {code}")

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        contracts, tickers = yield [
            Request(requests.path("/api/v2/mix/market/contracts", productType=_KIND)),
            Request(requests.path("/api/v2/mix/market/tickers", productType=_KIND)),
        ]
        turnover_quote = parse.turnovers(tickers, lambda row: (row["symbol"], row["usdtVolume"]))
        return columns.by_volume(
            parse.kept(contracts, lambda row: _instrument(row, turnover_quote))
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
        size = newest or _BARS_A_PAGE
        bars = self._bars("candles", 6, size, instrument, step_ms, start_ms, end_ms)
        return (yield from bars)

    @parse.conversation(quantities.MARK_PRICES)
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
        granularity = requests.step_name(_BARS, step_ms, self.title)
        answers = yield [
            Request(
                requests.path(
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
            for page in requests.pages(start_ms, end_ms, size * step_ms)
        ]
        table = parse.table(answers)
        return columns.candles(table, range(fields), step_ms, start_ms, end_ms)

    @parse.conversation(quantities.TICKER)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        (answer,) = yield [_of_contract("ticker", instrument)]
        return parse.first(
            answer,
            lambda row: Snapshot(
                parse.not_negative(row["holdingAmount"]), parse.positive(row["markPrice"])
            ),
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """Prices at each of four scales, ten times as coarse from one to the next, joined outward.

        https://www.bitget.com/api-doc/contract/market/Get-Merge-Depth
        """
        answers = yield [
            _of_contract("merge-depth", instrument, precision=f"scale{scale}", limit="max")
            for scale in range(4)
        ]
        sides = (book.Sides(answer["bids"], answer["asks"]) for answer in answers)
        return book.order_book(instrument, answers[0]["ts"], *sides)

    @parse.conversation(quantities.POSITION_TIERS)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        (answer,) = yield [_of_contract("query-position-lever", instrument)]
        return columns.tiers(answer, lambda row: (row["endUnit"], row["keepMarginRate"]))

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Page after page (…/market/Get-History-Funding-Rate)."""
        table: list[Any] = []
        for number in range(1, _MOST_PAGES + 1):
            common = {"pageSize": str(_RATES_A_PAGE), "pageNo": str(number)}
            (answer,) = yield [_of_contract("history-fund-rate", instrument, **common)]
            page = parse.rows(answer)
            table += page
            oldest = parse.earliest_ms(page, lambda row: row["fundingTime"])
            if len(page) < _RATES_A_PAGE or oldest < start_ms:
                break
        return columns.funding(table, "fundingTime", "fundingRate", start_ms, end_ms)

    @parse.conversation(quantities.RATIOS)
    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """The newest thirty or so; of the shares, as the ratio that it gives is a hundredth.

        https://www.bitget.com/api-doc/common/apidata/Account-Long-Short
        """
        period = _RATIOS[requests.best_step(_RATIOS, step_ms)]
        (answer,) = yield [_of_contract("account-long-short", instrument, period=period)]
        return columns.ratios(
            parse.rows(answer),
            lambda row: (
                row["ts"],
                parse.not_negative(row["longAccountRatio"])
                / parse.positive(row["shortAccountRatio"]),
            ),
            start_ms,
            end_ms,
        )

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        table: list[Any] = []
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                Request(
                    requests.path(
                        "/api/v3/market/liquidations",
                        category=_KIND,
                        symbol=instrument.native,
                        limit=_LIQUIDATIONS_A_PAGE,
                        cursor=cursor,
                    )
                )
            ]
            page = parse.rows(answer["list"])
            table += page
            cursor = answer.get("cursor")
            oldest = parse.earliest_ms(page, lambda row: row["ts"])
            if not cursor or oldest < start_ms:
                break
        return columns.liquidations(
            table, lambda row: _liquidation(row, instrument), start_ms, end_ms
        )


def _of_contract(endpoint: str, instrument: Instrument, **parameters: str) -> Request:
    path = f"/api/v2/mix/market/{endpoint}"
    common = {"symbol": instrument.native, "productType": _KIND}
    return Request(requests.path(path, **common, **parameters))


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["symbolType"] != "perpetual" or row["symbolStatus"] != "normal":
        return None
    base, quote = parse.text(row["baseCoin"]), parse.text(row["quoteCoin"])
    digits = parse.number(row["pricePlace"])
    return Instrument(
        name=perpetual_name(base, quote),
        native=parse.text(row["symbol"]),
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(parse.positive(row["priceEndStep"]) * 10.0**-digits),
        max_leverage=parse.decoration(lambda: row["maxLever"]),
        volume_24h_quote=turnover_quote.get(row["symbol"], 0.0),
    )


def _liquidation(row: dict[str, Any], instrument: Instrument) -> list[columns.Row]:
    """`side` is the position's, `amount` is in USDT.

    Both are inferred (amount / price gives whole lots) and to be checked live.
    """
    if row["symbol"] != instrument.native:
        return []
    price = parse.positive(row["price"])
    side = parse.position_side(row["side"], long="buy", short="sell")
    return [(row["ts"], side, price, parse.positive(row["amount"]) / price)]


class BitgetStream(Stream):
    """All contracts in one topic."""

    venue = "bitget"
    title = "Bitget"
    url = "wss://ws.bitget.com/v3/ws/public"
    completeness = mark("Bitget does not say how many of its liquidations it sends.")
    ping = "ping"
    ping_s = 25.0

    def subscribe(self, instrument: Instrument) -> str:
        topic = f'{{"instType":"{_KIND.lower()}","topic":"{_TOPIC}"}}'
        return f'{{"op":"subscribe","args":[{topic}]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("msg", "") if content.get("event") == "error" else None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        if content.get("arg", {}).get("topic") != _TOPIC:
            return None
        return [] if content.get("event") == "subscribe" else content["data"]

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        return _liquidation(row, instrument)
