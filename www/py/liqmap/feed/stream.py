"""A venue's stream of liquidations: connect, subscribe, ping, and come back after a loss."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from math import inf
from typing import Protocol

from liqmap.data.market import Instrument
from liqmap.errors import Refused, Unreachable
from liqmap.language import mark, say
from liqmap.venues.stream import Message, Stream

LOST_S = (1.0, 60.0)
"""Before connecting again after a loss: doubling from the first to the last, and from the first
again once a connection has held that long. Venues ban who connects too often."""
REFUSED_S = (60.0, 600.0)
"""The same after a refusal."""
LOST = mark("Its stream was lost; trying again.")
SILENT = mark("Its stream was silent for too long; trying again.")


class Socket(Protocol):
    """A WebSocket; each method raises when it fails or the socket is closed.

    `Unreachable`, or `Refused` where the venue closed it with a code that says so.
    """

    async def send(self, text: str) -> None: ...
    async def receive(self) -> str: ...
    async def close(self) -> None: ...


Connect = Callable[[str], Awaitable[Socket]]


async def listen(
    stream: Stream,
    instrument: Instrument,
    connect: Connect,
    *,
    tell: Callable[[str], None] = lambda _: None,
    random: Callable[[], float] = random.random,
) -> AsyncIterator[Message]:
    """Yield what is said of a contract, without end; close the generator to stop.

    Liquidations are rare, so that silence about them is no failure. A connection is taken for
    lost when the venue has not taken the subscription, or has sent nothing at all, within
    `stream.silence_s`. What happens between two connections is lost, since no venue sends it
    again. A venue that refuses is asked again after a longer pause.

    Parameters
    ----------
    stream : Stream
    instrument : Instrument
    connect : Connect
        Opens a socket at an address; raises `Unreachable`.
    tell : callable
        Called with an empty text once the venue has taken the subscription, and with a
        sentence whenever nothing is heard any more.
    random : callable
        Uniform in [0, 1), for the jitter.
    """
    failures = 0
    while True:
        taken_s, pauses_s, why = inf, LOST_S, say(LOST)
        try:
            socket = await connect(stream.url)
            pinging = asyncio.ensure_future(_ping(socket, stream))
            patient_until_s = _now_s() + stream.silence_s
            try:
                await socket.send(stream.subscribe(instrument))
                while True:
                    async with asyncio.timeout_at(patient_until_s):
                        text = await socket.receive()
                    message = stream.read(text, instrument)
                    if message.answer:
                        await socket.send(message.answer)
                    if message.of_subscription and taken_s == inf:
                        taken_s = _now_s()
                        tell("")
                    if taken_s < inf:
                        patient_until_s = _now_s() + stream.silence_s
                    if len(message.liquidations) or message.left_out:
                        yield message
            finally:
                pinging.cancel()
                await socket.close()
        except TimeoutError:
            why = say(SILENT)
        except Unreachable:
            pass
        except Refused as error:
            pauses_s, why = REFUSED_S, error.sentence
        tell(why)
        if _now_s() - taken_s >= LOST_S[1]:
            failures = 0
        shortest, longest = pauses_s
        pause_s = min(longest, shortest * 2.0**failures)
        failures += 1
        await asyncio.sleep(pause_s * (0.5 + random()))


def _now_s() -> float:
    return asyncio.get_running_loop().time()


async def _ping(socket: Socket, stream: Stream) -> None:
    with suppress(Unreachable, Refused):  # `receive` raises the same
        while stream.ping:
            await asyncio.sleep(stream.ping_s)
            await socket.send(stream.ping)
