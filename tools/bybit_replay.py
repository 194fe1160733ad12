"""What Bybit's v5 market endpoints would answer, from a market file.

Envelope, strings, newest first, page limits and cursors follow the exchange's
documentation (https://bybit-exchange.github.io/docs/v5/market/kline and its neighbours).
An answer is computed from a path and a clock alone, so a test needs no server.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import numpy as np

from tools.market_file import MarketFile

MINUTE_MS = 60_000
_DAY_MS = 1440 * MINUTE_MS
_KLINE_MS = {str(n): n * MINUTE_MS for n in (1, 3, 5, 15, 30, 60, 120, 240, 360, 720)} | {
    "D": _DAY_MS
}
_SAMPLE_MS = {
    "5min": 5 * MINUTE_MS,
    "15min": 15 * MINUTE_MS,
    "30min": 30 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "4h": 240 * MINUTE_MS,
    "1d": _DAY_MS,
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
Params = Mapping[str, str]
Result = dict[str, Any]


class ParamsError(Exception):
    """What the venue answers with a retCode other than 0."""

    def __init__(self, words: str, code: int = 10001) -> None:
        super().__init__(words)
        self.code = code


@dataclass(frozen=True, slots=True)
class Contract:
    """One listed contract and its past."""

    symbol: str
    base_coin: str
    tick: str
    market: MarketFile


class Bybit:
    """The venue: BTCUSDT as in the file, ETHUSDT as the same market at a thirtieth.

    Parameters
    ----------
    market : MarketFile
        What the venue remembers.
    """

    def __init__(self, market: MarketFile) -> None:
        self.market = market
        listed = (
            Contract("BTCUSDT", "BTC", "0.10", market),
            Contract("ETHUSDT", "ETH", "0.01", market.scaled(30, 2)),
        )
        self._contracts = {contract.symbol: contract for contract in listed}
        self._endpoints: dict[str, Callable[[Params, int], Result]] = {
            "time": _time,
            "instruments-info": self._instruments,
            "kline": self._kline,
            "mark-price-kline": self._mark_kline,
            "open-interest": self._open_interest,
            "risk-limit": self._risk_limit,
            "tickers": self._tickers,
        }

    def answer(self, address: str, now_ms: int) -> bytes | None:
        """The body of the answer to a path with its query, or None where nothing stands."""
        parts = urlsplit(address)
        endpoint = self._endpoints.get(parts.path.removeprefix("/v5/market/"))
        if endpoint is None or not parts.path.startswith("/v5/market/"):
            return None
        code, words, result = 0, "OK", {}
        try:
            result = endpoint(dict(parse_qsl(parts.query)), now_ms)
        except ParamsError as error:
            code, words = error.code, str(error)
        envelope = {
            "retCode": code,
            "retMsg": words,
            "result": result,
            "retExtInfo": {},
            "time": now_ms,
        }
        return json.dumps(envelope, separators=(",", ":")).encode()

    def _instruments(self, params: Params, now_ms: int) -> Result:
        rows = [_instrument(one, self.market) for one in self._asked(params)]
        limit = _limit(params, 500, 1000)
        start = int(_cursor(params, "first", "0"))
        more = start + limit < len(rows)
        return {
            "category": params["category"],
            "list": rows[start : start + limit],
            "nextPageCursor": quote(f"first={start + limit}", safe="") if more else "",
        }

    def _kline(self, params: Params, now_ms: int) -> Result:
        contract = self._one(params)
        interval_ms = _interval(params, "interval", _KLINE_MS, contract.market.step_ms)
        bars = contract.market.klines(interval_ms, now_ms)
        chosen = _newest(bars.time_ms, params, ("start", "end"), _limit(params, 200, 1000))
        turnover = bars.volume_base * (bars.high + bars.low + bars.close) / 3
        numbers = (bars.open, bars.high, bars.low, bars.close, bars.volume_base, turnover)
        rows = [[str(bars.time_ms[i]), *(_text(column[i]) for column in numbers)] for i in chosen]
        return {"symbol": contract.symbol, "category": "linear", "list": rows}

    def _mark_kline(self, params: Params, now_ms: int) -> Result:
        contract = self._one(params)
        _interval(params, "interval", _KLINE_MS, contract.market.step_ms)
        return {"symbol": contract.symbol, "category": "linear", "list": []}

    def _open_interest(self, params: Params, now_ms: int) -> Result:
        contract = self._one(params)
        interval_ms = _interval(params, "intervalTime", _SAMPLE_MS, contract.market.step_ms)
        times, values = contract.market.samples(interval_ms, now_ms)
        limit = _limit(params, 50, 200)
        before_ms = int(_cursor(params, "lasttime", "0")) * 1000
        if before_ms:
            older = times < before_ms
            times, values = times[older], values[older]
        chosen = _newest(times, params, ("startTime", "endTime"), limit)
        rows = [
            {
                "openInterest": _text(2 * values[i]),
                "singleOpenInterest": _text(values[i]),
                "timestamp": str(times[i]),
            }
            for i in chosen
        ]
        oldest = int(params.get("startTime", 0))
        more = len(rows) == limit and bool((times[: chosen[-1]] >= oldest).any())
        cursor = f"lastid={chosen[-1]}&lasttime={times[chosen[-1]] // 1000}" if more else ""
        return {
            "symbol": contract.symbol,
            "category": "linear",
            "list": rows,
            "nextPageCursor": quote(cursor, safe=""),
        }

    def _risk_limit(self, params: Params, now_ms: int) -> Result:
        rows = [
            {
                "id": number,
                "symbol": contract.symbol,
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

    def _asked(self, params: Params) -> Sequence[Contract]:
        """The contracts of a category, or the one that is named."""
        category = params.get("category", "")
        if category not in ("linear", "inverse", "spot", "option"):
            raise ParamsError("params error: Category is invalid")
        if category != "linear":
            return ()
        if "symbol" in params:
            return (self._one(params),)
        return tuple(self._contracts.values())

    def _one(self, params: Params) -> Contract:
        if params.get("category", "linear") != "linear":
            raise ParamsError("params error: Category is invalid")
        contract = self._contracts.get(params.get("symbol", ""))
        if contract is None:
            raise ParamsError("params error: symbol invalid")
        return contract


def _time(params: Params, now_ms: int) -> Result:
    return {"timeSecond": str(now_ms // 1000), "timeNano": str(now_ms * 1_000_000)}


def _instrument(contract: Contract, market: MarketFile) -> Result:
    return {
        "symbol": contract.symbol,
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
    bars = contract.market.klines(contract.market.step_ms, now_ms)
    day = bars.time_ms >= now_ms - _DAY_MS
    volume = bars.volume_base[day]
    last = bars.close[-1]
    _, interest = contract.market.samples(contract.market.step_ms, now_ms)
    return {
        "symbol": contract.symbol,
        "lastPrice": _text(last),
        "indexPrice": _text(last),
        "markPrice": _text(last),
        "prevPrice24h": _text(bars.open[day][0]),
        "price24hPcnt": _text(round(last / bars.open[day][0] - 1, 6)),
        "highPrice24h": _text(bars.high[day].max()),
        "lowPrice24h": _text(bars.low[day].min()),
        "openInterest": _text(2 * interest[-1]),
        "openInterestValue": _text(round(2 * interest[-1] * last, 2)),
        "singleOpenInterest": _text(interest[-1]),
        "turnover24h": _text(round(float((volume * bars.close[day]).sum()), 4)),
        "volume24h": _text(volume.sum()),
        "fundingRate": "0.0001",
        "nextFundingTime": str((now_ms // (8 * 60 * MINUTE_MS) + 1) * 8 * 60 * MINUTE_MS),
    }


def _interval(params: Params, key: str, known: Mapping[str, int], step_ms: int) -> int:
    interval_ms = known.get(params.get(key, ""))
    if interval_ms is None:
        raise ParamsError(f"params error: {key} is invalid")
    if interval_ms % step_ms:
        raise ParamsError(f"params error: {key} is finer than this replay's {step_ms} ms")
    return interval_ms


def _limit(params: Params, default: int, largest: int) -> int:
    text = params.get("limit", str(default))
    if not text.isdecimal() or not 1 <= int(text) <= largest:
        raise ParamsError(f"params error: limit must be in [1, {largest}]")
    return int(text)


def _cursor(params: Params, key: str, default: str) -> str:
    """One number of a cursor, sent back as it was given or escaped once more."""
    found = re.search(rf"{key}=(\d+)", unquote(params.get("cursor", "")))
    if params.get("cursor") and not found:
        raise ParamsError("params error: cursor is invalid")
    return found[1] if found else default


def _newest(times: Any, params: Params, names: tuple[str, str], limit: int) -> list[int]:
    """Rows of a window, newest first, at most `limit`."""
    first, last = (params.get(name) for name in names)
    for text in (first, last):
        if text is not None and not text.isdecimal():
            raise ParamsError("params error: time is invalid")
    inside = times >= int(first or 0)
    if last is not None:
        inside &= times <= int(last)
    return [int(i) for i in np.flatnonzero(inside)[::-1][:limit]]


def _text(number: float) -> str:
    return str(np.format_float_positional(number, precision=8, trim="-"))
