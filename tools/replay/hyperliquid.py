"""What Hyperliquid's /info would answer: every request is a POST.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/info-endpoint
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from tools.replay import accounts
from tools.replay import standin as venue
from tools.replay.accounts import Position
from tools.replay.book import book, merged
from tools.replay.contract import DAY_MS, Contract
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

HOUR_MS = 3_600_000
_BARS_MS = (
    {f"{n}m": n * 60_000 for n in (1, 3, 5, 15, 30)}
    | {f"{n}h": n * HOUR_MS for n in (1, 2, 4, 8, 12)}
    | {"1d": DAY_MS}
)
_NEWEST_BARS = 5000
_NEWEST_TRADES = 10
_MOST_PRICES = 20
_FIGURES = 5
_SIZE_DECIMALS = {"BTC": 5, "ETH": 4}
# Coin: number and lower bounds [USD] of its margin table, each with its highest leverage.
_TABLES = {
    "BTC": (56, (("0.0", 40), ("150000000.0", 20))),
    "ETH": (55, (("0.0", 25), ("100000000.0", 15))),
}
_WRONG = "Failed to deserialize the JSON body into the target type"


class Hyperliquid(Venue):
    """Perpetuals in USDC, with accounts whose positions anybody may read."""

    name = "hyperliquid"
    allowed = 1200
    per_seconds = 60.0
    limited = Answer(None, 429)

    @staticmethod
    def symbol(contract: Contract) -> str:
        return contract.base_coin

    def endpoints(self) -> Mapping[str, Endpoint]:
        """By the `type` of the question."""
        return {
            "allMids": self._mids,
            "meta": lambda asked, now_ms: self._meta(),
            "metaAndAssetCtxs": self._contexts,
            "candleSnapshot": self._candles,
            "l2Book": self._book,
            "recentTrades": self._recent_trades,
            "clearinghouseState": self._account,
        }

    def answer(self, method: str, address: str, body: bytes, now_ms: int) -> Answer | None:
        if method != "POST" or urlsplit(address).path != "/info":
            return None
        try:
            asked = json.loads(body)
            answer = self.endpoints()[asked["type"]]
            return self.accepted(answer(asked, now_ms), now_ms)
        except Refusal as refusal:
            return self.refused(refusal, now_ms)
        except (ValueError, KeyError, TypeError):
            return self.refused(Refusal(422, _WRONG), now_ms)

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer(content)

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        """In plain words."""
        return Answer(refusal.words.encode(), 422)

    @cached_property
    def positions(self) -> dict[str, list[Position]]:
        """By coin; also those that are not open any more."""
        return {
            coin: accounts.positions(one, _TABLES[coin][1][0][1])
            for coin, one in self.contracts.items()
        }

    def users(self, number: int) -> list[str]:
        """Buyer and seller of the trade of that number."""
        return [accounts.address((2 * number + side) % accounts.COUNT) for side in (0, 1)]

    def _mids(self, asked: Params, now_ms: int) -> Any:
        return {coin: text(one.day(now_ms).mark) for coin, one in self.contracts.items()}

    def _meta(self) -> Any:
        universe: list[dict[str, Any]] = [
            {
                "name": coin,
                "szDecimals": _SIZE_DECIMALS[coin],
                "maxLeverage": _TABLES[coin][1][0][1],
                "marginTableId": _TABLES[coin][0],
            }
            for coin in self.contracts
        ]
        gone = {"name": "LOOM", "szDecimals": 1, "maxLeverage": 3, "isDelisted": True}
        tables = [
            [
                number,
                {
                    "description": f"tiered {tiers[0][1]}x",
                    "marginTiers": [
                        {"lowerBound": bound, "maxLeverage": leverage} for bound, leverage in tiers
                    ],
                },
            ]
            for number, tiers in _TABLES.values()
        ]
        return {"universe": [*universe, gone], "marginTables": tables}

    def _contexts(self, asked: Params, now_ms: int) -> Any:
        days = [one.day(now_ms) for one in self.contracts.values()]
        contexts = [
            {
                "dayNtlVlm": text(day.volume_quote),
                "funding": "0.0000125",
                "impactPxs": [text(day.mark), text(day.mark)],
                "markPx": text(day.mark),
                "midPx": text(day.last),
                "openInterest": text(day.open_interest_base),
                "oraclePx": text(day.mark),
                "premium": "0.0",
                "prevDayPx": text(day.open),
            }
            for day in days
        ]
        gone = {"dayNtlVlm": "0.0", "markPx": "0.02", "openInterest": "0.0", "impactPxs": None}
        return [self._meta(), [*contexts, gone]]

    def _candles(self, asked: Params, now_ms: int) -> Any:
        """Bars that hold a moment of the range: the first may have opened before it."""
        req: Any = asked["req"]
        contract = self.contracts.get(req["coin"])
        if contract is None:
            return None
        name = req["interval"]
        interval_ms = venue.interval(req, "interval", _BARS_MS, contract.market, 422)
        bars = contract.bars(interval_ms, now_ms)
        first, last = int(req["startTime"]), int(req.get("endTime", now_ms))
        chosen = venue.within(bars.time_ms, first - interval_ms + 1, last)
        oldest = bars.time_ms.size - _NEWEST_BARS
        return Series(
            {
                "t": int(bars.time_ms[i]),
                "T": int(bars.time_ms[i]) + interval_ms - 1,
                "s": req["coin"],
                "i": name,
                "o": text(bars.open[i]),
                "c": text(bars.close[i]),
                "h": text(bars.high[i]),
                "l": text(bars.low[i]),
                "v": text(bars.volume_base[i]),
                "n": 100,
            }
            for i in chosen
            if i >= oldest
        )

    def _book(self, asked: Params, now_ms: int) -> Any:
        """Twenty prices a side, of five figures or of as many as are asked for."""
        contract = self.contracts.get(asked["coin"])
        if contract is None:
            return None
        figures: Any = asked.get("nSigFigs") or _FIGURES
        if figures not in (2, 3, 4, 5):
            raise Refusal(422, _WRONG)
        levels = [
            Series({"px": text(price), "sz": text(base), "n": 3} for price, base in side)
            for side in (
                side[:_MOST_PRICES]
                for side in merged(
                    book(contract, now_ms),
                    lambda price: 10.0 ** (math.floor(math.log10(price)) + 1 - figures),
                )
            )
        ]
        return {"coin": asked["coin"], "time": now_ms, "levels": levels}

    def _recent_trades(self, asked: Params, now_ms: int) -> Any:
        """Newest first, with the buyer and the seller of each."""
        trades = self.trades.get(asked["coin"])
        if trades is None:
            return None
        return [
            {
                "coin": asked["coin"],
                "side": "B" if one.taker_side == "buy" else "A",
                "px": text(one.price),
                "sz": text(one.quantity_base),
                "time": one.time_ms,
                "hash": f"0x{one.number:064x}",
                "tid": one.number,
                "users": self.users(one.number),
            }
            for one in reversed(trades.until(now_ms)[-_NEWEST_TRADES:])
        ]

    def _account(self, asked: Params, now_ms: int) -> Any:
        """An unknown account has no positions; that is no error."""
        user = asked["user"].lower()
        held = [
            _held(coin, one, self.contracts[coin].day(now_ms).mark)
            for coin, several in self.positions.items()
            for one in several
            if one.address == user and one.opened_ms <= now_ms < one.closed_ms
        ]
        summary = dict.fromkeys(("accountValue", "totalNtlPos", "totalRawUsd"), "0.0")
        return {
            "marginSummary": summary,
            "crossMarginSummary": summary,
            "crossMaintenanceMarginUsed": "0.0",
            "withdrawable": "0.0",
            "assetPositions": held,
            "time": now_ms,
        }


def _held(coin: str, one: Position, mark: float) -> dict[str, Any]:
    signed = one.position_side * one.quantity_base
    return {
        "type": "oneWay",
        "position": {
            "coin": coin,
            "szi": text(signed),
            "leverage": {
                "type": "isolated",
                "value": one.leverage,
                "rawUsd": text(one.raw_quote),
            },
            "entryPx": text(one.entry_price),
            "positionValue": text(one.quantity_base * mark),
            "unrealizedPnl": text(signed * (mark - one.entry_price)),
            "returnOnEquity": text(one.position_side * (mark / one.entry_price - 1) * one.leverage),
            "liquidationPx": text(one.liquidation_price),
            "marginUsed": text(one.raw_quote + signed * mark),
            "maxLeverage": _TABLES[coin][1][0][1],
            "cumFunding": {"allTime": "0.0", "sinceOpen": "0.0", "sinceChange": "0.0"},
        },
    }
