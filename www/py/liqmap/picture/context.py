"""What else a venue tells of the picture's time, as one line below it: none of it is estimated.

The change of open interest, takers' buys less their sells, the funding rate, and accounts that are
long by those that are short. A gap between samples is a gap of the line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from liqmap.data.samples import Samples
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.picture.ticks import Ticks, plain_ticks

SOURCES = {"context_line": ("time", "value")}
"""Column names of each source of the Bokeh document."""

_HEADROOM = 0.08
_TICKS = 4
_FIGURES = 3
_GAP = 1.5
"""So many times as far apart as the samples beside them are: some are missing between two."""


@dataclass(frozen=True, eq=False, slots=True)
class Curve:
    """A line over time, NaN in a gap; `since_ms` is where a change or a sum begins."""

    time_ms: Array
    value: Array
    since_ms: float


@dataclass(frozen=True, eq=False, slots=True)
class Context:
    """The strip below the picture: a line, and what it is."""

    kind: ClassVar[str] = "context"
    visible: bool
    caption: str
    """What the line is, in which unit and of whom; or why there is none."""
    unit: str
    signed: bool
    """Whether its numbers have a sign: those of a ratio have none."""
    decimals: int
    """Of a number in words."""
    level: float
    """Where the line has its nought: 1 for a ratio."""
    sources: Mapping[str, Mapping[str, Any]]
    ranges: Mapping[str, tuple[float, float]]
    axes: Mapping[str, Ticks]


def open_interest_change(samples: OpenInterest, first_ms: float, end_ms: float) -> Curve | None:
    """Open interest, one side, less that of the left edge [base].

    That is the last sample at or before `first_ms`; the first one after it where samples begin
    later, or are missing at the edge. None with fewer than two samples.
    """
    time_ms, value = samples.time_ms, samples.open_interest_base
    return _since_edge(time_ms, value, first_ms, end_ms, change=True)


def account_ratio(samples: Samples, first_ms: float, end_ms: float) -> Curve | None:
    """Accounts that are long ÷ accounts that are short; None with fewer than two samples."""
    return _since_edge(samples.time_ms, samples.value, first_ms, end_ms, change=False)


def taker_delta(candles: Candles, first_ms: float, end_ms: float) -> Curve | None:
    """Takers' buys less takers' sells, summed over the bars from `first_ms` on [base].

    A bar's buys and sells add up to its volume, so it adds 2 × buys − volume, known at its end.
    Bars that are missing add nothing, and are a gap. None where the venue does not tell who took.
    """
    inside = candles.rows((candles.time_ms >= first_ms) & (candles.time_ms < end_ms))
    if inside.taker_buy_base is None or not len(inside):
        return None
    total = np.cumsum(2 * inside.taker_buy_base - inside.volume_base)
    begin_ms = float(inside.time_ms[0])
    missing = np.flatnonzero(inside.time_ms[1:] > inside.end_ms[:-1]) + 1
    time_ms = np.concatenate([[begin_ms], inside.end_ms])
    value = np.concatenate([[0.0], total])
    # A gap lasts from the last end to the next opening, where the sum is still what it was.
    at = np.repeat(missing + 1, 2)
    between_ms = np.stack([inside.end_ms[missing - 1], inside.time_ms[missing]], axis=1).ravel()
    held = np.stack([np.full(missing.size, np.nan), total[missing - 1]], axis=1).ravel()
    return Curve(np.insert(time_ms, at, between_ms), np.insert(value, at, held), begin_ms)


def funding_rate(samples: Samples, first_ms: float, end_ms: float) -> Curve | None:
    """The rate paid at each instant, over the time since the instant before [%].

    Nothing is drawn before the first instant that is known, after the last one, and where instants
    are missing. None without two of them.
    """
    time_ms, value = _window(samples.time_ms, 100 * samples.value, first_ms, end_ms)
    if time_ms.size < 2:
        return None
    gap = _gaps(time_ms)
    begin_ms = np.maximum(time_ms[:-1], first_ms)
    paid = np.where(gap, np.nan, value[1:])
    return Curve(
        np.stack([begin_ms, time_ms[1:]], axis=1).ravel(), np.repeat(paid, 2), float(begin_ms[0])
    )


def strip(
    curve: Curve,
    caption: str,
    unit: str,
    first_ms: float,
    *,
    level: float = 0.0,
    signed: bool = True,
) -> Context:
    """The strip of a curve; its axis holds all of it from `first_ms` on, and the level."""
    seen = curve.value[(curve.time_ms >= first_ms) & np.isfinite(curve.value)]
    low, high = float(seen.min(initial=level)), float(seen.max(initial=level))
    room = _HEADROOM * (high - low) or 1.0
    low, high = low - room, high + room
    digits = _FIGURES - math.ceil(math.log10(high - low))
    return Context(
        visible=True,
        caption=caption,
        unit=unit,
        signed=signed,
        decimals=max(0, digits),
        level=level,
        sources={"context_line": {"time": curve.time_ms, "value": curve.value}},
        ranges={"context_range": (low, high)},
        axes={"context_axis": plain_ticks(low, high, _TICKS, signed=signed)},
    )


def words_only(caption: str, *, visible: bool = True) -> Context:
    """A strip without a line, which says why; or none at all."""
    return Context(
        visible=visible,
        caption=caption,
        unit="",
        signed=False,
        decimals=0,
        level=0.0,
        sources={"context_line": {"time": [], "value": []}},
        ranges={"context_range": (-1.0, 1.0)},
        axes={"context_axis": Ticks((), ())},
    )


def _window(time_ms: Array, value: Array, first_ms: float, end_ms: float) -> tuple[Array, Array]:
    """Samples in [first_ms, end_ms], and the last one before them."""
    begin = max(0, int(np.searchsorted(time_ms, first_ms, side="right")) - 1)
    end = int(np.searchsorted(time_ms, end_ms, side="right"))
    return time_ms[begin:end], value[begin:end]


def _since_edge(
    time_ms: Array, value: Array, first_ms: float, end_ms: float, *, change: bool
) -> Curve | None:
    time_ms, value = _window(time_ms, value, first_ms, end_ms)
    gap = _gaps(time_ms)
    if gap.size and gap[0] and time_ms[0] < first_ms:  # that sample is not of the edge
        time_ms, value, gap = time_ms[1:], value[1:], gap[1:]
    if time_ms.size < 2:
        return None
    after = np.flatnonzero(gap) + 1
    if change:
        value = value - value[0]
    with_gaps_ms = np.insert(time_ms, after, time_ms[after - 1])
    return Curve(with_gaps_ms, np.insert(value, after, np.nan), float(time_ms[0]))


def _gaps(time_ms: Array) -> NDArray[np.bool_]:
    """Whether samples are missing after each but the last.

    Venues take samples more seldom at some times than at others, so two are measured by the
    distances beside theirs.
    """
    apart = np.diff(time_ms)
    if apart.size < 2:
        return np.zeros(apart.size, dtype=np.bool_)
    beside = np.concatenate([[0.0], apart, [0.0]])
    found: NDArray[np.bool_] = apart > _GAP * np.maximum(beside[:-2], beside[2:])
    return found
