"""A venue that says what it is asked, a server with a script, a memory in a dictionary."""

from __future__ import annotations

import asyncio
import json
from types import MappingProxyType
from typing import Any

from liqmap.data.market import Instrument
from liqmap.errors import Busy, RateLimited, Refused
from liqmap.feed.client import Client
from liqmap.venues.adapter import Adapter, Conversation, Limits, Reply, Request, Snapshot
from tests.support.clock import now_s


class Echo(Adapter):
    """A venue that says what it is asked; `read` fails as the body says."""

    venue, title, origin = "echo", "Echo", "https://echo.example"
    limits = Limits(weight=20, per_seconds=10, concurrent=3)
    steps_ms = (300_000,)
    offers = MappingProxyType({})

    def probe(self) -> Request:
        return Request("/time")

    def read(self, reply: Reply) -> Any:
        said = json.loads(reply.body)
        if said == "limited":
            raise RateLimited("Echo asks for patience.", retry_after_s=reply.status)
        if said == "busy":
            raise Busy("Echo is busy.")
        if said == "refused":
            raise Refused("Echo refused.")
        return said

    def instruments(self) -> Any:
        raise NotImplementedError

    def candles(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        raise NotImplementedError


class Server:
    """Answers from a script, then with the path; remembers when it was asked."""

    def __init__(self, *script: object, takes_s: float = 0.0) -> None:
        self.script = list(script)
        self.takes_s = takes_s
        self.asked: list[tuple[float, str]] = []
        self.under_way = self.most = self.aborted = 0

    async def __call__(self, url: str, body: str | None) -> Reply:
        self.asked.append((now_s(), url.removeprefix(Echo.origin)))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.aborted += 1
            raise
        finally:
            self.under_way -= 1
        step = self.script.pop(0) if self.script else url.removeprefix(Echo.origin)
        if isinstance(step, Exception):
            raise step
        status, said = step if isinstance(step, tuple) else (200, step)
        return Reply(status, json.dumps(said).encode())


def client_to(server: Server, **kwargs: Any) -> Client:
    return Client(Echo(), server, random=lambda: 0.5, **kwargs)


def saying(*batches: list[Request]) -> Conversation[list[list[Any]]]:
    """Ask batch after batch; the result is what came."""
    came = []
    for batch in batches:
        answers = yield batch
        came.append(list(answers))
    return came


class Notes:
    """A memory in a dictionary."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def get(self, key: str) -> bytes | None:
        assert not key.endswith("/new"), "what changes is not looked up"
        return self.kept.get(key)

    async def put(self, key: str, body: bytes) -> None:
        self.kept[key] = body

    async def forget(self, key: str) -> None:
        self.kept.pop(key, None)
