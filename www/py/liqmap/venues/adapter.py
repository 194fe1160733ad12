"""What a venue's file implements to be read over HTTP: an `Adapter`.

A *conversation* is a generator that yields batches of requests, is sent the decoded answers
of each batch in the same order, and returns columns. It never waits and opens no connection:
`liqmap.feed.client` does that in the browser, a test or a notebook in its own way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal, TypeVar

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import NotOffered
from liqmap.language import say
from liqmap.venues import quantities

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request: a GET, or a POST where it has a `body`.

    Attributes
    ----------
    path : str
        Starts with a slash; whoever sends it puts the origin before it, the venue's or that
        of a stand-in.
    body : str, optional
        JSON text.
    weight : float
        What it costs of the venue's `Limits`.
    until_ms : float
        The time from which the answer is complete and does not change any more.
    service : str
        A part of the venue that can be out of reach while the rest is not.
    may_fail : bool
        Whether a refusal, or an answer that cannot be read, is None among the answers instead
        of the conversation's end: one account of many.
    """

    path: str
    body: str | None = None
    weight: float = 1.0
    until_ms: float = inf
    service: str = ""
    may_fail: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, whole body, and the header Retry-After where it may be read."""

    status: int
    body: bytes
    retry_after: str = ""


class Remark(list[Request]):
    """A batch without requests: a sentence about the answers so far."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


Conversation = Generator[Sequence[Request], Sequence[Any], T]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the venue allows a visitor.

    `weight` may be spent in any `per_seconds`, by each endpoint apart if `by_endpoint`;
    `concurrent` requests may be under way.
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
    "order_book",
    "funding",
    "long_short_ratio",
    "stream",
]


@dataclass(frozen=True, slots=True)
class Depth:
    """How far back a series reaches: an age or a number of rows, whichever is longer."""

    ms: float = 0.0
    rows: float = 0.0

    def reach_ms(self, step_ms: float) -> float:
        """Age of the oldest row at that step; both in ms."""
        return max(self.ms, self.rows * step_ms)


SINCE_LISTING = Depth(ms=inf)
NOW = Depth()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The present of a contract: one-sided open interest [base] and mark price."""

    open_interest_base: float
    mark_price: float


class Adapter(ABC):
    """A venue's REST interface; raises only `LiqmapError`.

    A series that the venue does not publish is not in `offers`, and asking for it raises
    `NotOffered`.

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
        What it publishes without a key, and how far back.
    reports_all : bool
        Whether it publishes every liquidation, by whatever way; False for a sample, and where
        it does not say.
    in_browser : bool
        Whether a page of another origin may read it (`Access-Control-Allow-Origin`); where not,
        the page does not offer it, and programs outside a browser read it.
    """

    venue: str
    title: str
    origin: str
    limits: Limits
    steps_ms: tuple[int, ...]
    offers: Mapping[Series, Depth]
    reports_all: bool
    in_browser: bool = True

    @abstractmethod
    def probe(self) -> Request:
        """The cheapest request that tells whether the venue can be read from here."""

    @abstractmethod
    def read(self, reply: Reply) -> Any:
        """Payload of a good reply, decoded; raises the `LiqmapError` that another one means."""

    @abstractmethod
    def instruments(self) -> Conversation[tuple[Instrument, ...]]:
        """Perpetual contracts that trade now, largest 24 h volume first where it is known."""

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
        """Bars that open in [start_ms, end_ms); without both, the venue's newest page.

        `newest` limits that page to about so many bars. The unfinished bar is among them: it
        tells the present time, which the visitor's clock may not; `end_ms` is at most its
        end. Bars that the venue leaves out stay gaps.
        """

    @abstractmethod
    def snapshot(self, instrument: Instrument) -> Conversation[Snapshot]:
        """Open interest and mark price now."""

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        """Samples in [start_ms, end_ms], at the longest step served up to `step_ms`."""
        return self._lacks(quantities.OPEN_INTEREST_HISTORY)

    def mark(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Candles]:
        """Mark-price bars that open in [start_ms, end_ms); volume is 0."""
        return self._lacks(quantities.MARK_HISTORY)

    def maintenance(self, instrument: Instrument) -> Conversation[MaintenanceTiers]:
        """Maintenance margin tiers."""
        return self._lacks(quantities.MAINTENANCE)

    def liquidations(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Liquidations]:
        """Liquidations in [start_ms, end_ms), as far back as the venue keeps them."""
        return self._lacks(quantities.LIQUIDATION_HISTORY)

    def order_book(self, instrument: Instrument) -> Conversation[OrderBook]:
        """Resting orders now, as far from the price as the venue shows them."""
        return self._lacks(quantities.ORDER_BOOK)

    def funding(
        self, instrument: Instrument, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Funding in [start_ms, end_ms]: the rate that longs paid shorts at each instant.

        A fraction of the position, for the time since the instant before: an hour, eight, or
        what the venue makes of it; negative where shorts paid.
        """
        return self._lacks(quantities.FUNDING_HISTORY)

    def long_short_ratio(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[Samples]:
        """Accounts that are long ÷ accounts that are short, samples in [start_ms, end_ms].

        Accounts, not positions: those of longs and of shorts are always worth as much.
        """
        return self._lacks(quantities.RATIO_HISTORY)

    def _lacks(self, series: str) -> Conversation[Any]:
        yield from ()
        raise NotOffered(
            say("{venue} publishes no {series}.", venue=self.title, series=say(series)),
            hint=say("Choose another venue."),
        )
