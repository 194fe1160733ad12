"""Which answers a client keeps, and when it does not trust them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from liqmap.errors import BadResponse, InputError, LiqmapError, NoData, Refused, Unreachable
from liqmap.feed.client import Client
from liqmap.venues.adapter import Conversation, Request
from tests.support.clock import run
from tests.support.echo import Notes, Server, client_to, saying

HOUR_MS = 3_600_000.0
OLD = Request("/old", until_ms=HOUR_MS)


def remembering(server: Server, notes: Notes) -> Client:
    """A client of a venue whose clock says two hours."""
    client = client_to(server, memory=notes)
    client.now_ms = 2 * HOUR_MS
    return client


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


@pytest.mark.parametrize("error", [BadResponse("x"), NoData("x"), InputError("x")])
def test_an_answer_is_kept_only_once_it_was_understood(error: LiqmapError) -> None:
    """Also of several pages: what the conversation complains of, nobody knows."""
    server, notes = Server(), Notes()

    def complaining() -> Conversation[None]:
        yield [OLD]
        yield [Request("/older", until_ms=HOUR_MS)]
        raise error

    async def main() -> None:
        client = remembering(server, notes)
        for _ in range(2):
            with pytest.raises(type(error)):
                await client.converse(complaining())
            assert not notes.kept

    run(main())
    assert len(server.asked) == 4


def test_pages_that_were_understood_are_kept_when_a_later_one_does_not_come() -> None:
    notes = Notes()
    later = Request("/later", until_ms=HOUR_MS)

    async def main() -> None:
        server = Server("/old", *[Unreachable("gone")] * 3)
        with pytest.raises(Unreachable):
            await remembering(server, notes).converse(saying([OLD], [later]))

    run(main())
    assert set(notes.kept) == {"https://echo.example/old"}


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([], False),
        (None, False),
        ({"result": {"list": [], "more": {}}}, False),
        ({"result": {"list": [[1]], "more": []}}, True),
        ({"open": [1.0]}, True),
    ],
)
def test_what_lists_nothing_is_asked_again(said: object, kept: bool) -> None:
    """A venue that gave no rows may have them tomorrow."""
    notes = Notes()

    async def main() -> None:
        await remembering(Server(said), notes).converse(saying([OLD]))

    run(main())
    assert bool(notes.kept) is kept


def test_asked_afresh_memory_is_passed_by_and_replaced() -> None:
    server, notes = Server("first", "second"), Notes()

    async def main() -> None:
        client = remembering(server, notes)
        assert await client.converse(saying([OLD])) == [["first"]]
        client.afresh = True
        assert await client.converse(saying([OLD])) == [["second"]]
        client.afresh = False
        assert await client.converse(saying([OLD])) == [["second"]]

    run(main())
    assert len(server.asked) == 2


def test_only_what_is_before_all_rows_may_be_empty_for_ever() -> None:
    """A contract that was not listed yet; not a hole, not the newest."""
    server, notes = Server([], [1], [], [1], []), Notes()
    pages = [Request(f"/{n}", until_ms=n) for n in range(5)]

    async def main() -> None:
        await remembering(server, notes).converse(saying(pages))
        await remembering(Server([1], [1]), notes).converse(saying(pages))

    run(main())
    kept = {key[-1]: body for key, body in notes.kept.items()}
    assert kept == {"0": b"[]", **dict.fromkeys("1234", b"[1]")}
