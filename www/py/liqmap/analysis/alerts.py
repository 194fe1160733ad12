"""Alerts: which of a visitor's rules come true between one sight of the market and the next.

A rule fires when its condition becomes true, and not again until it was false in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np

from liqmap.analysis.clusters import Cluster
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Candles

Kind = Literal["near", "swept", "reclaimed", "liquidations"]
MINUTE_MS = 60_000.0
MOST_SWEPT = 40
"""Swept clusters that are remembered, to be reclaimed: the newest."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What somebody wants to hear of.

    `near`: the price is within `rate` (a fraction of it) of a cluster of at least `amount_quote`,
    which it has not passed.
    `swept`: the price has reached the largest row of such a cluster. `reclaimed`: after that it
    has closed beyond the cluster's other end, on the side it came from. `liquidations`: within a
    minute at least `amount_quote` was liquidated.
    """

    kind: Kind
    amount_quote: float
    rate: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class Sight:
    """What is seen at a tick.

    `about` says of what: what is remembered of another contract or model is of no use. `happened`
    are the known liquidations, None while nobody listens.
    """

    about: object
    candles: Candles
    clusters: tuple[Cluster, ...]
    happened: Liquidations | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Memory:
    """What the next sight is compared with.

    `since_ms` is when the watch began, by the market's time; `end_ms` the end of the newest bar;
    `open` clusters were not reached then, `swept` ones have been, and not reclaimed; `true` are the
    rules whose condition held.
    """

    about: object = None
    since_ms: float = 0.0
    end_ms: float = inf
    open: tuple[Cluster, ...] = ()
    swept: tuple[Cluster, ...] = ()
    true: frozenset[Rule] = frozenset()


@dataclass(frozen=True, slots=True)
class Fired:
    """A rule that came true: by which cluster, the largest, or by how much within a minute."""

    rule: Rule
    cluster: Cluster | None
    amount_quote: float


def advance(
    rules: Iterable[Rule], memory: Memory, sight: Sight
) -> tuple[Memory, tuple[Fired, ...]]:
    """The memory after a sight, and what fired."""
    candles = sight.candles
    if memory.about != sight.about:
        memory = Memory(sight.about, _begin_ms(sight))
    price = float(candles.close[-1])
    bars = candles.end_ms >= memory.end_ms
    swept = tuple(one for one in memory.open if _reached(one, candles, bars))
    waiting = (*memory.swept, *swept)
    reclaimed = tuple(one for one in waiting if _came_back(one, price))
    near = tuple(one for one in sight.clusters if (price - one.price) * one.position_side > 0)
    minute_quote = _of_last_minute(sight.happened, memory.since_ms)
    found: dict[Rule, tuple[Cluster | None, float]] = {}
    for rule in dict.fromkeys(rules):
        if rule.kind == "liquidations":
            if minute_quote >= rule.amount_quote:
                found[rule] = None, minute_quote
            continue
        several = {"near": near, "swept": swept, "reclaimed": reclaimed}[rule.kind]
        meant = [
            one
            for one in several
            if one.amount_quote >= rule.amount_quote
            and (rule.kind != "near" or abs(one.price / price - 1) <= rule.rate)
        ]
        if meant:
            largest = max(meant, key=lambda one: one.amount_quote)
            found[rule] = largest, largest.amount_quote
    newest = candles.end_ms == candles.end_ms[-1]
    after = Memory(
        sight.about,
        memory.since_ms,
        float(candles.end_ms[-1]),
        tuple(one for one in sight.clusters if not _reached(one, candles, newest)),
        tuple(one for one in waiting if one not in reclaimed)[-MOST_SWEPT:],
        frozenset(found),
    )
    fired = (Fired(rule, *by) for rule, by in found.items() if rule not in memory.true)
    return after, tuple(fired)


def _begin_ms(sight: Sight) -> float:
    """Liquidations until here were known before the watch, or are of the bars before."""
    opened_ms = float(sight.candles.time_ms[-1])
    if sight.happened is None or not len(sight.happened):
        return opened_ms
    return max(opened_ms, float(sight.happened.time_ms[-1]))


def _reached(one: Cluster, candles: Candles, bars: np.ndarray) -> bool:
    """Whether the price was at the cluster's largest row, or beyond, in some of the bars."""
    if not bars.any():
        return False
    if one.position_side > 0:
        return float(candles.low[bars].min()) <= one.price
    return float(candles.high[bars].max()) >= one.price


def _came_back(one: Cluster, price: float) -> bool:
    """Whether the price is again where it was before it swept the cluster."""
    return price > one.high_price if one.position_side > 0 else price < one.low_price


def _of_last_minute(happened: Liquidations | None, since_ms: float) -> float:
    """What was liquidated in the minute before the newest liquidation after an instant [quote]."""
    if happened is None:
        return 0.0
    newer = happened.rows(happened.time_ms > since_ms)
    if not len(newer):
        return 0.0
    return float(newer.quantity_quote[newer.time_ms > newer.time_ms[-1] - MINUTE_MS].sum())
