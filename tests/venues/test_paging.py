"""Page after page: all of it, each row once, and an end."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import fixture, play

START_MS = 1_769_990_400_000
COUNT = 2501
STEP_MS = 1000
END_MS = START_MS + COUNT * STEP_MS


def query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


def newest_first(before_ms: float, count: int) -> Iterator[int]:
    """Times of the liquidations before an instant; three share each third second."""
    times = (START_MS + n // 3 * 3 * STEP_MS for n in range(COUNT))
    found = [at for at in times if at < before_ms]
    return reversed(found[-count:])


def okx(request: Request) -> Any:
    before = float(query(request).get("after", END_MS))
    details = [
        {"bkPx": "84000", "posSide": "long", "side": "sell", "sz": "100", "ts": str(at)}
        for at in newest_first(before, 100)
    ]
    return {"code": "0", "data": [{"instId": "BTC-USDT-SWAP", "details": details}]}


def bitget(request: Request) -> Any:
    first = int(query(request).get("cursor", 0))
    times = list(newest_first(END_MS, COUNT))[first : first + 100]
    table = [
        {"symbol": "BTCUSDT", "side": "buy", "price": "84000", "amount": "84000", "ts": str(at)}
        for at in times
    ]
    return {"code": "00000", "data": {"list": table, "cursor": str(first + 100)}}


def deribit(request: Request) -> Any:
    last = float(query(request)["end_timestamp"])
    times = list(newest_first(last + 1, COUNT))
    table = [
        {
            "trade_id": f"{at}-{times[:n].count(at)}",
            "timestamp": at,
            "price": 84000.0,
            "direction": "sell",
            "amount": 84000.0,
            "liquidation": "T",
        }
        for n, at in enumerate(times[:1000])
    ]
    return {"result": {"trades": table, "has_more": len(times) > 1000}}


def dydx(request: Request) -> Any:
    height = int(query(request).get("createdBeforeOrAtHeight", 10**9))
    numbers = [n for n in range(COUNT) if n // 3 <= height][-1000:][::-1]
    return {
        "trades": [
            {
                "id": str(n),
                "side": "SELL",
                "size": "1",
                "price": "84000",
                "type": "LIQUIDATED",
                "createdAt": datetime.fromtimestamp(
                    (START_MS + n // 3 * 3 * STEP_MS) / 1000, UTC
                ).isoformat(),
                "createdAtHeight": str(n // 3),
            }
            for n in numbers
        ]
    }


SERVERS: dict[str, Callable[[Request], Any]] = {
    "okx": okx,
    "bitget": bitget,
    "deribit": deribit,
    "dydx": dydx,
}


def liquidations(venue: str, start_ms: float) -> tuple[Liquidations, int]:
    adapter, native = ADAPTERS[venue], fixture(venue, "expected")["instrument"]["native"]
    kind: Any = "inverse" if venue == "deribit" else "linear"
    contract = Instrument("BTC", native, "BTC", "USDT", kind, contract_size=0.01)
    log: list[Request] = []

    def answer(request: Request) -> Reply:
        return Reply(200, json.dumps(SERVERS[venue](request)).encode())

    found = play(adapter, adapter.liquidations(contract, start_ms, END_MS), answer, log)
    return found, len(log)


@pytest.mark.parametrize("venue", SERVERS)
def test_every_liquidation_comes_once(venue: str) -> None:
    """Also those that share an instant across the border of two pages."""
    start_ms = END_MS - 2000 * STEP_MS
    found, _ = liquidations(venue, start_ms)
    wanted = sorted(at for at in newest_first(END_MS, COUNT) if at >= start_ms)
    assert list(found.time_ms) == wanted
    assert set(found.position_side) == {1.0}
    assert set(found.quantity_base) == {1.0}


@pytest.mark.parametrize("venue", SERVERS)
def test_no_page_more_than_the_range_needs(venue: str) -> None:
    found, pages = liquidations(venue, END_MS - 30 * STEP_MS)
    assert len(found) in (28, 29, 30, 31)
    assert pages == 1


@pytest.mark.parametrize("venue", SERVERS)
def test_paging_ends(venue: str) -> None:
    """A venue that gives the same page for ever is left."""
    _, pages = liquidations(venue, 1_300_000_000_000)
    assert pages <= 50


def test_bybit_lists_more_than_a_page() -> None:
    adapter: Adapter = ADAPTERS["bybit"]
    listed = fixture("bybit", "replies")["/v5/market/instruments-info?"]
    rows = listed["result"]["list"]
    pages = {"": (rows[:2], "a%3D1"), "a%3D1": (rows[2:], "b"), "b": ([], "b")}
    log: list[Request] = []

    def answer(request: Request) -> Reply:
        if "tickers" in request.path:
            return Reply(200, b'{"retCode":0,"result":{"list":[]}}')
        assert len(log) < 9, "an endless list"
        table, cursor = pages[query(request).get("cursor", "")]
        result = {"list": table, "nextPageCursor": cursor}
        return Reply(200, json.dumps({"retCode": 0, "result": result}).encode())

    names = [listing.name for listing in play(adapter, adapter.instruments(), answer, log)]
    assert sorted(names) == sorted(fixture("bybit", "expected")["listed"])
    assert len(log) == 4


def test_okx_takes_the_older_bars_from_another_endpoint() -> None:
    adapter = ADAPTERS["okx"]
    contract = Instrument("BTC-USDT-PERP", "BTC-USDT-SWAP", "BTC", "USDT")
    step_ms = 300_000
    end_ms = START_MS
    start_ms = end_ms - 2000 * step_ms
    log: list[Request] = []

    def answer(request: Request) -> Reply:
        asked = query(request)
        newer, older = int(asked["before"]), int(asked["after"])
        times = [t for t in range(start_ms, end_ms, step_ms) if newer < t < older]
        assert len(times) <= int(asked["limit"])
        if "history" not in request.path:
            assert newer >= end_ms - 1440 * step_ms
        table = [[str(t), "1", "1", "1", "1", "100", "1", "1", "1"] for t in times[::-1]]
        return Reply(200, json.dumps({"code": "0", "data": table}).encode())

    candles = play(adapter, adapter.candles(contract, step_ms, start_ms, end_ms), answer, log)
    assert len(candles) == 2000
    assert len(log) < 18


def test_okx_takes_coarser_open_interest_for_a_longer_time() -> None:
    adapter = ADAPTERS["okx"]
    contract = Instrument("BTC-USDT-PERP", "BTC-USDT-SWAP", "BTC", "USDT")
    day_ms = 86_400_000

    def period(days: float) -> str:
        log: list[Request] = []
        row = f'{{"code":"0","data":[["{START_MS}","1","1","1"]]}}'.encode()
        conversation = adapter.open_interest(contract, 300_000, START_MS - days * day_ms, START_MS)
        play(adapter, conversation, lambda _: Reply(200, row), log)
        return query(log[0])["period"]

    assert [period(days) for days in (1, 3.8, 4, 11, 12, 30, 60, 400)] == [
        *("5m", "5m", "15m", "15m", "30m", "1H", "2H", "1Dutc"),
    ]
