"""Waiting: the only room that does.

A `Line` holds conversations with one venue: within its limits, with retries where they
are safe, and never against a venue that has shown us the door. It needs one function,
`send`; in the browser that is `fetch`, in a test a stub.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import random
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from math import inf
from typing import Any, Literal, Protocol, TypeVar

from liqmap.errors import (
    BadResponse,
    Busy,
    LiqmapError,
    NoData,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
    named,
)
from liqmap.venues.adapter import Adapter, Conversation, Limits, Reply, Request

T = TypeVar("T")
Send = Callable[[str, str | None], Awaitable[Reply]]
"""`send(url, body)`: GET, or POST of JSON when there is a body. Raises `Unreachable`
(`blocked` when the server is there but will not be read); a cancelled task aborts it."""
Progress = Callable[[int, int], None]
"""`progress(done, total)` in requests; the total grows as pages are found."""

TIMEOUT_S = 20.0
ATTEMPTS = 3
RETRY_S = 0.5
"""Before the second attempt, about; twice that before the third."""
PATIENCE_S = 10.0
"""The longest that a venue may make us wait before we tell the reader instead."""
SETTLING_MS = 3_600_000.0
"""Younger answers are not remembered: venues publish late and correct the last minutes."""
OFF_S = (60.0, 600.0)
"""How long a venue that refused us is left alone: doubling from the first to the last."""


class Memory(Protocol):
    """Answers that will never change, kept by the browser. It never raises."""

    async def get(self, key: str) -> bytes | None: ...
    async def put(self, key: str, body: bytes) -> None: ...
    async def forget(self, key: str) -> None: ...


class Bucket:
    """A token bucket: never more than `limits.weight` in any `limits.per_seconds`.

    Half the budget may go at once, the other half flows in over the period.
    """

    def __init__(self, limits: Limits) -> None:
        self._capacity = limits.weight / 2
        self._per_s = self._capacity / limits.per_seconds
        self._level = self._capacity
        self._at_s = 0.0
        self._held_until_s = 0.0

    def hold(self, until_s: float) -> None:
        """Let nothing out before `until_s`."""
        self._held_until_s = max(self._held_until_s, until_s)

    def take(self, weight: float, now_s: float) -> float:
        """Seconds to wait before spending `weight`; it counts as spent."""
        passed = max(0.0, now_s - self._at_s)
        self._level = min(self._capacity, self._level + passed * self._per_s) - weight
        self._at_s = max(self._at_s, now_s)
        return max(0.0, -self._level / self._per_s, self._held_until_s - now_s)


State = Literal["unknown", "ready", "blocked", "limited", "offline"]


class Health:
    """What this browser knows of a venue.

    Attributes
    ----------
    state : State
        `offline` is also no answer in time; `blocked` may be the region, the network or
        a missing CORS header: a browser does not say which.
    reason : LiqmapError or None
        The last failure.
    until_s : float
        The venue is left alone until then, on the clock of the calls.
    """

    def __init__(self) -> None:
        self.state: State = "unknown"
        self.reason: LiqmapError | None = None
        self.until_s = 0.0
        self._strikes = 0

    def succeeded(self, now_s: float) -> None:
        """A good answer came; one that was asked for before the door closed says nothing."""
        if now_s < self.until_s:
            return
        self.state, self.reason, self.until_s, self._strikes = "ready", None, 0.0, 0

    def failed(self, error: LiqmapError, now_s: float) -> None:
        """A request failed for good."""
        if isinstance(error, Refused | NoData) and not isinstance(error, Busy):
            self.succeeded(now_s)  # an answer, if not the one we hoped for
            return
        self.reason = error
        if isinstance(error, RateLimited):
            self.state = "limited"
            self._leave_alone(now_s, error.retry_after_s)
        elif isinstance(error, Unreachable) and error.blocked:
            self.state = "blocked"
            self._leave_alone(now_s, 0.0)
        elif isinstance(error, Unreachable):
            self.state = "offline"

    def _leave_alone(self, now_s: float, at_least_s: float) -> None:
        if now_s < self.until_s:  # another request of the same volley
            self.until_s = max(self.until_s, now_s + at_least_s)
            return
        shortest, longest = OFF_S
        off_s = min(longest, shortest * 2.0**self._strikes)
        self.until_s = now_s + max(at_least_s, off_s)
        self._strikes += 1

    def forgive(self) -> None:
        """Somebody asks again by hand. What was blocked may be open; a limit stays a limit."""
        if self.state == "blocked":
            self.until_s = 0.0

    def check(self, now_s: float) -> None:
        """Raise the reason again while the venue is left alone."""
        if self.reason is not None and now_s < self.until_s:
            again = copy.copy(self.reason)
            again.hint = (
                f"It is left alone for another {self.until_s - now_s:.0f} seconds, "
                "not to provoke a ban; choose another venue meanwhile."
            )
            raise again


class Line:
    """A line to one venue; keep it for as long as the page lives.

    Parameters
    ----------
    adapter : Adapter
    send : Send
    origin : str, optional
        Stands in for the venue's own, in a replay.
    memory : Memory, optional
        Where answers that will never change are kept.
    retry_s, patience_s : float
        Pause before a second attempt, about; the longest that the venue may ask for.
    random : callable
        Uniform in [0, 1), for the jitter.
    """

    def __init__(
        self,
        adapter: Adapter,
        send: Send,
        *,
        origin: str | None = None,
        memory: Memory | None = None,
        timeout_s: float = TIMEOUT_S,
        retry_s: float = RETRY_S,
        patience_s: float = PATIENCE_S,
        random: Callable[[], float] = random.random,
    ) -> None:
        self.adapter = adapter
        self._send = send
        self._origin = origin or adapter.origin
        self._memory = memory
        self._timeout_s, self._retry_s, self._patience_s = timeout_s, retry_s, patience_s
        self._random = random
        self._buckets: dict[str, Bucket] = {}
        self._places = asyncio.Semaphore(adapter.limits.concurrent)
        self._health: dict[str, Health] = {}
        self.now_ms = -inf
        """The venue's time, as far as it is known: what is remembered depends on it."""

    def health(self, service: str = "") -> Health:
        """Health of the venue, or of one of its services."""
        return self._health.setdefault(service, Health())

    def forgive(self) -> None:
        """Let one more attempt through where the venue seemed blocked."""
        for health in self._health.values():
            health.forgive()

    async def probe(self) -> Health:
        """Ask the cheapest question and say how the venue is; raises nothing of ours."""
        with contextlib.suppress(LiqmapError):
            await self._ask(self.adapter.probe(), [], attempts=1)
        return self.health()

    async def converse(self, conversation: Conversation[T], progress: Progress | None = None) -> T:
        """Hold a conversation to its end.

        Cancelling it aborts the requests under way.

        Raises
        ------
        LiqmapError
            Of the request that failed first, or of the conversation.
        """
        done = total = 0

        async def counted(request: Request) -> Any:
            nonlocal done
            answer = await self._ask(request, recalled)
            done += 1
            if progress:
                progress(done, total)
            return answer

        recalled: list[str] = []
        try:
            batch = next(conversation)
            while True:
                total += len(batch)
                batch = conversation.send(await together(counted(one) for one in batch))
        except StopIteration as end:
            result: T = end.value
            return result
        except BadResponse:
            if self._memory is not None:
                for key in recalled:
                    await self._memory.forget(key)
            raise
        finally:
            conversation.close()

    async def _ask(self, request: Request, recalled: list[str], *, attempts: int = ATTEMPTS) -> Any:
        key = f"{self._origin}{request.path} {request.body or ''}".rstrip()
        memory = self._memory if request.until_ms <= self.now_ms - SETTLING_MS else None
        if memory is not None and (body := await memory.get(key)) is not None:
            recalled.append(key)
            return self.adapter.read(Reply(200, body))
        health, clock = self.health(request.service), asyncio.get_running_loop()
        bucket = self._bucket(request)
        async with self._places:
            for attempt in range(1, attempts + 1):
                if (wait_s := bucket.take(request.weight, clock.time())) > 0:
                    await asyncio.sleep(wait_s)
                health.check(clock.time())  # it may have got worse in the meantime
                try:
                    reply = await self._sent(request)
                    answer = self.adapter.read(reply)
                    break
                except LiqmapError as error:
                    error.where = error.where or f"{self.adapter.title} · {request.path}"
                    error.sentence = named(error.sentence, self.adapter.title)
                    again_s = self._again_s(error) if attempt < attempts else None
                    if again_s is None:
                        health.failed(error, clock.time())
                        raise
                    if isinstance(error, RateLimited):
                        bucket.hold(clock.time() + again_s)
                    else:
                        await asyncio.sleep(again_s * 2.0 ** (attempt - 1))
        health.succeeded(clock.time())
        if memory is not None:
            await memory.put(key, reply.body)
        return answer

    def _bucket(self, request: Request) -> Bucket:
        limits = self.adapter.limits
        endpoint = request.path.partition("?")[0] if limits.by_endpoint else ""
        if endpoint not in self._buckets:
            self._buckets[endpoint] = Bucket(limits)
        return self._buckets[endpoint]

    async def _sent(self, request: Request) -> Reply:
        try:
            return await asyncio.wait_for(
                self._send(self._origin + request.path, request.body), self._timeout_s
            )
        except TimeoutError:
            raise TimedOut(
                f"{self.adapter.title} did not answer within {self._timeout_s:g} seconds.",
                hint="Try again, or choose another venue.",
            ) from None

    def _again_s(self, error: LiqmapError) -> float | None:
        """Seconds until asking again is safe, at first; None: it is not."""
        jitter = 0.5 + self._random()
        if isinstance(error, RateLimited):
            wait_s = error.retry_after_s
            return wait_s * (1 + 0.2 * jitter) if wait_s <= self._patience_s else None
        if error.retry == "never" or (isinstance(error, Unreachable) and error.blocked):
            return None
        return self._retry_s * jitter


async def together(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results in order; the first failure cancels the rest and is raised as it was."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one) for one in work]
    except BaseExceptionGroup as several:
        raise several.exceptions[0] from several.exceptions[0].__cause__
    return [task.result() for task in tasks]
