"""What every venue's file is made of: requests out, bytes in, columns out.

A *conversation* is a generator that yields batches of requests, is sent what they
brought, one decoded answer a request, and returns columns. It never waits, never opens a
connection, and so runs the same in a test, in a notebook and in the browser;
`liqmap.fetching` holds it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, Protocol, TypeVar

from liqmap.columns import Candles, OpenInterest
from liqmap.market import Instrument, MaintenanceTiers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `body` (JSON text) makes it a POST.

    `path` starts with a slash and is joined to the venue's origin by the fetcher, so that
    a replay can stand in for the venue. `settled` promises that the answer will never
    change: it may be remembered. `service` names a part of the venue that can be out of
    reach while the rest is not.
    """

    path: str
    body: str | None = None
    weight: float = 1.0
    settled: bool = False
    service: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, whole."""

    status: int
    body: bytes


Conversation = Generator[Sequence[Request], Sequence[Any], T]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the venue allows one visitor: a token bucket.

    `weight` may be spent in any `per_seconds`; `concurrent` requests may be under way.
    """

    weight: float
    per_seconds: float
    concurrent: int = 4


Series = Literal[
    "candles",
    "mark",
    "taker_volume",
    "open_interest",
    "maintenance",
    "ratio",
    "funding",
    "liquidations",
    "stream",
]


@dataclass(frozen=True, slots=True)
class Depth:
    """How far back a series reaches: an age, a number of rows, or both."""

    ms: float = inf
    rows: float = inf

    def reach_ms(self, step_ms: float) -> float:
        """Age of the oldest row at that step [ms]."""
        return min(self.ms, self.rows * step_ms)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant of one contract: one-sided open interest [base] and mark price."""

    open_interest_base: float
    mark_price: float


class Adapter(Protocol):
    """One venue. It raises only `LiqmapError`; what it does not offer, `NotOffered`.

    Attributes
    ----------
    venue, title : str
        Name in links and name for readers.
    origin : str
        `https://host`, no slash at the end.
    limits : Limits
        Client-side budget, at most what the venue publishes.
    steps_ms : tuple of int
        Bar lengths it serves, ascending.
    offers : mapping of series to Depth
        What it publishes, and how far back; what is absent is not published.
    """

    @property
    def venue(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def limits(self) -> Limits: ...
    @property
    def steps_ms(self) -> tuple[int, ...]: ...
    @property
    def offers(self) -> Mapping[Series, Depth]: ...

    def probe(self) -> Request:
        """The cheapest request that shows whether this browser can read the venue."""
        ...

    def read(self, reply: Reply) -> Any:
        """Decoded payload of a good reply; raises what the venue's error means."""
        ...

    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        """Perpetual contracts that trade now, largest 24 h volume first where given."""
        ...

    def candles(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None = None,
        end_ms: float | None = None,
    ) -> Conversation[Candles]:
        """Bars that open in [start_ms, end_ms); without both: the venue's newest page.

        The newest bar is unfinished and is kept: it is the present. Its opening is the
        anchor of time, never the visitor's clock; `end_ms` is at most its end.
        """
        ...

    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        """Mark-price bars that open in [start_ms, end_ms); volume is 0."""
        ...

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Samples in [start_ms, end_ms], at the venue's best step up to `step_ms`."""
        ...

    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        """Open interest and mark price now."""
        ...

    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Maintenance margin tiers."""
        ...
