"""Each stand-in stream, heard by our own, says what was pushed; and it can break."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.sync.client import connect as dial

from liqmap.errors import Refused, Unreachable
from liqmap.feed.stream import listen
from liqmap.venues.registry import STREAMS
from tests.support.venue import BTC, MARKET, NOW, bitcoin
from tools.replay.registry import FEEDS
from tools.replay.streams import ReplayStream, streams

BEFORE = NOW - 1000
DAY = 86_400_000


@pytest.fixture(params=sorted(FEEDS))
def replay(request: pytest.FixtureRequest) -> Iterator[ReplayStream]:
    with ReplayStream(MARKET, request.param) as stream:
        stream.start()
        yield stream


class Line:
    """A socket as `listen` wants it, over a real connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed:
            raise Unreachable("closed") from None

    async def receive(self) -> str:
        try:
            return str(await self._connection.recv())
        except ConnectionClosed:
            raise Unreachable("closed") from None

    async def close(self) -> None:
        await self._connection.close()


class Listener:
    """Our own listening to a replay, in a thread; leaving it stops it."""

    def __init__(self, replay: ReplayStream) -> None:
        self.replay = replay
        self.rows: list[tuple[float, ...]] = []
        self.told: list[str] = []
        self.left_out = 0
        self.refused = 0
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join(10)
        assert not self._thread.is_alive()

    def until(self, condition: Callable[[], object]) -> None:
        with self._changed:
            assert self._changed.wait_for(condition, 10), (self.rows, self.told)

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.ensure_future(self._follow())
        with suppress(asyncio.CancelledError):
            await self._task

    async def _connect(self, url: str) -> Line:
        assert url == STREAMS[self.replay.feed.name].url
        try:
            return Line(await connect(self.replay.url))
        except (InvalidHandshake, OSError):
            with self._changed:
                self.refused += 1
                self._changed.notify_all()
            raise Unreachable("down") from None

    async def _follow(self) -> None:
        venue = self.replay.feed.name
        heard = listen(
            STREAMS[venue],
            bitcoin(venue),
            self._connect,
            tell=self._note,
            random=lambda: -0.5,  # come back at once
        )
        async for message in heard:
            found = message.liquidations
            with self._changed:
                self.left_out += message.left_out
                columns = found.time_ms, found.position_side, found.price, found.quantity_base
                self.rows += zip(*columns, strict=True)
                self._changed.notify_all()

    def _note(self, lost: str) -> None:
        with self._changed:
            if self.told[-1:] != [lost]:
                self.told.append(lost)
            self._changed.notify_all()


def test_what_is_pushed_is_heard_by_value(replay: ReplayStream) -> None:
    with Listener(replay) as listener:
        replay.await_subscribers()
        replay.push(+1, 91_234.5, 0.25, BEFORE)
        replay.push(-1, 3_000.5, 7.0, BEFORE, coin="ETH")  # another contract's
        replay.push(-1, 92_345.6, 1.5, BEFORE + 1)
        listener.until(lambda: len(listener.rows) == 2)
    expected = [(BEFORE, 1, 91_234.5, 0.25), (BEFORE + 1, -1, 92_345.6, 1.5)]
    for row, wanted in zip(listener.rows, expected, strict=True):
        assert row == pytest.approx(wanted, rel=1e-9)
    assert listener.told == [""]


def test_a_lost_connection_comes_back_and_subscribes_again(replay: ReplayStream) -> None:
    """What happened in between is lost, here as there."""
    with Listener(replay) as listener:
        replay.await_subscribers()
        replay.push(+1, 91_000.0, 1.0, BEFORE)
        listener.until(lambda: len(listener.rows) == 1)
        replay.fail("down")
        replay.drop()
        listener.until(lambda: listener.refused)
        replay.await_subscribers(0)
        replay.push(+1, 91_500.0, 1.0, BEFORE)
        replay.heal()
        replay.await_subscribers()
        replay.push(-1, 92_000.0, 2.0, BEFORE)
        listener.until(lambda: len(listener.rows) == 2)
    assert [row[2] for row in listener.rows] == pytest.approx([91_000, 92_000])
    subscription = STREAMS[replay.feed.name].subscribe(bitcoin(replay.feed.name))
    assert replay.heard.count(subscription) == 2


