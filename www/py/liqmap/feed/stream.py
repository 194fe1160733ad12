"""A venue's stream of liquidations: connect, subscribe, ping, and reconnect after a loss."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Protocol

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import Unreachable
from liqmap.venues.adapter import Stream

PAUSE_S = (1.0, 60.0)
"""Before connecting again: doubling from the first to the last."""
PINGS_UNANSWERED = 3
"""A venue that answers pings and leaves this many unanswered is taken for gone."""


class Socket(Protocol):
    """A WebSocket; each method raises `Unreachable` when it fails or the socket is closed."""

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str: ...
    async def close(self) -> None: ...


Connect = Callable[[str], Awaitable[Socket]]


async def listen(
    stream: Stream,
    instrument: Instrument,
    connect: Connect,
    *,
    alive: Callable[[bool], None] = lambda _: None,
    random: Callable[[], float] = random.random,
) -> AsyncIterator[Liquidations]:
    """Yield a contract's liquidations as they come, without end; close the generator to stop.

    Liquidations are rare, so that silence alone is no failure: a venue that answers pings
    is taken for alive by those, another by its open connection. What happens between two
    connections is lost, since no venue sends it again.

    Parameters
    ----------
    stream : Stream
    instrument : Instrument
    connect : Connect
        Opens a socket at an address; raises `Unreachable`.
    alive : callable
        Called with True at each message, and with False when the connection is gone.
    random : callable
        Uniform in [0, 1), for the jitter.

    Raises
    ------
    LiqmapError
        The venue refuses the subscription, or sends what its adapter cannot read.
    """
    failures = 0
    while True:
        with suppress(Unreachable, TimeoutError):
            socket = await connect(stream.url)
            pinging = asyncio.ensure_future(_ping(socket, stream))
            try:
                await socket.send(stream.subscribe(instrument))
                while True:
                    message = await asyncio.wait_for(socket.receive(), _patience_s(stream))
                    failures = 0
                    alive(True)
                    if answer := stream.answer(message):
                        await socket.send(answer)
                    found = stream.read(message, instrument)
                    if len(found):
                        yield found
            finally:
                pinging.cancel()
                alive(False)
                await socket.close()
        shortest, longest = PAUSE_S
        pause_s = min(longest, shortest * 2.0**failures)
        failures += 1
        await asyncio.sleep(pause_s * (0.5 + random()))


def _patience_s(stream: Stream) -> float | None:
    """The longest silence that is no failure; None where the venue sends no pongs."""
    return stream.ping_s * PINGS_UNANSWERED if stream.ping else None


async def _ping(socket: Socket, stream: Stream) -> None:
    with suppress(Unreachable):  # `receive` raises the same
        while stream.ping:
            await asyncio.sleep(stream.ping_s)
            await socket.send(stream.ping)
