"""What Deribit's public methods would say, over HTTP and over its stream: JSON-RPC.

https://docs.deribit.com; the inverse perpetuals, which count in USD.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text
from tools.replay.trades import Trade

_BARS_MS = {str(n): n * 60_000 for n in (1, 3, 5, 10, 15, 30, 60, 120, 180, 360, 720)} | {
    "1D": DAY_MS
}
_MOST_BARS = 5000
_DEPTHS = ("1", "5", "10", "20", "50", "100", "1000", "10000")
_WRONG = -32602
_MAKER_EVERY = 3
"""Of so many liquidations one is the maker's, who then is on the other side of the trade."""


class Deribit(Venue):
    """BTC-PERPETUAL and ETH-PERPETUAL."""

    name = "deribit"
    allowed = 20
    per_seconds = 1.0
    limited = Answer(
        {"jsonrpc": "2.0", "error": {"message": "too_many_requests", "code": 10028}}, 429
    )

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}-PERPETUAL"

    def endpoints(self) -> Mapping[str, Endpoint]:
        methods: dict[str, Endpoint] = {
            "get_time": lambda params, now_ms: now_ms,
            "get_instruments": self._instruments,
            "get_book_summary_by_currency": self._summaries,
            "get_book_summary_by_instrument": self._summary,
            "get_tradingview_chart_data": self._chart,
            "get_order_book": self._order_book,
            "get_last_trades_by_instrument_and_time": self._last_trades,
        }
        return {f"/api/v2/public/{name}": method for name, method in methods.items()}

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer({"jsonrpc": "2.0", "result": content, **_spent(now_ms)})

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        error: dict[str, Any] = {"message": refusal.words, "code": refusal.code}
        if refusal.code == _WRONG:
            error = {
                "message": "Invalid params",
                "code": _WRONG,
                "data": {"reason": refusal.words, "param": "params"},
            }
        envelope = {"jsonrpc": "2.0", "error": error, **_spent(now_ms)}
        return Answer(envelope, refusal.status or 400)

    def _instruments(self, params: Params, now_ms: int) -> Any:
        perpetuals = [
            _instrument(one, Deribit.symbol(one), "perpetual") for one in self._of(params)
        ]
        futures = [
            _instrument(one, f"{one.base_coin}-25DEC26", "month") for one in self._of(params)
        ]
        return [*futures, *perpetuals]

    def _summaries(self, params: Params, now_ms: int) -> Any:
        return [_summary(one, now_ms) for one in self._of(params)]

    def _summary(self, params: Params, now_ms: int) -> Any:
        return [_summary(self._one(params), now_ms)]

    def _chart(self, params: Params, now_ms: int) -> Any:
        """Columns, oldest first; volume in base coin, cost in USD."""
        contract = self._one(params)
        interval_ms = venue.interval(params, "resolution", _BARS_MS, contract.market, _WRONG)
        bars = contract.bars(interval_ms, now_ms)
        first, last = (
            venue.moment(params, name, -1, _WRONG) for name in ("start_timestamp", "end_timestamp")
        )
        chosen = venue.within(bars.time_ms, first, last)[-_MOST_BARS:]
        middle = (bars.high + bars.low + bars.close) / 3
        columns = {
            "ticks": bars.time_ms,
            "open": bars.open,
            "high": bars.high,
            "low": bars.low,
            "close": bars.close,
            "volume": bars.volume_base,
            "cost": bars.volume_base * middle,
        }
        table = {name: Series(column[chosen].tolist()) for name, column in columns.items()}
        return {"status": "ok" if chosen else "no_data", **table}

    def _order_book(self, params: Params, now_ms: int) -> Any:
        """Amounts in USD."""
        contract, depth = self._one(params), params.get("depth", "5")
        if depth not in _DEPTHS:
            raise Refusal(_WRONG, "invalid depth")
        bids, asks = (
            Series([price, round(base * price, 8)] for price, base in levels[: int(depth)])
            for levels in book(contract, now_ms)
        )
        name = Deribit.symbol(contract)
        return {"timestamp": now_ms, "instrument_name": name, "bids": bids, "asks": asks}

    def _last_trades(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        first = venue.moment(params, "start_timestamp", 0, _WRONG)
        last = venue.moment(params, "end_timestamp", now_ms, _WRONG)
        count = venue.limit({"limit": params.get("count", "10")}, 10, 1000, _WRONG)
        known = self.trades[Deribit.symbol(contract)].until(now_ms)
        inside = [one for one in known if first <= one.time_ms <= last]
        if params.get("sorting", "default") != "asc":
            inside.reverse()
        trades = Series(_trade(contract, one) for one in inside[:count])
        return {"trades": trades, "has_more": len(inside) > count}

    def _of(self, params: Params) -> list[Contract]:
        """The contracts of a currency; `any` is all."""
        if params.get("kind", "future") != "future":
            return []
        currency = params.get("currency", "")
        if currency not in ("any", "BTC", "ETH", "USDC", "USDT"):
            raise Refusal(_WRONG, "unknown currency")
        return [one for one in self.contracts.values() if currency in ("any", one.base_coin)]

    def _one(self, params: Params) -> Contract:
        return self.contract(params.get("instrument_name"), Refusal(_WRONG, "wrong format"))


class DeribitFeed(Feed):
    """Every trade of a contract, the liquidations marked."""

    name = "deribit"
    path = "/ws/api/v2"

    def topic(self, contract: Contract) -> str:
        return f"trades.{Deribit.symbol(contract)}.100ms"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("method") == "public/test":
            return Heard(_said(asked, result={"version": "1.2.26"}))
        channels = (asked.get("params") or {}).get("channels") or [""]
        if asked.get("method") != "public/subscribe" or not str(channels[0]).startswith("trades."):
            return Heard(self.refusal(message, now_ms))
        return Heard(_said(asked, result=channels), str(channels[0]))

    def refusal(self, message: str, now_ms: int) -> str:
        error = {
            "message": "Invalid params",
            "code": _WRONG,
            "data": {"reason": "unrecognized channel", "param": "channels"},
        }
        return _said(read(message), error=error)

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        data = [
            _trade(
                contract,
                Trade(
                    number,
                    one.time_ms,
                    "sell" if one.position_side > 0 else "buy",
                    one.price,
                    one.quantity_base,
                    one.position_side,
                ),
            )
            for number, one in enumerate(rows)
        ]
        params = {"channel": self.topic(contract), "data": data}
        return [written({"jsonrpc": "2.0", "method": "subscription", "params": params})]


def _said(asked: Mapping[str, Any], **content: Any) -> str:
    return written({"jsonrpc": "2.0", "id": asked.get("id"), **content})


def _spent(now_ms: int) -> dict[str, Any]:
    now_us = now_ms * 1000
    return {"usIn": now_us, "usOut": now_us + 1, "usDiff": 1, "testnet": False}


def _trade(contract: Contract, one: Trade) -> dict[str, Any]:
    """`direction` is the taker's; `T` its own liquidation, `M` that of the maker."""
    direction, marked = one.taker_side, {}
    if one.liquidated:
        marked = {"liquidation": "T"}
        if one.number % _MAKER_EVERY == 0:
            direction, marked = {"buy": "sell", "sell": "buy"}[direction], {"liquidation": "M"}
    return {
        "trade_seq": one.number,
        "trade_id": str(one.number),
        "timestamp": one.time_ms,
        "tick_direction": 0,
        "price": one.price,
        "mark_price": one.price,
        "index_price": one.price,
        "instrument_name": Deribit.symbol(contract),
        "direction": direction,
        "amount": round(one.quantity_base * one.price, 8),
        **marked,
    }


def _instrument(contract: Contract, name: str, period: str) -> dict[str, Any]:
    return {
        "instrument_name": name,
        "kind": "future",
        "instrument_type": "reversed",
        "settlement_period": period,
        "settlement_currency": contract.base_coin,
        "base_currency": contract.base_coin,
        "quote_currency": "USD",
        "counter_currency": "USD",
        "tick_size": float(contract.tick),
        "contract_size": 10.0,
        "min_trade_amount": 10.0,
        "max_leverage": 50,
        "is_active": True,
    }


def _summary(contract: Contract, now_ms: int) -> dict[str, Any]:
    """Open interest in USD."""
    day = contract.day(now_ms)
    return {
        "instrument_name": Deribit.symbol(contract),
        "base_currency": contract.base_coin,
        "quote_currency": "USD",
        "last": day.last,
        "high": day.high,
        "low": day.low,
        "mark_price": day.mark,
        "volume": day.volume_base,
        "volume_usd": day.volume_quote,
        "open_interest": float(text(day.open_interest_base * day.mark)),
        "creation_timestamp": now_ms,
    }
