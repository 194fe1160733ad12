"""Mutated replies: whatever a venue sends, a LiqmapError or sound columns come out.

    python -m bench.fuzz [--mutations 100000] [--venues bybit,okx] [--seed 0]

Every reply of the fixtures is cut, bent and exchanged in all ways that JSON allows. What
passes is estimated now and then: no NaN may reach the density.
"""

from __future__ import annotations

import argparse
import json
import random
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from bench.odd_rows import odd_rows
from bench.venues import bitcoin, conversations, messages, sound
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, Refused
from liqmap.estimate.api import estimate
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.venues.stream import Stream
from tests.support.conversation import play
from tests.support.fixtures import fixtures
from tests.support.odd_rows import places

MUTATIONS = 100_000
ESTIMATE_EVERY = 200

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 1e308, -1e308, 5e-324, 10**400, -0.0, 2**53 + 1),
    *("", "0", "-1", "NaN", "nan", "inf", "-Infinity", "1e999", "1_000", "0x10", "٣", " 7 ", "x"),
    *([], {}, [[]], [None], {"": None}, [[[[]]]], "🙂", "\x00", "2026-02-30T00:00:00Z", "Buy"),
)


def bend(value: Any, rng: random.Random) -> Any:
    """Another value in its place."""
    kind = rng.randrange(6)
    if kind == 0 and isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            scaled = float(value) * rng.choice((0, -1, 1e-3, 1e3, 1e-9, 1e9, 1.0000001))
        except (ValueError, OverflowError):
            return deepcopy(rng.choice(NASTY))
        return str(scaled) if isinstance(value, str) else scaled
    if kind == 1 and isinstance(value, list) and value:
        row = rng.randrange(len(value))
        twice = deepcopy(value)
        return rng.choice((value[:row], value[row:], value + twice, value[::-1]))
    if kind == 2 and isinstance(value, list):
        return {str(row): item for row, item in enumerate(value)}
    if kind == 2 and isinstance(value, dict):
        return list(value.values())
    if kind == 3 and isinstance(value, dict) and value:
        gone = rng.choice(list(value))
        return {key: item for key, item in value.items() if key != gone}
    return deepcopy(rng.choice(NASTY))


def mutated(value: Any, rng: random.Random) -> Any:
    """The value with one to three places bent."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        *path, last = rng.choice(list(places(value))) or (None,)
        if last is None:
            value = bend(value, rng)
            continue
        parent = value
        for step in path:
            parent = parent[step]
        parent[last] = bend(parent[last], rng)
    return value


def cut(text: bytes, rng: random.Random) -> bytes:
    """The bytes damaged, as a bad line would."""
    at = rng.randrange(len(text) + 1)
    return rng.choice(
        (
            text[:at],
            text[at:],
            text[:at] + bytes([rng.randrange(256)]) + text[at + 1 :],
            b"<html><body>502 Bad Gateway</body></html>",
            b"",
        )
    )


def named(error: LiqmapError, title: str) -> str:
    """The kind of an error that says whose it is and what to do."""
    assert title in f"{error.sentence} {error.where}", error
    assert error.hint, error
    return type(error).__name__


class Fuzz:
    """One venue under mutated replies."""

    def __init__(self, adapter: Adapter, rng: random.Random) -> None:
        self.adapter = adapter
        self.rng = rng
        self.answer = fixtures(adapter.venue).answer
        self.kept: list[tuple[Candles, OpenInterest]] = []
        self.candles: Candles | None = None

    def damaged(self, request: Request) -> Reply:
        reply = self.answer(request)
        if self.rng.random() < 0.1:
            return Reply(self.rng.choice((200, 200, 400, 429, 500)), cut(reply.body, self.rng))
        changed = mutated(json.loads(reply.body), self.rng)
        return Reply(200, json.dumps(changed).encode())

    def once(self, ask: Callable[[], Any]) -> str:
        """Outcome of one conversation; raises whatever is not allowed."""
        try:
            result = play(self.adapter, ask(), self.damaged)
        except LiqmapError as error:
            return named(error, self.adapter.title)
        sound(result)
        if isinstance(result, Candles):
            self.candles = result
        if isinstance(result, OpenInterest) and self.candles is not None:
            self.kept.append((self.candles, result))
        return "read"


def estimated(candles: Candles, open_interest: OpenInterest) -> None:
    """Estimate; an InputError is an answer, a NaN is not."""
    try:
        density = estimate(candles, open_interest, price_bins=40)
    except LiqmapError:
        return
    for matrix in (density.long_base, density.short_base):
        assert np.isfinite(matrix).all()
        assert (matrix >= 0).all()


def fuzz_adapter(adapter: Adapter, mutations: int, seed: int) -> Counter[str]:
    """Outcomes of so many mutated conversations."""
    rng = random.Random(f"{adapter.venue} {seed}")
    fuzz = Fuzz(adapter, rng)
    asks = conversations(adapter)
    outcomes: Counter[str] = Counter()
    for count in range(mutations):
        outcomes[fuzz.once(rng.choice(asks))] += 1
        if count % ESTIMATE_EVERY == 0 and fuzz.kept:
            estimated(*fuzz.kept[-1])
            fuzz.kept.clear()
    return outcomes


def fuzz_stream(stream: Stream, mutations: int, seed: int) -> Counter[str]:
    """Outcomes of so many mutated messages."""
    rng = random.Random(f"{stream.venue} stream {seed}")
    cases, one = messages(stream), bitcoin(stream)
    outcomes: Counter[str] = Counter()
    for _ in range(mutations):
        message = json.dumps(mutated(rng.choice(cases), rng))
        if rng.random() < 0.1:
            message = cut(message.encode(), rng).decode("utf-8", "replace")
        try:
            read = stream.read(message, one)
            sound(read.liquidations)
            outcomes["left out" if read.left_out else "read"] += 1
        except Refused as error:
            outcomes[named(error, stream.title)] += 1
    return outcomes


def fuzz_venue(venue: str, mutations: int, seed: int) -> Counter[str]:
    """Outcomes of its adapter and its stream; a warning of numpy is a failure too."""
    outcomes: Counter[str] = Counter()
    with warnings.catch_warnings(action="error"):
        if venue in ADAPTERS:
            outcomes += fuzz_adapter(ADAPTERS[venue], mutations, seed)
        if venue in STREAMS:
            outcomes += fuzz_stream(STREAMS[venue], mutations, seed)
    return outcomes


def figures() -> Iterator[tuple[str, float]]:
    """Seconds for each venue, and the share of mutations that were still data."""
    for venue in dict.fromkeys([*ADAPTERS, *STREAMS]):
        began = time.perf_counter()
        outcomes = fuzz_venue(venue, MUTATIONS, 0)
        yield f"fuzz_{venue}_s", time.perf_counter() - began
        yield f"fuzz_{venue}_read_ratio", outcomes["read"] / outcomes.total()
        harms = odd_rows(venue, seed=0)
        yield f"fuzz_{venue}_odd_rows", float(len(harms))
        yield f"fuzz_{venue}_harm_of_odd_rows", float(sum(map(bool, harms)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutations", type=int, default=MUTATIONS)
    parser.add_argument("--venues", default=",".join(dict.fromkeys([*ADAPTERS, *STREAMS])))
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for venue in options.venues.split(","):
        outcomes = fuzz_venue(venue, options.mutations, options.seed)
        said = ", ".join(f"{name} {count}" for name, count in outcomes.most_common())
        print(f"{venue:12} {said}", flush=True)
