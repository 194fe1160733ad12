"""The client of one venue: sends the requests of conversations and awaits their answers.

It keeps the venue's limits, repeats requests where that is safe, and does not ask a venue
that has refused us. It needs one function, `send`: in the browser that is `fetch`.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import Any, Protocol, TypeVar

from liqmap.errors import (
    BadResponse,
    InputError,
    LiqmapError,
    NoData,
    RateLimited,
    Refused,
    TimedOut,
    named,
)
from liqmap.feed.limits import Bucket, Health, Pauses, wall_ms
from liqmap.language import say
from liqmap.venues.adapter import Adapter, Conversation, Remark, Reply, Request
from liqmap.words import number

T = TypeVar("T")
Send = Callable[[str, str | None], Awaitable[Reply]]
"""`send(url, body)`: GET, or POST of JSON when there is a body. Raises `Unreachable`
(`blocked` when the server is there but will not be read); a cancelled task aborts it."""
Progress = Callable[[int, int], None]
"""`progress(done, total)` in requests; the total grows as pages are found."""
Note = Callable[[str], None]
"""`note(sentence)`: what a conversation says about its answers, such as rows left out."""

TIMEOUT_S = 20.0
PAUSES = Pauses()
ATTEMPTS = 3
FIRST = 5
SETTLING_MS = 3_600_000.0
"""Younger answers are not remembered: venues publish late and correct the last minutes."""


class Memory(Protocol):
    """Answers that will never change, kept by the browser. It never raises."""

    async def get(self, key: str) -> bytes | None: ...
    async def put(self, key: str, body: bytes) -> None: ...
    async def forget(self, key: str) -> None: ...


class Client:
    """The client of one venue; keep it for as long as the page lives.

    Parameters
    ----------
    adapter : Adapter
    send : Send
    origin : str, optional
        Stands in for the venue's own, in a replay.
    memory : Memory, optional
        Where answers that will never change are kept.
    timeout_s : float
        A request without an answer fails after this time.
    pauses : Pauses
    random : callable
        Uniform in [0, 1), for the jitter.
    wall_ms : callable
        The visitor's clock [ms]; how long a ban lasts depends on it.
    """

    def __init__(
        self,
        adapter: Adapter,
        send: Send,
        *,
        origin: str | None = None,
        memory: Memory | None = None,
        timeout_s: float = TIMEOUT_S,
        pauses: Pauses = PAUSES,
        random: Callable[[], float] = random.random,
        wall_ms: Callable[[], float] = wall_ms,
    ) -> None:
        self.adapter = adapter
        self._send = send
        self._origin = origin or adapter.origin
        self._memory = memory
        self._timeout_s, self._pauses = timeout_s, pauses
        self._random, self._wall_ms = random, wall_ms
        self._buckets: dict[str, Bucket] = {}
        self._places = asyncio.Semaphore(adapter.limits.concurrent)
        self._health: dict[str, Health] = {}
        self._bans_recalled = False
        self._recalling = asyncio.Lock()
        self.now_ms = -inf
        """The venue's time, as far as it is known: what is remembered depends on it."""
        self.afresh = False
        """Whether the venue is asked also for what is remembered, which is then replaced."""
        self.notes: list[str] = []
        """Sentences about the venue's list of contracts."""
        self.sent, self.weight_sent = 0, 0.0
        """Requests so far, repeated ones too, and what they cost of the venue's limits."""
        self.first: list[str] = []
        """Paths of the first requests, of those that every visit asks alike."""

    def health(self, service: str = "") -> Health:
        """Health of the venue, or of one of its services."""
        return self._health.setdefault(service, Health(self._wall_ms))

    def forgive(self) -> None:
        """Allow one more attempt where the venue seemed blocked."""
        for health in self._health.values():
            health.forgive()

    async def probe(self) -> Health:
        """Send the venue's cheapest request; gives its health and raises no `LiqmapError`."""
        with contextlib.suppress(LiqmapError):
            await self._answer(self.adapter.probe(), attempts=1)
        return self.health()

    async def converse(
        self,
        conversation: Conversation[T],
        progress: Progress | None = None,
        note: Note | None = None,
    ) -> T:
        """Hold a conversation to its end and give its result.

        Cancelling it aborts the requests under way.

        Raises
        ------
        LiqmapError
            Of the request that failed first, or of the conversation.
        """
        done = total = 0

        async def counted(request: Request) -> Any:
            nonlocal done
            answer = None
            try:
                answer = await self._ask(request, talk)
            except (Refused, BadResponse):
                if not request.may_fail:
                    raise
            done += 1
            if progress:
                progress(done, total)
            return answer

        talk = _Talk()

        async def understood() -> None:
            """The conversation has gone on from these answers: they may be kept."""
            if self._memory is not None:
                await asyncio.gather(*(self._memory.put(*item) for item in talk.fresh.items()))
            talk.known.update(talk.fresh)
            talk.fresh.clear()

        try:
            batch = next(conversation)
            while True:
                total += len(batch)
                if note and isinstance(batch, Remark):
                    note(batch.sentence)
                batch = conversation.send(await together(counted(request) for request in batch))
                await understood()
        except StopIteration as end:
            talk.fresh.update(talk.before_all())
            await understood()
            result: T = end.value
            return result
        except (BadResponse, NoData, InputError):
            if self._memory is not None:
                for key in talk.known:
                    await self._memory.forget(key)
            raise
        finally:
            conversation.close()

    async def _ask(self, request: Request, talk: _Talk) -> Any:
        """The decoded answer, from memory where it can be; the talk notes what may be kept."""
        key = f"{self._origin}{request.path} {request.body or ''}".rstrip()
        memory = self._memory if request.until_ms <= self.now_ms - SETTLING_MS else None
        if memory is not None and not self.afresh and (body := await memory.get(key)) is not None:
            talk.known.add(key)
            answer = self.adapter.read(Reply(200, body))
            talk.note(request, answer)
            return answer
        reply, answer = await self._answer(request, ATTEMPTS)
        if memory is not None:
            talk.note(request, answer, key, reply.body)
        return answer

    async def _answer(self, request: Request, attempts: int) -> tuple[Reply, Any]:
        """The venue's reply and what it says, within the limits, after so many attempts."""
        health, clock = self.health(request.service), asyncio.get_running_loop()
        bucket = self._bucket(request)
        await self._recall_ban()
        async with self._places:
            for attempt in range(1, attempts + 1):
                if (wait_s := bucket.take(request.weight, clock.time())) > 0:
                    await asyncio.sleep(wait_s)
                self._check(request.service, clock.time())  # another may have failed meanwhile
                self.sent += 1
                self.weight_sent += request.weight
                try:
                    reply = await self._reply(request)
                    answer = self.adapter.read(reply)
                    break
                except LiqmapError as error:
                    error.where = error.where or f"{self.adapter.title} · {request.path}"
                    error.sentence = named(error.sentence, self.adapter.title)
                    pause_s = self._pauses.before_retry_s(error, 0.5 + self._random())
                    if pause_s is None or attempt == attempts:
                        health.failed(error, clock.time())
                        if isinstance(error, RateLimited):
                            health.tell(error, clock.time())
                            if error.is_ban:
                                await self._ban(error, health.until_s)
                        raise
                    if isinstance(error, RateLimited):
                        bucket.hold(clock.time() + pause_s)
                    else:
                        await asyncio.sleep(pause_s * 2.0 ** (attempt - 1))
        health.succeeded(clock.time())
        alike = request.body is None and request.until_ms == inf
        if alike and len(self.first) < FIRST and request.path not in self.first:
            self.first.append(request.path)
        return reply, answer

    def _check(self, service: str, now_s: float) -> None:
        """Raise the last failure again while the service, or all of the venue, is left alone."""
        if self.health().state == "limited":
            self.health().check(now_s)
        self.health(service).check(now_s)

    async def _ban(self, error: RateLimited, until_s: float) -> None:
        """Leave all of the venue alone, in the next visits too."""
        now_s = asyncio.get_running_loop().time()
        self.health().failed(error, now_s)
        if self._memory is not None:
            until_ms = self._wall_ms() + 1000 * (until_s - now_s)
            await self._memory.put(self._ban_key, str(until_ms).encode())

    async def _recall_ban(self) -> None:
        """Take up, once, a ban that an earlier visit met."""
        async with self._recalling:
            if self._memory is None or self._bans_recalled:
                return
            self._bans_recalled = True
            until_ms = 0.0
            with contextlib.suppress(ValueError):
                until_ms = float(await self._memory.get(self._ban_key) or 0)
            if until_ms > self._wall_ms():
                banned = RateLimited(
                    say("{venue} has asked this browser to wait.", venue=self.adapter.title),
                    retry_after_s=0.0,
                    until_ms=until_ms,
                )
                self.health().failed(banned, asyncio.get_running_loop().time())

    @property
    def _ban_key(self) -> str:
        return f"{self._origin} left alone until"

    def _bucket(self, request: Request) -> Bucket:
        limits = self.adapter.limits
        endpoint = request.path.partition("?")[0] if limits.by_endpoint else ""
        if endpoint not in self._buckets:
            self._buckets[endpoint] = Bucket(limits)
        return self._buckets[endpoint]

    async def _reply(self, request: Request) -> Reply:
        try:
            return await asyncio.wait_for(
                self._send(self._origin + request.path, request.body), self._timeout_s
            )
        except TimeoutError:
            raise TimedOut(
                say(
                    "{venue} did not answer within {seconds} seconds.",
                    venue=self.adapter.title,
                    seconds=number(self._timeout_s),
                ),
                hint=say("Try again, or choose another venue."),
            ) from None


