"""The visitor's own position: what he typed, and the order book that would close it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.errors import LiqmapError
from liqmap.feed.client import Client
from liqmap.feed.directory import Directory
from liqmap.feed.limits import wall_ms
from liqmap.session.state import Book, State

FRESH_MS = 60_000.0
"""A book younger than this is not read again."""

Read = Callable[[Client, Instrument], Awaitable[OrderBook]]


class OwnPosition:
    """Takes what stands in the form; reads the book of the contract on screen while there is some.

    Parameters
    ----------
    directory : Directory
    read : Read
        Asks a venue for a contract's order book.
    state : callable
        What the page knows now.
    become : callable
        Takes fields of the state.
    """

    def __init__(
        self,
        directory: Directory,
        read: Read,
        state: Callable[[], State],
        become: Callable[..., None],
    ) -> None:
        self._directory, self._read = directory, read
        self._state, self._become = state, become
        self._asked: tuple[tuple[str, str], float] = (("", ""), 0.0)

    async def take(self, fields: Mapping[str, str]) -> None:
        """What stands in the fields from now on; without an amount there is no position."""
        self._become(typed_position=fields)
        await self.learn()

    async def learn(self) -> None:
        """Read the order book, unless it is of this contract and fresh."""
        loaded, fields = self._state().loaded, self._state().typed_position or {}
        if loaded is None or loaded.simulated or not fields.get("amount"):
            return
        market = loaded.leader
        about = (market.venue, market.instrument.name)
        if self._asked[0] == about and wall_ms() - self._asked[1] < FRESH_MS:
            return
        self._asked = asked = about, wall_ms()
        book, trouble = None, ""
        try:
            book = await self._read(self._directory.client(market.venue), market.instrument)
        except LiqmapError as error:
            trouble = error.sentence
        if self._asked is asked:  # else another contract came in between
            self._become(book=Book(about, book, trouble, wall_ms()))
