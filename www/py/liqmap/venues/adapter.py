"""What every venue's file is made of: requests out, bytes in, columns out.

A *conversation* is a generator that yields batches of requests, is sent what they
brought, one decoded answer a request, and returns columns. It never waits, never opens a
connection, and so runs the same in a test, in a notebook and in the browser;
`liqmap.feed.client` holds it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeVar

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import NotOffered

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request; `body` (JSON text) makes it a POST.

    `path` starts with a slash and is joined to the venue's origin by the fetcher, so that
    a replay can stand in for the venue. From `until_ms` on its answer is complete and
    does not change any more. `service` names a part of the venue that can be out of
    reach while the rest is not.
    """

    path: str
    body: str | None = None
    weight: float = 1.0
    until_ms: float = inf
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

    `weight` may be spent in any `per_seconds`, on each endpoint for itself where the venue
    counts so; `concurrent` requests may be under way.
    """

    weight: float
    per_seconds: float
    concurrent: int = 4
    by_endpoint: bool = False


Series = Literal[
    "candles",
    "taker_volume",
    "mark",
    "open_interest",
    "maintenance",
    "liquidations",
    "stream",
]


@dataclass(frozen=True, slots=True)
class Depth:
    """How far back a series reaches: an age or a number of rows, whichever is longer."""

    ms: float = 0.0
    rows: float = 0.0

    def reach_ms(self, step_ms: float) -> float:
        """Age of the oldest row at that step [ms]."""
        return max(self.ms, self.rows * step_ms)


SINCE_LISTING = Depth(ms=inf)
NOW = Depth()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One instant of one contract: one-sided open interest [base] and mark price."""

    open_interest_base: float
    mark_price: float


class Adapter(ABC):
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
    offers : mapping of Series to Depth
        What a page can have of it, and how far back; what is absent is not published.
    """

    venue: str
    title: str
    origin: str
    limits: Limits
    steps_ms: tuple[int, ...]
    offers: Mapping[Series, Depth]

    @abstractmethod
    def probe(self) -> Request:
        """The cheapest request that shows whether this browser can read the venue."""

    @abstractmethod
    def read(self, reply: Reply) -> Any:
        """Decoded payload of a good reply; raises what the venue's error means."""

    @abstractmethod
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        """Perpetual contracts that trade now, largest 24 h volume first where given."""

    @abstractmethod
    def candles(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None = None,
        end_ms: float | None = None,
        *,
        newest: int | None = None,
    ) -> Conversation[Candles]:
        """Bars that open in [start_ms, end_ms); without both: the venue's newest page.

        `newest` asks for that many bars of the page at most, about as many come.

        The newest bar is unfinished and is kept: it is the present. Its opening is the
        anchor of time, never the visitor's clock; `end_ms` is at most its end. Bars that
        the venue leaves out stay gaps.
        """

    @abstractmethod
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        """Open interest and mark price now."""

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Samples in [start_ms, end_ms], at the venue's best step up to `step_ms`."""
        return self._lacks("history of open interest")

    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        """Mark-price bars that open in [start_ms, end_ms); volume is 0."""
        return self._lacks("history of mark prices")

    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Maintenance margin tiers."""
        return self._lacks("maintenance margin tiers")

    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Liquidations in [start_ms, end_ms), as far as the venue reaches back."""
        return self._lacks("history of liquidations")

    def _lacks(self, what: str) -> Conversation[Any]:
        yield from ()
        raise NotOffered(f"{self.title} publishes no {what}.", hint="Choose another venue.")


class Stream(ABC):
    """A venue's public WebSocket of liquidations: messages out, text in, columns out.

    Attributes
    ----------
    venue, title, url : str
    completeness : str
        What share of the liquidations it shows, and at which price, as a sentence.
    coins : tuple of str
        Those it can tell of; empty: all that the venue lists.
    ping : str
        To be sent every `ping_s` seconds; empty: the browser's own pong is enough.
    """

    venue: str
    title: str
    url: str
    completeness: str
    coins: tuple[str, ...] = ()
    ping: str = ""
    ping_s: float = 20.0

    @abstractmethod
    def subscribe(self, instrument: Instrument) -> str:
        """The message that asks for the contract's liquidations."""

    @abstractmethod
    def read(self, message: str, instrument: Instrument) -> Liquidations:
        """Liquidations of that contract in a message, often none; raises `LiqmapError`."""

    def answer(self, message: str) -> str | None:
        """What the venue wants to hear back, if anything."""
        return None
