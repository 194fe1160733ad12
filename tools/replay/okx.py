"""What OKX's swaps and their stream of liquidations would say.

`{"code", "msg", "data"}`, every number a string, newest first; quantities in contracts
beside their value in coins; `after` is older than, `before` newer than
(https://www.okx.com/docs-v5/en/).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, HOUR_MS, MINUTE_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Bars, Times
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_SAMPLE_MS = {
    **{f"{minutes}m": minutes * MINUTE_MS for minutes in (5, 15, 30)},
    **{f"{hours}H": hours * HOUR_MS for hours in (1, 2, 4)},
    "1Dutc": DAY_MS,
}
_BAR_MS = {
    "1m": MINUTE_MS,
    "3m": 3 * MINUTE_MS,
    **_SAMPLE_MS,
    "6Hutc": 6 * HOUR_MS,
    "12Hutc": 12 * HOUR_MS,
}
CONTRACT_BASE = {"BTC": 0.01, "ETH": 0.1}
"""Base coin in one contract."""
# Largest position [contracts], maintenance rate, initial rate, leverage.
_TIERS = (
    ("1000", "0.004", "0.01", "100"),
    ("5000", "0.0065", "0.0133", "75"),
    ("20000", "0.01", "0.02", "50"),
    ("60000", "0.025", "0.05", "20"),
    ("200000", "0.05", "0.1", "10"),
)
_KEPT = 1440
_WRONG = "51000"


class Okx(Venue):
    """USDT swaps, with 1440 samples of open interest and a day of liquidations."""

    name = "okx"
    allowed, per_seconds = 20, 2.0
    allowed_of: ClassVar[Mapping[str, int]] = {
        "instruments": 20,
        "tickers": 20,
        "books": 40,
        "candles": 40,
        "history-candles": 20,
        "mark-price-candles": 20,
        "history-mark-price-candles": 10,
        "open-interest-history": 10,
        "open-interest": 20,
        "mark-price": 10,
        "position-tiers": 10,
        "liquidation-orders": 40,
    }
    limited = Answer({"code": "50011", "data": [], "msg": "Too Many Requests"}, 429)

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"{family(contract)}-SWAP"

    def endpoints(self) -> Mapping[str, Endpoint]:
        public, market = "/api/v5/public", "/api/v5/market"
        return {
            f"{public}/time": _time,
            f"{public}/instruments": self._instruments,
            f"{public}/open-interest": self._open_interest,
            f"{public}/mark-price": self._mark_price,
            f"{public}/position-tiers": self._tiers,
            f"{public}/liquidation-orders": self._liquidations,
            f"{market}/tickers": self._tickers,
            f"{market}/books": self._books,
            f"{market}/candles": self._candles,
            f"{market}/history-candles": self._old_candles,
            f"{market}/mark-price-candles": self._marks,
            f"{market}/history-mark-price-candles": self._old_marks,
            "/api/v5/rubik/stat/contracts/open-interest-history": self._open_interest_history,
        }

    def accepted(self, content: Any, now_ms: int) -> Answer:
        return Answer({"code": "0", "msg": "", "data": content})

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        content: Any = {"code": refusal.code, "msg": refusal.words, "data": []}
        return Answer(content, refusal.status or 200)

    def _instruments(self, params: Params, now_ms: int) -> Any:
        return [_instrument(one) for one in self._swaps(params)]

    def _tickers(self, params: Params, now_ms: int) -> Any:
        return [_ticker(one, now_ms) for one in self._swaps(params)]

    def _books(self, params: Params, now_ms: int) -> Any:
        contract, most = self._one(params), int(params.get("sz", 1))
        size = CONTRACT_BASE[contract.base_coin]
        bids, asks = (
            Series([text(price), text(base / size), "0", "1"] for price, base in levels[:most])
            for levels in book(contract, now_ms)
        )
        return [{"asks": asks, "bids": bids, "ts": str(now_ms), "seqId": now_ms}]

    def _candles(self, params: Params, now_ms: int) -> Any:
        """The present: the newest 1440 bars."""
        bars = self._bars(params, now_ms)
        return _candles(bars, self._one(params), _page(bars.time_ms, params, 300, _KEPT), now_ms)

    def _old_candles(self, params: Params, now_ms: int) -> Any:
        bars = self._bars(params, now_ms)
        return _candles(bars, self._one(params), _page(bars.time_ms, params, 100), now_ms)

    def _marks(self, params: Params, now_ms: int) -> Any:
        bars = self._bars(params, now_ms, mark=True)
        return _marks(bars, _page(bars.time_ms, params, 100, _KEPT), now_ms)

    def _old_marks(self, params: Params, now_ms: int) -> Any:
        bars = self._bars(params, now_ms, mark=True)
        return _marks(bars, _page(bars.time_ms, params, 100), now_ms)

    def _open_interest_history(self, params: Params, now_ms: int) -> Any:
        """`begin` and `end` are not part of the window."""
        contract = self._one(params)
        period_ms = venue.interval(params, "period", _SAMPLE_MS, self.market, _WRONG)
        times, values = contract.samples(period_ms, now_ms)
        mark = contract.day(now_ms).mark
        return Series(
            [
                str(times[i]),
                text(values[i] / CONTRACT_BASE[contract.base_coin]),
                text(values[i]),
                text(values[i] * mark),
            ]
            for i in _page(times, params, 100, _KEPT, ("begin", "end"))
        )

    def _open_interest(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        held = contract.day(now_ms).open_interest_base
        return [
            {
                "instType": "SWAP",
                "instId": self.symbol(contract),
                "oi": text(held / CONTRACT_BASE[contract.base_coin]),
                "oiCcy": text(held),
                "ts": str(now_ms),
            }
        ]

    def _mark_price(self, params: Params, now_ms: int) -> Any:
        contract = self._one(params)
        return [
            {
                "instType": "SWAP",
                "instId": self.symbol(contract),
                "markPx": text(contract.day(now_ms).mark),
                "ts": str(now_ms),
            }
        ]

    def _tiers(self, params: Params, now_ms: int) -> Any:
        contract = self._of_family(params)
        floors = ("0", *(size for size, *_ in _TIERS))
        return [
            {
                "instFamily": family(contract),
                "uly": family(contract),
                "tier": str(number),
                "minSz": floor,
                "maxSz": size,
                "mmr": maintenance,
                "imr": initial,
                "maxLever": leverage,
            }
            for number, (floor, (size, maintenance, initial, leverage)) in enumerate(
                zip(floors, _TIERS, strict=False), 1
            )
        ]

    def _liquidations(self, params: Params, now_ms: int) -> Any:
        contract = self._of_family(params)
        limit = venue.limit(params, 100, 100, _WRONG)
        last_ms = venue.moment(params, "after", now_ms, _WRONG)
        past = contract.liquidations(now_ms - DAY_MS, min(last_ms, now_ms))
        return [_orders(contract, past[::-1][:limit])]

    def _swaps(self, params: Params) -> list[Contract]:
        if params.get("instType") != "SWAP":
            raise Refusal(_WRONG, "Parameter instType error")
        return list(self.contracts.values())

    def _one(self, params: Params) -> Contract:
        if not params.get("instId"):
            raise Refusal("50014", "Parameter instId cannot be empty.", status=400)
        return self.contract(params["instId"], Refusal("51001", "Instrument ID doesn't exist."))

    def _of_family(self, params: Params) -> Contract:
        for contract in self._swaps(params):
            if family(contract) == params.get("instFamily"):
                return contract
        raise Refusal(_WRONG, "Parameter instFamily error")

    def _bars(self, params: Params, now_ms: int, *, mark: bool = False) -> Bars:
        contract = self._one(params)
        interval_ms = venue.interval(params, "bar", _BAR_MS, self.market, _WRONG)
        return (contract.marks if mark else contract.bars)(interval_ms, now_ms)


class OkxFeed(Feed):
    """One channel for all swaps, and pings as text; `side` is that of the order."""

    name = "okx"
    path = "/ws/v5/public"

    def topic(self, contract: Contract) -> str:
        return "liquidation-orders"

    def hear(self, message: str, now_ms: int) -> Heard:
        if message == "ping":
            return Heard("pong")
        asked = read(message)
        channel = dict((asked.get("args") or [{}])[0])
        if asked.get("op") != "subscribe" or channel != _CHANNEL:
            return Heard(self.refusal(message, now_ms))
        reply = {"event": "subscribe", "arg": channel, "connId": "replay"}
        return Heard(written(reply), "liquidation-orders")

    def refusal(self, message: str, now_ms: int) -> str:
        return written({"event": "error", "code": "60018", "msg": "Wrong URL or channel"})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        return [written({"arg": _CHANNEL, "data": [_orders(contract, rows)]})]


_CHANNEL = {"channel": "liquidation-orders", "instType": "SWAP"}


def family(contract: Contract) -> str:
    """A swap's underlying."""
    return f"{contract.base_coin}-USDT"


