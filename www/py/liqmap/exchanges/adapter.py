"""What every venue's file is made of: requests out, bytes in, columns out.

A *conversation* is a generator that yields batches of requests, is sent one reply a
request, and returns columns. It never waits, never opens a connection, and so runs the
same in a test, in a notebook and in the browser; `liqmap.fetching` holds it.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from liqmap.columns import Candles, OpenInterest
from liqmap.market import Instrument, MaintenanceTiers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `body` (JSON text) makes it a POST.

    `path` starts with a slash and is joined to the venue's origin by the fetcher, so that
    a replay can stand in for the venue.
    """

    path: str
    body: str | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole."""

    status: int
    body: bytes


Conversation = Generator[Sequence[Request], Sequence[Reply], T]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the venue allows one visitor: a token bucket."""

    weight: float
    per_seconds: float
    concurrent: int = 4


class Adapter(Protocol):
    """One venue. Every conversation raises only `LiqmapError`."""

    venue: str
    title: str
    origin: str
    limits: Limits
    offers: frozenset[str]
    """Of: candles, mark, taker_volume, open_interest, maintenance, ratio, funding,
    liquidations, stream."""

    def probe(self) -> Request:
        """The cheapest request that shows whether this browser can read the venue."""
        ...

    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        """Perpetual contracts that trade now, largest 24 h volume first where given."""
        ...

    def candles(
        self, instrument: Instrument, step_ms: int, start_ms: float | None, end_ms: float | None
    ) -> Conversation[Candles]:
        """Bars that open in [start_ms, end_ms); `None, None`: the newest page."""
        ...

    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        """Mark-price bars that open in [start_ms, end_ms)."""
        ...

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Samples in [start_ms, end_ms]."""
        ...

    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Maintenance margin tiers."""
        ...
