"""Mutated replies: whatever a venue sends, a LiqmapError or sound columns come out.

    python -m bench.fuzz [--mutations 100000] [--venues bybit,okx] [--seed 0]

Every reply of the fixtures is cut, bent and exchanged in all ways that JSON allows. What
passes is estimated now and then: no NaN may reach the density. Then each row of each list of
each reply is made odd at each of its paths: no venue may be lost for one row, and no other row
with it.
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
from dataclasses import fields, is_dataclass
from functools import partial
from typing import Any

import numpy as np

from liqmap.data.market import Instrument
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, Refused
from liqmap.estimate.api import estimate
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.venues.stream import Stream
from tests.support.conversation import play
from tests.support.fixtures import fixtures
from tests.support.odd_rows import harm, mutations, places, plain

STEP_MS = 300_000
START_MS = 1_769_990_400_000
END_MS = START_MS + 4 * STEP_MS
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


def sound(value: Any) -> None:
    """Raise when a number anywhere within is not finite; the last tier may be endless."""
    if isinstance(value, np.ndarray):
        assert np.isfinite(value).all(), value
    elif isinstance(value, float):
        assert np.isfinite(value), value
    elif isinstance(value, tuple):
        for item in value:
            sound(item)
    elif is_dataclass(value):
        for one in fields(value):
            if one.name != "notional_cap_quote":
                sound(getattr(value, one.name))


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
        native = fixtures(adapter.venue).expected["instrument"]["native"]
        listed = play(adapter, adapter.instruments(), self.answer)
        self.one = next(one for one in listed if one.native == native)
        self.kept: list[tuple[Candles, OpenInterest]] = []
        self.candles: Candles | None = None

    def conversations(self) -> list[Callable[[], Any]]:
        adapter, one = self.adapter, self.one
        span = (STEP_MS, START_MS, END_MS)
        offered: dict[str, Callable[[], Any]] = {
            "mark": lambda: adapter.mark(one, *span),
            "open_interest": lambda: adapter.open_interest(one, *span),
            "maintenance": lambda: adapter.maintenance(one),
            "liquidations": lambda: adapter.liquidations(one, START_MS, END_MS),
        }
        return [
            adapter.instruments,
            lambda: adapter.candles(one, STEP_MS),
            lambda: adapter.candles(one, *span),
            lambda: adapter.snapshot(one),
            *(ask for series, ask in offered.items() if series in adapter.offers),
        ]

    def damaged(self, request: Request) -> Reply:
        reply = self.answer(request)
        if self.rng.random() < 0.1:
            return Reply(self.rng.choice((200, 200, 400, 429, 500)), cut(reply.body, self.rng))
        changed = mutated(json.loads(reply.body), self.rng)
        return Reply(200, json.dumps(changed).encode())

    def odd_rows(self, share: float = 1.0) -> Iterator[str]:
        """The harm that each odd row of each reply does, of a share of them; mostly none."""
        for ask in self.conversations():
            log: list[Request] = []
            play(self.adapter, ask(), self.answer, log)
            for body in dict.fromkeys([self.answer(request).body for request in log]):
                value = plain(json.loads(body))
                for mutation in mutations(value):
                    if self.rng.random() < share:
                        yield harm(partial(self.read_instead, ask, body), value, mutation)

    def read_instead(self, ask: Callable[[], Any], body: bytes, changed: Any) -> Any:
        """The result when an answer of that body is another one."""
        other = Reply(200, json.dumps(changed).encode())

        def answer(request: Request) -> Reply:
            reply = self.answer(request)
            return other if reply.body == body else reply

        result = play(self.adapter, ask(), answer)
        sound(result)
        return result

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
    asks = fuzz.conversations()
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


def messages(stream: Stream) -> list[Any]:
    """Decoded messages of a stream's fixtures."""
    texts = fixtures(stream.venue).messages.values()
    return [json.loads(text) for text in texts if text.startswith("{")]


def bitcoin(stream: Stream) -> Instrument:
    """The contract that they are about."""
    natives = {"okx": "BTC-USDT-SWAP", "deribit": "BTC-PERPETUAL", "dydx": "BTC-USD"}
    natives |= {"lighter": "1", "kraken": "PF_XBTUSD"}
    native = natives.get(stream.venue, "BTCUSDT")
    return Instrument("BTC-USDT-PERP", native, "BTC", "USDT")


def odd_rows_told(stream: Stream, share: float, seed: int) -> Iterator[str]:
    """The harm that each odd row of each message does, of a share of them; mostly none."""
    rng = random.Random(f"{stream.venue} told {seed}")

    def read(content: Any) -> Any:
        return stream.read(json.dumps(content), bitcoin(stream)).liquidations

    for content in messages(stream):
        for mutation in mutations(content):
            if rng.random() < share:
                yield harm(read, content, mutation)


def fuzz_venue(venue: str, mutations: int, seed: int) -> Counter[str]:
    """Outcomes of its adapter and its stream; a warning of numpy is a failure too."""
    outcomes: Counter[str] = Counter()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if venue in ADAPTERS:
            outcomes += fuzz_adapter(ADAPTERS[venue], mutations, seed)
        if venue in STREAMS:
            outcomes += fuzz_stream(STREAMS[venue], mutations, seed)
    return outcomes


def odd_rows(venue: str, seed: int, share: float = 1.0) -> list[str]:
    """The harm of each odd row that a venue sends; empty where it did none."""
    harms: list[str] = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        if venue in ADAPTERS:
            fuzz = Fuzz(ADAPTERS[venue], random.Random(f"{venue} rows {seed}"))
            harms += fuzz.odd_rows(share)
        if venue in STREAMS:
            harms += odd_rows_told(STREAMS[venue], share, seed)
    return harms


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
        harms = odd_rows(venue, options.seed)
        bad = [harm for harm in harms if harm]
        print(f"{venue:12} odd rows {len(harms)}, harm of {len(bad)}", *bad[:9], sep="\n  ")
