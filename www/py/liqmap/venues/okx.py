"""OKX: perpetual swaps, linear and inverse.

Documented at https://www.okx.com/docs-v5/en/

An answer is `{"code": "0", "msg": …, "data": […]}`; lists are newest first; every number is a
string. Tiers and liquidations are in contracts: of base coin, of USD where inverse. Bars of
6 h and more open at midnight of UTC+8 unless their name ends in `utc`.
"""

from __future__ import annotations

from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
from liqmap.data.series import Candles, OpenInterest
from liqmap.data.symbols import canonical_coin, perpetual_name
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
from liqmap.venues.okx_liquidations import details
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS

_SAMPLES = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}H" for hours in (1, 2, 4)},
    DAY_MS: "1Dutc",
}
_BARS = {
    MINUTE_MS: "1m",
    3 * MINUTE_MS: "3m",
    **_SAMPLES,
    6 * HOUR_MS: "6Hutc",
    12 * HOUR_MS: "12Hutc",
}
_BARS_A_PAGE = 300
_OLD_BARS_A_PAGE = 100
_SAMPLES_A_PAGE = 100
_RATES_A_PAGE = 400
_RECENT = 1440  # newest rows of a step that open interest and the endpoints of new bars keep
_RECENT_SURELY = 1100  # of these, rows before an end that may lie a page in the past
_LIQUIDATIONS_A_PAGE = 100
_MOST_PAGES = 50
_LIMITS = {"50011": 2.0, "50061": 2.0}


