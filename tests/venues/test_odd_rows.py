"""One odd row in a list of each venue: the others are listed, nothing is raised, it is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np
import pytest

from liqmap.errors import BadResponse
from liqmap.venues.adapter import Adapter, Conversation, Remark, Reply, Request
from liqmap.venues.hyperliquid import Hyperliquid
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import play
from tests.support.fixtures import fixtures
from tests.support.listing import instrument_of

LISTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "aster": ("exchangeInfo", ("symbols",)),
    "binance": ("exchangeInfo", ("symbols",)),
    "bitget": ("market/contracts", ("data",)),
    "bybit": ("instruments-info", ("result", "list")),
    "deribit": ("get_instruments", ("result",)),
    "dydx": ("perpetualMarkets", ("markets",)),
    "gate": ("contracts?limit=1000&offset=0", ()),
    "kraken": ("v3/instruments", ("instruments",)),
    "lighter": ("orderBookDetails", ("order_book_details",)),
    "okx": ("public/instruments", ("data",)),
}
"""Request and place of each venue's list of contracts; Hyperliquid has its own test."""
TICKERS = {
    "aster": ("ticker/24hr", "quoteVolume"),
    "binance": ("ticker/24hr", "quoteVolume"),
    "bitget": ("market/tickers", "usdtVolume"),
    "bybit": ("market/tickers", "turnover24h"),
    "deribit": ("get_book_summary_by_currency", "volume_usd"),
    "gate": ("usdt/tickers", "volume_24h_quote"),
    "kraken": ("v3/tickers", "vol24h"),
    "okx": ("market/tickers", "volCcy24h"),
}
"""Request of the volumes, where they are a list of their own, and the field."""
Change = Callable[[Any], None]


def changed(adapter: Adapter, request: str, change: Change) -> Callable[[Request], Reply]:
    """The fixtures, with a change in the body of one answer."""

    def answer(asked: Request) -> Reply:
        reply = fixtures(adapter.venue).answer(asked)
        if request not in f"{asked.path} {asked.body}":
            return reply
        body = json.loads(reply.body)
        change(body)
        return Reply(reply.status, json.dumps(body).encode())

    return answer


def remarks(
    adapter: Adapter, conversation: Conversation[Any], answer: Callable[[Request], Reply]
) -> list[str]:
    """What a conversation says of its answers."""
    said = []
    try:
        batch = next(conversation)
        while True:
            if isinstance(batch, Remark):
                said.append(batch.sentence)
            batch = conversation.send([adapter.read(answer(one)) for one in batch])
    except StopIteration:
        return said


