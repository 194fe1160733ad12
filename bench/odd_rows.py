"""Odd rows: each row of each list that a venue sends is made odd at each of its paths.

    python -m bench.odd_rows [--venues bybit,okx] [--seed 0]

No venue may be lost for one row, and no other row with it.
"""

from __future__ import annotations

import argparse
import json
import random
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bench.venues import bitcoin, conversations, messages, sound
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.venues.stream import Stream
from tests.support.conversation import play
from tests.support.fixtures import fixtures
from tests.support.odd_rows import harm, mutations, plain


def odd_rows(venue: str, seed: int, share: float = 1.0) -> list[str]:
    """The harm of each odd row that a venue sends; empty where it did none."""
    harms: list[str] = []
    with warnings.catch_warnings(action="error"):
        if venue in ADAPTERS:
            harms += odd_rows_answered(ADAPTERS[venue], share, seed)
        if venue in STREAMS:
            harms += odd_rows_told(STREAMS[venue], share, seed)
    return harms


def odd_rows_answered(adapter: Adapter, share: float, seed: int) -> Iterator[str]:
    """The harm that each odd row of each reply does, of a share of them; mostly none."""
    rng, answer = random.Random(f"{adapter.venue} rows {seed}"), fixtures(adapter.venue).answer
    for ask in conversations(adapter):
        log: list[Request] = []
        play(adapter, ask(), answer, log)
        for body in dict.fromkeys([answer(request).body for request in log]):
            value = plain(json.loads(body))
            for mutation in mutations(value):
                if rng.random() < share:
                    read = partial(_read_instead, adapter, ask, body)
                    yield harm(read, value, mutation)


def _read_instead(adapter: Adapter, ask: Callable[[], Any], body: bytes, changed: Any) -> Any:
    """The result when an answer of that body is another one."""
    other = Reply(200, json.dumps(changed).encode())

    def answer(request: Request) -> Reply:
        reply = fixtures(adapter.venue).answer(request)
        return other if reply.body == body else reply

    result = play(adapter, ask(), answer)
    sound(result)
    return result


def odd_rows_told(stream: Stream, share: float, seed: int) -> Iterator[str]:
    """The harm that each odd row of each message does, of a share of them; mostly none."""
    rng = random.Random(f"{stream.venue} told {seed}")

    def read(content: Any) -> Any:
        return stream.read(json.dumps(content), bitcoin(stream)).liquidations

    for content in messages(stream):
        for mutation in mutations(content):
            if rng.random() < share:
                yield harm(read, content, mutation)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--venues", default=",".join(dict.fromkeys([*ADAPTERS, *STREAMS])))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for venue in options.venues.split(","):
        harms = odd_rows(venue, options.seed)
        bad = [harm for harm in harms if harm]
        print(f"{venue:12} odd rows {len(harms)}, harm of {len(bad)}", *bad[:9], sep="\n  ")