class Okx(Adapter):
    """The last 1440 samples of open interest, at each step; liquidations of about a day."""

    venue = "okx"
    title = "OKX"
    origin = "https://www.okx.com"
    limits = Limits(weight=40, per_seconds=2, concurrent=6, by_endpoint=True)
    steps_ms = tuple(sorted(_BARS))
    offers = MappingProxyType[Series, Depth](
        {
            "candles": SINCE_LISTING,
            "mark": SINCE_LISTING,
            "open_interest": Depth(ms=60 * DAY_MS, rows=_RECENT),
            "maintenance": NOW,
            "liquidations": Depth(ms=DAY_MS),
            "order_book": NOW,
            "funding": Depth(ms=90 * DAY_MS),
            "long_short_ratio": Depth(ms=60 * DAY_MS, rows=_RECENT),
            "stream": NOW,
        }
    )
    reports_all = False

    def probe(self) -> Request:
        return Request("/api/v5/public/time")

    def read(self, reply: Reply) -> Any:
        """The `data` of a reply, always a list."""
        answer = refusals.decode(reply, self.title, wait_s=2, code=("code",), limits=_LIMITS)
        code = answer.get("code") if isinstance(answer, dict) else None
        if code == "0" and isinstance(answer.get("data"), list):
            return answer["data"]
        if not isinstance(code, str) or code == "0":
            raise refusals.strange(self.title, "no envelope of code and data")
        said = refusals.message(reply.body)
        if code in ("50001", "50004", "50013", "50026"):
            raise refusals.busy(self.title, said)
        raise refusals.refused(self.title, said, f"code {code}")

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        listed, tickers = yield [
            Request(requests.path("/api/v5/public/instruments", instType="SWAP"), weight=2),
            Request(requests.path("/api/v5/market/tickers", instType="SWAP"), weight=2),
        ]
        turnover_quote = parse.turnovers(
            tickers,
            lambda row: (
                row["instId"],
                parse.number(row["volCcy24h"]) * parse.number(row["last"]),
            ),
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
        """`volCcy`, the seventh field, is base coin for both kinds of contract."""
        fields, sizes = (0, 1, 2, 3, 4, 6), (newest or _BARS_A_PAGE, _OLD_BARS_A_PAGE)
        return (
            yield from self._bars("candles", fields, sizes, instrument, step_ms, start_ms, end_ms)
        )

    @parse.conversation(quantities.MARK_PRICES)
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        fields, sizes = (0, 1, 2, 3, 4), (_OLD_BARS_A_PAGE, _OLD_BARS_A_PAGE)
        series = "mark-price-candles"
        return (yield from self._bars(series, fields, sizes, instrument, step_ms, start_ms, end_ms))

    def _bars(
        self,
        series: str,
        fields: tuple[int, ...],
        sizes: tuple[int, int],
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None,
        end_ms: float | None,
    ) -> Conversation[Candles]:
        """An endpoint has the newest bars, in larger pages; another all that are older.

        Which bars are the newest is not known to who asks for a time long past: what the
        first lacks of it is asked of the other.
        """
        common: dict[str, str | int] = {
            "instId": instrument.native,
            "bar": requests.step_name(_BARS, step_ms, self.title),
        }
        newest, older = f"/api/v5/market/{series}", f"/api/v5/market/history-{series}"
        if start_ms is None or end_ms is None:
            pages = yield [Request(requests.path(newest, **common, limit=sizes[0]))]
            return columns.candles(pages[0], fields, step_ms, None, None)

        def asking(endpoint: str, window: requests.Window, size: int) -> Request:
            path = requests.path(
                endpoint,
                **common,
                limit=size,
                after=window.end_ms,  # older than
                before=window.start_ms - 1,  # newer than
            )
            scarce = endpoint == older and series == "mark-price-candles"
            weight = 4 if scarce else 2  # ten in two seconds, twenty
            return Request(path, weight=weight, until_ms=window.end_ms)

        def history(first_ms: float, last_ms: float) -> list[Request]:
            windows = requests.windows(first_ms, last_ms, sizes[1] * step_ms)
            return [asking(older, window, sizes[1]) for window in windows]

        border_ms = max(start_ms, end_ms - _RECENT_SURELY * step_ms)
        recent = requests.windows(border_ms, end_ms, sizes[0] * step_ms)
        batch = [asking(newest, window, sizes[0]) for window in recent]
        pages = yield batch + history(start_ms, border_ms)
        table = parse.table(pages)
        lacking = []
        for window, page in zip(recent, pages, strict=False):
            first_ms = parse.earliest_ms(page, lambda row: row[0], window.end_ms)
            if first_ms >= window.start_ms + step_ms:
                lacking += history(max(window.start_ms, start_ms), min(first_ms, end_ms))
        if lacking:
            pages = yield lacking
            table += parse.table(pages)
        return columns.candles(table, fields, step_ms, start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        pages = yield _statistics("open-interest-history", instrument, step_ms, start_ms, end_ms)
        table = parse.table(pages)
        return columns.open_interest(table, lambda row: (row[0], row[2]), start_ms, end_ms)

    @parse.conversation(quantities.RATIOS)
    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        endpoint = "long-short-account-ratio-contract"
        pages = yield _statistics(endpoint, instrument, step_ms, start_ms, end_ms)
        return columns.ratios(parse.table(pages), lambda row: row[:2], start_ms, end_ms)

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        pages = yield requests.history(
            "/api/v5/public/funding-rate-history",
            start_ms,
            end_ms,
            _RATES_A_PAGE * HOUR_MS,
            lambda window: {"after": window.end_ms, "before": window.start_ms - 1},
            weight=4,
            instId=instrument.native,
            limit=_RATES_A_PAGE,
        )
        table = parse.table(pages)
        return columns.funding(table, "fundingTime", "realizedRate", start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_NOW)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        common = {"instType": "SWAP", "instId": instrument.native}
        held, mark = yield [
            Request(requests.path("/api/v5/public/open-interest", **common), weight=2),
            _mark_price(instrument),
        ]
        return Snapshot(
            parse.first(held, lambda row: parse.not_negative(row["oiCcy"])),
            parse.first(mark, lambda row: parse.positive(row["markPx"])),
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 400 prices a side, in contracts (…/#order-book-trading-market-data)."""
        path = requests.path("/api/v5/market/books", instId=instrument.native, sz=400)
        (answer,) = yield [Request(path)]
        sides = book.Sides(answer[0]["bids"], answer[0]["asks"])
        size = instrument.contract_size
        return book.order_book(instrument, answer[0]["ts"], sides, contract_size=size)

    @parse.conversation(quantities.POSITION_TIERS)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Tiers are in contracts; the mark price gives the value of linear ones."""
        tiers, mark = yield [
            Request(
                requests.path(
                    "/api/v5/public/position-tiers",
                    instType="SWAP",
                    tdMode="cross",
                    instFamily=_family(instrument),
                ),
                weight=4,
            ),
            _mark_price(instrument),
        ]
        size = instrument.contract_size
        if instrument.kind == "linear":
            size *= parse.first(mark, lambda row: parse.positive(row["markPx"]))

        def read(row: Any) -> tuple[object, object] | None:
            if row["instFamily"] != _family(instrument):
                return None
            return parse.positive(row["maxSz"]) * size, row["mmr"]

        return columns.tiers(tiers, read)

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        found: list[columns.Row] = []
        after: float | None = None
        for _ in range(_MOST_PAGES):
            (answer,) = yield [
                Request(
                    requests.path(
                        "/api/v5/public/liquidation-orders",
                        instType="SWAP",
                        instFamily=_family(instrument),
                        state="filled",
                        limit=_LIQUIDATIONS_A_PAGE,
                        after=after,
                    )
                )
            ]
            page = details(answer, instrument)
            if after is not None:
                # The oldest time was asked for again: it may have more than came.
                page = [row for row in page if row[0] < after]
                if page:
                    found = [row for row in found if row[0] >= after]
            found += page
            oldest = min((row[0] for row in page), default=-inf)
            if oldest < start_ms:
                break
            after = oldest if after == oldest + 1 else oldest + 1
        return columns.liquidations(found, lambda row: [row], start_ms, end_ms)


def _statistics(
    endpoint: str, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
) -> list[Request]:
    """At the finest step, not below `step_ms`, whose 1440 samples reach back to `start_ms`."""
    finest = requests.best_step(_SAMPLES, step_ms)
    steps = [step for step in _SAMPLES if step >= finest]
    reaching = [step for step in steps if step * _RECENT_SURELY >= end_ms - start_ms]
    step = reaching[0] if reaching else steps[-1]
    return requests.history(
        f"/api/v5/rubik/stat/contracts/{endpoint}",
        start_ms,
        end_ms,
        _SAMPLES_A_PAGE * step,
        lambda window: {"begin": window.start_ms - 1, "end": window.end_ms},
        weight=4,
        service="statistics",
        instId=instrument.native,
        period=_SAMPLES[step],
        limit=_SAMPLES_A_PAGE,
    )


def _mark_price(instrument: Instrument) -> Request:
    path = requests.path("/api/v5/public/mark-price", instType="SWAP", instId=instrument.native)
    return Request(path, weight=4)


def _family(instrument: Instrument) -> str:
    return instrument.native.removesuffix("-SWAP")


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["state"] != "live" or row["ctType"] not in ("linear", "inverse"):
        return None
    native = parse.text(row["instId"])
    base, quote = native.removesuffix("-SWAP").split("-")
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        kind="inverse" if row["ctType"] == "inverse" else "linear",
        tick_size=parse.positive(row["tickSz"]),
        max_leverage=parse.decoration(lambda: row["lever"]),
        volume_24h_quote=turnover_quote.get(native, 0.0),
        contract_size=parse.positive(row["ctVal"]) * parse.positive(row["ctMult"]),
    )
