"""A connection that breaks comes back, and a silent one is told from a dead one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import Refused, Unreachable
from liqmap.feed.stream import LOST, SILENT, listen
from liqmap.venues.stream import Message, Stream
from tests.support.clock import now_s, run

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


class Toy(Stream):
    """Messages are times of liquidations; `yes` takes the subscription, `no` rejects it."""

    venue, title, url = "toy", "Toy", "wss://toy.example"
    completeness = "Toy sends all."
    ping = "ping"
    ping_s = 20.0
    silence_s = 60.0

    def subscribe(self, instrument: Instrument) -> str:
        return f"subscribe {instrument.native}"

    def read(self, message: str, instrument: Instrument) -> Message:
        if message == "no":
            raise Refused("Toy says no.")
        if message == "?":
            return Message(left_out=2)
        times = [float(message)] if message.isdigit() else []
        ones = [1.0] * len(times)
        return Message(
            Liquidations.sorted(times, ones, ones, ones),
            of_subscription=message in ("yes", *map(str, range(9))),
            answer="here" if message == "are you there" else "",
        )

    def _rejection(self, content: dict[str, Any]) -> object:
        raise NotImplementedError

    def _table(self, content: dict[str, Any], instrument: Instrument) -> object:
        raise NotImplementedError

    def _liquidations(self, row: Any, instrument: Instrument) -> list[Any]:
        raise NotImplementedError


class Wire:
    """A server that says each script to one connection: (seconds, message or None: closed)."""

    closes: Exception = Unreachable("closed")

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
            raise self.wire.closes
        return message

    async def close(self) -> None:
        self.speaking.cancel()
        self.wire.log.append((now_s() - 1000, "close"))


def heard(
    wire: Wire,
    seconds: float,
    tell: Callable[[str], None] = lambda _: None,
    stream: Stream | None = None,
) -> list[float]:
    """Times that arrived within so many seconds, -1 for each row left out."""
    times: list[float] = []

    async def follow() -> None:
        async for said in listen(stream or Toy(), BTC, wire, tell=tell, random=lambda: 0.5):
            times.extend([*said.liquidations.time_ms, *[-1] * said.left_out])

    async def main() -> None:
        task = asyncio.ensure_future(follow())
        done, _ = await asyncio.wait([task], timeout=seconds)
        assert not done, task.result()
        task.cancel()
        await asyncio.wait([task])

    run(main())
    return times


def connected(wire: Wire) -> list[float]:
    return [at for at, text in wire.log if text == "connect"]


def test_it_subscribes_and_hears() -> None:
    wire = Wire([(1, "yes"), (1, "7"), (1, "are you there"), (1, "8")])
    assert heard(wire, 10) == [7, 8]
    assert wire.log == [(0, "connect"), (0, "subscribe BTCUSDT"), (3, "here"), (10, "close")]


def test_silence_with_pongs_is_no_trouble() -> None:
    wire = Wire([(1, "yes"), (1000, "7")])
    assert heard(wire, 1010) == [7]
    assert connected(wire) == [0]
    assert [at for at, text in wire.log if text == "ping"][:3] == [20, 40, 60]


def test_silence_without_pongs_is_a_lost_connection() -> None:
    said: list[str] = []
    wire = Wire([(1, "yes"), (1000, "7")], [(1, "8")], pongs=False)
    assert heard(wire, 70, said.append) == [8]
    assert connected(wire) == [0, 62]
    assert said == ["", SILENT, ""]


def test_a_venue_that_answers_pings_and_takes_no_subscription_is_not_listened_to() -> None:
    """Nothing that was heard says that anything would be."""
    said: list[str] = []
    wire = Wire([(1, "hello")], [(1, "hello")])
    heard(wire, 120, said.append)
    assert connected(wire) == [0, 61]
    assert said == [SILENT]


def test_a_connection_that_is_gone_is_not_pinged() -> None:
    wire = Wire([(1, None)], [(0, "yes")])
    heard(wire, 50)
    assert [at for at, text in wire.log if text == "ping"] == [22, 42]


def test_a_venue_without_pings_may_be_silent_for_so_long() -> None:
    class Quiet(Toy):
        ping = ""
        silence_s = 600.0

    wire = Wire([(1, "yes"), (500, "7")], [(500, "8")], pongs=False)
    assert heard(wire, 1700, stream=Quiet()) == [7, 8]
    assert connected(wire)[:2] == [0, 1 + 500 + 600 + 1]
    assert {text for _, text in wire.log} == {"connect", "subscribe BTCUSDT", "close"}


def test_it_comes_back_more_slowly_each_time() -> None:
    wire = Wire()
    heard(wire, 370)
    pauses = [later - sooner for sooner, later in pairwise(connected(wire))]
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 60, 60, 60]


def test_a_connection_that_comes_and_goes_is_not_asked_for_each_second() -> None:
    """Venues ban who connects too often; one that has held for a while starts anew."""
    flaps: list[tuple[float, str | None]] = [(0.0, "yes"), (0.0, None)]
    holds: list[tuple[float, str | None]] = [(0.0, "yes"), (60.0, None)]
    wire = Wire(flaps, flaps, flaps, holds, flaps, [(0, "7")])
    assert heard(wire, 100) == [7]
    assert connected(wire) == [0, 1, 3, 7, 68, 70]


def test_it_says_whether_anything_is_heard() -> None:
    said: list[str] = []
    heard(Wire([(1, "hello"), (1, "yes"), (1, None)], [(5, "3")]), 10, said.append)
    assert said == ["", LOST, ""]


def test_what_cannot_be_read_is_told_and_the_rest_heard() -> None:
    wire = Wire([(1, "yes"), (1, "7"), (1, "?"), (1, "8")])
    assert heard(wire, 10) == [7, -1, -1, 8]
    assert connected(wire) == [0]


def test_a_refusal_is_said_and_asked_again_after_a_longer_pause() -> None:
    said: list[str] = []
    wire = Wire([(0, "no")], [(0, "no")], [(0, "yes"), (1, "7")])
    assert heard(wire, 200, said.append) == [7]
    assert connected(wire) == [0, 60, 180]
    assert said == ["Toy says no.", "Toy says no.", ""]


def test_a_venue_that_closes_with_its_reason_has_refused() -> None:
    class Shut(Wire):
        closes = Refused("Toy closed the stream.")

    said: list[str] = []
    wire = Shut([(1, "yes"), (1, None)], [(0, "7")])
    assert heard(wire, 100, said.append) == [7]
    assert connected(wire) == [0, 62]
    assert said == ["", "Toy closed the stream.", ""]
