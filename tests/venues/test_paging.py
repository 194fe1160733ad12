"""Page after page: all of it, each row once, and an end."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import Answer, play
from tests.support.fixtures import fixtures
from tests.support.venue import answers_of, flat_market
from tools.replay.contract import Contract, Liquidation
from tools.replay.registry import VENUES

START_MS = 1_769_990_400_000
COUNT = 2501
STEP_MS = 1000
END_MS = START_MS + COUNT * STEP_MS


def query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(request.path).query).items()}


VENUES_THAT_PAGE = ("okx", "bitget", "deribit", "dydx")
TIMES_MS = [START_MS + n // 3 * 3 * STEP_MS for n in range(COUNT)]
"""Of the liquidations: three share each third second."""


def crowded(venue: str) -> Answer:
    """A stand-in where every few seconds three longs of one bitcoin are liquidated."""
    market = flat_market(12, 84_000.0, 25_000.0, START_MS)
    rows = [Liquidation(at, 1, 84_000.0, 1.0) for at in TIMES_MS]
    return answers_of(VENUES[venue](market, [Contract("BTC", "0.10", market, rows)]), END_MS)


def liquidations(venue: str, start_ms: float, answer: Answer) -> tuple[Liquidations, int]:
    """Those since a time, and after how many requests."""
    adapter, native = ADAPTERS[venue], fixtures(venue).expected["instrument"]["native"]
    kind: Any = "inverse" if venue == "deribit" else "linear"
    contract = Instrument("BTC", native, "BTC", "USDT", kind, contract_size=0.01)
    log: list[Request] = []
    found = play(adapter, adapter.liquidations(contract, start_ms, END_MS), answer, log)
    return found, len(log)


@pytest.mark.parametrize("venue", VENUES_THAT_PAGE)
def test_every_liquidation_comes_once(venue: str) -> None:
    """Also those that share an instant across the border of two pages."""
    start_ms = END_MS - 2000 * STEP_MS
    found, pages = liquidations(venue, start_ms, crowded(venue))
    assert list(found.time_ms) == [at for at in TIMES_MS if at >= start_ms]
    assert set(found.position_side) == {1.0}
    assert set(found.quantity_base) == {1.0}
    assert pages > 1


@pytest.mark.parametrize("venue", VENUES_THAT_PAGE)
def test_no_page_more_than_the_range_needs(venue: str) -> None:
    found, pages = liquidations(venue, END_MS - 30 * STEP_MS, crowded(venue))
    assert len(found) in (28, 29, 30, 31)
    assert pages == 1


@pytest.mark.parametrize("venue", VENUES_THAT_PAGE)
def test_paging_ends(venue: str) -> None:
    """Where there is no more, and at a venue that gives the same page for ever."""
    answer = crowded(venue)
    found, pages = liquidations(venue, 1_300_000_000_000, answer)
    assert (len(found), pages <= 50) == (COUNT, True)

    first: list[Reply] = []

    def stuck(request: Request) -> Reply:
        first.append(answer(request))
        return first[0]

    _, pages = liquidations(venue, 1_300_000_000_000, stuck)
    assert pages <= 50


def test_bybit_lists_more_than_a_page() -> None:
    adapter: Adapter = ADAPTERS["bybit"]
    listed = fixtures("bybit").reply("v5-market-instruments-info")
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
    assert sorted(names) == sorted(fixtures("bybit").expected["listed"])
    assert len(log) == 4


def test_okx_takes_the_older_bars_from_another_endpoint() -> None:
    adapter = ADAPTERS["okx"]
    contract = Instrument("BTC-USDT-PERP", "BTC-USDT-SWAP", "BTC", "USDT")
    step_ms = 300_000
    end_ms = START_MS
    start_ms = end_ms - 2000 * step_ms
    answer = answers_of(VENUES["okx"](flat_market(2000, 1.0, 1.0, start_ms)), end_ms)
    log: list[Request] = []
    candles = play(adapter, adapter.candles(contract, step_ms, start_ms, end_ms), answer, log)
    assert len(candles) == 2000
    assert len(log) < 18
    present = [query(request) for request in log if "history" not in request.path]
    assert min(int(asked["before"]) for asked in present) >= end_ms - 1440 * step_ms
    assert all(int(asked["limit"]) <= 300 for asked in present)


def test_okx_has_bars_of_a_time_long_past() -> None:
    """Those that the endpoint of the newest bars does not keep any more, in whole and in part."""
    adapter = ADAPTERS["okx"]
    contract = Instrument("BTC-USDT-PERP", "BTC-USDT-SWAP", "BTC", "USDT")
    step_ms, now_ms = 300_000, START_MS
    answer = answers_of(VENUES["okx"](flat_market(3000, 1.0, 1.0, now_ms - 3000 * step_ms)), now_ms)
    log: list[Request] = []
    begin_ms, until_ms = now_ms - 2400 * step_ms, now_ms - 1200 * step_ms
    for ask in (adapter.candles, adapter.mark):
        bars = play(adapter, ask(contract, step_ms, begin_ms, until_ms), answer, log)
        expected = np.arange(begin_ms, until_ms, step_ms)
        np.testing.assert_array_equal(bars.time_ms, expected)


def test_okx_takes_coarser_open_interest_for_a_longer_time() -> None:
    adapter = ADAPTERS["okx"]
    contract = Instrument("BTC-USDT-PERP", "BTC-USDT-SWAP", "BTC", "USDT")
    day_ms = 86_400_000

    def period(days: float) -> str:
        conversation = adapter.open_interest(contract, 300_000, START_MS - days * day_ms, START_MS)
        return query(next(conversation)[0])["period"]

    assert [period(days) for days in (1, 3.8, 4, 11, 12, 30, 60, 400)] == [
        *("5m", "5m", "15m", "15m", "30m", "1H", "2H", "1Dutc"),
    ]
