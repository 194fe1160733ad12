"""What the session says of a venue's answers, computed in CPython, to compare a page with."""

from __future__ import annotations

import asyncio
import urllib.request
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from liqmap.session.messages import Message
from liqmap.session.session import Session
from liqmap.venues.adapter import Reply

M = TypeVar("M")


def last(
    kind: type[M],
    query: str,
    origin: str,
    shape: Sequence[int] = (300, 288),
    then: Callable[[Session], Awaitable[None]] | None = None,
) -> M:
    """The last message of a kind that the session sends for a query, in CPython.

    The screen is one that shows so many rows and columns; `then` is what the visitor does.
    """
    return latest(kind, said(query, {"bybit": origin}, shape, then))


def latest(kind: type[M], sent: Iterable[Message]) -> M:
    """The last message of a kind."""
    return [one for one in sent if isinstance(one, kind)][-1]


def said(
    query: str,
    origins: Mapping[str, str],
    shape: Sequence[int] = (300, 288),
    then: Callable[[Session], Awaitable[None]] | None = None,
) -> list[Message]:
    """All that the session sends, with these venues."""
    sent: list[Message] = []

    def ask(url: str) -> Reply:
        with urllib.request.urlopen(url, timeout=30) as reply:
            return Reply(reply.status, reply.read())

    async def send(url: str, _body: str | None) -> Reply:
        return await asyncio.to_thread(ask, url)

    def never() -> Any:
        raise AssertionError("the venue was there")

    session = Session(send, sent.append, simulate=never)
    session.directory.origins = dict(origins)
    session.screen(3 * shape[1], 2 * shape[0], system_light=False)

    async def visit() -> None:
        await session.show(query)
        if then is not None:
            await then(session)

    with ThreadPoolExecutor(1) as aside:  # Playwright's own loop runs in this thread
        aside.submit(lambda: asyncio.run(visit())).result()
    return sent
