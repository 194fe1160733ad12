"""What Gate's USDT perpetuals would say.

The bare list or object, `{"label", "message"}` where it refuses; quantities in contracts, times in
seconds, oldest first but funding. No page of another origin may read it
(https://www.gate.com/docs/developers/apiv4/en/, and of the stream
https://www.gate.com/docs/developers/futures/ws/en/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.replay import context
from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, HOUR_MS, MINUTE_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Times
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_CONTRACT_BASE = {"BTC": 0.0001, "ETH": 0.01}
_CHANNEL = "futures.public_liquidates"
_SAMPLE_MS = {
    **{f"{minutes}m": minutes * MINUTE_MS for minutes in (5, 15, 30)},
    **{f"{hours}h": hours * HOUR_MS for hours in (1, 4)},
    "1d": DAY_MS,
}
_BAR_MS = {"1m": MINUTE_MS, **_SAMPLE_MS, "8h": 8 * HOUR_MS}
# Upper end [USDT], initial rate, maintenance rate, its deduction [USDT], leverage.
_TIERS = (
    ("500000", "0.008", "0.004", "0", "125"),
    ("1000000", "0.01", "0.005", "500", "100"),
    ("10000000", "0.02", "0.01", "5500", "50"),
    ("100000000", "0.1", "0.05", "405500", "10"),
)
_MOST_BARS = 2000
_KEPT_BARS = 10_000
_LONGEST_S = 3600
_WRONG = "INVALID_PARAM_VALUE"


class Gate(Venue):
    """USDT perpetuals, with the newest 10,000 bars of each length."""

    name = "gate"
    allowed, per_seconds = 200, 10.0
    limited = Answer({"label": "TOO_MANY_REQUESTS", "message": "Request Rate Limit Exceeded"}, 429)
    forbidden = Answer({"label": "FORBIDDEN", "message": "Your region is not served"}, 403)
    in_browser = False

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}_USDT"

    def endpoints(self) -> Mapping[str, Endpoint]:
        futures = "/api/v4/futures/usdt"
        return {
            f"{futures}/contracts": self._contracts,
            **{f"{futures}/contracts/{name}": self._single(name) for name in self.contracts},
            f"{futures}/tickers": self._tickers,
            f"{futures}/candlesticks": self._candlesticks,
            f"{futures}/contract_stats": self._stats,
            f"{futures}/funding_rate": self._funding,
            f"{futures}/order_book": self._order_book,
            f"{futures}/risk_limit_tiers": self._tiers,
            f"{futures}/liq_orders": self._liq_orders,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer(content)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        content = {"label": refusal.code, "message": refusal.words}
        return Answer(content, refusal.status or 400)

    def _contracts(self, params: Params, now_ms: int) -> Any:
        first, most = int(params.get("offset", 0)), venue.limit(params, 100, 1000, _WRONG)
        listed = [_contract(one, now_ms) for one in self.contracts.values()]
        return listed[first : first + most]

    def _single(self, name: str) -> Endpoint:
        return lambda params, now_ms: _contract(self.contracts[name], now_ms)

    def _tickers(self, params: Params, now_ms: int) -> Any:
        return [_ticker(one, now_ms) for one in self.contracts.values()]

    def _candlesticks(self, params: Params, now_ms: int) -> Any:
        """`v` [contracts] and `sum` [USDT] are not told of mark prices."""
        name = params.get("contract", "")
        marked = name.startswith("mark_")
        contract = self._one({"contract": name.removeprefix("mark_")})
        step_ms = venue.interval(
            {"interval": "5m", **params}, "interval", _BAR_MS, self.market, _WRONG
        )
        bars = (contract.marks if marked else contract.bars)(step_ms, now_ms)
        chosen = _bars_chosen(bars.time_ms, params, step_ms, now_ms)
        size = _CONTRACT_BASE[contract.base_coin]
        prices = {"o": bars.open, "h": bars.high, "l": bars.low, "c": bars.close}
        return Series(
            {"t": int(bars.time_ms[i]) // 1000}
            | {key: text(column[i]) for key, column in prices.items()}
            | (
                {}
                if marked
                else {
                    "v": _contracts_of(bars.volume_base[i], size),
                    "sum": text(bars.volume_base[i] * bars.close[i]),
                }
            )
            for i in chosen
        )

    def _stats(self, params: Params, now_ms: int) -> Any:
        """The newest, or those from a time on; one side of the open interest."""
        contract = self._one(params)
        step_ms = venue.interval(
            {"interval": "5m", **params}, "interval", _SAMPLE_MS, self.market, _WRONG
        )
        most = venue.limit(params, 30, 100, _WRONG)
        times, held = contract.samples(step_ms, now_ms)
        share_at = dict(
            zip(*map(list, context.long_shares(contract, now_ms, step_ms)), strict=True)
        )
        size, mark = _CONTRACT_BASE[contract.base_coin], contract.day(now_ms).mark
        first_ms = 1000 * venue.moment(params, "from", 0, _WRONG)
        chosen = venue.within(times, first_ms, now_ms)
        chosen = chosen[:most] if "from" in params else chosen[-most:]
        return Series(
            {
                "time": int(times[i]) // 1000,
                "lsr_taker": 1.0,
                "lsr_account": _ratio(share_at.get(times[i], 0.5)),
                "long_liq_size": 0,
                "long_liq_amount": 0,
                "long_liq_usd": 0,
                "short_liq_size": 0,
                "short_liq_amount": 0,
                "short_liq_usd": 0,
                "open_interest": _contracts_of(held[i], size),
                "open_interest_usd": float(held[i] * mark),
                "top_lsr_account": 1.0,
                "top_lsr_size": 1.0,
                "mark_price": mark,
            }
            for i in chosen
        )

    def _funding(self, params: Params, now_ms: int) -> Any:
        """Newest first."""
        contract = self._one(params)
        times, rates = context.funding(contract, now_ms)
        most = venue.limit(params, 100, 1000, _WRONG)
        chosen = venue.within(times, *_range_ms(params, now_ms))[::-1][:most]
        return Series({"t": int(times[i]) // 1000, "r": text(rates[i])} for i in chosen)

    def _order_book(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        most = int(params.get("limit", 10))
        if most > 300:
            raise Refusal("TOO_BIG", "limit 300")
        size = _CONTRACT_BASE[contract.base_coin]
        bids, asks = (
            Series(
                {"p": text(price), "s": _contracts_of(base, size)} for price, base in levels[:most]
            )
            for levels in book(contract, now_ms)
        )
        return {"current": now_ms / 1000, "update": now_ms / 1000, "asks": asks, "bids": bids}

    def _tiers(self, params: Params, now_ms: int) -> Any:
        self._one(params)
        return [
            {
                "tier": number,
                "risk_limit": end,
                "initial_rate": initial,
                "maintenance_rate": maintenance,
                "leverage_max": leverage,
                "deduction": deduction,
            }
            for number, (end, initial, maintenance, deduction, leverage) in enumerate(_TIERS, 1)
        ]

    def _liq_orders(self, params: Params, now_ms: int) -> Any:
        """The newest of an hour at most; `size` is the position, its order the other way round."""
        contract = self._one(params)
        first_ms, last_ms = _range_ms(params, now_ms)
        if "from" in params and last_ms - first_ms >= 1000 * (_LONGEST_S + 1):
            raise Refusal(_WRONG, "the time interval between from and to is maximum 3600")
        past = contract.liquidations(max(first_ms, now_ms - 2 * DAY_MS), last_ms + 1)
        size = _CONTRACT_BASE[contract.base_coin]
        rows = []
        for one in past[::-1][: venue.limit(params, 100, 1000, _WRONG)]:
            position = one.position_side * _contracts_of(one.quantity_base, size)
            rows.append(
                {
                    "time": one.time_ms // 1000,
                    "contract": self.symbol(contract),
                    "size": position,
                    "order_size": -position,
                    "order_price": text(one.price * (1 - 0.001 * one.position_side)),
                    "fill_price": text(one.price),
                    "left": 0,
                }
            )
        return Series(rows)

    def _one(self, params: Params) -> Contract:
        name = params.get("contract")
        if not name:
            raise Refusal("MISSING_REQUIRED_PARAM", "Missing required parameter: contract")
        return self.contract(name, Refusal("CONTRACT_NOT_FOUND", f"contract {name} not found"))


def _contract(contract: Contract, now_ms: int) -> Any:
    day, size = contract.day(now_ms), _CONTRACT_BASE[contract.base_coin]
    return {
        "name": Gate.symbol(contract),
        "type": "direct",
        "quanto_multiplier": text(size),
        "leverage_min": "1",
        "leverage_max": "125",
        "maintenance_rate": "0.004",
        "mark_type": "index",
        "mark_price": text(day.mark),
        "index_price": text(day.mark),
        "last_price": text(day.last),
        "order_price_round": contract.tick,
        "mark_price_round": "0.01",
        "funding_interval": context.FUNDED_MS // 1000,
        "order_size_min": 1,
        "order_size_max": 1_000_000,
        "position_size": _contracts_of(day.open_interest_base, size),
        "in_delisting": False,
        "status": "trading",
    }


def _ticker(contract: Contract, now_ms: int) -> Any:
    day, size = contract.day(now_ms), _CONTRACT_BASE[contract.base_coin]
    return {
        "contract": Gate.symbol(contract),
        "last": text(day.last),
        "high_24h": text(day.high),
        "low_24h": text(day.low),
        "mark_price": text(day.mark),
        "index_price": text(day.mark),
        "total_size": text(_contracts_of(day.open_interest_base, size)),
        "volume_24h": text(_contracts_of(day.volume_base, size)),
        "volume_24h_base": text(day.volume_base),
        "volume_24h_quote": text(day.volume_quote),
        "volume_24h_settle": text(day.volume_quote),
    }


def _contracts_of(quantity_base: float, size: float) -> float:
    """Not always whole: a contract with `enable_decimal` can be split."""
    return round(float(quantity_base) / size, 8)


def _ratio(long_share: float) -> float:
    return float(long_share / (1 - long_share))


def _range_ms(params: Params, now_ms: int) -> tuple[int, int]:
    """The first and the last instant [ms] of the seconds that are asked for."""
    first_s = venue.moment(params, "from", 0, _WRONG)
    last_s = venue.moment(params, "to", now_ms // 1000, _WRONG)
    return 1000 * first_s, min(1000 * last_s + 999, now_ms)


def _bars_chosen(times: Times, params: Params, step_ms: int, now_ms: int) -> list[int]:
    """Either the newest so many, or those that open in [from, to]; of the newest 10,000."""
    asked = params.keys() & {"from", "to"}
    if not asked:
        return list(range(times.size))[-venue.limit(params, 100, _MOST_BARS, _WRONG) :]
    if "limit" in params:
        raise Refusal(_WRONG, "limit conflicts with from and to")
    first_ms, last_ms = _range_ms(params, now_ms)
    if first_ms < now_ms - _KEPT_BARS * step_ms:
        words = f"Candlestick too long ago. Maximum {_KEPT_BARS} points recently are allowed"
        raise Refusal(_WRONG, words)
    if (last_ms - first_ms) // step_ms >= _MOST_BARS:
        raise Refusal(_WRONG, "Candlestick range too broad. Maximum 2000 points are allowed")
    return venue.within(times, first_ms, last_ms)


class GateFeed(Feed):
    """One channel for all contracts; sizes in contracts, positive for a long."""

    name = "gate"
    path = "/v4/ws/usdt"

    def topic(self, contract: Contract) -> str:
        return _CHANNEL

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("channel") == "futures.ping":
            return Heard(_said("futures.pong", "", now_ms))
        known = asked.get("event") == "subscribe" and asked.get("payload") == ["!all"]
        if asked.get("channel") != _CHANNEL or not known:
            return Heard(self.refusal(message, now_ms))
        return Heard(_said(_CHANNEL, "subscribe", now_ms, {"status": "success"}), _CHANNEL)

    def refusal(self, message: str, now_ms: int) -> str:
        error = {"code": 2, "message": "unknown contract"}
        return _said(_CHANNEL, "subscribe", now_ms, None, error)

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        """Several rows as an array, one by itself."""
        result = [
            {
                "price": text(one.price),
                "size": text(
                    one.position_side * one.quantity_base / _CONTRACT_BASE[contract.base_coin]
                ),
                "time": one.time_ms,
                "contract": Gate.symbol(contract),
            }
            for one in rows
        ]
        return [_said(_CHANNEL, "update", now_ms, result if len(result) > 1 else result[0])]


def _said(
    channel: str, event: str, now_ms: int, result: object = None, error: object = None
) -> str:
    head = {"time": now_ms // 1000, "time_ms": now_ms, "channel": channel, "event": event}
    return written({**head, "error": error, "result": result})