@dataclass(slots=True)
class _Talk:
    """The answers of one conversation that will never change."""

    known: set[str] = field(default_factory=set)
    """Keys of those that are kept."""
    fresh: dict[str, bytes] = field(default_factory=dict)
    """Those with rows, to be kept once they were understood."""
    empty: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    """Those without: until when, and the body."""
    oldest_ms: float = inf
    """Until when the oldest answer with rows is."""

    def note(self, request: Request, answer: Any, key: str = "", body: bytes = b"") -> None:
        """Note an answer; a key is that of one to keep."""
        nothing = _lists_nothing(answer)
        if not nothing:
            self.oldest_ms = min(self.oldest_ms, request.until_ms)
        if key and nothing:
            self.empty[key] = (request.until_ms, body)
        elif key:
            self.fresh[key] = body

    def before_all(self) -> dict[str, bytes]:
        """Answers without rows of the time before all others: the contract was not listed yet."""
        if self.oldest_ms == inf:  # none has rows
            return {}
        return {key: body for key, (until, body) in self.empty.items() if until < self.oldest_ms}


def _lists_nothing(answer: Any) -> bool:
    """Whether an answer is a list without rows: a venue may have them later."""
    lists = list(_lists(answer))
    return answer is None or (bool(lists) and not any(lists))


def _lists(answer: Any) -> Iterator[list[Any]]:
    if isinstance(answer, list):
        yield answer
    elif isinstance(answer, dict):
        for value in answer.values():
            yield from _lists(value)


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results in order; the first failure cancels the rest and is raised as it was."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(coroutine) for coroutine in work]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several.exceptions[0].__cause__
    return [task.result() for task in tasks]
