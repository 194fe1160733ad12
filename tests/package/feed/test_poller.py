"""A polite pace: on time while looked at, never while hidden, slower when nobody answers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from liqmap.feed.poller import LONGEST_POLL_S, POLL_S, Poller
from tests.support.clock import now_s, run

Act = Callable[[Poller], Coroutine[Any, Any, None]]


def times(act: Act, *, answers: bool = True) -> list[float]:
    """Seconds at which the refresh was called."""
    called: list[float] = []

    async def refresh() -> bool:
        called.append(now_s() - 1000)
        return answers

    async def main() -> None:
        poller = Poller(refresh)
        poller.start()
        await act(poller)
        poller.stop()

    run(main())
    return called


async def _a_minute(_: Poller) -> None:
    await asyncio.sleep(6 * POLL_S + 1)


def test_it_asks_at_its_pace() -> None:
    assert times(_a_minute) == [POLL_S * n for n in range(1, 7)]


def test_a_hidden_page_asks_nothing_and_a_shown_one_at_once() -> None:
    async def act(poller: Poller) -> None:
        await asyncio.sleep(POLL_S + 1)
        poller.seen(visible=False)
        await asyncio.sleep(100 * POLL_S)
        poller.seen(visible=True)
        await asyncio.sleep(1)

    assert times(act) == [POLL_S, 101 * POLL_S + 1]


def test_without_answers_the_pace_slows_to_a_limit() -> None:
    async def act(_: Poller) -> None:
        await asyncio.sleep(600)

    called = times(act, answers=False)
    pauses = [b - a for a, b in zip([0.0, *called], called, strict=False)]
    assert pauses[:4] == [POLL_S, 2 * POLL_S, 4 * POLL_S, 8 * POLL_S]
    assert set(pauses[4:]) == {LONGEST_POLL_S}


def test_stopped_is_stopped_and_started_twice_is_once() -> None:
    async def act(poller: Poller) -> None:
        poller.start()
        await asyncio.sleep(POLL_S + 1)
        poller.stop()
        await asyncio.sleep(10 * POLL_S)

    assert times(act) == [POLL_S]
