"""Hyperliquid, perpetuals of the main exchange.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api

Every question is a POST to /info; lists are oldest first. 1200 weight a minute and
address; no country is known to be refused.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import floor, inf, log10
from types import MappingProxyType
from typing import Any

import numpy as np

from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.positions import ADDRESS, Positions
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
)
from liqmap.venues.parse import DAY_MS, HOUR_MS, MINUTE_MS, Malformed

_BARS = {
    **{minutes * MINUTE_MS: f"{minutes}m" for minutes in (1, 3, 5, 15, 30)},
    **{hours * HOUR_MS: f"{hours}h" for hours in (1, 2, 4, 8, 12)},
    DAY_MS: "1d",
}
_BARS_A_PAGE = 1000
_QUOTE = "USDC"
_FARTHEST = 5.0
_ACCOUNTS_AT_ONCE = 20
SOCKET = "wss://api.hyperliquid.xyz/ws"
PING = '{"method":"ping"}'


class Hyperliquid(Adapter):
    """The last 5000 bars; open interest only of now; margin tiers for all."""

    venue = "hyperliquid"
    title = "Hyperliquid"
    origin = "https://api.hyperliquid.xyz"
    limits = Limits(weight=1000, per_seconds=60, concurrent=4)
    steps_ms = tuple(_BARS)
    offers = MappingProxyType[Series, Depth]({"candles": Depth(rows=5000), "maintenance": NOW})

    def probe(self) -> Request:
        return _ask("allMids", weight=2)

    def read(self, reply: Reply) -> Any:
        answer = wire.decode(reply, self.title)
        if answer is None:
            raise wire.refused(self.title, "null")
        return answer

    @wire.spoken("instruments")
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        meta, contexts = yield from _contexts()
        return wire.by_volume(
            _instrument(asset, context)
            for asset, context in zip(meta["universe"], contexts, strict=True)
            if not asset.get("isDelisted")
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
        """`candleSnapshot` wants a time, and the order book knows the venue's."""
        interval = wire.step_name(_BARS, step_ms, self.title)
        size = newest or _BARS_A_PAGE
        span_ms = size * step_ms
        if start_ms is None or end_ms is None:
            (book,) = yield [_ask("l2Book", coin=instrument.native, weight=2)]
            spans = [wire.page_until(book["time"], span_ms)]
        else:
            spans = wire.windows(start_ms, end_ms, span_ms)
        answers = yield [
            _ask(
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
        table = [row for answer in answers for row in wire.rows(answer)]
        return wire.candles(table, "tohlcv", step_ms, start_ms, end_ms)

    @wire.spoken("open interest now")
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        meta, contexts = yield from _contexts()
        context = contexts[_row(meta, instrument)]
        return Snapshot(
            wire.not_negative(context["openInterest"]), wire.positive(context["markPx"])
        )

    @wire.spoken("margin tables")
    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """The maintenance rate is half the initial one at the tier's highest leverage."""
        meta, _ = yield from _contexts()
        asset = meta["universe"][_row(meta, instrument)]
        tables = dict(meta.get("marginTables", []))
        table = tables.get(asset.get("marginTableId"))
        tiers = table["marginTiers"] if table else [{"lowerBound": 0, **asset}]
        tiers = sorted(tiers, key=lambda tier: wire.number(tier["lowerBound"]))
        floors = wire.column(tiers, "lowerBound")
        rates = [0.5 / wire.positive(tier["maxLeverage"]) for tier in tiers]
        return wire.tiers(np.append(floors[1:], inf), np.array(rates))

    @wire.spoken("recent trades")
    def addresses(self, instrument: Instrument) -> Conversation[tuple[str, ...]]:
        """Accounts of the newest trades, the largest traders first."""
        (trades,) = yield [_ask("recentTrades", coin=instrument.native)]
        return _users(wire.rows(trades))

    @wire.spoken("positions")
    def positions(
        self, instrument: Instrument, addresses: Sequence[str]
    ) -> Conversation[Positions]:
        """What these accounts hold of the coin, and where that would be liquidated.

        The price of a cross position assumes that the account's other coins stand still;
        one more than five times from entry says nothing and is left out, as is none. Few
        accounts at a time, so that what the page asks for meanwhile need not wait for all.
        """
        table: list[dict[str, Any]] = []
        for first in range(0, len(addresses) or 1, _ACCOUNTS_AT_ONCE):
            some = addresses[first : first + _ACCOUNTS_AT_ONCE]
            states = yield [_ask("clearinghouseState", user=one, weight=2) for one in some]
            table += [
                {**held["position"], "account": one}
                for one, state in zip(some, states, strict=True)
                for held in wire.rows(state["assetPositions"])
                if held["position"]["coin"] == instrument.native
            ]
        table = [row for row in table if wire.number(row["szi"])]
        signed = wire.column(table, "szi")
        placed = [row for row in table if _is_placed(row)]
        size = wire.column(placed, "szi")
        return Positions(
            np.sign(size),
            np.abs(size),
            wire.column(placed, "entryPx", wire.positive),
            wire.column(placed, "liquidationPx", wire.positive),
            np.array([wire.positive(row["leverage"]["value"]) for row in placed]),
            account=tuple(row["account"] for row in placed),
            holders=len({row["account"] for row in table}),
            held_long_base=float(signed[signed > 0].sum()),
            held_short_base=float(-signed[signed < 0].sum()),
        )


def trades_of(instrument: Instrument) -> str:
    """The message that asks the WebSocket for a coin's trades."""
    asked = {"type": "trades", "coin": instrument.native}
    return json.dumps({"method": "subscribe", "subscription": asked})


def addresses_in(message: str, instrument: Instrument) -> tuple[str, ...]:
    """Accounts of the trades in a WebSocket message, the largest first, often none."""
    heard = wire.heard(message, Hyperliquid.title)
    with wire.reading(Hyperliquid.title, "trades", instrument.native):
        trades = wire.rows(heard["data"]) if heard.get("channel") == "trades" else []
        return _users([row for row in trades if row["coin"] == instrument.native])


def _users(trades: list[Any]) -> tuple[str, ...]:
    """Both sides of each trade, each once; messages of 2024 have none."""
    traded_quote: dict[str, float] = {}
    for row in trades:
        notional_quote = wire.number(row["px"]) * wire.number(row["sz"])
        for user in wire.rows(row.get("users", [])):
            if ADDRESS.fullmatch(wire.text(user)):
                traded_quote[user] = traded_quote.get(user, 0.0) + notional_quote
    return tuple(sorted(traded_quote, key=lambda user: -traded_quote[user]))


def _is_placed(row: dict[str, Any]) -> bool:
    if row["liquidationPx"] is None:
        return False
    price, entry = wire.number(row["liquidationPx"]), wire.positive(row["entryPx"])
    return entry / _FARTHEST < price < entry * _FARTHEST


def _ask(
    kind: str, *, weight: float = 20.0, until_ms: float = inf, **parameters: object
) -> Request:
    body = json.dumps({"type": kind, **parameters}, separators=(",", ":"))
    return Request("/info", body, weight, until_ms)


def _contexts() -> Conversation[tuple[dict[str, Any], list[Any]]]:
    (answer,) = yield [_ask("metaAndAssetCtxs")]
    meta, contexts = answer
    if len(wire.rows(meta["universe"])) != len(wire.rows(contexts)):
        raise Malformed("the coins and their values are not as many")
    return meta, contexts


def _row(meta: dict[str, Any], instrument: Instrument) -> int:
    names = [asset["name"] for asset in meta["universe"]]
    if instrument.native not in names:
        raise Malformed(f"there is no {instrument.native} in the list of coins")
    return names.index(instrument.native)


def _instrument(asset: dict[str, Any], context: dict[str, Any]) -> Instrument:
    coin = wire.text(asset["name"])
    price = wire.positive(context["markPx"])
    # Five significant digits, at most 6 - szDecimals of them after the point.
    smallest = 10.0 ** (wire.number(asset["szDecimals"]) - 6)
    return Instrument(
        name=perpetual_name(coin, _QUOTE),
        native=coin,
        base_coin=canonical_coin(coin),
        quote_coin=_QUOTE,
        tick_size=min(1.0, max(smallest, 10.0 ** (floor(log10(price)) - 4))),
        max_leverage=wire.positive(asset["maxLeverage"]),
        volume_24h_quote=wire.not_negative(context["dayNtlVlm"]),
    )
