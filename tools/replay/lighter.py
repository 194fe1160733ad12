"""What Lighter's REST interface and its stream of trades would say.

https://apidocs.lighter.xyz; a market is known by its number, margins are ten thousandths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tools.replay import standin as venue
from tools.replay.book import Level, book
from tools.replay.contract import DAY_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_BARS_MS = {f"{n}m": n * 60_000 for n in (1, 5, 15, 30)} | {
    "1h": 3_600_000,
    "4h": 4 * 3_600_000,
    "12h": 12 * 3_600_000,
    "1d": DAY_MS,
}
_NUMBERS = {"BTC": 1, "ETH": 0}
_WRONG = 20001


class Lighter(Venue):
    """Perpetuals in USDC: market 1 is BTC, 0 is ETH."""

    name = "lighter"
    allowed = 60
    per_seconds = 60.0
    limited = Answer({"code": 23000, "message": "Too Many Requests!"}, 429)

    @staticmethod
    def symbol(contract: Contract) -> str:
        return str(_NUMBERS[contract.base_coin])

    def endpoints(self) -> Mapping[str, Endpoint]:
        return {
            "/api/v1/orderBookDetails": self._details,
            "/api/v1/candles": self._candles,
            "/api/v1/recentTrades": self._recent_trades,
            "/api/v1/orderBookOrders": self._orders,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer({"code": 200, **content})

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        return Answer({"code": refusal.code, "message": f"invalid param : {refusal.words}"}, 400)

    def _details(self, params: Params, now_ms: int) -> Any:
        chosen = [self._one(params)] if "market_id" in params else self.contracts.values()
        return {"order_book_details": [_details(one, now_ms) for one in chosen]}

    def _candles(self, params: Params, now_ms: int) -> Any:
        """Oldest first, the newest `count_back` of the range."""
        contract = self._one(params)
        interval_ms = venue.interval(params, "resolution", _BARS_MS, contract.market, _WRONG)
        bars = contract.bars(interval_ms, now_ms)
        first, last = (
            venue.moment(params, name, -1, _WRONG) for name in ("start_timestamp", "end_timestamp")
        )
        count = venue.limit({"limit": params.get("count_back", "")}, 0, 500, _WRONG)
        return {
            "r": params["resolution"],
            "c": Series(
                {
                    "t": int(bars.time_ms[i]),
                    "o": float(bars.open[i]),
                    "h": float(bars.high[i]),
                    "l": float(bars.low[i]),
                    "c": float(bars.close[i]),
                    "v": float(bars.volume_base[i]),
                    "V": float(bars.volume_base[i] * bars.close[i]),
                    "i": i,
                }
                for i in venue.within(bars.time_ms, first, last)[-count:]
            ),
        }

    def _recent_trades(self, params: Params, now_ms: int) -> Any:
        """Newest first."""
        contract = self._one(params)
        count = venue.limit(params, 1, 100, _WRONG)
        known = self.trades[self.symbol(contract)].until(now_ms)[-count:]
        return {
            "trades": Series(
                _trade(contract, one.time_ms, one.taker_side, one.price, one.quantity_base)
                | ({"type": "liquidation"} if one.liquidated else {"type": "trade"})
                for one in known[::-1]
            )
        }

    def _orders(self, params: Params, now_ms: int) -> Any:
        """Single orders, two at each price."""
        most = venue.limit(params, 1, 250, _WRONG)
        bids, asks = (_orders(levels) for levels in book(self._one(params), now_ms))
        return {
            "total_asks": len(asks),
            "asks": Series(asks[:most]),
            "total_bids": len(bids),
            "bids": Series(bids[:most]),
        }

    def _one(self, params: Params) -> Contract:
        return self.contract(params.get("market_id"), Refusal(_WRONG, "market_id"))


class LighterFeed(Feed):
    """Liquidations beside the trades; it asks for a pong before it says anything."""

    name = "lighter"
    path = "/stream"
    hello = '{"type":"connected","session_id":"replay"}'

    def topic(self, contract: Contract) -> str:
        return f"trade:{Lighter.symbol(contract)}"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("type") == "pong":
            return Heard()
        kind, _, number = str(asked.get("channel")).partition("/")
        if asked.get("type") != "subscribe" or kind != "trade" or not number.isdecimal():
            return Heard(self.refusal(message, now_ms))
        topic = f"trade:{number}"
        said = {"type": "subscribed/trade", "channel": topic, "trades": []}
        return Heard(written({**said, "liquidation_trades": []}), topic)

    def refusal(self, message: str, now_ms: int) -> str:
        return written({"error": {"code": 30005, "message": "Invalid Channel"}})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        trades = [
            _trade(contract, one.time_ms, side, one.price, one.quantity_base)
            | {"type": "liquidation"}
            for one in rows
            for side in ["sell" if one.position_side > 0 else "buy"]
        ]
        said = {"type": "update/trade", "channel": self.topic(contract), "trades": []}
        return ['{"type":"ping"}', written({**said, "liquidation_trades": trades})]


def _trade(
    contract: Contract, time_ms: int, side: str, price: float, size: float
) -> dict[str, Any]:
    """Of a taker who closes twice as much as this trade takes."""
    held = 2 * size if side == "sell" else -2 * size
    return {
        "trade_id": time_ms,
        "trade_id_str": str(time_ms),
        "market_id": _NUMBERS[contract.base_coin],
        "size": text(size),
        "price": text(price),
        "usd_amount": text(size * price),
        "is_maker_ask": side == "buy",
        "timestamp": time_ms,
        "taker_position_size_before": text(held),
    }


def _orders(levels: list[Level]) -> list[dict[str, Any]]:
    """Two of five parts of each level, and the rest; half as much again was filled before."""
    sizes = [(price, round(part * base, 8)) for price, base in levels for part in (0.4, 0.6)]
    return [
        {
            "order_index": number,
            "order_id": str(number),
            "owner_account_index": number,
            "initial_base_amount": text(1.5 * size),
            "remaining_base_amount": text(size),
            "price": text(price),
        }
        for number, (price, size) in enumerate(sizes, 1)
    ]


def _details(contract: Contract, now_ms: int) -> dict[str, Any]:
    """Numbers and strings mixed, as live."""
    day = contract.day(now_ms)
    return {
        "symbol": contract.base_coin,
        "market_id": _NUMBERS[contract.base_coin],
        "market_type": "perp",
        "status": "active",
        "size_decimals": 5,
        "price_decimals": contract.decimals,
        "min_initial_margin_fraction": 200,
        "maintenance_margin_fraction": 120,
        "last_trade_price": day.last,
        "mark_price": text(day.mark),
        "daily_base_token_volume": day.volume_base,
        "daily_quote_token_volume": day.volume_quote,
        "daily_price_high": day.high,
        "daily_price_low": day.low,
        "open_interest": day.open_interest_base,
    }
