"""Hold an adapter's conversation in a test: requests go to a function, nothing waits."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from liqmap.venues.adapter import Adapter, Conversation, Reply, Request

T = TypeVar("T")
Answer = Callable[[Request], Reply]
"""Where answers come from: fixtures, a stand-in, a list."""


def play(
    adapter: Adapter,
    conversation: Conversation[T],
    answer: Answer,
    log: list[Request] | None = None,
) -> T:
    """Hold a conversation to its end; its requests are added to `log`.

    The adapter's own `read` decodes the answers, so that it raises here what it raises on
    the page.
    """
    try:
        batch = next(conversation)
        while True:
            if log is not None:
                log.extend(batch)
            batch = conversation.send([adapter.read(answer(one)) for one in batch])
    except StopIteration as end:
        result: T = end.value
        return result


def in_turn(*contents: Any) -> Answer:
    """Answers with these JSON contents, in the order in which they are asked for."""
    left = [Reply(200, json.dumps(one).encode()) for one in contents]
    return lambda _: left.pop(0)
