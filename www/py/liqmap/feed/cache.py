"""Answers that never change, kept between visits: checked, versioned, bounded in number."""

from __future__ import annotations

import zlib
from contextlib import suppress
from typing import Protocol

MOST_ANSWERS = 2_000
"""About 30 MB: a page of a thousand bars takes 15 kB."""
_VERSION = b"2"
"""Of the first one, answers were kept before they were understood."""


class Store(Protocol):
    """Bytes by key, oldest key first; what fails raises `OSError`."""

    async def get(self, key: str) -> bytes | None: ...
    async def put(self, key: str, content: bytes) -> None: ...
    async def delete(self, key: str) -> None: ...
    async def keys(self) -> list[str]: ...


class AnswerCache:
    """A `liqmap.feed.client.Memory` over any store; zlib adds a checksum.

    It never raises: without storage, or with a damaged one, everything is fetched anew.

    Parameters
    ----------
    store : Store
    most_answers : int
        The oldest answers are deleted beyond this number.
    """

    def __init__(self, store: Store, most_answers: int = MOST_ANSWERS) -> None:
        self._store = store
        self._most_answers = most_answers
        self._keys: dict[str, None] | None = None

    async def get(self, key: str) -> bytes | None:
        """What was put, or None; what is damaged or of another version is deleted."""
        with suppress(OSError):
            packed = await self._store.get(key)
            if packed is None:
                return None
            if packed[:1] == _VERSION:
                with suppress(zlib.error):
                    return zlib.decompress(packed[1:])
            await self.forget(key)
        return None

    async def put(self, key: str, body: bytes) -> None:
        """Keep an answer; the oldest is deleted when there are too many."""
        with suppress(OSError):
            if self._keys is None:
                self._keys = dict.fromkeys(await self._store.keys())
            await self._store.put(key, _VERSION + zlib.compress(body, level=1))
            self._keys[key] = None
            while len(self._keys) > self._most_answers:
                await self.forget(next(iter(self._keys)))

    async def forget(self, key: str) -> None:
        """Delete an answer."""
        if self._keys is not None:
            self._keys.pop(key, None)
        with suppress(OSError):
            await self._store.delete(key)
