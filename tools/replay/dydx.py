"""What dYdX's public indexer and its stream of trades would say.

https://docs.dydx.xyz/indexer-client/http; lists newest first, times in ISO 8601, numbers as
text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

import numpy as np

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_BARS_MS = {f"{n}MINS": n * 60_000 for n in (5, 15, 30)} | {
    "1MIN": 60_000,
    "1HOUR": 3_600_000,
    "4HOURS": 4 * 3_600_000,
    "1DAY": DAY_MS,
}
_BLOCK_MS = 1000
_MOST_PRICES = 100
_FOREVER = 1 << 62


class Dydx(Venue):
    """BTC-USD and ETH-USD; open interest stands in each candle, as of its opening."""

    name = "dydx"
    allowed = 100
    per_seconds = 10.0
    limited = Answer({"errors": [{"msg": "Too many requests"}]}, 429)
    forbidden = Answer(
        {
            "errors": [
                {
                    "msg": "Because you appear to be a resident of, or trading from, a jurisdiction"
                    " that violates our terms of use, you have been blocked.",
                    "code": "GEOBLOCKED",
                }
            ]
        },
        403,
    )

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{contract.base_coin}-USD"

    def endpoints(self) -> Mapping[str, Endpoint]:
        found: dict[str, Endpoint] = {"/v4/time": _time, "/v4/perpetualMarkets": self._markets}
        for name in self.contracts:
            found[f"/v4/candles/perpetualMarkets/{name}"] = partial(self._candles, name)
            found[f"/v4/trades/perpetualMarket/{name}"] = partial(self._last_trades, name)
            found[f"/v4/orderbooks/perpetualMarket/{name}"] = partial(self._order_book, name)
        return found

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer(content)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        """The code is the parameter that is wrong."""
        error = {"type": "field", "msg": refusal.words, "path": refusal.code, "location": "params"}
        return Answer({"errors": [error]}, 400)

    def _markets(self, params: Params, now_ms: int) -> Any:
        asked = params.get("ticker")
        if asked not in (None, *self.contracts):
            raise Refusal("ticker", "ticker must be a valid ticker (BTC-USD, etc)")
        return {
            "markets": {
                name: self._market(one, now_ms)
                for name, one in self.contracts.items()
                if asked in (None, name)
            }
        }

    def _market(self, contract: Contract, now_ms: int) -> dict[str, Any]:
        day = contract.day(now_ms)
        return {
            "clobPairId": "0",
            "ticker": self.symbol(contract),
            "status": "ACTIVE",
            "oraclePrice": text(day.mark),
            "priceChange24H": text(day.last - day.open),
            "volume24H": text(day.volume_quote),
            "trades24H": 1000,
            "nextFundingRate": "0",
            "initialMarginFraction": "0.02",
            "maintenanceMarginFraction": "0.012",
            "openInterest": text(day.open_interest_base),
            "tickSize": text(float(contract.tick)),
            "stepSize": "0.0001",
            "marketType": "CROSS",
        }

    def _candles(self, name: str, params: Params, now_ms: int) -> Any:
        """Bars that start in [fromISO, toISO), the newest `limit` of them."""
        contract = self.contracts[name]
        interval_ms = venue.interval(params, "resolution", _BARS_MS, contract.market, "resolution")
        bars = contract.bars(interval_ms, now_ms)
        first, end = (_moment(params, key, at) for key, at in (("fromISO", 0), ("toISO", _FOREVER)))
        newest = venue.within(bars.time_ms, first, end - 1)[::-1]
        held_base = _held_base(contract, bars.time_ms)
        return {
            "candles": Series(
                {
                    "startedAt": _iso(bars.time_ms[i]),
                    "ticker": name,
                    "resolution": params["resolution"],
                    "low": text(bars.low[i]),
                    "high": text(bars.high[i]),
                    "open": text(bars.open[i]),
                    "close": text(bars.close[i]),
                    "baseTokenVolume": text(bars.volume_base[i]),
                    "usdVolume": text(bars.volume_base[i] * bars.close[i]),
                    "trades": 100,
                    "startingOpenInterest": text(held_base[i]),
                }
                for i in newest[: venue.limit(params, 100, 1000, "limit")]
            )
        }

    def _order_book(self, name: str, params: Params, now_ms: int) -> Any:
        bids, asks = (
            Series({"price": text(price), "size": text(base)} for price, base in levels)
            for levels in (side[:_MOST_PRICES] for side in book(self.contracts[name], now_ms))
        )
        return {"bids": bids, "asks": asks}

    def _last_trades(self, name: str, params: Params, now_ms: int) -> Any:
        """A block a second; a page may end within one."""
        highest = venue.moment(params, "createdBeforeOrAtHeight", _FOREVER, "height")
        known = self.trades[name].until(now_ms)
        below = [one for one in known if one.time_ms // _BLOCK_MS <= highest]
        count = venue.limit(params, 100, 1000, "limit")
        return {
            "trades": Series(
                _trade(
                    one.number, one.time_ms, one.taker_side.upper(), one.price, one.quantity_base
                )
                | {"type": "LIQUIDATED" if one.liquidated else "LIMIT"}
                for one in below[-count:][::-1]
            )
        }


class DydxFeed(Feed):
    """Every trade with its type."""

    name = "dydx"
    path = "/v4/ws"
    hello = '{"type":"connected","connection_id":"replay","message_id":0}'

    def topic(self, contract: Contract) -> str:
        return f"v4_trades/{Dydx.symbol(contract)}"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("type") != "subscribe" or asked.get("channel") != "v4_trades":
            return Heard(self.refusal(message, now_ms))
        name = str(asked.get("id"))
        return Heard(_said("subscribed", name, []), f"v4_trades/{name}")

    def refusal(self, message: str, now_ms: int) -> str:
        asked = read(message)
        channel = f"({asked.get('channel')}-{asked.get('id')})"
        words = f"Invalid subscription id for channel: {channel}"
        return written({"type": "error", "message": words, "connection_id": "replay"})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        trades = [
            _trade(number, one.time_ms, side, one.price, one.quantity_base) | {"type": "LIQUIDATED"}
            for number, one in enumerate(rows)
            for side in ["SELL" if one.position_side > 0 else "BUY"]
        ]
        return [_said("channel_data", Dydx.symbol(contract), trades)]


def _said(kind: str, name: str, trades: list[Any]) -> str:
    return written(
        {
            "type": kind,
            "connection_id": "replay",
            "message_id": 1,
            "id": name,
            "channel": "v4_trades",
            "version": "2.1.0",
            "contents": {"trades": trades},
        }
    )


def _trade(number: int, time_ms: int, side: str, price: float, size: float) -> dict[str, Any]:
    return {
        "id": f"{number:032x}",
        "side": side,
        "size": text(size),
        "price": text(price),
        "createdAt": _iso(time_ms),
        "createdAtHeight": str(time_ms // _BLOCK_MS),
    }


def _time(params: Params, now_ms: int) -> Any:
    return {"iso": _iso(now_ms), "epoch": now_ms / 1000}


def _held_base(contract: Contract, times: Any) -> Any:
    """Open interest when each bar opens; before the first sample, that one."""
    at = np.searchsorted(contract.market.sample_ms, times, side="right") - 1
    return contract.market.open_interest_base[np.maximum(at, 0)]


def _moment(params: Params, key: str, default_ms: int) -> int:
    if key not in params:
        return default_ms
    try:
        return round(datetime.fromisoformat(params[key]).timestamp() * 1000)
    except ValueError:
        raise Refusal(key, f"{key} must be a valid ISO 8601 date") from None


def _iso(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
