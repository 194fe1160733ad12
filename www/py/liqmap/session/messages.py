"""The protocol between worker and page: a frozen dataclass for each message, and their union.

A message crosses as a plain object: its `kind`, and every field, always. The page reads fields
by name and never asks whether they are there. Arrays of numbers cross as one-dimensional typed
arrays, everything else as strings, numbers, lists and objects. `docs/reference/messages.md` is
made from this file.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Literal

from liqmap.data.series import Array
from liqmap.picture.account_lines import AccountLines
from liqmap.picture.coloring import Colors
from liqmap.picture.context import Context
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.liquidation_chart import LiquidationChart
from liqmap.picture.liquidation_map import LiquidationMap

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that cut a text or turn it around; links and exchanges may send any."""
Rows = tuple[tuple[str, ...], ...]
"""A table in words, row by row."""
Progress = Literal["loading", "ready", "stale", "failed"]
"""What `<html data-state>` becomes."""


@dataclass(frozen=True, slots=True)
class Boot:
    """How much of the interpreter has arrived; sent by runtime.mjs, before any Python."""

    kind: ClassVar[str] = "boot"
    loaded: int
    """Bytes received so far."""
    total: int
    """Bytes in all; 0 where the message is not about progress."""
    failed: str
    """Why Python will not start; empty where it does."""
    file: str
    """The file of this site that did not arrive as it was published; empty where all did."""
    restored: bool
    """Whether the interpreter was restored from a kept snapshot."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The view as the worker understood it."""

    kind: ClassVar[str] = "settings"
    query: str
    """The view as the shortest query string."""
    controls: Mapping[str, str]
    """What each control of the form shows, by its name."""
    notices: tuple[str, ...]
    """A sentence for each part of the query that was not understood."""


@dataclass(frozen=True, slots=True)
class Status:
    """What is happening; or what failed, and what to do."""

    kind: ClassVar[str] = "status"
    state: Progress
    sentence: str
    detail: str = ""
    """Address, code or traceback, which the page folds away."""
    retry: bool = False
    """Whether trying again may help."""
    example: bool = False
    """Whether there is no picture, so that a simulated example is offered."""
    done: int = 0
    """Requests answered so far."""
    total: int = 0
    """Requests in all; 0 where that is not known."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """The contracts that the venue lists, the most traded first."""

    kind: ClassVar[str] = "contracts"
    venue: str
    names: tuple[str, ...]
    labels: tuple[str, ...]
    """What the symbol field shows beside each name."""


@dataclass(frozen=True, slots=True)
class Found:
    """Contracts of all venues that somebody may mean, the likeliest first."""

    kind: ClassVar[str] = "found"
    text: str
    """What he typed."""
    rows: Rows
    """What opens it (`bybit:BTC-USDT-PERP`), name, venue, and what is traded in a day."""
    words: str
    """How many there are, and which venues' lists are not among them."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The picture's title and notices."""

    kind: ClassVar[str] = "heading"
    title: str
    """Contract, venue, unit: `BTC-USDT-PERP · Bybit · exposure`."""
    notices: tuple[str, ...]
    """What is missing or assumed, a sentence each."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Where the price stands: nearest clusters, what waits near, what was swept."""

    kind: ClassVar[str] = "situation"
    cards: Rows
    """Title, headline, and lines below it."""
    step_ms: float
    """Length of a bar: data two bars old are late."""
    live: bool
    """Whether new bars come; a simulation has none."""


@dataclass(frozen=True, eq=False, slots=True)
class Clusters:
    """The largest clusters that wait, and those that were swept.

    Of a swept one the amount is what was swept.
    """

    kind: ClassVar[str] = "clusters"
    unit: str
    """What the amounts are: `exposure`, or `expected liquidations` and whose."""
    pain: str
    """Max pain of both sides."""
    rows: Rows
    """Price, side, amount, interval, distance, state and age; those that wait first."""
    waiting: int
    """So many wait."""
    orders: Mapping[str, tuple[int, ...]]
    """Rows in ascending order of distance, size, age and side."""
    prices: tuple[float, ...]
    """Of each row, for `cluster` of the worker."""
    bands: Mapping[str, Array]
    """Of each row the ends in time and price."""


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
    """By range of leverage: amount, share, prices of entry; empty where that is not known."""
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


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What each venue adds to a sum: title, longs, shorts, share; empty for a single venue."""

    kind: ClassVar[str] = "breakdown"
    rows: Rows


@dataclass(frozen=True, eq=False, slots=True)
class Uncertainty:
    """P10 to P90 of each of the largest clusters: whiskers of the map, words of the table."""

    kind: ClassVar[str] = "uncertainty"
    sources: Mapping[str, Mapping[str, Array]]
    intervals: tuple[str, ...]
    """In the order of the first of `Clusters.rows`."""


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


@dataclass(frozen=True, slots=True)
class Tape:
    """How many liquidations this browser keeps."""

    kind: ClassVar[str] = "tape"
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """The scorecard: name, longs, shorts, intervals; the model first, then baselines."""

    kind: ClassVar[str] = "score"
    rows: Rows
    beats: bool
    """Whether the estimate beats the baselines, interval included."""
    available: bool
    """Whether enough was seen for a judgement."""
    verdict: str
    words: str
    """What the verdict rests on, and what would be enough."""


@dataclass(frozen=True, slots=True)
class Health:
    """Which venues can be read from here: name, title, state, words."""

    kind: ClassVar[str] = "health"
    rows: Rows


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


Message = (
    Boot
    | Settings
    | Status
    | Contracts
    | Found
    | Heading
    | Situation
    | Heatmap
    | Colors
    | LiquidationMap
    | Clusters
    | Cleared
    | ClusterDetail
    | TimeMachine
    | Breakdown
    | Uncertainty
    | LiquidationChart
    | Context
    | Levels
    | Tape
    | Score
    | Health
    | AccountLines
    | YourPosition
    | Cascade
    | Board
    | Alerts
)
"""Every message."""


def plain(message: Message) -> dict[str, Any]:
    """The message as it crosses: its kind and its fields, those of dataclasses within it, too.

    Texts lose control characters and those that change the direction of writing.
    """
    return {"kind": message.kind, **_fields(message)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: Any) -> Any:
    if isinstance(value, str):  # first: a picture has a thousand texts
        return _UNSEEN.sub("", value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    return _fields(value) if is_dataclass(value) else value