def test_a_refusal_is_told_in_the_venue_s_words(replay: ReplayStream) -> None:
    replay.fail("refused")
    with Listener(replay) as listener:
        listener.until(lambda: listener.told)
    assert listener.told[0].startswith(f"{STREAMS[replay.feed.name].title} refused")


def test_half_a_message_is_left_out_and_the_next_is_heard(replay: ReplayStream) -> None:
    with Listener(replay) as listener:
        replay.await_subscribers()
        replay.push(+1, 91_000.0, 1.0, BEFORE)
        listener.until(lambda: len(listener.rows) == 1)
        replay.fail("garbage")
        replay.push(+1, 91_500.0, 1.0, BEFORE)
        listener.until(lambda: listener.left_out)
        replay.heal()
        replay.push(-1, 92_000.0, 2.0, BEFORE)
        listener.until(lambda: len(listener.rows) == 2)
    assert [row[2] for row in listener.rows] == pytest.approx([91_000, 92_000])
    assert listener.told == [""]


def test_a_silent_venue_is_not_listened_to(replay: ReplayStream) -> None:
    replay.fail("silent")
    with Listener(replay) as listener:
        replay.await_subscribers()
        replay.push(+1, 91_000.0, 1.0, BEFORE)
    assert (listener.rows, listener.told) == ([], [])


def answer_to(message: str, replay: ReplayStream) -> str:
    with dial(replay.url) as line:
        if replay.feed.hello:
            line.recv(10)
        line.send(message)
        return str(line.recv(10))


def test_a_ping_is_answered(replay: ReplayStream) -> None:
    """What comes back is no liquidation and no fault."""
    stream = STREAMS[replay.feed.name]
    if stream.ping:
        answer = answer_to(stream.ping, replay)
        read = stream.read(answer, bitcoin(stream.venue))
        assert len(read.liquidations) == read.left_out == 0


def test_what_is_no_subscription_is_refused(replay: ReplayStream) -> None:
    stream = STREAMS[replay.feed.name]
    answer = answer_to('{"op":"dance","method":"dance","event":"dance"}', replay)
    with pytest.raises(Refused, match=stream.title):
        stream.read(answer, bitcoin(stream.venue))


def test_who_did_not_subscribe_hears_nothing(replay: ReplayStream) -> None:
    """The first thing the second connection hears is the answer to its subscription."""
    subscription = STREAMS[replay.feed.name].subscribe(bitcoin(replay.feed.name))
    with dial(replay.url) as idle, dial(replay.url) as line:
        line.send(subscription)
        replay.await_subscribers(1)
        replay.push(+1, 91_000.0, 1.0, BEFORE)
        idle.send(subscription)
        said = [str(idle.recv(10)) for _ in range(1 + bool(replay.feed.hello))]
    stream = STREAMS[replay.feed.name]
    assert not any(len(stream.read(one, bitcoin(stream.venue)).liquidations) for one in said)


def test_a_stream_stands_at_its_path_alone(replay: ReplayStream) -> None:
    with pytest.raises(InvalidStatus, match="404"):
        dial(replay.url + "/elsewhere")


def test_the_newest_of_the_file_is_told_once(replay: ReplayStream) -> None:
    now = NOW - DAY
    replay.clock = lambda: now
    replay.advance()
    with Listener(replay) as listener:
        replay.await_subscribers()
        for _ in range(3):
            now += DAY // 4
            replay.advance()
        expected = BTC.liquidations(NOW - DAY, now)
        listener.until(lambda: len(listener.rows) >= len(expected))
        replay.push(+1, 1.0, 1.0, now)
        listener.until(lambda: listener.rows[-1][2] == 1.0)
    assert len(expected) > 50
    np.testing.assert_allclose(listener.rows[:-1], expected, rtol=1e-9)


def test_every_stream_has_a_port_of_its_own_and_need_not_start() -> None:
    every = streams(MARKET)
    assert set(every) == set(FEEDS) <= set(STREAMS)
    assert len({one.url for one in every.values()}) == len(every)
    for one in every.values():
        with one:
            assert one.url.startswith("ws://127.0.0.1:")
