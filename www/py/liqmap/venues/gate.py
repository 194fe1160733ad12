"""Gate: USDT perpetuals; no browser may read its REST interface, only its stream.

Documented at https://www.gate.com/docs/developers/apiv4/en/

An answer is the bare list or object, an error `{"label": …, "message": …}` with a 4xx. Quantities
are contracts of `quanto_multiplier` base coin each, times are seconds, lists are oldest first but
funding. Only the newest 10,000 bars of a length are served; who asks for older ones is refused.
In the stream `time` is in milliseconds, and all orders of a contract within a second come in one
message (both since August 2026). The size of a liquidation is positive for a long (to be checked
live, see docs/reference/exchanges.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import inf
from types import MappingProxyType
from typing import Any

from liqmap.data.liquidations import Liquidations
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
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS, Window
from liqmap.venues.stream import Stream

_FUTURES = "/api/v4/futures/usdt"
_SAMPLES = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (5, 15, 30)},
    HOUR_MS: "1h",
    4 * HOUR_MS: "4h",
    DAY_MS: "1d",
}
_BARS = {MINUTE_MS: "1m", **_SAMPLES, 8 * HOUR_MS: "8h"}
_FIELDS = ("t", "o", "h", "l", "c", "v")
_CONTRACTS_A_PAGE = 1000
_BARS_A_PAGE = 1999
_RECENT = 9_900  # of the 10,000 newest bars, those that are there until they are asked for
_SAMPLES_A_PAGE = 100
_RATES_A_PAGE = 1000
_LIQUIDATIONS_A_PAGE = 1000
_LEVELS = 300
_LIMITS = {"TOO_MANY_REQUESTS": 10.0}
_CHANNEL = "futures.public_liquidates"


class Gate(Adapter):
    """All but taker volume; liquidations of a day."""

    venue = "gate"
    title = "Gate"
    origin = "https://api.gateio.ws"
    limits = Limits(weight=180, per_seconds=10, concurrent=6)
    steps_ms = tuple(sorted(_BARS))
    offers = MappingProxyType[Series, Depth](
        {
            "candles": Depth(rows=_RECENT),
            "mark": Depth(rows=_RECENT),
            "open_interest": SINCE_LISTING,
            "maintenance": NOW,
            "liquidations": Depth(ms=DAY_MS),
            "order_book": NOW,
            "funding": SINCE_LISTING,
            "long_short_ratio": SINCE_LISTING,
            "stream": NOW,
        }
    )
    reports_all = True
    in_browser = False

    def probe(self) -> Request:
        return Request(f"{_FUTURES}/contracts/BTC_USDT")

    def read(self, reply: Reply) -> Any:
        """The answer itself, a list or an object."""
        answer = refusals.decode(reply, self.title, code=("label",), limits=_LIMITS)
        if not isinstance(answer, list | dict):
            raise refusals.strange(self.title, "no list or object")
        if "label" in answer:
            raise refusals.refused(self.title, refusals.message(reply.body))
        return answer

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        """The first two pages of contracts: up to 2,000."""
        size = _CONTRACTS_A_PAGE
        *pages, tickers = yield [
            *(_asked("contracts", limit=size, offset=offset) for offset in (0, size)),
            _asked("tickers"),
        ]
        turnover_quote = parse.turnovers(
            tickers, lambda row: (row["contract"], row["volume_24h_quote"])
        )
        listed = parse.table(pages)
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
        """Volume `v` is in contracts."""
        size = newest or _BARS_A_PAGE
        requested = self._bars(instrument.native, step_ms, start_ms, end_ms, size)
        table = parse.table((yield requested))
        bars = columns.candles(
            table, _FIELDS, step_ms, start_ms, end_ms, read_time=parse.seconds_ms
        )
        return replace(bars, volume_base=bars.volume_base * instrument.contract_size)

    @parse.conversation(quantities.MARK_PRICES)
    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        """Bars of `mark_` and the name of the contract."""
        requested = self._bars(f"mark_{instrument.native}", step_ms, start_ms, end_ms)
        table = parse.table((yield requested))
        return columns.candles(
            table, _FIELDS[:5], step_ms, start_ms, end_ms, read_time=parse.seconds_ms
        )

    def _bars(
        self,
        contract: str,
        step_ms: int,
        start_ms: float | None,
        end_ms: float | None,
        size: int = _BARS_A_PAGE,
    ) -> list[Request]:
        """Both ends count, and are openings of bars; a `limit` goes with neither of them.

        No time is asked for before the range, which may be too old, or after it.
        """
        interval = requests.step_name(_BARS, step_ms, self.title)
        common: dict[str, Any] = {"contract": contract, "interval": interval}
        if start_ms is None or end_ms is None:
            return [_asked("candlesticks", **common, limit=size)]
        first_ms, last_ms = start_ms // step_ms * step_ms, (end_ms - 1) // step_ms * step_ms
        return [
            _asked(
                "candlesticks",
                until_ms=page.end_ms,
                **common,
                **_seconds(max(page.start_ms, first_ms), min(page.end_ms - step_ms, last_ms)),
            )
            for page in requests.windows(start_ms, end_ms, size * step_ms)
        ]

    @parse.conversation(quantities.OPEN_INTEREST_SAMPLES)
    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        size = instrument.contract_size
        table = parse.table((yield _statistics(instrument, step_ms, start_ms, end_ms)))
        read = _sample("open_interest", lambda value: parse.not_negative(value) * size)
        return columns.open_interest(table, read, start_ms, end_ms)

    @parse.conversation(quantities.RATIOS)
    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        table = parse.table((yield _statistics(instrument, step_ms, start_ms, end_ms)))
        return columns.ratios(table, _sample("lsr_account", parse.number), start_ms, end_ms)

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        pages = yield requests.history(
            f"{_FUTURES}/funding_rate",
            start_ms,
            end_ms,
            _RATES_A_PAGE * HOUR_MS,
            lambda window: _seconds(window.start_ms, min(window.end_ms - 1, end_ms)),
            contract=instrument.native,
            limit=_RATES_A_PAGE,
        )
        return columns.funding(
            parse.table(pages), "t", "r", start_ms, end_ms, read_time=parse.seconds_ms
        )

    @parse.conversation(quantities.OPEN_INTEREST_NOW)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        """`position_size` is the sum of long positions, in contracts."""
        (row,) = yield [_asked(f"contracts/{instrument.native}")]
        held_base = parse.not_negative(row["position_size"]) * instrument.contract_size
        return Snapshot(held_base, parse.positive(row["mark_price"]))

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """The best 300 prices a side, in contracts."""
        (answer,) = yield [
            _asked("order_book", contract=instrument.native, interval=0, limit=_LEVELS)
        ]
        return book.order_book(
            instrument,
            parse.seconds_ms(answer["current"]),
            book.Sides(answer["bids"], answer["asks"]),
            read=lambda row: (row["p"], row["p"], row["s"]),
            contract_size=instrument.contract_size,
        )

    @parse.conversation(quantities.POSITION_TIERS)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Upper ends in USDT."""
        (rows,) = yield [_asked("risk_limit_tiers", contract=instrument.native)]
        return columns.tiers(rows, lambda row: (row["risk_limit"], row["maintenance_rate"]))

    @parse.conversation(quantities.LIQUIDATIONS)
    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Hour by hour, which is the longest time of a request; of a full page, its halves."""
        found: list[Any] = []
        windows = [
            Window(hour.start_ms, int(min(hour.end_ms, end_ms)))
            for hour in requests.windows(start_ms, end_ms, HOUR_MS)
        ]
        while windows:
            pages = yield [
                _asked(
                    "liq_orders",
                    until_ms=window.end_ms,
                    contract=instrument.native,
                    limit=_LIQUIDATIONS_A_PAGE,
                    **_seconds(window.start_ms, window.end_ms - 1),
                )
                for window in windows
            ]
            asked, windows = windows, []
            for window, page in zip(asked, pages, strict=True):
                halves = _halves(window) if len(parse.rows(page)) >= _LIQUIDATIONS_A_PAGE else []
                windows += halves
                found += [] if halves else page
        return columns.liquidations(
            found, lambda row: _liquidation(row, instrument), start_ms, end_ms
        )


class GateStream(Stream):
    """All contracts in one topic."""

    venue = "gate"
    title = "Gate"
    url = "wss://fx-ws.gateio.ws/v4/ws/usdt"
    completeness = mark("Gate sends every liquidation of BTC and ETH, at the price of the order.")
    contract_sizes = MappingProxyType({"BTC": 0.0001, "ETH": 0.01})
    ping = '{"time":0,"channel":"futures.ping"}'

    def subscribe(self, instrument: Instrument) -> str:
        return f'{{"time":0,"channel":"{_CHANNEL}","event":"subscribe","payload":["!all"]}}'

    def _rejection(self, content: dict[str, Any]) -> object:
        return content.get("error") or None

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        """`result` is an array of rows or a single one."""
        if content.get("channel") != _CHANNEL:
            return None
        result = content["result"] if content.get("event") == "update" else []
        return [result] if isinstance(result, dict) else result

    def _liquidations(self, row: Any, instrument: Instrument) -> list[columns.Row]:
        if row["contract"] != instrument.native:
            return []
        signed = parse.number(row["size"])
        side = 1.0 if signed > 0 else -1.0
        return [(row["time"], side, row["price"], abs(signed) * instrument.contract_size)]


def _asked(endpoint: str, *, until_ms: float = inf, **parameters: str | int) -> Request:
    return Request(requests.path(f"{_FUTURES}/{endpoint}", **parameters), until_ms=until_ms)


def _seconds(first_ms: float, last_ms: float) -> dict[str, int]:
    """Both ends of a range of time, as Gate wants them: they count."""
    return {"from": int(first_ms // 1000), "to": int(last_ms // 1000)}


def _halves(window: Window) -> list[Window]:
    """Both halves of a window in whole seconds; none of a single second."""
    middle_ms = (window.start_ms + window.end_ms) // 2000 * 1000
    if middle_ms <= window.start_ms:
        return []
    return [Window(middle_ms, window.end_ms), Window(window.start_ms, middle_ms)]


def _statistics(
    instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
) -> list[Request]:
    """Open interest and ratios come together: so many from a time on."""
    step = requests.best_step(_SAMPLES, step_ms)
    return requests.history(
        f"{_FUTURES}/contract_stats",
        start_ms,
        end_ms,
        _SAMPLES_A_PAGE * step,
        lambda window: {"from": window.start_ms // 1000},
        contract=instrument.native,
        interval=_SAMPLES[step],
        limit=_SAMPLES_A_PAGE,
    )


def _sample(key: str, read: Callable[[object], float]) -> Callable[[Any], tuple[float, float]]:
    return lambda row: (parse.seconds_ms(row["time"]), read(row[key]))


def _instrument(row: dict[str, Any], turnover_quote: dict[str, float]) -> Instrument | None:
    if row["in_delisting"] or row.get("status", "trading") != "trading":
        return None
    native = parse.text(row["name"])
    base, quote = native.split("_")
    return Instrument(
        name=perpetual_name(base, quote),
        native=native,
        base_coin=canonical_coin(base),
        quote_coin=quote,
        tick_size=parse.positive(row["order_price_round"]),
        max_leverage=parse.decoration(lambda: row["leverage_max"]),
        volume_24h_quote=turnover_quote.get(native, 0.0),
        contract_size=parse.positive(row["quanto_multiplier"]),
    )


def _liquidation(row: Any, instrument: Instrument) -> list[columns.Row]:
    """The part of a forced order that was filled, at the average price of its fills.

    `size` is the position before the order, with its side; a position that is closed by several
    orders is in a row of each, so what counts is `order_size` less what was `left` of it.
    """
    if row["contract"] != instrument.native:
        return []
    position = parse.number(row["size"])
    filled = abs(parse.number(row.get("order_size", position))) - abs(parse.number(row["left"]))
    if not filled:
        return []
    if not position:
        raise parse.Malformed("a position of nothing has no side")
    side, quantity_base = 1.0 if position > 0 else -1.0, filled * instrument.contract_size
    return [(parse.seconds_ms(row["time"]), side, parse.number(row["fill_price"]), quantity_base)]
