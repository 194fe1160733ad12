"""The venues as this browser finds them: a line to each, what each lists, how each is."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any

from liqmap.data.market import Instrument
from liqmap.data.symbols import counterpart, find_instrument
from liqmap.errors import InputError
from liqmap.feed.client import PATIENCE_S, RETRY_S, Health, Line, Memory, Send
from liqmap.venues.registry import ADAPTERS

LISTED_FOR_MS = 12 * 3_600_000.0
"""How long a kept list of contracts is taken for the present one."""

Clock = Callable[[], float]
Rows = list[list[str]]


class Venues:
    """Lines that live as long as the page, so that limits and refusals are remembered.

    Parameters
    ----------
    send : Send
    memory : Memory, optional
        Where answers that will never change are kept.
    wall_ms : callable
        The visitor's clock; only the age of a kept list depends on it.
    """

    def __init__(self, send: Send, memory: Memory | None, wall_ms: Clock) -> None:
        self.origins: dict[str, str] = {}
        self.retry_s, self.patience_s = RETRY_S, PATIENCE_S
        self._send, self._memory, self._wall_ms = send, memory, wall_ms
        self._lines: dict[str, Line] = {}
        self._listed: dict[str, tuple[Instrument, ...]] = {}

    def line(self, venue: str) -> Line:
        """The line to a venue."""
        if venue not in self._lines:
            self._lines[venue] = Line(
                ADAPTERS[venue],
                self._send,
                origin=self.origins.get(venue),
                memory=self._memory,
                retry_s=self.retry_s,
                patience_s=self.patience_s,
            )
        return self._lines[venue]

    def forgive(self) -> None:
        """Somebody asks to try again: whoever seemed blocked may have come back."""
        for line in self._lines.values():
            line.forgive()

    async def listed(self, venue: str) -> tuple[Instrument, ...]:
        """What the venue lists; kept for half a day."""
        if venue not in self._listed:
            kept = await self._recalled(venue)
            self._listed[venue] = kept or await self._asked(venue)
        return self._listed[venue]

    async def instrument(self, venue: str, name: str) -> tuple[Instrument, str]:
        """The contract of that name, or the same coin's; and what must be said of it.

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
            if other is None:  # listed since?
                self._listed[venue] = await self._asked(venue)
                other = counterpart(name, self._listed[venue])
            if other is None:
                raise InputError(
                    f"{title} lists no contract “{name}”.", hint=unknown.hint
                ) from unknown
            if other.name == name:
                return other, ""
            return other, f"{title} has no {name}; this is its {other.name}."

    async def ask_all(self, say: Callable[[Rows], None]) -> None:
        """One cheap question to each, all at once; `say` gets all rows as answers come."""
        waiting = set(ADAPTERS)

        async def ask(venue: str) -> None:
            await self.line(venue).probe()
            waiting.discard(venue)
            say(self.health(waiting))

        say(self.health(waiting))
        await asyncio.gather(*map(ask, ADAPTERS))

    def health(self, waiting: Collection[str] = ()) -> Rows:
        """Name, title, state and words of each venue, in the order in which to try them."""
        now_s = asyncio.get_running_loop().time()
        return [
            [venue, one.title, "asking", "…"]
            if venue in waiting
            else [venue, one.title, *_words(self.line(venue).health(), now_s)]
            for venue, one in ADAPTERS.items()
        ]

    async def _asked(self, venue: str) -> tuple[Instrument, ...]:
        line = self.line(venue)
        found = await line.converse(line.adapter.instruments())
        if self._memory is not None:
            kept = {"at_ms": self._wall_ms(), "listed": [asdict(one) for one in found]}
            await self._memory.put(_key(venue), json.dumps(kept).encode())
        return found

    async def _recalled(self, venue: str) -> tuple[Instrument, ...]:
        body = None if self._memory is None else await self._memory.get(_key(venue))
        if body is None:
            return ()
        try:
            kept: dict[str, Any] = json.loads(body)
            if not 0 <= self._wall_ms() - float(kept["at_ms"]) <= LISTED_FOR_MS:
                return ()
            return tuple(Instrument(**one) for one in kept["listed"])
        except (ValueError, KeyError, TypeError):  # of another version
            return ()


def _key(venue: str) -> str:
    return f"instruments of {venue}"


def _words(health: Health, now_s: float) -> tuple[str, str]:
    """The state, and a sentence a trader understands."""
    wait_s = health.until_s - now_s
    pause = f" Left alone for another {wait_s:.0f} s." if wait_s > 0 else ""
    words = {
        "unknown": "Not asked yet.",
        "ready": "This browser can read it.",
        "blocked": "Answers, but not to this browser: blocked in your region or network." + pause,
        "limited": "Asks us to wait." + pause,
        "offline": "No answer.",
    }
    return health.state, words[health.state]
