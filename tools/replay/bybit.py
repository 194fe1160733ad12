"""What Bybit's v5 market endpoints and its stream of liquidations would say.

Envelope, strings, newest first, page limits and cursors follow the exchange's
documentation (https://bybit-exchange.github.io/docs/v5/market/kline and its neighbours).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, MINUTE_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Bars, MarketFile
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_KLINE_MS = {str(n): n * MINUTE_MS for n in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)} | {
    "D": DAY_MS
}
_SAMPLE_MS = {
    "5min": 5 * MINUTE_MS,
    "15min": 15 * MINUTE_MS,
    "30min": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": DAY_MS,
}
# Cap [USDT], maintenance rate, initial rate, leverage, deduction [USDT]: the shape of the
# exchange's table; each deduction is the one before plus cap × the step in rate.
_TIERS = (
    (2_000_000, "0.005", "0.01", "100.00", ""),
    (10_000_000, "0.0056", "0.0111", "90.00", "1200"),
    (20_000_000, "0.0062", "0.0125", "80.00", "7200"),
    (30_000_000, "0.0071", "0.0143", "70.00", "25200"),
    (40_000_000, "0.0083", "0.0167", "60.00", "61200"),
    (80_000_000, "0.01", "0.02", "50.00", "129200"),
    (160_000_000, "0.02", "0.04", "25.00", "929200"),
    (320_000_000, "0.05", "0.1", "10.00", "5729200"),
)
_WRONG = 10001
Result = dict[str, Any]


class Bybit(Venue):
    """USDT perpetuals."""

    name = "bybit"
    forbidden = Answer(b"access too frequent", 403)

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}USDT"

    def endpoints(self) -> Mapping[str, Endpoint]:
        return {
            "/v5/market/time": _time,
            "/v5/market/instruments-info": self._instruments,
            "/v5/market/kline": self._kline,
            "/v5/market/mark-price-kline": self._mark_kline,
            "/v5/market/open-interest": self._open_interest,
            "/v5/market/risk-limit": self._risk_limit,
            "/v5/market/tickers": self._tickers,
            "/v5/market/orderbook": self._orderbook,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return _envelope(0, "OK", content, now_ms)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        """An error comes with HTTP 200."""
        return _envelope(refusal.code, refusal.words, {}, now_ms)

    def _instruments(self, params: Params, now_ms: int) -> Result:
        rows = [_instrument(one, self.market) for one in self._asked(params)]
        limit = venue.limit(params, 500, 1000, _WRONG)
        start = int(_cursor(params, "first", "0"))
        more = start + limit < len(rows)
        return {
            "category": params["category"],
            "list": rows[start : start + limit],
            "nextPageCursor": quote(f"first={start + limit}", safe="") if more else "",
        }

    def _kline(self, params: Params, now_ms: int) -> Result:
        contract, interval_ms = self._series(params, "interval", _KLINE_MS)
        bars = contract.bars(interval_ms, now_ms)
        turnover = bars.volume_base * (bars.high + bars.low + bars.close) / 3
        return self._bars(params, contract, bars, bars.volume_base, turnover)

    def _mark_kline(self, params: Params, now_ms: int) -> Result:
        contract, interval_ms = self._series(params, "interval", _KLINE_MS)
        return self._bars(params, contract, contract.marks(interval_ms, now_ms))

    def _bars(self, params: Params, contract: Contract, bars: Bars, *volumes: Any) -> Result:
        columns = (bars.open, bars.high, bars.low, bars.close, *volumes)
        rows = Series(
            [str(bars.time_ms[i]), *(text(column[i]) for column in columns)]
            for i in _newest(bars.time_ms, params, ("start", "end"), (200, 1000))
        )
        return {"symbol": self.symbol(contract), "category": "linear", "list": rows}

    def _open_interest(self, params: Params, now_ms: int) -> Result:
        contract, interval_ms = self._series(params, "intervalTime", _SAMPLE_MS)
        times, values = contract.samples(interval_ms, now_ms)
        before_ms = int(_cursor(params, "lasttime", "0")) * 1000
        if before_ms:
            older = times < before_ms
            times, values = times[older], values[older]
        chosen = _newest(times, params, ("startTime", "endTime"), (50, 200))
        rows = Series(
            {
                "openInterest": text(2 * values[i]),
                "singleOpenInterest": text(values[i]),
                "timestamp": str(times[i]),
            }
            for i in chosen
        )
        oldest = int(params.get("startTime", 0))
        more = bool(chosen) and bool((times[: chosen[-1]] >= oldest).any())
        cursor = f"lastid={chosen[-1]}&lasttime={times[chosen[-1]] // 1000}" if more else ""
        return {
            "symbol": self.symbol(contract),
            "category": "linear",
            "list": rows,
            "nextPageCursor": quote(cursor, safe=""),
        }

    def _risk_limit(self, params: Params, now_ms: int) -> Result:
        rows = [
            {
                "id": number,
                "symbol": self.symbol(contract),
                "riskLimitValue": str(cap),
                "maintenanceMargin": maintenance,
                "initialMargin": initial,
                "isLowestRisk": int(number == 1),
                "maxLeverage": leverage,
                "mmDeduction": deduction,
            }
            for contract in self._asked(params)
            for number, (cap, maintenance, initial, leverage, deduction) in enumerate(_TIERS, 1)
        ]
        return {"category": "linear", "list": rows, "nextPageCursor": ""}

    def _tickers(self, params: Params, now_ms: int) -> Result:
        rows = [_ticker(contract, now_ms) for contract in self._asked(params)]
        return {"category": "linear", "list": rows}

    def _orderbook(self, params: Params, now_ms: int) -> Result:
        contract = self._one(params)
        most = venue.limit(params, 25, 500, _WRONG)
        bids, asks = (
            Series([text(price), text(base)] for price, base in levels[:most])
            for levels in book(contract, now_ms)
        )
        name = self.symbol(contract)
        return {"s": name, "b": bids, "a": asks, "ts": now_ms, "u": now_ms, "seq": now_ms}

    def _asked(self, params: Params) -> Sequence[Contract]:
        """The contracts of a category, or the one that is named."""
        category = params.get("category", "")
        if category not in ("linear", "inverse", "spot", "option"):
            raise Refusal(_WRONG, "params error: Category is invalid")
        if category != "linear":
            return ()
        if "symbol" in params:
            return (self._one(params),)
        return tuple(self.contracts.values())

    def _one(self, params: Params) -> Contract:
        if params.get("category", "linear") != "linear":
            raise Refusal(_WRONG, "params error: Category is invalid")
        unknown = Refusal(_WRONG, "params error: symbol invalid")
        return self.contract(params.get("symbol"), unknown)

    def _series(self, params: Params, name: str, known: Mapping[str, int]) -> tuple[Contract, int]:
        contract = self._one(params)
        return contract, venue.interval(params, name, known, contract.market, _WRONG)


class BybitFeed(Feed):
    """One topic a contract; `S` is the side of the position: Buy is a long."""

    name = "bybit"
    path = "/v5/public/linear"

    def topic(self, contract: Contract) -> str:
        return f"allLiquidation.{Bybit.symbol(contract)}"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("op") == "ping":
            return Heard(_said(success=True, words="pong", operation="ping"))
        topic = str((asked.get("args") or [""])[0])
        if asked.get("op") != "subscribe" or not topic.startswith("allLiquidation."):
            return Heard(self.refusal(message, now_ms))
        return Heard(_said(success=True, words="", operation="subscribe"), topic)

    def refusal(self, message: str, now_ms: int) -> str:
        return _said(success=False, words="error:handler not found", operation="subscribe")

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        data = [
            {
                "T": one.time_ms,
                "s": Bybit.symbol(contract),
                "S": "Buy" if one.position_side > 0 else "Sell",
                "v": text(one.quantity_base),
                "p": text(one.price),
            }
            for one in rows
        ]
        topic = self.topic(contract)
        return [written({"topic": topic, "type": "snapshot", "ts": now_ms, "data": data})]


def _said(*, success: bool, words: str, operation: str) -> str:
    return written({"success": success, "ret_msg": words, "conn_id": "replay", "op": operation})


def _envelope(code: int | str, words: str, result: Any, now_ms: int) -> Answer:
    return Answer(
        {"retCode": code, "retMsg": words, "result": result, "retExtInfo": {}, "time": now_ms}
    )


def _time(params: Params, now_ms: int) -> Result:
    return {"timeSecond": str(now_ms // 1000), "timeNano": str(now_ms * 1_000_000)}


def _instrument(contract: Contract, market: MarketFile) -> Result:
    return {
        "symbol": Bybit.symbol(contract),
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": contract.base_coin,
        "quoteCoin": "USDT",
        "launchTime": str(market.bars.time_ms[0]),
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": str(len(contract.tick.partition(".")[2])),
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100.00", "leverageStep": "0.01"},
        "priceFilter": {
            "minPrice": contract.tick,
            "maxPrice": "1999999",
            "tickSize": contract.tick,
        },
        "lotSizeFilter": {"minOrderQty": "0.001", "qtyStep": "0.001", "minNotionalValue": "5"},
        "unifiedMarginTrade": True,
        "fundingInterval": 480,
        "settleCoin": "USDT",
    }


def _ticker(contract: Contract, now_ms: int) -> Result:
    day = contract.day(now_ms)
    return {
        "symbol": Bybit.symbol(contract),
        "lastPrice": text(day.last),
        "indexPrice": text(day.mark),
        "markPrice": text(day.mark),
        "prevPrice24h": text(day.open),
        "price24hPcnt": text(round(day.last / day.open - 1, 6)),
        "highPrice24h": text(day.high),
        "lowPrice24h": text(day.low),
        "openInterest": text(2 * day.open_interest_base),
        "openInterestValue": text(round(2 * day.open_interest_base * day.mark, 2)),
        "singleOpenInterest": text(day.open_interest_base),
        "turnover24h": text(round(day.volume_quote, 4)),
        "volume24h": text(day.volume_base),
        "fundingRate": "0.0001",
        "nextFundingTime": str((now_ms // (8 * 60 * MINUTE_MS) + 1) * 8 * 60 * MINUTE_MS),
    }


def _cursor(params: Params, key: str, default: str) -> str:
    """One number of a cursor, sent back as it was given or escaped once more."""
    found = re.search(rf"{key}=(\d+)", unquote(params.get("cursor", "")))
    if params.get("cursor") and not found:
        raise Refusal(_WRONG, "params error: cursor is invalid")
    return found[1] if found else default


def _newest(
    times: Any, params: Params, names: tuple[str, str], limits: tuple[int, int]
) -> list[int]:
    """Rows of a window, newest first."""
    first, last = (
        venue.moment(params, name, default, _WRONG)
        for name, default in zip(names, (0, venue.FOREVER_MS), strict=True)
    )
    return venue.within(times, first, last)[::-1][: venue.limit(params, *limits, _WRONG)]
