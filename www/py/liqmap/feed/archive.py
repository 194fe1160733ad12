"""The tape in this browser's storage: read, joined with other tabs' tapes, written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from liqmap.errors import InputError
from liqmap.feed.cache import Store
from liqmap.feed.tape import Tape

TAPE_KEY = "tape"
SAVE_S = 20.0
"""The tape is stored at most this long after something new."""


class Archive:
    """A tape, and the copy of it that outlives the page.

    Storage that fails is passed over: the tape then lives as long as the page.

    Parameters
    ----------
    store : Store, optional
        Without one nothing outlives the page.
    cleared : callable
        Called when everything was forgotten, here or in another tab.
    save_s : float
        Pause between a change and its storing, so that many changes are stored once.

    Attributes
    ----------
    tape : Tape
    save_s : float
        The same; a change holds from the next `save_soon` on.
    lasting : bool
        Whether the storage did what it was last asked for.
    """

    def __init__(
        self, store: Store | None, cleared: Callable[[], None], *, save_s: float = SAVE_S
    ) -> None:
        self.tape = Tape()
        self._cleared = cleared
        self.save_s = save_s
        self.lasting = True
        self._store = store
        self._stored: bytes | None = None
        """What this page stored last."""
        self._saving: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Add what earlier visits stored; gives a sentence when it cannot be read."""
        try:
            await self._merge()
        except InputError as error:
            return str(error)
        return ""

    def save_soon(self) -> None:
        """Store the tape after a pause; several calls before that are one."""
        if self._saving is None:
            self._saving = asyncio.ensure_future(self._save_later())

    async def save(self) -> None:
        """Store the tape, with what another tab has stored meanwhile."""
        with suppress(InputError):
            await self._merge()
        await self._put()

    async def clear(self) -> None:
        """Forget everything, here, in the storage and, once they look there, in other tabs."""
        with suppress(InputError):
            await self._merge()  # another tab may have cleared it more often
        self.tape.clear()
        self._cleared()
        await self._put()

    async def _put(self) -> None:
        if self._store is None:
            return
        with self._noticed():
            dump = self.tape.dump()
            await self._store.put(TAPE_KEY, dump)
            self._stored = dump

    async def _merge(self) -> None:
        if self._store is not None:
            with self._noticed():
                stored = await self._store.get(TAPE_KEY)
                if stored is not None and stored != self._stored:
                    cleared = self.tape.cleared
                    self.tape.merge(Tape.load(stored))
                    if self.tape.cleared > cleared:
                        self._cleared()

    @contextmanager
    def _noticed(self) -> Iterator[None]:
        """Pass over storage that fails, but note it."""
        try:
            yield
            self.lasting = True
        except OSError:
            self.lasting = False

    async def _save_later(self) -> None:
        await asyncio.sleep(self.save_s)
        self._saving = None
        await self.save()
