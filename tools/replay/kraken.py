"""What Kraken Futures would say: its API, its charts with their analytics, and its stream.

https://docs.kraken.com/api/docs/futures-api; the charts ask in seconds and answer in
milliseconds, their analytics answer in seconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tools.replay import standin as venue
from tools.replay.book import book
from tools.replay.contract import DAY_MS, Contract, Liquidation
from tools.replay.feed import Feed, Heard, read, written
from tools.replay.market_file import Bars
from tools.replay.standin import Answer, Endpoint, Params, Refusal, Series, Venue, text

_BARS_MS = {f"{n}m": n * 60_000 for n in (1, 5, 15, 30)} | {
    "1h": 3_600_000,
    "4h": 4 * 3_600_000,
    "12h": 12 * 3_600_000,
    "1d": DAY_MS,
}
_MOST_BARS = 2000
_NEWEST_TRADES = 100
_COINS = {"BTC": "XBT"}
# From this notional on [USD]: initial and maintenance margin.
_LEVELS = ((0, 0.02, 0.01), (500_000, 0.04, 0.02), (2_000_000, 0.1, 0.05))
_CHART = "EGeneral"
_FOREVER_S = 1 << 52


class Kraken(Venue):
    """The flexible perpetuals PF_XBTUSD and PF_ETHUSD, in base coin."""

    name = "kraken"
    allowed = 60
    per_seconds = 10.0
    limited = Answer({"result": "error", "error": "apiLimitExceeded"})

    @staticmethod
    def symbol(contract: Contract) -> str:
        return f"PF_{_coin(contract)}USD"

    def endpoints(self) -> Mapping[str, Endpoint]:
        api, charts = "/derivatives/api/v3", "/api/charts/v1"
        found: dict[str, Endpoint] = {
            f"{api}/instruments": self._instruments,
            f"{api}/tickers": self._tickers,
            f"{api}/history": self._history,
            f"{api}/orderbook": self._order_book,
        }
        for name, one in self.contracts.items():
            found[f"{api}/tickers/{name}"] = partial(_one_ticker, one)
            found[f"{charts}/analytics/{name}/open-interest"] = partial(_open_interest, one)
            for interval in _BARS_MS:
                found[f"{charts}/trade/{name}/{interval}"] = partial(_chart, one, interval, "trade")
                found[f"{charts}/mark/{name}/{interval}"] = partial(_chart, one, interval, "mark")
        return found

    def accepted(self, content: Any, now_ms: int) -> Answer:
        """The API says success; the charts, which page, do not."""
        bare = "more_candles" in content or "errors" in content
        return Answer(content if bare else {"result": "success", **content} | _served(now_ms))

    def refused(self, refusal: Refusal, now_ms: int) -> Answer:
        if refusal.code == _CHART:
            error = {"severity": "error", "error_class": _CHART, "msg": refusal.words}
            return Answer(error, 400)
        return Answer({"result": "error", "error": refusal.words} | _served(now_ms))

    def _instruments(self, params: Params, now_ms: int) -> Any:
        return {"instruments": [_instrument(one) for one in self.contracts.values()]}

    def _tickers(self, params: Params, now_ms: int) -> Any:
        """Indices stand in the same list."""
        index = {"symbol": "in_xbtusd", "last": 1.0, "lastTime": _iso(now_ms)}
        return {"tickers": [*(_ticker(one, now_ms) for one in self.contracts.values()), index]}

    def _order_book(self, params: Params, now_ms: int) -> Any:
        """All of it, as numbers."""
        contract = self.contract(params.get("symbol"), Refusal("", "invalidArgument"))
        bids, asks = (Series([*level] for level in levels) for levels in book(contract, now_ms))
        return {"orderBook": {"bids": bids, "asks": asks}}

    def _history(self, params: Params, now_ms: int) -> Any:
        """The last hundred trades, newest first; `lastTime` pages."""
        if params.get("symbol", "") not in self.contracts:
            raise Refusal("", "invalidArgument")
        known = self.trades[params["symbol"]].until(now_ms)[-_NEWEST_TRADES:]
        return {
            "history": Series(
                {
                    "time": _iso(one.time_ms),
                    "trade_id": one.number,
                    "price": one.price,
                    "size": one.quantity_base,
                    "side": one.taker_side,
                    "type": "liquidation" if one.liquidated else "fill",
                    "uid": f"{one.number:032x}",
                }
                for one in known[::-1]
            )
        }


class KrakenFeed(Feed):
    """Every trade with its type; `side` is the order's."""

    name = "kraken"
    path = "/ws/v1"
    hello = '{"event":"info","version":1}'

    def topic(self, contract: Contract) -> str:
        return f"trade/{Kraken.symbol(contract)}"

    def hear(self, message: str, now_ms: int) -> Heard:
        asked = read(message)
        if asked.get("event") == "ping":
            return Heard('{"event":"pong"}')
        products = asked.get("product_ids") or [""]
        if asked.get("event") != "subscribe" or asked.get("feed") != "trade":
            return Heard(self.refusal(message, now_ms))
        said = {"event": "subscribed", "feed": "trade", "product_ids": products}
        return Heard(written(said), f"trade/{products[0]}")

    def refusal(self, message: str, now_ms: int) -> str:
        return written({"event": "alert", "message": "Bad websocket message"})

    def say(self, contract: Contract, rows: Sequence[Liquidation], now_ms: int) -> list[str]:
        return [
            written(
                {
                    "feed": "trade",
                    "product_id": Kraken.symbol(contract),
                    "uid": f"{number:032x}",
                    "side": "sell" if one.position_side > 0 else "buy",
                    "type": "liquidation",
                    "seq": number,
                    "time": one.time_ms,
                    "qty": one.quantity_base,
                    "price": one.price,
                }
            )
            for number, one in enumerate(rows)
        ]


