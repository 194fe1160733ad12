"""The protocol between worker and page: one frozen dataclass a message, one union of them all.

A message crosses as a plain object: its `kind`, and every field, always. The page reads fields
by name and never asks whether they are there. Arrays of numbers cross as one-dimensional typed
arrays, everything else as strings, numbers, lists and objects. `docs/reference/messages.md` is
made from this file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, Literal

from liqmap.data.series import Array
from liqmap.picture.account_lines import AccountLines
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.liquidation_chart import LiquidationChart
from liqmap.picture.liquidation_map import LiquidationMap

Rows = tuple[tuple[str, ...], ...]
"""A table in words, row by row."""
Progress = Literal["loading", "ready", "stale", "failed"]
"""What `<html data-state>` becomes."""


@dataclass(frozen=True, slots=True)
class Boot:
    """How far the interpreter is; sent by runtime.mjs, before any Python."""

    kind: ClassVar[str] = "boot"
    loaded: int
    """Bytes so far …"""
    total: int
    """… and in all; 0: this message is of something else."""
    failed: str
    """Why Python will not start, or nothing."""
    restored: bool
    """Whether a kept snapshot was used."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The view as the worker understood it, and a sentence for each thing it did not."""

    kind: ClassVar[str] = "settings"
    query: str
    controls: Mapping[str, str]
    """What each control of the form shows, by its name."""
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Status:
    """What is happening, or what failed and what to do."""

    kind: ClassVar[str] = "status"
    state: Progress
    sentence: str
    detail: str = ""
    """Address, code, traceback: folded away."""
    retry: bool = False
    """Whether trying again may help."""
    done: int = 0
    """Requests so far …"""
    total: int = 0
    """… and in all; 0: not known."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """What the venue lists, the most traded first."""

    kind: ClassVar[str] = "contracts"
    venue: str
    names: tuple[str, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """What the picture is of, and what must be known about it."""

    kind: ClassVar[str] = "heading"
    title: str
    """`BTC-USDT-PERP · Bybit · exposure`."""
    notices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Clusters:
    """The largest clusters: price, side, amount, interval, distance, leverages, since."""

    kind: ClassVar[str] = "clusters"
    unit: str
    """What the amounts are: `exposure` or `expected liquidations`."""
    rows: Rows


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What each venue adds to a sum: title, longs, shorts, share; empty for a single venue."""

    kind: ClassVar[str] = "breakdown"
    rows: Rows


@dataclass(frozen=True, eq=False, slots=True)
class Uncertainty:
    """P10 to P90 of the last column: of each row of the map, and of each cluster."""

    kind: ClassVar[str] = "uncertainty"
    sources: Mapping[str, Mapping[str, Array]]
    ranges: Mapping[str, tuple[float, float]]
    """The map's axis, wide enough for the band."""
    intervals: tuple[str, ...]
    """In the order of `Clusters.rows`."""


@dataclass(frozen=True, slots=True)
class Tape:
    """How many liquidations this browser keeps."""

    kind: ClassVar[str] = "tape"
    count: int
    words: str


@dataclass(frozen=True, slots=True)
class Score:
    """How right the picture was: name, longs, shorts, interval."""

    kind: ClassVar[str] = "score"
    rows: Rows
    beats: bool
    """Whether the estimate beats rules that know nothing of positions."""
    available: bool
    words: str


@dataclass(frozen=True, slots=True)
class Health:
    """Which venues can be read from here: name, title, state, words."""

    kind: ClassVar[str] = "health"
    rows: Rows


Message = (
    Boot
    | Settings
    | Status
    | Contracts
    | Heading
    | Heatmap
    | LiquidationMap
    | Clusters
    | Breakdown
    | Uncertainty
    | LiquidationChart
    | Tape
    | Score
    | Health
    | AccountLines
)
"""Every message there is."""


def plain(message: Message) -> dict[str, Any]:
    """The message as it crosses: its kind and its fields, those of dataclasses within it, too."""
    return {"kind": message.kind, **_fields(message)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(inner) for inner in value]
    return value
