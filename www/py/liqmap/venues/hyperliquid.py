"""Hyperliquid: USDC perpetuals of the main exchange.

Documented at https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api

Every request is a POST to /info; lists are oldest first. The limit is 1200 weight a minute
and address. The positions of every account are public.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import floor, inf, log10
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.positions import ADDRESS, Positions
from liqmap.data.samples import Samples
from liqmap.data.series import Candles
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
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS

_BARS = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (1, 3, 5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}h" for hours in (1, 2, 4, 8, 12)},
    DAY_MS: "1d",
}
_BARS_A_PAGE = 1000
_QUOTE = "USDC"
_FARTHEST = 5.0  # liquidation price as a multiple of the entry price, or the inverse
_ACCOUNTS_AT_ONCE = 20
_RATES_A_PAGE = 500
_FIGURES = (4, 3, 2)  # significant, of the prices of a book that is coarser than the venue's own


class Hyperliquid(Adapter):
    """The last 5000 bars; open interest only of now; positions of accounts."""

    venue = "hyperliquid"
    title = "Hyperliquid"
    origin = "https://api.hyperliquid.xyz"
    limits = Limits(weight=1000, per_seconds=60, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth](
        {
            "candles": Depth(rows=5000),
            "maintenance": NOW,
            "order_book": NOW,
            "funding": SINCE_LISTING,
        }
    )
    reports_all = True  # its ledger holds each of them, but no stream of it marks them

    def probe(self) -> Request:
        return _request("allMids", weight=2)

    def read(self, reply: Reply) -> Any:
        answer = refusals.decode(reply, self.title)
        if answer is None:
            raise refusals.refused(self.title, "null")
        return answer

    @parse.conversation(quantities.CONTRACTS)
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        meta, contexts = yield from _contexts()
        listed = list(zip(meta["universe"], contexts, strict=True))
        return columns.by_volume(parse.kept(listed, lambda both: _instrument(*both)))

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
        """`candleSnapshot` must be told a time: the order book has the venue's own."""
        interval = requests.step_name(_BARS, step_ms, self.title)
        size = newest or _BARS_A_PAGE
        span_ms = size * step_ms
        if start_ms is None or end_ms is None:
            (now,) = yield [_levels(instrument)]
            spans = [requests.page_until(parse.instant_ms(now["time"]), span_ms)]
        else:
            spans = requests.windows(start_ms, end_ms, span_ms)
        answers = yield [
            _request(
                "candleSnapshot",
                req={
                    "coin": instrument.native,
                    "interval": interval,
                    "startTime": span.start_ms,
                    "endTime": span.end_ms - 1,
                },
                weight=20 + size / 60,
                until_ms=span.end_ms,
            )
            for span in spans
        ]
        table = parse.table(answers)
        return columns.candles(table, "tohlcv", step_ms, start_ms, end_ms)

    @parse.conversation(quantities.OPEN_INTEREST_NOW)
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        meta, contexts = yield from _contexts()
        context = contexts[_row(meta, instrument)]
        return Snapshot(
            parse.not_negative(context["openInterest"]), parse.positive(context["markPx"])
        )

    @parse.conversation(quantities.MARGIN_TABLES)
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """The maintenance rate is half the initial rate at the tier's highest leverage.

        That of the first tier is the coin's own; a table has more.
        """
        meta, _ = yield from _contexts()
        asset = meta["universe"][_row(meta, instrument)]
        table_id = asset.get("marginTableId")
        tables = parse.read_each(
            meta.get("marginTables", []),
            lambda row: parse.rows(row[1]["marginTiers"]) if row[0] == table_id else None,
        )
        return columns.tiers(
            [{"lowerBound": 0, **asset}, *(tables[0] if tables else [])],
            lambda tier: (tier["lowerBound"], 0.5 / parse.positive(tier["maxLeverage"])),
            by_floor=True,
        )

    @parse.conversation(quantities.BOOK_LEVELS)
    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """Twenty prices a side, and as many of four, three and two figures, joined outward.

        A bid is rounded down, an ask up (…/api/info-endpoint#l2-book-snapshot).
        """
        answers = yield [
            _levels(instrument),
            *(_levels(instrument, nSigFigs=figures) for figures in _FIGURES),
        ]
        sides = (book.Sides(*answer["levels"]) for answer in answers)
        return book.order_book(
            instrument,
            answers[0]["time"],
            *sides,
            read=lambda row: (row["px"], row["px"], row["sz"]),
        )

    @parse.conversation(quantities.FUNDING_RATES)
    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Once an hour since 2023, before every eight (…/info-endpoint/perpetuals)."""
        pages = yield [
            _request(
                "fundingHistory",
                coin=instrument.native,
                startTime=window.start_ms,
                endTime=window.end_ms - 1,
                weight=20 + _RATES_A_PAGE / 20,
                until_ms=window.end_ms,
            )
            for window in requests.windows(start_ms, end_ms + 1, _RATES_A_PAGE * HOUR_MS)
        ]
        table = parse.table(pages)
        return columns.funding(table, "time", "fundingRate", start_ms, end_ms)

    @parse.conversation(quantities.TRADES_NOW)
    def addresses(self, instrument: Instrument) -> Conversation[tuple[str, ...]]:
        """Accounts of the newest trades, the largest traded value first."""
        (trades,) = yield [_request("recentTrades", coin=instrument.native)]
        return _accounts(parse.rows(trades))

    @parse.conversation(quantities.ACCOUNTS)
    def positions(
        self, instrument: Instrument, addresses: Sequence[str]
    ) -> Conversation[Positions]:
        """What these accounts hold of the coin, and at which price it would be liquidated.

        The price of a cross position assumes that the account's other coins keep theirs.
        Positions without a price, or with one more than five times from entry, are only
        counted among what is held. Accounts are asked for in batches of twenty, so that
        other requests can go out in between.
        """
        held: list[_Held] = []
        for first in range(0, len(addresses) or 1, _ACCOUNTS_AT_ONCE):
            batch = addresses[first : first + _ACCOUNTS_AT_ONCE]
            states = yield [
                _request("clearinghouseState", user=account, weight=2, may_fail=True)
                for account in batch
            ]
            held += _held(list(zip(batch, states, strict=True)), instrument)
        signed = np.array([one.signed_base for one in held])
        placed = [one for one in held if one.liquidation_price]
        size = np.array([one.signed_base for one in placed])
        return Positions(
            np.sign(size),
            np.abs(size),
            np.array([one.entry_price for one in placed]),
            np.array([one.liquidation_price for one in placed]),
            np.array([one.leverage for one in placed]),
            account=tuple(one.account for one in placed),
            holders=len({one.account for one in held}),
            held_long_base=float(signed[signed > 0].sum()),
            held_short_base=float(-signed[signed < 0].sum()),
        )


class _Held(NamedTuple):
    """A position: `liquidation_price` is 0 where there is none that can be drawn."""

    account: str
    signed_base: float
    entry_price: float
    liquidation_price: float
    leverage: float


def _held(states: list[tuple[str, Any]], instrument: Instrument) -> list[_Held]:
    """What accounts hold of the coin; an account that cannot be read is left out."""

    def read(state: tuple[str, Any]) -> list[_Held]:
        account, answer = state
        held = []
        for row in parse.rows(answer["assetPositions"]):
            position = row["position"]
            if position["coin"] != instrument.native or not parse.number(position["szi"]):
                continue
            entry = parse.positive(position["entryPx"])
            price = 0.0
            if position["liquidationPx"] is not None:
                price = parse.number(position["liquidationPx"])
            if not entry / _FARTHEST < price < entry * _FARTHEST:
                price = 0.0
            leverage = parse.positive(position["leverage"]["value"])
            held.append(_Held(account, parse.number(position["szi"]), entry, price, leverage))
        return held

    return [one for held in parse.kept(states, read) for one in held]


def _request(
    kind: str,
    *,
    weight: float = 20.0,
    until_ms: float = inf,
    may_fail: bool = False,
    **parameters: object,
) -> Request:
    body = json.dumps({"type": kind, **parameters}, separators=(",", ":"))
    return Request("/info", body, weight, until_ms, may_fail=may_fail)


def _levels(instrument: Instrument, **rounding: Any) -> Request:
    return _request("l2Book", weight=2, coin=instrument.native, **rounding)


def _contexts() -> Conversation[tuple[dict[str, Any], list[Any]]]:
    (answer,) = yield [_request("metaAndAssetCtxs")]
    meta, contexts = answer
    if len(parse.rows(meta["universe"])) != len(parse.rows(contexts)):
        raise parse.Malformed("the coins and their values are not as many")
    return meta, contexts


def _row(meta: dict[str, Any], instrument: Instrument) -> int:
    def read(numbered: tuple[int, Any]) -> int | None:
        return numbered[0] if numbered[1]["name"] == instrument.native else None

    return parse.first(list(enumerate(meta["universe"])), read)


def _instrument(asset: dict[str, Any], context: dict[str, Any]) -> Instrument | None:
    if asset.get("isDelisted"):
        return None
    coin = parse.text(asset["name"])
    price = parse.positive(context["markPx"])
    # Five significant digits, at most 6 - szDecimals of them after the point.
    smallest = 10.0 ** (parse.number(asset["szDecimals"]) - 6)
    return Instrument(
        name=perpetual_name(coin, _QUOTE),
        native=coin,
        base_coin=canonical_coin(coin),
        quote_coin=_QUOTE,
        tick_size=min(1.0, max(smallest, 10.0 ** (floor(log10(price)) - 4))),
        max_leverage=parse.decoration(lambda: asset["maxLeverage"]),
        volume_24h_quote=parse.decoration(lambda: context["dayNtlVlm"]),
    )


def _accounts(trades: list[Any]) -> tuple[str, ...]:
    """Accounts on either side of trades, each once, the largest traded value first.

    Trades of 2024 have no `users`.
    """
    traded_quote: dict[str, float] = {}

    def read(row: Any) -> tuple[float, list[str]]:
        users = [parse.text(user) for user in parse.rows(row.get("users", []))]
        return parse.positive(row["px"]) * parse.positive(row["sz"]), users

    for notional_quote, users in parse.kept(trades, read):
        for user in filter(ADDRESS.fullmatch, users):
            traded_quote[user] = traded_quote.get(user, 0.0) + notional_quote
    return tuple(sorted(traded_quote, key=lambda user: -traded_quote[user]))


class AccountStream:
    """A coin's trades by WebSocket, read for the accounts that made them."""

    url = "wss://api.hyperliquid.xyz/ws"
    ping = '{"method":"ping"}'

    def subscribe(self, instrument: Instrument) -> str:
        """The message that asks for the coin's trades."""
        subscription = {"type": "trades", "coin": instrument.native}
        return json.dumps({"method": "subscribe", "subscription": subscription})

    def read(self, message: str, instrument: Instrument) -> tuple[str, ...]:
        """Accounts of the trades in a message, the largest traded value first, often none."""
        content = parse.json_object(message, Hyperliquid.title)
        with parse.reading(Hyperliquid.title, quantities.TRADES, instrument.native):
            trades = content["data"] if content.get("channel") == "trades" else []
            of_coin = parse.kept(
                trades, lambda row: row if row["coin"] == instrument.native else []
            )
            return _accounts([row for row in of_coin if row])
