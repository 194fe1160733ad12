"""What outlives a page, without a browser."""

from __future__ import annotations


class Drawer:
    """A store in a dictionary; `broken` makes it fail as storage does."""

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
