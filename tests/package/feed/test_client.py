"""Politeness is a law: limits, retries, and never against a closed door."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from liqmap.data.market import Instrument
from liqmap.errors import (
    BadResponse,
    Busy,
    LiqmapError,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from liqmap.feed.client import Client, together
from liqmap.venues.adapter import Adapter, Conversation, Limits, Reply, Request, Snapshot
from tests.support.clock import now_s, run


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


def ask(server: Server, *paths: str, **kwargs: Any) -> Any:
    async def main() -> Any:
        return await client_to(server, **kwargs).converse(saying([Request(p) for p in paths]))

    return run(main())


# ---------------------------------------------------------------- conversations


def test_answers_keep_the_order_of_the_questions() -> None:
    assert ask(Server(takes_s=1), "/c", "/a", "/b") == [["/c", "/a", "/b"]]


def test_progress_counts_what_came_and_what_is_known() -> None:
    steps: list[tuple[int, int]] = []

    async def main() -> None:
        conversation = saying([Request("/a"), Request("/b")], [Request("/c")])
        await client_to(Server()).converse(conversation, lambda *step: steps.append(step))

    run(main())
    assert steps == [(1, 2), (2, 2), (3, 3)]


def test_a_stand_in_for_the_venue() -> None:
    urls: list[str] = []

    async def send(url: str, body: str | None) -> Reply:
        urls.append(url)
        return Reply(200, b"1")

    async def main() -> None:
        client = Client(Echo(), send, origin="http://localhost:1")
        await client.converse(saying([Request("/a?b=c")]))

    run(main())
    assert urls == ["http://localhost:1/a?b=c"]


@pytest.mark.parametrize(("by_endpoint", "seconds"), [(False, 20), (True, 10)])
def test_a_budget_is_the_venue_s_or_each_endpoint_s(by_endpoint: bool, seconds: float) -> None:
    """Twenty a side in ten seconds: half of it at once, the rest as it flows in."""

    class Strict(Echo):
        limits = replace(Echo.limits, by_endpoint=by_endpoint)

    server = Server()
    paths = [f"/{name}?page={n}" for n in range(15) for name in "ab"]

    async def main() -> None:
        await Client(Strict(), server).converse(saying([Request(path) for path in paths]))

    run(main())
    begun = server.asked[0][0]
    assert server.asked[-1][0] - begun == pytest.approx(seconds / 2 if by_endpoint else seconds)


def test_no_more_under_way_than_allowed() -> None:
    server = Server(takes_s=1)
    ask(server, *"abcdefghi")
    assert server.most == Echo.limits.concurrent


def test_cancelling_aborts_what_is_under_way() -> None:
    server = Server(takes_s=5)

    async def main() -> None:
        conversation = saying([Request("/a"), Request("/b")])
        task = asyncio.ensure_future(client_to(server).converse(conversation))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert conversation.gi_frame is None  # type: ignore[attr-defined]

    run(main())
    assert server.aborted == 2


def test_the_first_failure_stops_the_others_and_keeps_its_name() -> None:
    server = Server((200, "refused"))

    async def slow(url: str, body: str | None) -> Reply:
        return (
            await server(url, body) if url.endswith("a") else await Server.__call__(rest, url, body)
        )

    rest = Server(takes_s=9)

    async def main() -> float:
        with pytest.raises(Refused, match="Echo refused") as caught:
            await Client(Echo(), slow).converse(saying([Request("/a"), Request("/b")]))
        assert caught.value.where == "Echo · /a"
        return now_s()

    assert run(main()) == 1000.0
    assert rest.aborted == 1


def test_together_is_as_patient_as_gather() -> None:
    async def after(seconds: float) -> float:
        await asyncio.sleep(seconds)
        return seconds

    async def main() -> tuple[list[float], float]:
        return await together(after(s) for s in (3.0, 1.0, 2.0)), now_s()

    assert run(main()) == ([3.0, 1.0, 2.0], 1003.0)


# ---------------------------------------------------------------- retries


@pytest.mark.parametrize(
    "fault",
    [Unreachable("gone"), BadResponse("cut"), (200, "busy")],
    ids=["network", "cut", "busy"],
)
def test_a_passing_fault_is_asked_again_more_slowly(fault: object) -> None:
    server = Server(fault, fault)
    assert ask(server, "/a") == [["/a"]]
    assert [at for at, _ in server.asked] == [1000.0, 1000.5, 1001.5]


def test_three_times_and_no_more() -> None:
    server = Server(*[Unreachable("gone")] * 9)
    with pytest.raises(Unreachable):
        ask(server, "/a")
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    "fault",
    [Unreachable("no", blocked=True), (200, "refused"), (60, "limited")],
    ids=["blocked", "refused", "limited for long"],
)
def test_a_closed_door_is_never_tried_again(fault: object) -> None:
    server = Server(fault)
    with pytest.raises(LiqmapError):
        ask(server, "/a")
    assert len(server.asked) == 1


def test_a_short_wait_is_waited_by_all() -> None:
    """One is told to wait five seconds: nobody asks in between."""
    server = Server((5, "limited"))
    assert ask(server, *"abcdef") == [list("abcdef")]
    times = [at for at, _ in server.asked]
    assert times[:3] == [1000.0] * 3
    assert min(times[3:]) == pytest.approx(1006.0)


def test_silence_ends() -> None:
    server = Server(takes_s=60)
    with pytest.raises(TimedOut, match="Echo did not answer within 20 seconds"):
        ask(server, "/a")
    assert server.aborted == 3


# ---------------------------------------------------------------- the limit


def test_a_burst_is_half_the_limit_and_the_rest_flows_in() -> None:
    server = Server()
    ask(server, *(str(n) for n in range(30)))
    at = [at - 1000.0 for at, _ in server.asked]
    assert at[9] == 0.0
    assert at[10] == pytest.approx(1.0)
    assert at[29] == pytest.approx(20.0)


# ---------------------------------------------------------------- health


def test_a_closed_venue_is_not_asked_until_its_time() -> None:
    server = Server(Unreachable("no", blocked=True))

    async def main() -> None:
        client = client_to(server)
        for _ in range(3):
            with pytest.raises(Unreachable, match="no"):
                await client.converse(saying([Request("/a")]))
        assert len(server.asked) == 1
        assert client.health().state == "blocked"
        await asyncio.sleep(60)
        assert await client.converse(saying([Request("/a")])) == [["/a"]]
        assert client.health().state == "ready"

    run(main())


def test_those_who_queue_hear_that_the_venue_has_closed() -> None:
    """Two conversations: what one learns keeps the other from asking."""
    server = Server(Unreachable("no", blocked=True), takes_s=0.5)

    async def main() -> None:
        client = client_to(server)
        talks = [client.converse(saying([Request(p)] * 12)) for p in ("/a", "/b")]
        results = await asyncio.gather(*talks, return_exceptions=True)
        assert all(isinstance(one, Unreachable) for one in results)

    run(main())
    assert len(server.asked) <= Echo.limits.concurrent + 2


def test_one_of_many_may_fail() -> None:
    """A refusal is none of the answers; a venue that cannot be reached is none at all."""
    asked = [Request("/a"), Request("/b", may_fail=True), Request("/c")]

    async def main() -> None:
        client = client_to(Server("a", (200, "refused"), "c"))
        assert await client.converse(saying(asked)) == [["a", None, "c"]]
        client = client_to(Server("a", Unreachable("gone", blocked=True), "c"))
        with pytest.raises(Unreachable):
            await client.converse(saying(asked))

    run(main())


def test_a_service_has_a_health_of_its_own() -> None:
    server = Server(Unreachable("no", blocked=True))

    async def main() -> None:
        client = client_to(server)
        with pytest.raises(Unreachable):
            await client.converse(saying([Request("/s", service="statistics")]))
        assert client.health("statistics").state == "blocked"
        assert client.health().state == "unknown"
        assert await client.converse(saying([Request("/a")])) == [["/a"]]

    run(main())


def test_a_ban_is_of_the_whole_venue_in_this_visit_and_the_next() -> None:
    """Whatever is asked, by the table of venues too, until the time is over."""
    server, notes, now_ms = Server((600, "limited")), Notes(), [1e12]

    async def main() -> None:
        for _ in range(2):
            client = client_to(server, memory=notes, wall_ms=lambda: now_ms[0])
            for request in (Request("/s", service="statistics"), Request("/a")):
                with pytest.raises(RateLimited):
                    await client.converse(saying([request]))
            client.forgive()
            assert (await client.probe()).state == "limited"
            assert [path for _, path in server.asked] == ["/s"]
            now_ms[0] += 599_000
        now_ms[0] += 1000
        client = client_to(server, memory=notes, wall_ms=lambda: now_ms[0])
        assert await client.converse(saying([Request("/a")])) == [["/a"]]

    run(main())


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ("time", "ready"),
        (Unreachable("gone"), "offline"),
        (Unreachable("no", blocked=True), "blocked"),
        ((90, "limited"), "limited"),
    ],
)
def test_probe(fault: object, state: str) -> None:
    server = Server(fault)

    async def main() -> str:
        return (await client_to(server).probe()).state

    assert run(main()) == state
    assert [path for _, path in server.asked] == ["/time"]


# ---------------------------------------------------------------- memory


HOUR_MS = 3_600_000.0
OLD = Request("/old", until_ms=HOUR_MS)


def remembering(server: Server, notes: Notes) -> Client:
    """A client of a venue whose clock says two hours."""
    client = client_to(server, memory=notes)
    client.now_ms = 2 * HOUR_MS
    return client


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


def test_what_never_changes_is_asked_once() -> None:
    server, notes = Server(), Notes()
    batch = [OLD, Request("/p", "{}", until_ms=HOUR_MS), Request("/new", until_ms=2 * HOUR_MS)]

    async def main() -> None:
        for _ in range(2):
            client = remembering(server, notes)
            assert await client.converse(saying(batch)) == [["/old", "/p", "/new"]]

    run(main())
    assert [path for _, path in server.asked] == ["/old", "/p", "/new", "/new"]
    assert set(notes.kept) == {"https://echo.example/old", "https://echo.example/p {}"}


def broken(use: Callable[[Any], object]) -> Conversation[object]:
    (answer,) = yield [OLD]
    return use(answer)


def test_what_cannot_be_read_is_forgotten() -> None:
    server, notes = Server(), Notes()

    def use(answer: object) -> object:
        raise BadResponse("nonsense")

    async def main() -> None:
        client = remembering(server, notes)
        await client.converse(saying([OLD]))
        assert notes.kept
        with pytest.raises(BadResponse):
            await client.converse(broken(use))
        assert not notes.kept
        assert await client.converse(broken(str)) == "/old"

    run(main())
    assert len(server.asked) == 2


def test_a_refusal_is_not_remembered() -> None:
    notes = Notes()

    async def main() -> None:
        with pytest.raises(Refused):
            await remembering(Server((200, "refused")), notes).converse(broken(str))

    run(main())
    assert not notes.kept


def test_nothing_is_remembered_before_the_venue_has_told_the_time() -> None:
    notes = Notes()

    async def main() -> None:
        await client_to(Server(), memory=notes).converse(saying([OLD]))

    run(main())
    assert not notes.kept
