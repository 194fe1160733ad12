"""What is kept between visits is what came, or nothing."""

from __future__ import annotations

import asyncio

import pytest

from liqmap.feed.cache import AnswerCache
from tests.support.store import Drawer

BODY = b'{"list":[' + b'["1769990400000","84000"],' * 500 + b"[]]}"


def test_what_was_put_comes_back_in_another_visit() -> None:
    async def main() -> None:
        drawer = Drawer()
        await AnswerCache(drawer).put("a", BODY)
        assert len(drawer.kept["a"]) < len(BODY) / 10
        assert await AnswerCache(drawer).get("a") == BODY
        assert await AnswerCache(drawer).get("b") is None

    asyncio.run(main())


def test_no_flipped_bit_is_taken_for_what_was_kept() -> None:
    async def main() -> None:
        drawer = Drawer()
        cache = AnswerCache(drawer)
        await cache.put("a", BODY)
        whole = drawer.kept["a"]
        for bit in range(8 * len(whole)):
            content = bytearray(whole)
            content[bit // 8] ^= 1 << bit % 8
            drawer.kept["a"] = bytes(content)
            assert await cache.get("a") in (None, BODY)

    asyncio.run(main())


@pytest.mark.parametrize("at", [0, 1, 5, -1])
def test_what_is_damaged_is_thrown_away(at: int) -> None:
    async def main() -> None:
        drawer = Drawer()
        cache = AnswerCache(drawer)
        await cache.put("a", BODY)
        content = bytearray(drawer.kept["a"])
        content[at] ^= 1
        drawer.kept["a"] = bytes(content)
        assert await cache.get("a") is None
        assert drawer.kept == {}
        drawer.kept["a"] = b""
        assert await cache.get("a") is None

    asyncio.run(main())


def test_the_oldest_goes_also_those_of_earlier_visits() -> None:
    async def main() -> None:
        drawer = Drawer()
        for key in "abc":
            await AnswerCache(drawer, 5).put(key, BODY)
        cache = AnswerCache(drawer, 5)
        for key in "defg":
            await cache.put(key, BODY)
        assert list(drawer.kept) == list("cdefg")
        await cache.forget("d")
        await cache.put("h", BODY)
        assert list(drawer.kept) == list("cefgh")

    asyncio.run(main())


def test_without_storage_nothing_is_kept_and_nothing_fails() -> None:
    async def main() -> None:
        drawer = Drawer()
        cache = AnswerCache(drawer)
        await cache.put("a", BODY)
        drawer.broken = True
        assert await cache.get("a") is None
        await cache.put("b", BODY)
        await cache.forget("a")
        await AnswerCache(drawer).put("c", BODY)
        drawer.broken = False
        assert await cache.get("a") == BODY

    asyncio.run(main())
