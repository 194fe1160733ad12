"""Requests and WebSockets of CPython, against stand-ins on this machine."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from liqmap.data.market import Instrument
from liqmap.errors import Refused, Unreachable
from liqmap.feed.stream import listen
from liqmap.fetching import Web, fetched
from liqmap.venues.registry import STREAMS
from liqmap.venues.stream import Message
from tests.support.venue import MARKET
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

INSTRUMENT = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


def test_an_answer_is_given_whatever_its_status() -> None:
    with Replay(MARKET, "bybit") as venue:
        venue.start()
        venue.fail("failing", times=1)
        busy = asyncio.run(fetched(f"{venue.origin}/v5/market/time", None))
        well = asyncio.run(fetched(f"{venue.origin}/v5/market/time", None))
    assert (busy.status, well.status) == (500, 200)
    assert b'"retCode":0' in well.body.replace(b" ", b"")


def test_a_body_is_posted_as_json() -> None:
    with Replay(MARKET, "hyperliquid") as venue:
        venue.start()
        reply = asyncio.run(fetched(f"{venue.origin}/info", '{"type": "metaAndAssetCtxs"}'))
    assert reply.status == 200
    assert b"openInterest" in reply.body


def test_slow_is_unreachable() -> None:
    with Replay(MARKET, "bybit") as venue:
        venue.start()
        venue.fail("slow", seconds=30)
        with pytest.raises(Unreachable, match="cannot be reached"):
            asyncio.run(fetched(f"{venue.origin}/v5/market/time", None, 0.2))
        venue.heal()


def test_a_stream_is_heard() -> None:
    async def heard(stream: ReplayStream) -> Message:
        async with Web() as web:
            address = stream.url
            messages: Any = listen(STREAMS["bybit"], INSTRUMENT, lambda _: web.connect(address))
            pushing = asyncio.create_task(asyncio.to_thread(_push, stream))
            message = await anext(messages)
            await pushing
            await messages.aclose()
            return message  # type: ignore[no-any-return]

    with ReplayStream(MARKET, "bybit") as stream:
        stream.start()
        message = asyncio.run(heard(stream))
    assert message.liquidations.price.tolist() == [90_000.5]
    assert message.liquidations.position_side.tolist() == [1]


def _push(stream: ReplayStream) -> None:
    stream.await_subscribers()
    stream.push(1, 90_000.5, 0.25)


@contextmanager
def closing(code: int, reason: str) -> Iterator[str]:
    """The address of a WebSocket that closes as soon as it is open."""

    def close(connection: ServerConnection) -> None:
        connection.close(code, reason)

    with serve(close, "127.0.0.1", 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("code", "kind", "says"),
    [
        (1008, Refused, "closed the stream: “too many”"),
        (4001, Refused, "closed the stream: “too many”"),
        (1000, Unreachable, "cannot be reached"),
    ],
)
def test_a_stream_that_is_closed_says_how(code: int, kind: type[Exception], says: str) -> None:
    async def received(url: str) -> None:
        async with Web() as web:
            socket = await web.connect(url)
            try:
                await socket.receive()
            finally:
                await socket.close()

    with closing(code, "too many") as url, pytest.raises(kind, match=says):
        asyncio.run(received(url))


def test_a_stream_that_is_not_there_is_unreachable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    async def connected() -> None:
        async with Web() as web:
            await web.connect(f"ws://127.0.0.1:{port}")

    with pytest.raises(Unreachable, match="The stream of 127"):
        asyncio.run(connected())
