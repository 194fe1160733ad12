"""Politeness is a law: limits, retries, and never against a closed door."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from liqmap.errors import (
    BadResponse,
    LiqmapError,
    RateLimited,
    Refused,
    TimedOut,
    Unreachable,
)
from liqmap.feed.client import Client, together
from liqmap.venues.adapter import Reply, Request
from tests.support.clock import now_s, run
from tests.support.echo import Echo, Notes, Server, client_to, saying
from tests.support.pseudo import english_in, pseudo


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


def test_silence_can_be_said_in_another_language() -> None:
    with pseudo(), pytest.raises(TimedOut) as caught:
        ask(Server(takes_s=60), "/a")
    assert "⟦" in caught.value.sentence
    assert english_in(str(caught.value), "Echo") == []


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


@pytest.mark.parametrize(
    ("asked_s", "words"),
    [(11, "for another 60 seconds"), (80, "for another 80 seconds"), (600, "until ")],
)
def test_a_refusal_says_the_wait_that_is_enforced(asked_s: int, words: str) -> None:
    server = Server((asked_s, "limited"))

    async def main() -> None:
        client = client_to(server)
        with pytest.raises(RateLimited) as caught:
            await client.converse(saying([Request("/a")]))
        assert caught.value.hint.startswith(f"It is left alone {words}")
        await asyncio.sleep(max(asked_s, 60) - 1)
        with pytest.raises(RateLimited, match=r"for another 1 second, "):
            await client.converse(saying([Request("/a")]))
        assert len(server.asked) == 1
        await asyncio.sleep(1)
        await client.converse(saying([Request("/a")]))

    run(main())
