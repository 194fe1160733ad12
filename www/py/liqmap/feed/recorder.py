"""Liquidations as they happen: from the streams of venues and from their own lists.

The time for which a venue was listened to is counted in the venue's bars, never by the
visitor's clock.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from math import inf

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import LiqmapError
from liqmap.feed.archive import Archive
from liqmap.feed.cache import Store
from liqmap.feed.client import Client
from liqmap.feed.stream import Connect, listen
from liqmap.feed.tape import Span
from liqmap.language import count, say
from liqmap.venues.registry import ADAPTERS, IN_BROWSER, STREAMS
from liqmap.venues.stream import Message
from liqmap.words import instant, number


@dataclass(slots=True)
class _Contract:
    """Sources of one contract's liquidations: its stream, the venue's own list, a simulation."""

    task: asyncio.Task[None] | None = None
    """Listens to the stream."""
    bar_end_ms: float | None = None
    """End of the newest bar."""
    since_ms: float | None = None
    """Listened to without a gap from here; None while there is no connection."""
    lost: str = ""
    """Why nothing comes from the stream."""
    left_out: int = 0
    """Rows and messages of the stream that could not be read."""
    asked_ms: float = inf
    """The venue's own list was asked back to here."""
    listed_ms: float = inf
    """The venue's own list reaches back to here."""
    unlisted: str = ""
    """Why there is nothing from the venue's own list."""
    simulated: Liquidations | None = None
    """What a simulation liquidated, in place of the tape."""

    def leave(self) -> None:
        """Stop listening."""
        if self.task is not None:
            self.task.cancel()
        self.task = self.since_ms = None

    def count_from_next_bar(self) -> None:
        """Count the hours of listening from there: of those before not all is known."""
        if self.since_ms is not None:
            self.since_ms = self.bar_end_ms

    def words(self, venue: str) -> str:
        """How complete the liquidations are, in sentences."""
        if self.simulated is not None:
            return say("Simulated liquidations: all of them.")
        if venue not in STREAMS:
            return say("{venue} publishes no liquidations.", venue=ADAPTERS[venue].title)
        parts = [say(STREAMS[venue].completeness)]
        if self.listed_ms < inf:
            parts.append(say("Its own list reaches back to {time}.", time=instant(self.listed_ms)))
        if self.since_ms is not None:
            begun = self.bar_end_ms is None or self.since_ms < self.bar_end_ms
            since = instant(self.since_ms)
            if begun:
                parts.append(say("Listening since {time}.", time=since))
            else:
                parts.append(say("Listening; its hours count from {time}.", time=since))
        elif self.task is not None and not self.lost:
            parts.append(say("Connecting…"))
        if self.left_out:
            parts.append(_unread(self.left_out))
        parts += [self.unlisted, self.lost]
        return " ".join(part for part in parts if part)


def _unread(rows: int) -> str:
    return count(
        "{n} row could not be read; such bars do not count as listened to.",
        "{n} rows could not be read; such bars do not count as listened to.",
        rows,
        n=number(rows),
    )


