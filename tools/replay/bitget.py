"""What Bitget's USDT futures and their stream of liquidations would say.

`{"code", "msg", "requestTime", "data"}`, every number a string, candles oldest first,
errors with HTTP 400 (https://www.bitget.com/api-doc/contract/intro). The end of a window
is not part of it. `amount` of a liquidation is USDT and `side` that of the position: both
are what readers of the exchange infer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.replay import standin as venue
from tools.replay.book import book, merged
from tools.replay.contract import DAY_MS, HOUR_MS, MINUTE_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Bars
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_BAR_MS = {
    **{f"{minutes}m": minutes * MINUTE_MS for minutes in (1, 5, 15, 30)},
    "1H": HOUR_MS,
    "4H": 4 * HOUR_MS,
    "6Hutc": 6 * HOUR_MS,
    "12Hutc": 12 * HOUR_MS,
    "1Dutc": DAY_MS,
}
# Cap [USDT], leverage, maintenance rate.
_TIERS = (
    (150_000, "125", "0.004"),
    (900_000, "100", "0.005"),
    (6_000_000, "50", "0.01"),
    (30_000_000, "20", "0.025"),
    (100_000_000, "5", "0.1"),
)
_KIND = "USDT-FUTURES"
_CANDLES_KEPT = (30 * DAY_MS, 1440)
_SCALES = ("scale0", "scale1", "scale2", "scale3")
_MOST_PRICES = 200
_LIQUIDATIONS_KEPT_MS = 3 * DAY_MS
_WRONG = "40034"


class Bitget(Venue):
    """USDT perpetuals, with the liquidations of three days."""

    name = "bitget"
    allowed, per_seconds = 20, 1.0
    limited = Answer(
        {"code": "429", "msg": "Too Many Requests", "requestTime": 0, "data": None}, 429
    )
    forbidden = Answer(b"<html><body>Access denied | Cloudflare</body></html>", 403)

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}USDT"

    def endpoints(self) -> Mapping[str, Endpoint]:
        v2 = "/api/v2/mix/market"
        return {
            "/api/v2/public/time": _time,
            f"{v2}/contracts": self._contracts,
            f"{v2}/tickers": self._tickers,
            f"{v2}/ticker": self._ticker,
            f"{v2}/candles": self._candles,
            f"{v2}/history-mark-candles": self._mark_candles,
            f"{v2}/query-position-lever": self._tiers,
            f"{v2}/merge-depth": self._merge_depth,
            "/api/v3/market/liquidations": self._liquidations,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return _envelope("00000", "success", content, now_ms, 200)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        return _envelope(refusal.code, refusal.words, None, now_ms, 400)

    def _contracts(self, params: Params, now_ms: int) -> Any:
        _check_kind(params)
        return [_contract(one) for one in self.contracts.values()]

    def _tickers(self, params: Params, now_ms: int) -> Any:
        _check_kind(params)
        return [_ticker(one, now_ms) for one in self.contracts.values()]

    def _ticker(self, params: Params, now_ms: int) -> Any:
        return [_ticker(self._one(params), now_ms)]

    def _candles(self, params: Params, now_ms: int) -> Any:
        """A month of bars, or 1440 of the long ones."""
        interval_ms = self._interval(params)
        bars = self._one(params).bars(interval_ms, now_ms)
        oldest_ms = now_ms - max(_CANDLES_KEPT[0], _CANDLES_KEPT[1] * interval_ms)
        volumes = bars.volume_base, bars.volume_base * bars.close
        return _rows(bars, params, (100, 1000), oldest_ms, *volumes)

    def _mark_candles(self, params: Params, now_ms: int) -> Any:
        bars = self._one(params).marks(self._interval(params), now_ms)
        return _rows(bars, params, (100, 200), 0, bars.volume_base, bars.volume_base)

    def _tiers(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        floors = (0, *(cap for cap, *_ in _TIERS))
        return [
            {
                "symbol": self.symbol(contract),
                "level": str(number),
                "startUnit": str(floor),
                "endUnit": str(cap),
                "leverage": leverage,
                "keepMarginRate": rate,
            }
            for number, (floor, (cap, leverage, rate)) in enumerate(
                zip(floors, _TIERS, strict=False), 1
            )
        ]

    def _merge_depth(self, params: Params, now_ms: int) -> Any:
        """Prices in steps of 1, 10, 100 or 1000 ticks; numbers, not strings."""
        contract, precision = self._one(params), params.get("precision", "scale0")
        if precision not in _SCALES or params.get("limit", "max") != "max":
            raise Refusal("400172", "Parameter verification failed")
        step = float(contract.tick) * 10 ** _SCALES.index(precision)
        bids, asks = (
            Series([price, base] for price, base in levels[:_MOST_PRICES])
            for levels in merged(book(contract, now_ms), lambda _: step)
        )
        coarsest = "YES" if precision == _SCALES[-1] else "NO"
        said = {"scale": text(step), "precision": precision, "isMaxPrecision": coarsest}
        return {"asks": asks, "bids": bids, "ts": str(now_ms), **said}

    def _liquidations(self, params: Params, now_ms: int) -> Any:
        """Newest first; the cursor is how many came before."""
        contract = self._one(params, "category")
        limit = venue.limit(params, 100, 100, _WRONG)
        past = contract.liquidations(now_ms - _LIQUIDATIONS_KEPT_MS, now_ms)[::-1]
        start = venue.moment(params, "cursor", 0, _WRONG)
        page = past[start : start + limit]
        more = start + limit < len(past)
        return {
            "list": [_liquidation(contract, one) for one in page],
            "cursor": str(start + limit) if more else None,
        }

    def _one(self, params: Params, kind: str = "productType") -> Contract:
        _check_kind(params, kind)
        name = params.get("symbol")
        return self.contract(name, Refusal(_WRONG, f"Parameter {name} does not exist"))

    def _interval(self, params: Params) -> int:
        return venue.interval(params, "granularity", _BAR_MS, self.market, "400171")


class BitgetFeed(Feed):
    """One topic for all contracts, and pings as text."""

    name = "bitget"
    path = "/v3/ws/public"

    def topic(self, contract: Contract) -> str:
        return "liquidation"

    def hear(self, message: str, now_ms: int) -> Heard:
        if message == "ping":
            return Heard("pong")
        asked = read(message)
        topic = dict((asked.get("args") or [{}])[0])
        if asked.get("op") != "subscribe" or topic != _TOPIC:
            return Heard(self.refusal(message, now_ms))
        return Heard(written({"event": "subscribe", "arg": topic}), "liquidation")

    def refusal(self, message: str, now_ms: int) -> str:
        words = "instType:x,topic:liquidation doesn't exist"
        return written({"event": "error", "code": "30001", "msg": words})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        data = [_liquidation(contract, one) for one in rows]
        return [written({"action": "update", "arg": _TOPIC, "data": data, "ts": now_ms})]


_TOPIC = {"instType": "usdt-futures", "topic": "liquidation"}


def _envelope(code: int | str, words: str, data: Any, now_ms: int, status: int) -> Answer:
    return Answer({"code": code, "msg": words, "requestTime": now_ms, "data": data}, status)


def _time(params: Params, now_ms: int) -> Any:
    return {"serverTime": str(now_ms)}


def _check_kind(params: Params, name: str = "productType") -> None:
    if params.get(name) != _KIND:
        raise Refusal(_WRONG, f"Parameter {name} does not exist")


def _contract(contract: Contract) -> Any:
    return {
        "symbol": Bitget.symbol(contract),
        "baseCoin": contract.base_coin,
        "quoteCoin": "USDT",
        "minTradeNum": "0.001",
        "priceEndStep": "1",
        "volumePlace": "3",
        "pricePlace": str(contract.decimals),
        "sizeMultiplier": "0.001",
        "symbolType": "perpetual",
        "symbolStatus": "normal",
        "maxLever": "125",
    }


def _ticker(contract: Contract, now_ms: int) -> Any:
    day = contract.day(now_ms)
    return {
        "symbol": Bitget.symbol(contract),
        "lastPr": text(day.last),
        "open24h": text(day.open),
        "high24h": text(day.high),
        "low24h": text(day.low),
        "baseVolume": text(day.volume_base),
        "quoteVolume": text(round(day.volume_quote, 2)),
        "usdtVolume": text(round(day.volume_quote, 2)),
        "holdingAmount": text(day.open_interest_base),
        "markPrice": text(day.mark),
        "indexPrice": text(day.mark),
        "fundingRate": "0.0001",
        "ts": str(now_ms),
    }


def _rows(
    bars: Bars, params: Params, limits: tuple[int, int], oldest_ms: int, *volumes: Any
) -> Series:
    """The newest bars of a window, oldest first."""
    first_ms = max(venue.moment(params, "startTime", 0, _WRONG), oldest_ms)
    last_ms = venue.moment(params, "endTime", venue.FOREVER_MS, _WRONG) - 1
    limit = venue.limit(params, *limits, _WRONG)
    columns = (bars.open, bars.high, bars.low, bars.close, *volumes)
    return Series(
        [str(bars.time_ms[i]), *(text(column[i]) for column in columns)]
        for i in venue.within(bars.time_ms, first_ms, last_ms)[-limit:]
    )


def _liquidation(contract: Contract, one: Liquidation) -> Any:
    return {
        "symbol": Bitget.symbol(contract),
        "side": "buy" if one.position_side > 0 else "sell",
        "price": text(one.price),
        "amount": text(one.price * one.quantity_base),
        "ts": str(one.time_ms),
    }
