"""What forced orders do to the price after a shock: a scenario, step by step.

What is supposed, and where the numbers are from, is in docs/explanation/cascade.md. Prices are
distances from the newest price, as a fraction of it, so that both sides are one arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from liqmap.data.order_book import OrderBook
from liqmap.data.series import Array
from liqmap.estimate.cohorts import Table
from liqmap.estimate.ensemble import QUANTILES, WIDER, Members

THINNED = 0.63
"""Part of the depth within 1 % that is left in crashes."""
EXPONENT = 0.9
"""Impact grows with about (volume / depth)^0.9."""
EXPONENTS = (0.8, EXPONENT, 1.0)
"""Of the members: measured as 0.875 ± 0.078; 1 is a walk through the book."""
ANCHOR_RATE = 0.01
"""A walk of this length moves the price as far, whatever the exponent."""
_FARTHEST_RATE = 10.0
_EVENLY = 0.41421356
"""Fractions of its multiples are spread evenly, in no order that members have otherwise."""


class Impact(NamedTuple):
    """How the book takes orders: the part of its depth that is left, and the exponent."""

    depth_factor: float = 1.0
    exponent: float = 1.0


@dataclass(frozen=True, eq=False, slots=True)
class Depth:
    """One side of an order book by distance from its middle price.

    Attributes
    ----------
    distance_rate, quote : array of shape (n,)
        Ascending from zero; what rests up to each distance together [quote].
    reach_rate : float
        Where the book as it is shown ends.
    beyond_quote : float
        Supposed behind it, per unit of distance [quote]: as in the outer half of the reach.
    """

    distance_rate: Array
    quote: Array
    reach_rate: float
    beyond_quote: float

    def within(self, distance_rate: Array) -> Array:
        """What rests up to a distance [quote]."""
        found: Array = np.interp(distance_rate, self.distance_rate, self.quote)
        return found

    def distance(self, quote: Array) -> Array:
        """Up to which distance so much rests."""
        found: Array = np.interp(quote, self.quote, self.distance_rate)
        return found


def depth_of(book: OrderBook, position_side: int) -> Depth | None:
    """The depth that forced orders of a side meet: longs the bids, shorts the asks.

    None where nothing rests there, or all of it at one price.
    """
    name = "bid" if position_side > 0 else "ask"
    price: Array = getattr(book, f"{name}_price")
    base: Array = getattr(book, f"{name}_base")
    if not price.size:
        return None
    best = [side[0] for side in (book.bid_price, book.ask_price) if side.size]
    distance = np.maximum(position_side * (1 - price / np.mean(best)), 0.0)
    quote = np.cumsum(price * base)
    reach, total = float(distance[-1]), float(quote[-1])
    if reach <= 0:
        return None
    inner = total - float((price * base)[distance >= reach / 2].sum())
    beyond = (total - inner) / (reach / 2)
    return Depth(
        np.concatenate([[0.0], distance, [reach + _FARTHEST_RATE]]),
        np.concatenate([[0.0], quote, [total + beyond * _FARTHEST_RATE]]),
        reach,
        beyond,
    )


@dataclass(frozen=True, eq=False, slots=True)
class Forced:
    """Orders of one side that price triggers, the nearest first.

    Attributes
    ----------
    trigger_rate : array of shape (n,)
        Distance at which price sweeps each, ascending.
    swept_quote : array of shape (n + 1,)
        [quote] together, when the first 0 … n are swept.
    edge_rate : float
        Nothing is known beyond this distance.
    members_quote : array of shape (M, n + 1)
        The same by each of M guesses; without guesses M is 0.
    """

    trigger_rate: Array
    swept_quote: Array
    edge_rate: float
    members_quote: Table

    def swept_by(self, shock_rate: float) -> tuple[float, float, float]:
        """Estimate, P10 and P90 of what a move sweeps [quote]; these are NaN without members."""
        row = int(np.searchsorted(self.trigger_rate, shock_rate, side="right"))
        middle = float(self.swept_quote[row])
        return middle, *_interval(self.members_quote[:, row], middle)

    def scaled(self, share: float, guesses: Array) -> Forced:
        """The same times a share; of members each times a guess of it, shape (M,)."""
        members = self.members_quote * guesses[:, None]
        return replace(self, swept_quote=self.swept_quote * share, members_quote=members)


def forced_of(
    price_edges: Array,
    amount_quote: Array,
    spot_price: float,
    position_side: int,
    members: Members | None = None,
) -> Forced:
    """What waits on a side by the distance that triggers it.

    Parameters
    ----------
    price_edges : array of shape (B + 1,)
    amount_quote : array of shape (B,)
        Of that side in each bin [quote], not negative.
    spot_price : float
    position_side : 1 or −1
    members : Members, optional
        Guesses of the same: as factors of their median, as `Members.interval` has them.
    """
    sign = position_side
    edges = sign * np.minimum(sign * price_edges, sign * spot_price)
    part = np.diff(edges) / np.diff(price_edges)
    rows = np.flatnonzero(part > 0)[::-sign]
    middle = 0.5 * (edges[1:] + edges[:-1])
    prices = 0.5 * (price_edges[1:] + price_edges[:-1])
    swept = _summed((amount_quote * part)[rows])
    guesses = np.empty((0, swept.size))
    if members is not None:
        base = members.long_base if sign > 0 else members.short_base
        several = _summed((base * (prices * part))[:, rows])
        median = np.median(several, axis=0)
        factors = np.divide(several, median, out=np.ones_like(several), where=median > 0)
        guesses = swept * factors**WIDER
        # Factors of next to nothing may be any, those of large sums are sound: none is more
        # than what is swept later.
        guesses = np.minimum.accumulate(guesses[:, ::-1], axis=1)[:, ::-1]
    return Forced(
        sign * (1 - middle[rows] / spot_price),
        swept,
        float(sign * (1 - price_edges[0 if sign > 0 else -1] / spot_price)),
        guesses,
    )


def _summed(quote: Array) -> Array:
    """What the first 0 … n hold together, along the last axis."""
    before = [(0, 0)] * (quote.ndim - 1) + [(1, 0)]
    return np.pad(np.cumsum(quote, axis=-1, dtype=np.float64), before)


def _interval(several: Array, middle: float) -> tuple[float, float]:
    """P10 and P90 around an estimate; NaN without guesses."""
    if not several.size:
        return np.nan, np.nan
    low, high = np.quantile(several, QUANTILES)
    return min(float(low), middle), max(float(high), middle)


class Step(NamedTuple):
    """A part of the move: what it sweeps, and what the book takes in it [quote]."""

    from_rate: float
    to_rate: float
    swept_quote: float
    absorbed_quote: float


@dataclass(frozen=True, slots=True)
class Cascade:
    """A shock and what follows: the first step is the shock itself, which others push.

    `final_rate` is where it ends; at `edge` it is at least that.
    """

    steps: tuple[Step, ...]
    final_rate: float
    edge: bool

    @property
    def amplification(self) -> float:
        """Final move over shock."""
        shock = self.steps[0].to_rate
        return self.final_rate / shock if shock > 0 else 1.0


def cascade(forced: Forced, depth: Depth, shock_rate: float, impact: Impact) -> Cascade:
    """Round after round until one sweeps nothing new; at most as many rounds as bins.

    Parameters
    ----------
    forced, depth
        Of one side.
    shock_rate : float
        Distance that price moves by itself, not negative.
    impact : Impact
    """
    edge = max(forced.edge_rate, shock_rate)
    resting = float(depth.within(np.array(shock_rate)))

    def count(rate: float) -> int:
        return int(np.searchsorted(forced.trigger_rate, rate, side="right"))

    done, filled, place = count(shock_rate), 0.0, shock_rate
    steps = [Step(0.0, shock_rate, float(forced.swept_quote[done]), 0.0)]
    while float(forced.swept_quote[done]) > filled:
        sold = float(forced.swept_quote[done])
        walk = float(depth.distance(np.array(resting + sold / impact.depth_factor))) - shock_rate
        lands = min(shock_rate + float(_moved(np.array(walk), impact.exponent)), edge)
        lands = max(lands, place)
        more = count(lands)
        swept = float(forced.swept_quote[more]) - sold
        steps.append(Step(place, lands, swept, sold - filled))
        done, filled, place = more, sold, lands
    return Cascade(tuple(steps), place, place >= edge > shock_rate)


def _moved(walk_rate: Array, exponent: float) -> Array:
    """How far price moves where the book is consumed so far."""
    moved: Array = ANCHOR_RATE * (np.maximum(walk_rate, 0.0) / ANCHOR_RATE) ** exponent
    return moved


def _walked(moved_rate: Array, exponent: float) -> Array:
    """The inverse of `_moved`."""
    return _moved(moved_rate, 1 / exponent)


class Curve(NamedTuple):
    """Final move by shock: estimate, P10, P90; each of shape (K,), NaN without members."""

    final_rate: Array
    low_rate: Array
    high_rate: Array


def curve(forced: Forced, depth: Depth, shock_rate: Array, impact: Impact) -> Curve:
    """Where each of K shocks ends, as `cascade` has it, and how far members disagree.

    Members have a depth between `THINNED` and all of what is shown, and one of `EXPONENTS` each.
    """
    final = final_rates(forced, depth, shock_rate, forced.swept_quote[None], impact)[0]
    count = len(forced.members_quote)
    if not count:
        unknown = np.full_like(final, np.nan)
        return Curve(final, unknown, unknown)
    factors = THINNED ** (np.arange(count) * _EVENLY % 1.0)
    several = np.empty((count, shock_rate.size))
    for first, exponent in enumerate(EXPONENTS):
        own = slice(first, None, len(EXPONENTS))
        quote = forced.members_quote[own] / factors[own, None]
        several[own] = final_rates(forced, depth, shock_rate, quote, Impact(1.0, exponent))
    low, high = np.quantile(several, QUANTILES, axis=0)
    return Curve(final, np.minimum(low, final), np.maximum(high, final))


def final_rates(
    forced: Forced, depth: Depth, shock_rate: Array, swept_quote: Table, impact: Impact
) -> Table:
    """Where each of M books of orders ends after each of K shocks, shape (M, K).

    It ends at the first bin that is swept neither by the shock nor by what has been swept
    before: less is sold than the book holds between the shock and that bin.

    Parameters
    ----------
    swept_quote : array of shape (M, n + 1)
        As `Forced.swept_quote`.
    """
    away = np.maximum(forced.trigger_rate - shock_rate[:, None], 0.0)  # (K, n)
    resting = depth.within(shock_rate)
    needed = depth.within(shock_rate[:, None] + _walked(away, impact.exponent))
    needed = (needed - resting[:, None]) * impact.depth_factor
    needed[away == 0] = -np.inf  # swept by the shock
    needed = np.pad(needed, ((0, 0), (0, 1)), constant_values=np.inf)
    last = np.argmax(swept_quote[:, None, :] < needed, axis=2)
    sold = np.take_along_axis(swept_quote, last, axis=1)
    walk = depth.distance(resting + sold / impact.depth_factor) - shock_rate
    ends = shock_rate + _moved(walk, impact.exponent)
    return np.minimum(ends, np.maximum(forced.edge_rate, shock_rate))