def _time(params: Params, now_ms: int) -> Any:
    return [{"ts": str(now_ms)}]


def _instrument(contract: Contract) -> Any:
    return {
        "instType": "SWAP",
        "instId": Okx.symbol(contract),
        "instFamily": family(contract),
        "uly": family(contract),
        "settleCcy": "USDT",
        "ctVal": str(CONTRACT_BASE[contract.base_coin]),
        "ctMult": "1",
        "ctValCcy": contract.base_coin,
        "ctType": "linear",
        "tickSz": contract.tick,
        "lotSz": "0.01",
        "lever": "100",
        "listTime": str(contract.market.bars.time_ms[0]),
        "state": "live",
    }


def _ticker(contract: Contract, now_ms: int) -> Any:
    day = contract.day(now_ms)
    return {
        "instType": "SWAP",
        "instId": Okx.symbol(contract),
        "last": text(day.last),
        "open24h": text(day.open),
        "high24h": text(day.high),
        "low24h": text(day.low),
        "vol24h": text(day.volume_base / CONTRACT_BASE[contract.base_coin]),
        "volCcy24h": text(day.volume_base),
        "ts": str(now_ms),
    }


def _candles(bars: Bars, contract: Contract, chosen: list[int], now_ms: int) -> Series:
    """Volume in contracts, coins and USDT."""
    size = CONTRACT_BASE[contract.base_coin]
    volume = bars.volume_base
    return _confirmed(bars, chosen, now_ms, volume / size, volume, volume * bars.close)


