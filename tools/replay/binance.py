"""What Binance's USD-M futures and their stream of forced orders would say.

Bare arrays and objects, oldest first, errors with HTTP 400
(https://developers.binance.com/docs/derivatives/usds-margined-futures/general-info).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, HOUR_MS, MINUTE_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Bars, Times
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_SAMPLE_MS = {
    **{f"{minutes}m": minutes * MINUTE_MS for minutes in (5, 15, 30)},
    **{f"{hours}h": hours * HOUR_MS for hours in (1, 2, 4, 6, 12)},
    "1d": DAY_MS,
}
_KLINE_MS = {"1m": MINUTE_MS, "3m": 3 * MINUTE_MS, **_SAMPLE_MS, "8h": 8 * HOUR_MS}
_KEPT_MS = 30 * DAY_MS
_WRONG = -1102


class Binance(Venue):
    """USDT perpetuals, with taker volume in the candles and 30 days of open interest."""

    name = "binance"
    allowed, per_seconds = 2400, 60.0
    limited = Answer(
        {"code": -1003, "msg": "Too many requests; current limit is 2400 requests per minute."}, 429
    )
    forbidden = Answer(
        {"code": 0, "msg": "Service unavailable from a restricted location."},
        451,
    )

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}USDT"

    def endpoints(self) -> Mapping[str, Endpoint]:
        return {
            "/fapi/v1/time": _time,
            "/fapi/v1/exchangeInfo": self._exchange_info,
            "/fapi/v1/ticker/24hr": self._tickers,
            "/fapi/v1/klines": self._klines,
            "/fapi/v1/markPriceKlines": self._mark_klines,
            "/fapi/v1/openInterest": self._open_interest,
            "/fapi/v1/premiumIndex": self._premium_index,
            "/fapi/v1/depth": self._depth,
            "/futures/data/openInterestHist": self._open_interest_history,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer(content)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        return Answer({"code": refusal.code, "msg": refusal.words}, 400)

    def _exchange_info(self, params: Params, now_ms: int) -> Any:
        return {
            "timezone": "UTC",
            "serverTime": now_ms,
            "symbols": [_instrument(one) for one in self.contracts.values()],
        }

    def _tickers(self, params: Params, now_ms: int) -> Any:
        return [_ticker(one, now_ms) for one in self.contracts.values()]

    def _klines(self, params: Params, now_ms: int) -> Any:
        contract, interval_ms = self._series(params, "interval", _KLINE_MS)
        bars = contract.bars(interval_ms, now_ms)
        return _rows(bars, _page(bars.time_ms, params, 1500), interval_ms)

    def _mark_klines(self, params: Params, now_ms: int) -> Any:
        contract, interval_ms = self._series(params, "interval", _KLINE_MS)
        bars = contract.marks(interval_ms, now_ms)
        return _rows(bars, _page(bars.time_ms, params, 1500), interval_ms)

    def _open_interest(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        held = contract.day(now_ms).open_interest_base
        return {"symbol": self.symbol(contract), "openInterest": text(held), "time": now_ms}

    def _premium_index(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        mark = contract.day(now_ms).mark
        return {
            "symbol": self.symbol(contract),
            "markPrice": text(mark),
            "indexPrice": text(mark),
            "lastFundingRate": "0.00010000",
            "nextFundingTime": (now_ms // (8 * HOUR_MS) + 1) * 8 * HOUR_MS,
            "time": now_ms,
        }

    def _depth(self, params: Params, now_ms: int) -> Any:
        contract, most = self._one(params), venue.limit(params, 500, 1000, -4021)
        bids, asks = (
            Series([text(price), text(base)] for price, base in levels[:most])
            for levels in book(contract, now_ms)
        )
        return {"lastUpdateId": now_ms, "E": now_ms, "T": now_ms, "bids": bids, "asks": asks}

    def _open_interest_history(self, params: Params, now_ms: int) -> Any:
        contract, period_ms = self._series(params, "period", _SAMPLE_MS)
        times, values = contract.samples(period_ms, now_ms)
        oldest_ms = now_ms - _KEPT_MS
        if venue.moment(params, "startTime", now_ms, -1130) < oldest_ms:
            raise Refusal(-1130, "parameter 'startTime' is invalid.")
        kept = times >= oldest_ms
        times, values, mark = times[kept], values[kept], contract.day(now_ms).mark
        return Series(
            {
                "symbol": self.symbol(contract),
                "sumOpenInterest": text(values[i]),
                "sumOpenInterestValue": text(round(values[i] * mark, 2)),
                "timestamp": int(times[i]),
            }
            for i in _page(times, params, 500)
        )

    def _one(self, params: Params) -> Contract:
        if not params.get("symbol"):
            raise Refusal(_WRONG, "Mandatory parameter 'symbol' was not sent.")
        return self.contract(params["symbol"], Refusal(-1121, "Invalid symbol."))

    def _series(self, params: Params, name: str, known: Mapping[str, int]) -> tuple[Contract, int]:
        contract = self._one(params)
        return contract, venue.interval(params, name, known, contract.market, -1120)


class BinanceFeed(Feed):
    """One stream a contract, one order a message; `S` is the side of the order."""

    name = "binance"
    path = "/market/ws"

    def topic(self, contract: Contract) -> str:
        return f"{Binance.symbol(contract).lower()}@forceOrder"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("method") == "LIST_SUBSCRIPTIONS":
            return Heard(written({"result": [], "id": asked.get("id")}))
        topic = str((asked.get("params") or [""])[0])
        if asked.get("method") != "SUBSCRIBE" or not topic.endswith("@forceOrder"):
            return Heard(self.refusal(message, now_ms))
        return Heard(written({"result": None, "id": asked.get("id")}), topic)

    def refusal(self, message: str, now_ms: int) -> str:
        error = {"code": 2, "msg": "Invalid request: unknown variant"}
        return written({"error": error, "id": read(message).get("id")})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        """The limit price lies half a percent beyond the fill."""
        return [
            written(
                {
                    "e": "forceOrder",
                    "E": now_ms,
                    "o": {
                        "s": Binance.symbol(contract),
                        "S": "SELL" if one.position_side > 0 else "BUY",
                        "o": "LIMIT",
                        "f": "IOC",
                        "q": text(one.quantity_base),
                        "p": text(round(one.price * (1 - 0.005 * one.position_side), 2)),
                        "ap": text(one.price),
                        "X": "FILLED",
                        "l": text(one.quantity_base),
                        "z": text(one.quantity_base),
                        "T": one.time_ms,
                    },
                }
            )
            for one in rows
        ]


def _time(params: Params, now_ms: int) -> Any:
    return {"serverTime": now_ms}


def _instrument(contract: Contract) -> Any:
    return {
        "symbol": Binance.symbol(contract),
        "pair": Binance.symbol(contract),
        "contractType": "PERPETUAL",
        "deliveryDate": 4_133_404_800_000,
        "onboardDate": int(contract.market.bars.time_ms[0]),
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": contract.base_coin,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": contract.decimals,
        "quantityPrecision": 3,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": contract.tick,
                "maxPrice": "4529764",
                "tickSize": contract.tick,
            },
            {"filterType": "LOT_SIZE", "minQty": "0.001", "maxQty": "1000", "stepSize": "0.001"},
        ],
    }


def _ticker(contract: Contract, now_ms: int) -> Any:
    day = contract.day(now_ms)
    return {
        "symbol": Binance.symbol(contract),
        "priceChangePercent": text(round(100 * (day.last / day.open - 1), 3)),
        "lastPrice": text(day.last),
        "openPrice": text(day.open),
        "highPrice": text(day.high),
        "lowPrice": text(day.low),
        "volume": text(day.volume_base),
        "quoteVolume": text(round(day.volume_quote, 2)),
        "openTime": now_ms - DAY_MS,
        "closeTime": now_ms,
    }


def _rows(bars: Bars, chosen: list[int], interval_ms: int) -> Series:
    """Twelve fields; quote volumes at the close."""
    return Series(
        [
            int(bars.time_ms[i]),
            *(text(column[i]) for column in (bars.open, bars.high, bars.low, bars.close)),
            text(bars.volume_base[i]),
            int(bars.time_ms[i]) + interval_ms - 1,
            text(bars.volume_base[i] * bars.close[i]),
            0,
            text(bars.taker_buy_base[i]),
            text(bars.taker_buy_base[i] * bars.close[i]),
            "0",
        ]
        for i in chosen
    )


def _page(times: Times, params: Params, largest: int) -> list[int]:
    """The first rows since `startTime`, or the newest, oldest first."""
    last_ms = venue.moment(params, "endTime", venue.FOREVER_MS, _WRONG)
    rows = venue.within(times, venue.moment(params, "startTime", 0, _WRONG), last_ms)
    limit = venue.limit(params, min(500, largest), largest, _WRONG)
    return rows[:limit] if "startTime" in params else rows[-limit:]
