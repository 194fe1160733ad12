"""Recording what happened: the streams of the venues on screen, their own lists, the tape.

When a venue was listened to is counted by its own bars, never by the visitor's clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from math import inf

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import InputError, LiqmapError
from liqmap.feed.cache import Store
from liqmap.feed.client import Line
from liqmap.feed.stream import Connect, listen
from liqmap.feed.tape import Span, Tape
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.words import clock

TAPE_KEY = "tape"
SAVE_S = 20.0
"""The tape is stored this long after something new, at most."""


class Recorder:
    """The tape of this browser, and who is listened to now.

    Parameters
    ----------
    connect : Connect
    store : Store, optional
        Where the tape outlives the page.
    heard : callable
        Called when there is something new to show.
    """

    def __init__(
        self, connect: Connect | None, store: Store | None, heard: Callable[[], None]
    ) -> None:
        self.tape = Tape()
        self.simulated: tuple[str, str, Liquidations] | None = None
        self.streams: dict[str, str] = {}
        """Addresses that stand in for the venues' own, in a replay."""
        self.save_s = SAVE_S
        self._connect, self._store, self._heard = connect, store, heard
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._bar: dict[str, tuple[float, float]] = {}
        self._since: dict[tuple[str, str], float] = {}
        self._trouble: dict[tuple[str, str], str] = {}
        self._listed: dict[tuple[str, str], float] = {}
        self._unlisted: dict[tuple[str, str], str] = {}
        self._asked: dict[tuple[str, str], float] = {}
        self._saving: asyncio.Task[None] | None = None
        self._known: bytes | None = None

    async def open(self) -> str:
        """Load what earlier visits kept; a sentence when it cannot be read."""
        try:
            await self._merge_stored()
        except InputError as error:
            return str(error)
        return ""

    def listen_to(self, instruments: Mapping[str, Instrument]) -> None:
        """Listen to these contracts by venue, whose bars are known, and to no others."""
        wanted = {(venue, one.name) for venue, one in instruments.items() if venue in STREAMS}
        for key in [key for key in self._tasks if key not in wanted]:
            self._tasks.pop(key).cancel()
            self._since.pop(key, None)
        for venue, one in instruments.items():
            key = (venue, one.name)
            if self._connect is not None and key in wanted and key not in self._tasks:
                self._tasks[key] = asyncio.ensure_future(self._listen(venue, one))

    def bar(self, venue: str, name: str, open_ms: float, end_ms: float) -> None:
        """The venue's newest bar is this one: until its opening, we have heard everything."""
        self._bar[venue] = (open_ms, end_ms)
        key = (venue, name)
        if key in self._since:
            self.tape.watch(venue, name, self._since[key], open_ms)

    def lacks(self, venue: str, name: str, start_ms: float) -> bool:
        """Whether the venue's own list has not been asked back to that time."""
        offered = venue in ADAPTERS and "liquidations" in ADAPTERS[venue].offers
        return offered and start_ms < self._asked.get((venue, name), inf)

    async def ask(self, line: Line, instrument: Instrument, start_ms: float, end_ms: float) -> None:
        """Read the venue's own list of what happened before, where it has one."""
        venue = line.adapter.venue
        key = (venue, instrument.name)
        depth = line.adapter.offers.get("liquidations")
        if depth is None:
            return
        self._asked[key] = start_ms
        reach_ms = depth.ms or end_ms - start_ms
        start_ms = max(start_ms, end_ms - reach_ms)
        try:
            found = await line.converse(line.adapter.liquidations(instrument, start_ms, end_ms))
        except LiqmapError as error:
            self._asked.pop(key)  # the next bar asks again
            self._unlisted[key] = f"Its own list cannot be read: {error.sentence}"
            self._heard()
            return
        self._unlisted.pop(key, None)
        if not depth.ms:  # a list of so many rows begins where it begins
            start_ms = float(found.time_ms[0]) if len(found) else end_ms
        self._listed[key] = min(start_ms, self._listed.get(key, start_ms))
        self.tape.watch(venue, instrument.name, start_ms, end_ms)
        self._keep(venue, instrument, found)

    def pretend(self, venue: str, name: str, happened: Liquidations) -> None:
        """What a simulation liquidates: shown, never kept."""
        self.simulated = (venue, name, happened)

    def of(self, venue: str, name: str, start_ms: float, end_ms: float) -> Liquidations:
        """What is known of a contract in [start_ms, end_ms)."""
        if self.simulated is not None and (venue, name) == self.simulated[:2]:
            one = self.simulated[2]
            return one.rows((one.time_ms >= start_ms) & (one.time_ms < end_ms))
        return self.tape.of(name, venue, start_ms, end_ms)

    def watched(self, venue: str, name: str) -> tuple[Span, ...]:
        """When that contract was listened to, oldest first [ms]."""
        if self.simulated is not None and (venue, name) == self.simulated[:2]:
            return ((-inf, inf),)
        return self.tape.watched(venue, name)

    def words(self, instruments: Mapping[str, Instrument]) -> list[str]:
        """How complete each venue's liquidations are, a sentence each."""
        sentences = []
        for venue, one in instruments.items():
            key = (venue, one.name)
            stream = STREAMS.get(venue)
            if self.simulated is not None and key == self.simulated[:2]:
                sentences.append("Simulated liquidations: all of them.")
                continue
            if stream is None:
                title = ADAPTERS[venue].title
                sentences.append(f"{title} publishes no liquidations.")
                continue
            parts = [stream.completeness]
            if key in self._listed:
                parts.append(f"Its own list reaches back to {clock(self._listed[key])} UTC.")
            if key in self._since:
                parts.append(f"Listening since {clock(self._since[key])} UTC.")
            elif key in self._tasks:
                parts.append("Connecting…")
            parts += [self._unlisted.get(key, ""), self._trouble.get(key, "")]
            sentences.append(" ".join(part for part in parts if part))
        return sentences

    async def clear(self) -> None:
        """Forget everything, here and in the browser's storage."""
        self.tape.clear()
        self._listed.clear()
        self._asked.clear()
        if self._store is not None:
            with suppress(OSError):
                await self._store.delete(TAPE_KEY)
        self._heard()

    async def save(self) -> None:
        """Store the tape, with what another tab has stored meanwhile."""
        if self._store is None:
            return
        with suppress(InputError):
            await self._merge_stored()
        with suppress(OSError):
            dump = self.tape.dump()
            await self._store.put(TAPE_KEY, dump)
            self._known = dump

    async def _merge_stored(self) -> None:
        if self._store is not None:
            with suppress(OSError):
                stored = await self._store.get(TAPE_KEY)
                if stored is not None and stored != self._known:
                    self.tape.merge(Tape.load(stored))

    async def _listen(self, venue: str, instrument: Instrument) -> None:
        key = (venue, instrument.name)
        assert self._connect is not None
        connect, address = self._connect, self.streams.get(venue)

        def alive(there: bool) -> None:
            if there and key not in self._since:
                self._since[key] = self._bar[venue][1]
                self._trouble.pop(key, None)
                self._heard()
            elif not there and self._since.pop(key, None) is not None:
                self._trouble[key] = "The connection was lost; trying again."
                self._heard()

        stream = STREAMS[venue]
        try:
            async for found in listen(
                stream, instrument, lambda url: connect(address or url), alive=alive
            ):
                self._keep(venue, instrument, found)
        except LiqmapError as error:
            self._trouble[key] = f"{error.sentence} No liquidations are heard from {stream.title}."
            self._heard()

    def _keep(self, venue: str, instrument: Instrument, found: Liquidations) -> None:
        if len(self.tape.add(venue, instrument.name, found)) and self._saving is None:
            self._saving = asyncio.ensure_future(self._save_later())
        self._heard()

    async def _save_later(self) -> None:
        await asyncio.sleep(self.save_s)
        self._saving = None
        await self.save()


def heard_only(coin: str) -> dict[str, Instrument]:
    """Contracts of a coin on venues that can be listened to and not be read."""
    return {
        venue: Instrument(f"{coin}-USDT-PERP", f"{coin}_USDT", coin, "USDT")
        for venue, stream in STREAMS.items()
        if venue not in ADAPTERS and coin in stream.coins
    }