def _marks(bars: Bars, chosen: list[int], now_ms: int) -> Series:
    return _confirmed(bars, chosen, now_ms)


def _confirmed(bars: Bars, chosen: list[int], now_ms: int, *volumes: Any) -> Series:
    """Rows whose last field says whether the bar is complete: all are but the newest."""
    columns = (bars.open, bars.high, bars.low, bars.close, *volumes)
    newest = bars.time_ms.size - 1
    return Series(
        [
            str(bars.time_ms[i]),
            *(text(column[i]) for column in columns),
            "0" if i == newest else "1",
        ]
        for i in chosen
    )


def _page(
    times: Times,
    params: Params,
    largest: int,
    kept: int | None = None,
    names: tuple[str, str] = ("before", "after"),
) -> list[int]:
    """Rows newer than the one and older than the other, of the newest `kept`, newest first."""
    first_ms = venue.moment(params, names[0], -1, _WRONG) + 1
    last_ms = venue.moment(params, names[1], venue.FOREVER_MS, _WRONG) - 1
    limit = venue.limit(params, min(100, largest), largest, _WRONG)
    oldest = times.size - kept if kept else 0
    inside = [i for i in venue.within(times, first_ms, last_ms) if i >= oldest]
    return inside[::-1][:limit]


def _orders(contract: Contract, rows: Sequence[Liquidation]) -> Any:
    size = CONTRACT_BASE[contract.base_coin]
    details = [
        {
            "bkLoss": "0",
            "bkPx": text(one.price),
            "ccy": "",
            "posSide": "long" if one.position_side > 0 else "short",
            "side": "sell" if one.position_side > 0 else "buy",
            "sz": text(one.quantity_base / size),
            "ts": str(one.time_ms),
        }
        for one in rows
    ]
    return {
        "details": details,
        "instFamily": family(contract),
        "instId": Okx.symbol(contract),
        "instType": "SWAP",
        "uly": family(contract),
    }
