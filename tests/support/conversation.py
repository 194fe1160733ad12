"""A venue without a network: its fixtures answer, its own `read` decodes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from liqmap.venues.adapter import Adapter, Conversation, Reply, Request

FIXTURES = Path(__file__).parent.parent / "venues" / "fixtures"

T = TypeVar("T")
Answer = Callable[[Request], Reply]


def fixture(venue: str, name: str) -> Any:
    return json.loads((FIXTURES / venue / f"{name}.json").read_text())


def asked(request: Request) -> str:
    """A request in one line: path, and body if there is one."""
    return " ".join(part for part in (request.path, request.body) if part)


def answering(venue: str) -> Answer:
    """Answers of the longest key in replies.json that begins the request."""
    replies = fixture(venue, "replies")

    def answer(request: Request) -> Reply:
        line = asked(request)
        keys = [key for key in replies if line.startswith(key)]
        assert keys, f"no reply for {line}"
        return Reply(200, json.dumps(replies[max(keys, key=len)]).encode())

    return answer


def play(
    adapter: Adapter,
    conversation: Conversation[T],
    answer: Answer,
    log: list[Request] | None = None,
) -> T:
    """Hold a conversation to its end, without waiting."""
    try:
        batch = next(conversation)
        while True:
            if log is not None:
                log.extend(batch)
            batch = conversation.send([adapter.read(answer(one)) for one in batch])
    except StopIteration as end:
        result: T = end.value
        return result
