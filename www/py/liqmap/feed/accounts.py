"""Positions of accounts that the visitor typed or trades named, asked for again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from liqmap.data.market import Instrument
from liqmap.data.positions import MOST_ACCOUNTS, Positions, typed_addresses
from liqmap.errors import LiqmapError
from liqmap.feed.client import Note
from liqmap.feed.directory import Directory
from liqmap.venues.hyperliquid import Hyperliquid

VENUE = "hyperliquid"
EVERY_S = 120.0
"""Between two questions after all known accounts: a third of what the venue allows."""


@dataclass(frozen=True, eq=False, slots=True)
class Holdings:
    """What accounts hold of one contract; `asked` is how many accounts were asked for."""

    instrument: Instrument
    positions: Positions
    open_interest_base: float
    asked: int
    title: str
    """Of the venue."""


@dataclass(frozen=True, eq=False, slots=True)
class AccountsFound:
    """The newest answer: holdings, or what went wrong; and what was wrong with the accounts."""

    position_side: str
    """`both`, `long` or `short`: what is wanted of it."""
    holdings: Holdings | None
    trouble: str = ""
    complaint: str = ""


class AccountPoller:
    """Asks what accounts hold, while somebody wants to see it.

    Parameters
    ----------
    directory : Directory
    found : callable
        Called with each answer; with None once nobody wants to see it any more.
    every_s : float
        Between two questions.
    """

    def __init__(
        self,
        directory: Directory,
        found: Callable[[AccountsFound | None], None],
        every_s: float = EVERY_S,
    ) -> None:
        self._directory, self._found, self._every_s = directory, found, every_s
        self._typed: tuple[str, ...] = ()
        self._complaint = ""
        self._met: dict[str, None] = {}
        self._wanted: tuple[str, str] | None = None
        self._task: asyncio.Task[None] | None = None

    def choose(self, text: str) -> None:
        """Take the addresses that the visitor typed."""
        self._typed, self._complaint = typed_addresses(text)
        if self._wanted is not None:
            self._start()

    def watch(self, symbol: str, position_side: str) -> None:
        """Ask from now on for positions in that contract's coin, of that side."""
        if self._wanted != (symbol, position_side):
            self._wanted = (symbol, position_side)
            self._start()

    def leave(self) -> None:
        """Ask no more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._wanted is not None:
            self._wanted = None
            self._found(None)

    def _start(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        assert self._wanted is not None
        symbol, position_side = self._wanted
        while True:
            notes: list[str] = []
            try:
                holdings, trouble = await self._ask(symbol, notes.append), ""
            except LiqmapError as error:
                holdings, trouble = None, str(error)
            complaint = " ".join((self._complaint, *notes)).strip()
            self._found(AccountsFound(position_side, holdings, trouble, complaint))
            await asyncio.sleep(self._every_s)

    async def _ask(self, symbol: str, note: Note) -> Holdings:
        instrument, _ = await self._directory.instrument(VENUE, symbol)
        client = self._directory.client(VENUE)
        venue = client.adapter
        assert isinstance(venue, Hyperliquid)
        for address in await client.converse(venue.addresses(instrument)):
            self._met[address] = None
        asked = tuple(dict.fromkeys((*self._typed, *reversed(self._met))))[:MOST_ACCOUNTS]
        self._met = dict.fromkeys(list(self._met)[-MOST_ACCOUNTS:])
        positions = await client.converse(venue.positions(instrument, asked), note=note)
        now = await client.converse(venue.snapshot(instrument))
        return Holdings(instrument, positions, now.open_interest_base, len(asked), venue.title)