class Recorder:
    """Keeps the tape of this browser, and listens to the contracts on screen.

    A contract is given by its venue and its canonical name.

    Parameters
    ----------
    connect : Connect, optional
        Without it no stream is listened to.
    store : Store, optional
        Where the tape outlives the page.
    heard : callable
        Called when there is something new to show.
    listen : callable
        `liqmap.feed.stream.listen`.

    Attributes
    ----------
    archive : Archive
        The tape, and where it is stored.
    tape : Tape
    streams : dict of str to str
        Addresses by venue that stand in for the venues' own, in a replay.
    """

    def __init__(
        self,
        connect: Connect | None,
        store: Store | None,
        heard: Callable[[], None],
        *,
        listen: Callable[..., AsyncIterator[Message]] = listen,
    ) -> None:
        self.archive = Archive(store, self._begin_anew)
        self.tape = self.archive.tape
        self.streams: dict[str, str] = {}
        self._connect, self._heard, self._listen = connect, heard, listen
        self._contracts: defaultdict[tuple[str, str], _Contract] = defaultdict(_Contract)

    async def open(self) -> str:
        """Load what earlier visits kept; gives a sentence when it cannot be read."""
        return await self.archive.open()

    async def save(self) -> None:
        """Store the tape, with what another tab has stored meanwhile."""
        await self.archive.save()

    async def clear(self) -> None:
        """Forget all liquidations, here and in the browser's storage."""
        await self.archive.clear()

    def listen_to(self, instruments: Mapping[str, Instrument]) -> None:
        """Listen to these contracts by venue, whose bars are known, and to no others."""
        wanted = {(venue, instrument.name) for venue, instrument in instruments.items()}
        for key, contract in self._contracts.items():
            if key not in wanted:
                contract.leave()
        if self._connect is None:
            return
        for venue, instrument in instruments.items():
            contract = self._contracts[venue, instrument.name]
            if venue in STREAMS and contract.task is None:
                following = self._follow(self._connect, venue, instrument)
                contract.task = asyncio.ensure_future(following)

    def bar(self, venue: str, name: str, open_ms: float, end_ms: float) -> None:
        """Note a contract's newest bar: what was sent before its opening has arrived."""
        contract = self._contracts[venue, name]
        contract.bar_end_ms = end_ms
        if contract.since_ms is not None:
            self.tape.watch(venue, name, contract.since_ms, open_ms)

    def lacks(self, venue: str, name: str, start_ms: float) -> bool:
        """Whether the venue has a list of its own that was not asked back to that time."""
        offered = venue in IN_BROWSER and "liquidations" in IN_BROWSER[venue].offers
        return offered and start_ms < self._contracts[venue, name].asked_ms

    async def ask(
        self, client: Client, instrument: Instrument, start_ms: float, end_ms: float
    ) -> None:
        """Read the venue's own list of what happened in [start_ms, end_ms), if it has one."""
        venue = client.adapter.venue
        depth = client.adapter.offers.get("liquidations")
        if depth is None:
            return
        contract = self._contracts[venue, instrument.name]
        contract.asked_ms = start_ms
        reach_ms = depth.ms or end_ms - start_ms
        start_ms = max(start_ms, end_ms - reach_ms)
        try:
            found = await client.converse(client.adapter.liquidations(instrument, start_ms, end_ms))
        except LiqmapError as error:
            contract.asked_ms = inf  # the next bar asks again
            contract.unlisted = say("Its own list cannot be read: {reason}", reason=error.sentence)
            self._heard()
            return
        contract.unlisted = ""
        if not depth.ms:  # a list of so many rows is complete from its first row on
            start_ms = float(found.time_ms[0]) if len(found) else end_ms
        contract.listed_ms = min(start_ms, contract.listed_ms)
        self.tape.watch(venue, instrument.name, start_ms, end_ms)
        self._keep(venue, instrument, found)

    def pretend(self, venue: str, name: str, happened: Liquidations) -> None:
        """Show these as a simulated contract's liquidations; they are never kept."""
        self._contracts[venue, name].simulated = happened

    def of(self, venue: str, name: str, start_ms: float, end_ms: float) -> Liquidations:
        """A contract's known liquidations in [start_ms, end_ms), oldest first."""
        simulated = self._contracts[venue, name].simulated
        if simulated is None:
            return self.tape.of(name, venue, start_ms, end_ms)
        return simulated.rows((simulated.time_ms >= start_ms) & (simulated.time_ms < end_ms))

    def watched(self, venue: str, name: str) -> tuple[Span, ...]:
        """Times in which a contract was listened to, oldest first [ms]."""
        if self._contracts[venue, name].simulated is not None:
            return ((-inf, inf),)
        return self.tape.watched(venue, name)

    def words(self, instruments: Mapping[str, Instrument]) -> list[str]:
        """How complete each venue's liquidations are, a sentence or several each."""
        return [
            self._contracts[venue, instrument.name].words(venue)
            for venue, instrument in instruments.items()
        ]

    def _begin_anew(self) -> None:
        """Everything was forgotten: ask for lists again, count hours from the next bar."""
        for contract in self._contracts.values():
            contract.asked_ms = contract.listed_ms = inf
            contract.count_from_next_bar()
        self._heard()

    async def _follow(self, connect: Connect, venue: str, instrument: Instrument) -> None:
        """Keep what the stream sends."""
        contract = self._contracts[venue, instrument.name]
        stream, address = STREAMS[venue], self.streams.get(venue)

        def tell(lost: str) -> None:
            contract.lost = lost
            contract.since_ms = None if lost else contract.bar_end_ms
            self._heard()

        async for message in self._listen(
            stream, instrument, lambda url: connect(address or url), tell=tell
        ):
            if message.left_out:
                contract.left_out += message.left_out
                contract.count_from_next_bar()
            self._keep(venue, instrument, message.liquidations)

    def _keep(self, venue: str, instrument: Instrument, found: Liquidations) -> None:
        if len(self.tape.add(venue, instrument.name, found)):
            self.archive.save_soon()
        self._heard()


def heard_only(coin: str) -> dict[str, Instrument]:
    """Contracts of a coin by venue, on venues of which the page reads nothing but the stream."""
    return {
        venue: Instrument(
            f"{coin}-USDT-PERP",
            f"{coin}_USDT",
            coin,
            "USDT",
            contract_size=stream.contract_sizes[coin],
        )
        for venue, stream in STREAMS.items()
        if venue not in IN_BROWSER and coin in stream.contract_sizes
    }
