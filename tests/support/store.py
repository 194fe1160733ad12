"""What outlives a page, in a dictionary."""

from __future__ import annotations


class Drawer:
    """A `liqmap.feed.cache.Store`; `broken` makes it fail as a browser's storage does."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.broken = False

    def _check(self) -> None:
        if self.broken:
            raise OSError("QuotaExceededError")

    async def get(self, key: str) -> bytes | None:
        self._check()
        return self.kept.get(key)

    async def put(self, key: str, content: bytes) -> None:
        self._check()
        self.kept[key] = content

    async def delete(self, key: str) -> None:
        self._check()
        self.kept.pop(key, None)

    async def keys(self) -> list[str]:
        self._check()
        return list(self.kept)
