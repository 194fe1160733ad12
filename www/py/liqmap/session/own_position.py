"""The visitor's own position: what he typed, and that it needs an order book."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from liqmap.session.books import Books
from liqmap.session.state import State

FRESH_MS = 60_000.0
"""A book younger than this is not read again."""


class OwnPosition:
    """Takes what stands in the form; has the order book read while there is a position.

    Parameters
    ----------
    books : Books
    state : callable
        What the page knows now.
    become : callable
        Takes what was typed.
    """

    def __init__(
        self, books: Books, state: Callable[[], State], become: Callable[..., None]
    ) -> None:
        self._books, self._state, self._become = books, state, become

    async def take(self, fields: Mapping[str, str]) -> None:
        """What stands in the fields from now on; without an amount there is no position."""
        self._become(typed_position=fields)
        await self.learn()

    async def learn(self) -> None:
        """Have the book of the contract on screen read, if a position needs it."""
        loaded, fields = self._state().loaded, self._state().typed_position or {}
        if loaded is not None and fields.get("amount"):
            await self._books.read(loaded, FRESH_MS)
