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
from liqmap.session.desk_messages import (
    Alerts,
    Board,
    Cascade,
    Cleared,
    ClusterDetail,
    Levels,
    Rows,
    TimeMachine,
    YourPosition,
)

_UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that cut a text or turn it around; links and exchanges may send any."""
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
    """What the amounts are, as a head: `Exposure`, or `Expected liquidations` and whose."""
    pain: str
    """Max pain of both sides."""
    rows: Rows
    """Price, side, amount, interval, distance, state and age; those that wait first."""
    sides: tuple[str, ...]
    """Of each row, `long` or `short`."""
    waiting: int
    """So many wait."""
    orders: Mapping[str, tuple[int, ...]]
    """Rows in ascending order of distance, size, age and side."""
    prices: tuple[float, ...]
    """Of each row, for `cluster` of the worker."""
    bands: Mapping[str, Array]
    """Of each row the ends in time and price."""


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
    states: tuple[str, ...]
    """Of each row, `live` and others, in no language."""


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