def _chart(contract: Contract, interval: str, series: str, params: Params, now_ms: int) -> Any:
    """Oldest first from `from` on; prices are text, times milliseconds."""
    interval_ms = venue.interval({"": interval}, "", _BARS_MS, contract.market, _CHART)
    bars: Bars = (contract.marks if series == "mark" else contract.bars)(interval_ms, now_ms)
    chosen = venue.within(bars.time_ms, *_range_ms(params, "from"))
    rows = Series(
        {
            "time": int(bars.time_ms[i]),
            "open": text(bars.open[i]),
            "high": text(bars.high[i]),
            "low": text(bars.low[i]),
            "close": text(bars.close[i]),
            "volume": text(bars.volume_base[i]),
        }
        for i in chosen[:_MOST_BARS]
    )
    return {"candles": rows, "more_candles": len(chosen) > _MOST_BARS}


def _open_interest(contract: Contract, params: Params, now_ms: int) -> Any:
    """Bars of open interest, stamped in seconds at their opening; the close is at their end."""
    interval_ms = venue.moment(params, "interval", 0, _CHART) * 1000
    if interval_ms not in _BARS_MS.values() or interval_ms % contract.market.step_ms:
        raise Refusal(_CHART, "invalid interval")
    ends_ms, held_base = contract.samples(interval_ms, now_ms)
    chosen = venue.within(ends_ms - interval_ms, *_range_ms(params, "since"))
    rows = chosen[:_MOST_BARS]
    bars = []
    for i in rows:
        ends = sorted((held_base[max(i - 1, 0)], held_base[i]))
        bars.append([text(one) for one in (held_base[max(i - 1, 0)], *ends[::-1], held_base[i])])
    seconds = Series(int(ends_ms[i] - interval_ms) // 1000 for i in rows)
    result = {"timestamp": seconds, "data": Series(bars), "more": len(chosen) > len(rows)}
    return {"result": result, "errors": []}


def _range_ms(params: Params, first: str) -> tuple[int, int]:
    since = venue.moment(params, first, 0, _CHART)
    until = venue.moment(params, "to", _FOREVER_S, _CHART)
    return since * 1000, until * 1000 + 999


def _one_ticker(contract: Contract, params: Params, now_ms: int) -> Any:
    return {"ticker": _ticker(contract, now_ms)}


def _ticker(contract: Contract, now_ms: int) -> dict[str, Any]:
    day = contract.day(now_ms)
    return {
        "tag": "perpetual",
        "pair": f"{_coin(contract)}:USD",
        "symbol": Kraken.symbol(contract),
        "markPrice": day.mark,
        "indexPrice": day.mark,
        "last": day.last,
        "open24h": day.open,
        "high24h": day.high,
        "low24h": day.low,
        "vol24h": day.volume_base,
        "volumeQuote": day.volume_quote,
        "openInterest": day.open_interest_base,
        "fundingRate": 0.0,
        "suspended": False,
    }


def _instrument(contract: Contract) -> dict[str, Any]:
    levels = [
        {"numNonContractUnits": units, "initialMargin": initial, "maintenanceMargin": maintenance}
        for units, initial, maintenance in _LEVELS
    ]
    return {
        "symbol": Kraken.symbol(contract),
        "pair": f"{_coin(contract)}:USD",
        "base": _coin(contract),
        "quote": "USD",
        "type": "flexible_futures",
        "tickSize": float(contract.tick),
        "contractSize": 1,
        "tradeable": True,
        "marginLevels": levels,
        "retailMarginLevels": levels,
    }


def _coin(contract: Contract) -> str:
    return _COINS.get(contract.base_coin, contract.base_coin)


def _served(now_ms: int) -> dict[str, str]:
    return {"serverTime": _iso(now_ms)}


def _iso(time_ms: int) -> str:
    moment = datetime.fromtimestamp(time_ms / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
