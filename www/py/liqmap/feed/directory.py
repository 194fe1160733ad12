"""The venues as this browser finds them: a client of each, its contracts, its health."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from liqmap.data.market import Instrument
from liqmap.data.symbols import counterpart, find_instrument
from liqmap.errors import InputError
from liqmap.feed.client import Client, Memory, Send
from liqmap.feed.limits import Health, Pauses, State, wall_ms
from liqmap.language import mark, say
from liqmap.venues.registry import ADAPTERS, IN_BROWSER

LISTED_FOR_MS = 12 * 3_600_000.0
"""How long a kept list of contracts is taken for the present one."""

_STATES: dict[State, str] = {
    "unknown": mark("Not asked yet."),
    "ready": mark("This browser can read it."),
    "blocked": mark("Answers, but not to this browser: blocked in your region or network."),
    "limited": mark("Asks us to wait."),
    "offline": mark("No answer."),
}
Instruments = tuple[Instrument, ...]
Rows = list[list[str]]
"""Name, title, state and words of each venue, in the order in which to try them."""


async def read_instruments(client: Client) -> Instruments:
    """The contracts that the venue lists now; what it says of them goes to the client's notes."""
    client.notes.clear()
    return await client.converse(client.adapter.instruments(), note=client.notes.append)


class Directory:
    """Clients that live as long as the page, so that limits and refusals are remembered.

    Parameters
    ----------
    send : Send
    memory : Memory, optional
        Where answers that will never change, and lists of contracts, are kept.
    wall_ms : callable
        The visitor's clock [ms]; the age of a kept list and the end of a ban depend on it.
    read_instruments : callable
        Asks a venue's client for its contracts.

    Attributes
    ----------
    origins : dict of str to str
        Addresses by venue that stand in for the venues' own, in a replay; to be set
        before the first client is made.
    pauses : Pauses
        How long to wait for a venue; likewise.
    """

    def __init__(
        self,
        send: Send,
        memory: Memory | None = None,
        *,
        wall_ms: Callable[[], float] = wall_ms,
        read_instruments: Callable[[Client], Awaitable[Instruments]] = read_instruments,
    ) -> None:
        self.origins: dict[str, str] = {}
        self.pauses = Pauses()
        self._send, self._memory, self._wall_ms = send, memory, wall_ms
        self._read_instruments = read_instruments
        self._clients: dict[str, Client] = {}
        self._listed: dict[str, Instruments] = {}
        self._afresh = 0

    def client(self, venue: str) -> Client:
        """The client of a venue, always the same one."""
        if venue not in self._clients:
            self._clients[venue] = Client(
                ADAPTERS[venue],
                self._send,
                origin=self.origins.get(venue),
                memory=self._memory,
                pauses=self.pauses,
                wall_ms=self._wall_ms,
            )
            self._clients[venue].afresh = self._afresh > 0
        return self._clients[venue]

    def first_asked(self, venue: str) -> list[tuple[str, str, str]]:
        """Venue, its own origin, and path of what it was asked first in this visit."""
        return [(venue, ADAPTERS[venue].origin, path) for path in self.client(venue).first]

    @contextmanager
    def afresh(self) -> Iterator[None]:
        """Ask venues that seemed blocked at once, and all also for what is remembered."""
        self._ask_afresh(+1)
        for client in self._clients.values():
            client.forgive()
        try:
            yield
        finally:
            self._ask_afresh(-1)

    def _ask_afresh(self, more: int) -> None:
        self._afresh += more  # a second click comes before the first one's question ends
        for client in self._clients.values():
            client.afresh = self._afresh > 0

    async def listed(self, venue: str) -> Instruments:
        """The contracts that the venue lists; the answer is kept for half a day."""
        if venue not in self._listed:
            kept = await self._recalled(venue)
            self._listed[venue] = kept or await self._asked(venue)
        return self._listed[venue]

    async def instrument(self, venue: str, name: str) -> tuple[Instrument, str]:
        """The contract of that name, or the same coin's, and a sentence if it is another.

        Raises
        ------
        LiqmapError
            The venue lists nothing of that coin, or cannot be asked.
        """
        title = ADAPTERS[venue].title
        try:
            return find_instrument(await self.listed(venue), name), ""
        except InputError as unknown:
            other = counterpart(name, await self.listed(venue))
            if other is None:  # it may have been listed since the list was kept
                self._listed[venue] = await self._asked(venue)
                other = counterpart(name, self._listed[venue])
            if other is None:
                raise InputError(
                    say("{venue} lists no contract “{name}”.", venue=title, name=name),
                    hint=unknown.hint,
                ) from unknown
            if other.name == name:
                return other, ""
            return other, say(
                "{venue} has no {name}; this is its {other}.",
                venue=title,
                name=name,
                other=other.name,
            )

    async def ask_all(self, tell: Callable[[Rows], None]) -> None:
        """One cheap question to each, all at once; `tell` gets all rows as answers come."""
        waiting = set(IN_BROWSER)

        async def ask(venue: str) -> None:
            await self.client(venue).probe()
            waiting.discard(venue)
            tell(self.health(waiting))

        tell(self.health(waiting))
        await asyncio.gather(*map(ask, IN_BROWSER))

    def health(self, waiting: Collection[str] = ()) -> Rows:
        """A row for each venue; those of `waiting` are being asked."""
        now_s = asyncio.get_running_loop().time()
        return [
            [venue, adapter.title, "asking", "…"]
            if venue in waiting
            else [venue, adapter.title, *_words(self.client(venue).health(), now_s)]
            for venue, adapter in IN_BROWSER.items()
        ]

    async def _asked(self, venue: str) -> Instruments:
        found = await self._read_instruments(self.client(venue))
        if self._memory is not None:
            listed = [asdict(instrument) for instrument in found]
            notes = self.client(venue).notes
            kept = {"at_ms": self._wall_ms(), "listed": listed, "notes": notes}
            await self._memory.put(_key(venue), json.dumps(kept).encode())
        return found

    async def _recalled(self, venue: str) -> Instruments:
        body = None if self._memory is None else await self._memory.get(_key(venue))
        if body is None:
            return ()
        try:
            kept: dict[str, Any] = json.loads(body)
            if not 0 <= self._wall_ms() - float(kept["at_ms"]) <= LISTED_FOR_MS:
                return ()
            listed = tuple(Instrument(**fields) for fields in kept["listed"])
            self.client(venue).notes[:] = map(str, kept["notes"])
            return listed
        except (ValueError, KeyError, TypeError):  # kept by another version
            return ()


def _key(venue: str) -> str:
    return f"instruments of {venue}"


def _words(health: Health, now_s: float) -> tuple[str, str]:
    """The state, and a sentence a trader understands."""
    if health.state == "failing":
        return health.state, health.reason.sentence if health.reason else ""
    words = say(_STATES[health.state])
    pause = health.pause(now_s) if health.state in ("blocked", "limited") else ""
    return health.state, f"{words} {say('Left alone {pause}.', pause=pause)}" if pause else words
