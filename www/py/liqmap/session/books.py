"""The order book of the contract on screen, read when a panel needs it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from math import inf

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.errors import LiqmapError
from liqmap.feed.client import Client
from liqmap.feed.directory import Directory
from liqmap.feed.limits import wall_ms
from liqmap.language import say
from liqmap.session.state import Book, Loaded, State

Read = Callable[[Client, Instrument], Awaitable[OrderBook]]


class Books:
    """Reads the book of the first market; the state has the last one.

    Parameters
    ----------
    directory : Directory
    read : Read
        Asks a venue for a contract's order book.
    state : callable
        What the page knows now.
    become : callable
        Takes the book, or why there is none.
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
        self._reading: tuple[str, str] | None = None

    async def read(self, loaded: Loaded, fresh_ms: float = inf) -> None:
        """Read it, unless the last one is of this contract and younger than `fresh_ms`."""
        about, last = loaded.contract, self._state().book
        known = last is not None and last.about == about and wall_ms() - last.read_ms < fresh_ms
        if known or about == self._reading:
            return
        book, trouble = None, ""
        self._reading = about
        try:
            if loaded.simulated:
                trouble = say("A simulated market has no order book")
            else:
                client = self._directory.client(loaded.leader.venue)
                book = await self._read(client, loaded.leader.instrument)
        except LiqmapError as error:
            trouble = say("No order book: {why}", why=error.sentence.rstrip("."))
        finally:
            newest = self._reading == about  # else another contract came in between
            if newest:
                self._reading = None
        if newest:
            self._become(book=Book(about, book, trouble, wall_ms()))
