"""What only Gate does: contracts of many coins, forced orders in parts, bars that it forgets."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.errors import NoData, Refused
from liqmap.venues.adapter import Conversation, Remark, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.conversation import in_turn, play
from tests.support.fixtures import fixtures
from tests.support.venue import answers_of, flat_market
from tools.replay.contract import Contract, Liquidation
from tools.replay.registry import VENUES

START_MS = 1_769_990_400_000
STEP_MS = 300_000
GATE = ADAPTERS["gate"]
BTC = Instrument("BTC-USDT-PERP", "BTC_USDT", "BTC", "USDT", contract_size=0.0001)
PEPE = Instrument("PEPE-USDT-PERP", "PEPE_USDT", "PEPE", "USDT", contract_size=1e7)


def playing(conversation: Conversation[Any], *answers: Any) -> Any:
    """What the conversation returns when it is answered so, in turn."""
    return play(GATE, conversation, in_turn(*answers))


def query(request: Request) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(request.path).query))


def spans_s(log: list[Request]) -> list[int]:
    """How many seconds each request asks for."""
    return [int(asked["to"]) - int(asked["from"]) + 1 for asked in map(query, log)]


def test_gate_counts_contracts_of_as_many_coins_as_its_list_says() -> None:
    """Also in its stream, of coins whose contracts the page does not know."""
    listed = play(GATE, GATE.instruments(), fixtures("gate").answer)
    assert {one.name: one.contract_size for one in listed} == {
        "BTC-USDT-PERP": 0.0001,
        "ETH-USDT-PERP": 0.01,
        "PEPE-USDT-PERP": 1e7,
    }
    bar = {"t": START_MS // 1000, "o": "2", "h": "2", "l": "2", "c": "2", "v": "1.5", "sum": "3"}
    (volume_base,) = playing(GATE.candles(PEPE, STEP_MS), [bar]).volume_base
    assert volume_base == 1.5e7
    held = {"time": START_MS // 1000, "open_interest": "40.5", "lsr_account": 1.0}
    talk = GATE.open_interest(PEPE, STEP_MS, START_MS, START_MS)
    assert list(playing(talk, [held]).open_interest_base) == [4.05e8]
    now = {"position_size": "250000.5", "mark_price": "0.0000112"}
    assert playing(GATE.snapshot(PEPE), now).open_interest_base == 2.500005e12
    row = {"price": "0.0000112", "size": "-7", "time": START_MS, "contract": "PEPE_USDT"}
    message = {"channel": "futures.public_liquidates", "event": "update", "result": [row]}
    found = STREAMS["gate"].read(json.dumps(message), PEPE).liquidations
    assert (list(found.position_side), list(found.quantity_base)) == ([-1], [7e7])


@pytest.mark.parametrize(
    ("told", "side", "contracts"),
    [
        ({"size": 600, "order_size": -600, "left": 0}, 1.0, 600),
        ({"size": -165, "left": 0}, -1.0, 165),
        ({"size": "8000", "order_size": "-5000", "left": "0"}, 1.0, 5000),
        ({"size": -20000, "order_size": 20000, "left": 7500}, -1.0, 12500),
        ({"size": -20000, "order_size": 20000, "left": -7500}, -1.0, 12500),
    ],
)
def test_gate_tells_the_position_and_what_is_filled_of_its_order(
    told: dict[str, Any], side: float, contracts: float
) -> None:
    row = {"time": START_MS // 1000, "contract": "PEPE_USDT", "fill_price": "0.00001", **told}
    others = [
        {**row, "contract": "BTC_USDT"},
        {**row, "size": 5, "order_size": -5, "left": 5},
    ]
    found = playing(GATE.liquidations(PEPE, START_MS, START_MS + 1), [*others, row])
    assert list(found.position_side) == [side]
    assert list(found.quantity_base) == [contracts * 1e7]


def test_a_row_without_a_side_is_left_out_and_said() -> None:
    row = {"time": START_MS // 1000, "contract": "PEPE_USDT", "fill_price": "1", "left": 0}
    rows = [{**row, "size": 5}, {**row, "size": 0, "order_size": -5}]
    talk = GATE.liquidations(PEPE, START_MS, START_MS + 1)
    next(talk)
    said = talk.send([rows])
    assert isinstance(said, Remark)
    assert said.sentence == "Gate: 1 of 2 liquidations could not be read and is left out."


def test_gate_lists_what_trades_now() -> None:
    rows = {row["name"]: row for row in fixtures("gate").reply("api-v4-futures-usdt-contracts")}
    for changes in ({"in_delisting": True}, {"status": "prelaunch"}, {"status": "delisted"}):
        with pytest.raises(NoData):
            playing(GATE.instruments(), [rows["BTC_USDT"] | changes], [], [])
    old = {key: value for key, value in rows["BTC_USDT"].items() if key != "status"}
    (one,) = playing(GATE.instruments(), [], [old], [])
    assert (one.native, one.volume_24h_quote) == ("BTC_USDT", 0.0)


def test_the_halves_of_a_page_that_may_lack_some_are_asked_for() -> None:
    """1,000 rows come at once: here are three each third second of 42 minutes."""
    times_ms = [START_MS + n // 3 * 3000 for n in range(2501)]
    end_ms = START_MS + 2501 * 1000
    rows = [Liquidation(at, 1, 84_000.0, 1.0) for at in times_ms]
    market = flat_market(12, 84_000.0, 25_000.0, START_MS)
    answer = answers_of(VENUES["gate"](market, [Contract("BTC", "0.10", market, rows)]), end_ms)
    log: list[Request] = []
    found = play(GATE, GATE.liquidations(BTC, START_MS, end_ms), answer, log)
    assert list(found.time_ms) == times_ms
    assert set(found.quantity_base) == {1.0}
    assert spans_s(log) == [2501, 1251, 1250, 626, 625, 625, 625]


def test_a_single_second_is_not_halved() -> None:
    """Of four seconds a first one that is full whatever one asks for."""
    second = START_MS // 1000
    row = {"time": second, "contract": "BTC_USDT", "size": 5, "left": 0, "fill_price": "7"}
    log: list[Request] = []

    def answer(request: Request) -> Reply:
        rows = [row] * 1000 if int(query(request)["from"]) == second else []
        return Reply(200, json.dumps(rows).encode())

    found = play(GATE, GATE.liquidations(BTC, START_MS, START_MS + 4000), answer, log)
    assert len(found) == 1000
    assert spans_s(log) == [4, 2, 2, 1, 1]


def test_no_bar_is_asked_for_that_is_kept_no_more() -> None:
    """It refuses a request that begins before its newest 10,000 bars, whatever the end."""
    now_ms = START_MS
    market = flat_market(12_000, 84_000.0, 25_000.0, now_ms - 12_000 * STEP_MS)
    answer = answers_of(VENUES["gate"](market), now_ms)
    start_ms = now_ms - GATE.offers["candles"].reach_ms(STEP_MS)
    log: list[Request] = []
    for ask in (GATE.candles, GATE.mark):
        bars = play(GATE, ask(BTC, STEP_MS, start_ms, now_ms), answer, log)
        np.testing.assert_array_equal(bars.time_ms, np.arange(start_ms, now_ms, STEP_MS))
    asked = [query(one) for one in log]
    assert max(int(one["to"]) for one in asked) == now_ms // 1000 - 300, "the newest bar's opening"
    with pytest.raises(Refused, match="too long ago"):
        play(GATE, GATE.candles(BTC, STEP_MS, now_ms - 11_000 * STEP_MS, now_ms), answer)
