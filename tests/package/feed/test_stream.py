"""A connection that breaks comes back, and a silent one is told from a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise

import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import Refused, Unreachable
from liqmap.feed.stream import listen
from liqmap.venues.adapter import Stream
from tests.support.clock import now_s, run

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


class Toy(Stream):
    """Messages are numbers: times of liquidations; `ping` and `pong` are what they are."""

    venue, title, url = "toy", "Toy", "wss://toy.example"
    completeness = "Toy sends all."
    ping = "ping"
    ping_s = 20.0

    def subscribe(self, instrument: Instrument) -> str:
        return f"subscribe {instrument.native}"

    def answer(self, message: str) -> str | None:
        return "here" if message == "are you there" else None

    def read(self, message: str, instrument: Instrument) -> Liquidations:
        if message == "no":
            raise Refused("Toy says no.")
        times = [float(message)] if message.isdigit() else []
        ones = [1.0] * len(times)
        return Liquidations.sorted(times, ones, ones, ones)


class Wire:
    """A server that says each script to one connection: (seconds, message or None: closed)."""

    def __init__(self, *scripts: list[tuple[float, str | None]], pongs: bool = True) -> None:
        self.scripts = list(scripts)
        self.pongs = pongs
        self.log: list[tuple[float, str]] = []

    async def __call__(self, url: str) -> Connection:
        self.log.append((now_s() - 1000, "connect"))
        if not self.scripts:
            raise Unreachable("gone")
        return Connection(self, self.scripts.pop(0))


class Connection:
    def __init__(self, wire: Wire, script: list[tuple[float, str | None]]) -> None:
        self.wire = wire
        self.script = script
        self.inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self.speaking = asyncio.ensure_future(self.speak())

    async def speak(self) -> None:
        for wait_s, message in self.script:
            await asyncio.sleep(wait_s)
            self.inbox.put_nowait(message)

    async def send(self, text: str) -> None:
        self.wire.log.append((now_s() - 1000, text))
        if text == "ping" and self.wire.pongs:
            self.inbox.put_nowait("pong")

    async def receive(self) -> str:
        message = await self.inbox.get()
        if message is None:
            raise Unreachable("closed")
        return message

    async def close(self) -> None:
        self.speaking.cancel()
        self.wire.log.append((now_s() - 1000, "close"))


def heard(
    wire: Wire,
    seconds: float,
    alive: Callable[[bool], None] = lambda _: None,
    stream: Stream | None = None,
) -> list[float]:
    """Times that arrived within so many seconds."""
    times: list[float] = []

    async def follow() -> None:
        async for found in listen(stream or Toy(), BTC, wire, alive=alive, random=lambda: 0.5):
            times.extend(found.time_ms)

    async def main() -> None:
        task = asyncio.ensure_future(follow())
        done, _ = await asyncio.wait([task], timeout=seconds)
        if not done:
            task.cancel()
            await asyncio.wait([task])
        else:
            task.result()

    run(main())
    return times


def test_it_subscribes_and_hears() -> None:
    wire = Wire([(1, "hello"), (1, "7"), (1, "are you there"), (1, "8")])
    assert heard(wire, 10) == [7, 8]
    assert wire.log == [(0, "connect"), (0, "subscribe BTCUSDT"), (3, "here"), (10, "close")]


def test_silence_with_pongs_is_no_trouble() -> None:
    wire = Wire([(1000, "7")])
    assert heard(wire, 1001) == [7]
    assert [one for one in wire.log if one[1] == "connect"] == [(0, "connect")]
    assert [at for at, text in wire.log if text == "ping"][:3] == [20, 40, 60]


def test_silence_without_pongs_is_a_dead_connection() -> None:
    wire = Wire([(1, "hello"), (1000, "7")], [(1, "8")], pongs=False)
    assert heard(wire, 70) == [8]
    assert [at for at, text in wire.log if text == "connect"] == [0, 62]


def test_a_connection_that_is_gone_is_not_pinged() -> None:
    wire = Wire([(1, None)], [(0, "hello")])
    heard(wire, 50)
    assert [at for at, text in wire.log if text == "ping"] == [22, 42]


def test_a_venue_without_pings_may_be_silent() -> None:
    class Quiet(Toy):
        ping = ""

    wire = Wire([(1000, "7")], pongs=False)
    assert heard(wire, 1001, stream=Quiet()) == [7]
    assert {text for _, text in wire.log} == {"connect", "subscribe BTCUSDT", "close"}


def test_it_comes_back_more_slowly_each_time() -> None:
    wire = Wire()
    heard(wire, 370)
    at = [one for one, text in wire.log if text == "connect"]
    pauses = [later - sooner for sooner, later in pairwise(at)]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_a_good_connection_starts_the_patience_anew() -> None:
    closing: list[tuple[float, str | None]] = [(0.0, "hello"), (0.0, None)]
    wire = Wire([(0, None)], [(0, None)], closing, closing, [(0, "7")])
    assert heard(wire, 20) == [7]
    assert [one for one, text in wire.log if text == "connect"] == [0, 1, 3, 4, 5]


def test_it_says_whether_it_is_alive() -> None:
    said: list[bool] = []
    heard(Wire([(1, "hello"), (1, None)], [(5, "hello")]), 10, said.append)
    assert said == [True, False, True, False]


def test_a_refusal_ends_it() -> None:
    wire = Wire([(1, "no")], [(1, "7")])
    with pytest.raises(Refused, match="Toy says no"):
        heard(wire, 10)
    assert [text for _, text in wire.log] == ["connect", "subscribe BTCUSDT", "close"]