def rows_at(body: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        body = body[key]
    return body


@pytest.mark.parametrize("venue", LISTS)
@pytest.mark.parametrize(
    "odd", [None, {}, [], "x", {"symbol": "PF_NEW"}, {"symbol": "PF_A/B"}], ids=str
)
def test_an_odd_contract_is_left_out_and_said(venue: str, odd: object) -> None:
    adapter = ADAPTERS[venue]
    request, path = LISTS[venue]

    def add(body: Any) -> None:
        rows = rows_at(body, path)
        if isinstance(rows, dict):
            rows["NEW-USD"] = odd
        else:
            rows.insert(0, odd)

    answer = changed(adapter, request, add)
    whole = play(adapter, adapter.instruments(), fixtures(venue).answer)
    assert play(adapter, adapter.instruments(), answer) == whole
    body = json.loads(fixtures(venue).answer(Request(next_path(adapter, request))).body)
    count = len(rows_at(body, path)) + 1
    (said,) = remarks(adapter, adapter.instruments(), answer)
    assert said == (f"{adapter.title}: 1 of {count} contracts could not be read and is left out.")


def next_path(adapter: Adapter, part: str) -> str:
    """The path of the request for contracts that has this part."""
    return next(one.path for one in next(adapter.instruments()) if part in one.path)


@pytest.mark.parametrize("venue", TICKERS)
@pytest.mark.parametrize("odd", ["", None, "NaN", "0", 0, "absent", [], "1_000"], ids=str)
def test_a_volume_that_is_none_is_unknown(venue: str, odd: object) -> None:
    """The contract stays, and its volume is 0; no remark is made of it."""
    adapter = ADAPTERS[venue]
    request, field = TICKERS[venue]
    native = instrument_of(adapter).native

    def spoil(body: Any) -> None:
        rows = body
        for key in ("result", "data", "list", "tickers"):
            rows = (
                rows[key]
                if isinstance(rows, dict) and isinstance(rows.get(key), list | dict)
                else rows
            )
        for row in rows:
            if native in row.values():
                if odd == "absent":
                    del row[field]
                else:
                    row[field] = odd

    answer = changed(adapter, request, spoil)
    whole = play(adapter, adapter.instruments(), fixtures(venue).answer)
    found = play(adapter, adapter.instruments(), answer)
    assert {one.native for one in found} == {one.native for one in whole}
    assert next(one for one in found if one.native == native).volume_24h_quote == 0.0
    assert remarks(adapter, adapter.instruments(), answer) == []


def listed(venue: str, *rows: dict[str, Any]) -> list[str]:
    """Natives of the contracts when only these rows are in the list."""
    adapter = ADAPTERS[venue]
    request, path = LISTS[venue]

    def swap(body: Any) -> None:
        rows_at(body, path[:-1])[path[-1]] = list(rows)

    found = play(adapter, adapter.instruments(), changed(adapter, request, swap))
    return [one.native for one in found]


def row_of(venue: str, native: str, **fields: Any) -> dict[str, Any]:
    """The row of a contract in the fixtures, with other fields."""
    adapter = ADAPTERS[venue]
    request, path = LISTS[venue]
    body = json.loads(fixtures(venue).answer(Request(next_path(adapter, request))).body)
    row = next(row for row in rows_at(body, path) if native in row.values())
    return {**deepcopy(row), **fields}


def test_bybit_lists_what_has_a_tick() -> None:
    bitcoin = row_of("bybit", "BTCUSDT")
    untold = row_of("bybit", "BTCUSDT", symbol="XUSDT", leverageFilter={"maxLeverage": ""})
    without_tick = row_of("bybit", "BTCUSDT", symbol="YUSDT", priceFilter={"tickSize": ""})
    without_type = row_of("bybit", "BTCUSDT", symbol="ZUSDT")
    del without_type["contractType"]
    untold["baseCoin"] = "X"
    assert listed("bybit", bitcoin, without_tick, untold, without_type) == ["BTCUSDT", "XUSDT"]


def test_kraken_lists_what_has_a_tick() -> None:
    bitcoin = row_of("kraken", "PF_XBTUSD")
    untold = row_of("kraken", "PF_XBTUSD", symbol="PF_XUSD", pair="X:USD", marginLevels=[])
    without_tick = row_of("kraken", "PF_XBTUSD", symbol="PF_YUSD", tickSize=0, marginLevels=[])
    without_pair = {"symbol": "PF_ZUSD", "tradeable": True, "tickSize": 1}
    rows = (without_tick, bitcoin, untold, without_pair)
    assert listed("kraken", *rows) == ["PF_XBTUSD", "PF_XUSD"]


def test_okx_names_have_three_parts() -> None:
    odd = row_of("okx", "BTC-USDT-SWAP", instId="BTC-USDT-X-SWAP")
    assert listed("okx", odd, row_of("okx", "BTC-USDT-SWAP")) == ["BTC-USDT-SWAP"]


def test_lighter_spot_without_a_type_is_no_contract() -> None:
    spot = row_of("lighter", "BTC", symbol="BTC/USDC", market_id=2048)
    spot.pop("market_type", None)
    assert listed("lighter", spot, row_of("lighter", "BTC")) == ["1"]


def test_where_nothing_can_be_read_the_venue_is_lost() -> None:
    with pytest.raises(BadResponse, match=r"Bybit .* contracts"):
        listed("bybit", {"symbol": "A"}, {"symbol": "B"})


@pytest.mark.parametrize("odd", [None, {}, {"markPx": None}, {"markPx": "NaN"}], ids=str)
def test_a_coin_of_hyperliquid_without_a_price_is_left_out(odd: object) -> None:
    venue = ADAPTERS["hyperliquid"]

    def spoil(body: Any) -> None:
        body[1][0] = odd

    answer = changed(venue, "metaAndAssetCtxs", spoil)
    assert [one.native for one in play(venue, venue.instruments(), answer)] == ["BTC"]
    assert remarks(venue, venue.instruments(), answer) == [
        "Hyperliquid: 1 of 3 contracts could not be read and is left out."
    ]


@pytest.mark.parametrize("odd", [None, {}, [], {"assetPositions": [{}]}], ids=str)
def test_an_odd_account_does_not_lose_the_others(odd: object) -> None:
    venue = Hyperliquid()
    bitcoin = instrument_of(venue)
    holder = fixtures("hyperliquid").reply("info-clearinghouseState")
    accounts = ["0x" + digit * 40 for digit in "123"]

    def held(*states: Any) -> Any:
        conversation = venue.positions(bitcoin, accounts[: len(states)])
        try:
            next(conversation)
            said = conversation.send(list(states))
            assert isinstance(said, Remark)
            assert said.sentence.endswith("1 of 3 accounts could not be read and is left out.")
            conversation.send([])
        except StopIteration as end:
            return end.value
        raise AssertionError

    alone, found = held(holder), held({"assetPositions": []}, odd, holder)
    assert len(alone) == len(found) > 0
    assert set(found.account) == {accounts[2]}
    np.testing.assert_array_equal(found.liquidation_price, alone.liquidation_price)
    assert found.held_long_base == alone.held_long_base
