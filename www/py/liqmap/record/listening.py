"""Listening to streams and keeping what they say, until it is cancelled."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import InputError, LiqmapError
from liqmap.feed.client import Client
from liqmap.feed.directory import Directory
from liqmap.feed.recorder import heard_only
from liqmap.feed.stream import Connect, listen
from liqmap.fetching import Web
from liqmap.loading import ORIGINS, addresses
from liqmap.loading import STREAMS as STREAM_ADDRESSES
from liqmap.record.tapes import ContractTape
from liqmap.venues.registry import ADAPTERS, STREAMS, TITLES

Heard = Callable[[str, str, Liquidations], None]
"""`heard(venue, name, new)`: liquidations that have been written."""
Tell = Callable[[str], None]
HEARTBEAT_S = 30.0
"""How often the time of listening is written."""
ASK_S = 1800.0
"""How often a venue's own list is read, where it has one."""


def wall_ms() -> float:
    """This machine's clock [ms]: times of listening are told by it, so let it be set right."""
    return 1000 * time.time()


async def record(
    contracts: Sequence[tuple[str, str]],
    folder: Path,
    *,
    heard: Heard = lambda *_: None,
    tell: Tell = lambda _: None,
    origins: Mapping[str, str] | None = None,
    streams: Mapping[str, str] | None = None,
    clock_ms: Callable[[], float] = wall_ms,
    heartbeat_s: float = HEARTBEAT_S,
) -> None:
    """Keep the liquidations of contracts in a folder, until it is cancelled.

    It goes on where an earlier recording ended; whatever a venue sends twice is written once. A
    connection that is lost is made anew; where the venue keeps a list of its own, what was missed
    is read from it.

    Parameters
    ----------
    contracts : sequence of (venue, symbol)
    folder : Path
    heard, tell : callable
        Told of what is new, and of connections in sentences.
    origins, streams : mapping of str to str, optional
        Addresses that stand in for venues' own, as of `liqmap.load`.
    clock_ms : callable
    heartbeat_s : float

    Raises
    ------
    LiqmapError
        A venue has no such contract or cannot be asked for it, or the disk takes no more.
    """
    async with Web() as web:
        directory = Directory(web.send)
        directory.origins |= addresses(ORIGINS) if origins is None else origins
        stand_ins = addresses(STREAM_ADDRESSES) if streams is None else streams
        found = [await _instrument(directory, venue, symbol) for venue, symbol in contracts]
        async with asyncio.TaskGroup() as together:
            for venue, instrument in found:
                address = stand_ins.get(venue)
                one = _Listening(
                    venue, instrument, _at(web, address), folder, heard, tell, clock_ms, heartbeat_s
                )
                client = directory.client(venue) if venue in ADAPTERS else None
                together.create_task(one.run(client))


def _at(web: Web, address: str | None) -> Connect:
    """Connects to a stand-in's address, where there is one."""
    return lambda url: web.connect(address or url)


async def _instrument(directory: Directory, venue: str, symbol: str) -> tuple[str, Instrument]:
    if venue not in STREAMS and not (
        venue in ADAPTERS and "liquidations" in ADAPTERS[venue].offers
    ):
        streaming = ", ".join(STREAMS)
        title = TITLES.get(venue, venue)
        raise InputError(f"{title} publishes no liquidations.", hint=f"These do: {streaming}.")
    if venue in ADAPTERS:
        instrument, sentence = await directory.instrument(venue, symbol)
        if sentence:
            raise InputError(sentence, hint="Name the contract that the venue has.")
        return venue, instrument
    coin = symbol.partition("-")[0]
    found = heard_only(coin).get(venue)
    if found is None:
        raise InputError(f"Of {coin}, {STREAMS[venue].title} can not be listened to.")
    return venue, found


class _Listening:
    """One contract: its stream, its venue's own list, and the clock of both."""

    def __init__(
        self,
        venue: str,
        instrument: Instrument,
        connect: Connect,
        folder: Path,
        heard: Heard,
        tell: Tell,
        clock_ms: Callable[[], float],
        heartbeat_s: float,
    ) -> None:
        self.venue, self.instrument = venue, instrument
        self._connect, self._folder = connect, folder
        self._heard, self._say = heard, tell
        self._clock_ms, self._heartbeat_s = clock_ms, heartbeat_s
        self._since_ms: float | None = None
        """Listened to from here on; None while there is no connection."""

    async def run(self, client: Client | None) -> None:
        """Listen, write, and read the venue's list, until cancelled."""
        with ContractTape(self._folder, self.venue, self.instrument.name) as tape:
            async with asyncio.TaskGroup() as together:
                if self.venue in STREAMS:
                    together.create_task(self._listen(tape))
                    together.create_task(self._beat(tape))
                if client is not None and "liquidations" in client.adapter.offers:
                    together.create_task(self._ask(tape, client))

    async def _listen(self, tape: ContractTape) -> None:
        stream = STREAMS[self.venue]
        async for message in listen(stream, self.instrument, self._connect, tell=self._tell):
            if message.left_out:  # of these times not all is known
                self._since_ms = self._clock_ms()
            self._keep(tape, message.liquidations)

    def _tell(self, lost: str) -> None:
        self._since_ms = None if lost else self._clock_ms()
        title = STREAMS[self.venue].title
        self._say(f"{title} {self.instrument.name}: {lost or 'listening.'}")

    async def _beat(self, tape: ContractTape) -> None:
        """Write how long it was listened to, less the silence after which a loss is noticed."""
        silence_ms = 1000 * STREAMS[self.venue].silence_s
        while True:
            await asyncio.sleep(self._heartbeat_s)
            until_ms = self._clock_ms() - silence_ms
            if self._since_ms is not None and until_ms > self._since_ms:
                tape.watch(self._since_ms, until_ms)
                self._since_ms = until_ms

    async def _ask(self, tape: ContractTape, client: Client) -> None:
        """What the venue's own list holds, now and every half hour."""
        depth = client.adapter.offers["liquidations"]
        while True:
            end_ms = self._clock_ms()
            start_ms = end_ms - (depth.ms or 86_400_000.0)
            try:
                talk = client.adapter.liquidations(self.instrument, start_ms, end_ms)
                found = await client.converse(talk)
            except LiqmapError as error:
                self._say(f"{client.adapter.title} {self.instrument.name}: {error}")
            else:
                if not depth.ms:  # a list of so many rows is complete from its first row on
                    start_ms = float(found.time_ms[0]) if len(found) else end_ms
                self._keep(tape, found)
                tape.watch(start_ms, end_ms)
            await asyncio.sleep(ASK_S)

    def _keep(self, tape: ContractTape, seen: Liquidations) -> None:
        fresh = tape.add(seen)
        if len(fresh):
            self._heard(self.venue, self.instrument.name, fresh)
