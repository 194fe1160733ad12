"""Messages of the desk, one a question; `messages` has the others, and says how all cross."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from liqmap.data.series import Array

Rows = tuple[tuple[str, ...], ...]
"""A table in words, row by row."""


@dataclass(frozen=True, slots=True)
class ClusterDetail:
    """Why one cluster is there."""

    kind: ClassVar[str] = "cluster"
    row: int
    """Which of `Clusters.rows`; −1 when it is no longer among them."""
    title: str
    facts: Rows
    """What is said of it, and what is known of that."""
    leverages: Rows
    """By range of leverage: amount, share, what has left, prices of entry; empty if not known."""
    venues: Rows
    """By venue of a sum: amount, share, what has left."""


@dataclass(frozen=True, eq=False, slots=True)
class Cleared:
    """What price has reached of the book of an instant, and where it swept most."""

    kind: ClassVar[str] = "cleared"
    since: str
    rows: Rows
    """Distance, longs, shorts: the share that was cleared, and of how much."""
    sources: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class TimeMachine:
    """What the visitor may go back to; as of an instant, what came after it until now."""

    kind: ClassVar[str] = "time_machine"
    as_of: str
    """The instant that situation, map and clusters are of, UTC; empty where that is now."""
    instant_minute: int
    """The same [minutes since 1970]; 0 where that is now."""
    spot: float
    """The price then [quote/base]."""
    words: str
    """What is shown, or why it is not what the link asks for."""
    first_minute: int
    """Where the picture begins [minutes since 1970]; its end is now."""
    step_minutes: int
    """Length of a step of the slider."""
    steps: int
    cards: Rows
    """Of the nearest clusters then, of the price, of what was swept: title, headline, lines."""
    rows: Rows
    """Within, longs then, part that price has passed, shorts then, part that price has passed."""


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """Price bands where much was liquidated: lines of the picture, and a table."""

    kind: ClassVar[str] = "levels"
    sources: Mapping[str, Mapping[str, Any]]
    rows: Rows
    """Band, liquidated, events, what came last, held of n with interval, controls; first all of
    a side together."""
    proven: tuple[bool, ...]
    """Of each row, whether it differs from its controls."""
    words: str


@dataclass(frozen=True, eq=False, slots=True)
class YourPosition:
    """A visitor's own position: what it risks, and its lines on the picture."""

    kind: ClassVar[str] = "position"
    coin: str
    """The coin of the picture, which the position must be of."""
    rows: Rows
    """Title, figure, and what belongs to it."""
    notes: tuple[str, ...]
    """What is assumed or left out, a sentence each."""
    complaints: Rows
    """Field, and what is wrong with what stands in it."""
    sources: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, eq=False, slots=True)
class Cascade:
    """A scenario: what a shock sweeps, where the order book stops it, and so on."""

    kind: ClassVar[str] = "cascade"
    words: tuple[str, ...]
    """Sentences: what happens."""
    notes: tuple[str, ...]
    """Sentences: what is supposed."""
    steps: Rows
    """Step, price it ends at, move, swept on the way, taken by the book; the last row sums them."""
    book_ms: float
    """When the order book was read, by the visitor's clock; 0 without one."""
    shock_rate: float
    """Of the scenario; negative is a fall."""
    final_rate: float
    """Where it ends; NaN without an order book."""
    shock_rates: Array
    """Of the curve, ascending, as fractions of the price; empty without an order book."""
    final_rates: Array
    """Where each of them ends; NaN where the scenario's axis ends before."""
    low_rates: Array
    """The nearest of P10 and P90 to the price; NaN while it is not known."""
    high_rates: Array


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A contract of the board."""

    opens: str
    """What opens it: `bybit:BTC-USDT-PERP`."""
    name: str
    cells: tuple[str, ...]
    """Price, above, below, lean, swept, each of one or two lines; or the one sentence why not."""
    numbers: tuple[float, ...]
    """Above and below, each [million USD] and distance, imbalance, swept [million USD]; NaN where
    there is none. A whole number beyond 32 bits would not cross."""
    at_s: float
    """When it was read, by the visitor's clock."""


@dataclass(frozen=True, slots=True)
class Board:
    """How the most traded contracts of a venue stand, as far as they are loaded."""

    kind: ClassVar[str] = "board"
    rows: tuple[BoardRow, ...]
    words: str
    """What is being done, and how many requests it took."""
    running: bool
    """Whether more is on its way."""


@dataclass(frozen=True, slots=True)
class Alerts:
    """Rules that have come true."""

    kind: ClassVar[str] = "alerts"
    fired: Rows
    """Which rule, by its place in the list that the page sent; and a sentence."""
