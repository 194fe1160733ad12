"""One message or row of a stream that cannot be read is left out and counted, nothing else."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest

from bench.venues import bitcoin, messages
from liqmap.data.market import Instrument
from liqmap.errors import Refused
from liqmap.feed.recorder import heard_only
from liqmap.venues.registry import STREAMS
from liqmap.venues.stream import Message, Stream
from tests.support.fixtures import fixtures
from tests.support.odd_rows import ODD, places, put, without

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
streams = pytest.mark.parametrize("stream", STREAMS.values(), ids=STREAMS)


def read(venue: str, content: object) -> Message:
    text = content if isinstance(content, str) else json.dumps(content)
    return STREAMS[venue].read(text, heard_only("BTC").get(venue, BTC))


def bybit(*quantities: object) -> dict[str, Any]:
    rows = [
        {"T": 1_780_000_000_000 + at, "s": "BTCUSDT", "S": "Sell", "v": quantity, "p": "60000"}
        for at, quantity in enumerate(quantities)
    ]
    return {"topic": "allLiquidation.BTCUSDT", "type": "snapshot", "data": rows}


def test_a_row_of_nothing_among_good_ones() -> None:
    said = [read("bybit", bybit(*some)) for some in (("0.1",), ("0", "0.2"), ("0.3",))]
    assert [list(one.liquidations.quantity_base) for one in said] == [[0.1], [0.2], [0.3]]
    assert [one.left_out for one in said] == [0, 1, 0]


def test_every_row_of_a_message_may_be_odd() -> None:
    said = read("bybit", bybit("0", None, "NaN"))
    assert (len(said.liquidations), said.left_out) == (0, 3)


@pytest.mark.parametrize("text", ['{"topic":"allLiq', "{", "[" * 100_000, '{"topic":NaN,'])
@streams
def test_what_is_no_json_is_one_left_out(stream: Stream, text: str) -> None:
    assert stream.read(text, BTC).left_out == 1


def gate(rows: object, **more: object) -> dict[str, Any]:
    head = {"time": 1786000001, "time_ms": 1786000001234, "channel": "futures.public_liquidates"}
    return {**head, "event": "update", "result": rows, **more}


def test_gate_since_august_2026() -> None:
    """Time in milliseconds, sizes as numbers or text, several rows or a single one."""
    several = gate(
        [
            {"price": "61000.5", "size": -7, "time": 1786000001233, "contract": "BTC_USDT"},
            {"price": "61000.4", "size": -2, "time": 1786000001240, "contract": "BTC_USDT"},
        ]
    )
    single = gate({"price": "61001", "size": "3", "time": 1786000002233, "contract": "BTC_USDT"})
    other = gate([{"price": "0.5", "size": -7, "time": 1786000003233, "contract": "ABC_USDT"}])
    said = [read("gate", one) for one in (several, single, other)]
    assert [list(one.liquidations.time_ms) for one in said] == [
        [1786000001233, 1786000001240],
        [1786000002233],
        [],
    ]
    assert list(said[0].liquidations.position_side) == [-1, -1]
    assert list(said[0].liquidations.quantity_base) == pytest.approx([0.0007, 0.0002])
    assert list(said[1].liquidations.price) == [61001]
    assert all(one.of_subscription and not one.left_out for one in said)


@streams
def test_an_odd_message_is_left_out_or_read_and_never_raised(stream: Stream) -> None:
    """Each place of each message dropped or made odd; a rejection alone is raised."""
    one = bitcoin(stream)
    left_out = 0
    for content in messages(stream):
        for path in places(content):
            odd = [put(content, path, value) for value in ODD]
            for changed in [*odd, *([without(content, path)] if path else [])]:
                said = Message()
                with suppress(Refused):
                    said = stream.read(json.dumps(changed), one)
                left_out += said.left_out
                for name in ("time_ms", "price", "quantity_base"):
                    assert (getattr(said.liquidations, name) > 0).all()
    assert left_out > 20


@streams
def test_a_rejection_is_none_of_a_ping(stream: Stream) -> None:
    """Where requests are numbered, an error that answers the ping is no rejection."""
    if '"id":2' in stream.ping:
        said = stream.read('{"id":2,"error":{"code":1,"msg":"unknown"}}', BTC)
        assert not said.of_subscription
        with pytest.raises(Refused, match="unknown"):
            stream.read('{"id":1,"error":{"code":1,"msg":"unknown"}}', BTC)


def test_a_list_of_subscriptions_tells_whether_ours_stands() -> None:
    for listed in (["btcusdt@forceOrder"], ["ethusdt@forceOrder"], []):
        said = read("binance", {"id": 2, "result": listed})
        assert said.of_subscription == ("btcusdt@forceOrder" in listed)


@streams
def test_every_stream_has_a_message_of_each_kind(stream: Stream) -> None:
    """An acknowledgement or first message, a rejection, and liquidations."""
    names = set(fixtures(stream.venue).messages)
    assert names & {"subscribed", "older-trades", "older-long"}
    assert "refused" in names
    wanted = fixtures(stream.venue).expected["stream"].values()
    assert any(one.get("liquidations") for one in wanted)
