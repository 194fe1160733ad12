"""Rank correlation, and how sure it is.

Hours of a day resemble each other, so intervals come from a bootstrap that draws whole
days. A resample is a weight for each value: the values are put in order once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.errors import InputError

HOUR_MS = 3_600_000.0
DAY_MS = 24 * HOUR_MS
RESAMPLES = 500
FEWEST_DAYS = 5
"""With fewer, the bootstrap draws blocks of three hours: too narrow, but all there is."""
_COVERED = 0.90


class Score(NamedTuple):
    """A figure and its 90 % bootstrap interval."""

    value: float
    low: float
    high: float


def rank_correlation(one: Array, other: Array) -> float:
    """Spearman's: of ranks, equals sharing theirs; 0 where either is constant."""
    if one.shape != other.shape or one.size < 2:
        raise InputError("rank_correlation: expected two arrays of one length, at least 2.")
    found = weighted_rank_correlations(Ranked.of(one), Ranked.of(other), np.ones((1, one.size)))
    return float(found[0])


def partial_rank_correlation(one: Array, other: Array, given: Array) -> float:
    """Of the ranks of two, after what the ranks of a third explain of both is taken off."""
    once = np.ones((1, one.size))
    a, b, c = (Ranked.of(values).ranks(once)[0] for values in (one, other, given))
    return float(partial(moments(a, b, c, np.zeros(one.size, np.intp), 1))[0])


def blocks(start_ms: Array) -> NDArray[np.intp]:
    """Which block of the bootstrap each span is in: its UTC day, or three hours of it.

    Counted from 0 in the order of time.
    """
    day = np.floor_divide(start_ms, DAY_MS)
    if np.unique(day).size < FEWEST_DAYS:
        day = np.floor_divide(start_ms, 3 * HOUR_MS)
    return np.unique(day, return_inverse=True)[1]


def drawn(block: NDArray[np.intp], resamples: int = RESAMPLES, seed: int = 0) -> Array:
    """How often each block is drawn in each resample; the first row is the sample itself.

    Shape (1 + resamples, blocks).
    """
    count = int(block.max()) + 1
    draw = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), resamples)
    return np.concatenate([np.ones((1, count)), draw])


def interval(resampled: Array) -> Score:
    """The first value, and where 90 % of the others lie."""
    tail = 0.5 * (1 - _COVERED)
    low, high = np.quantile(resampled[1:], [tail, 1 - tail])
    return Score(float(resampled[0]), float(low), float(high))


class Ranked(NamedTuple):
    """Values in order, to be ranked under any weights."""

    order: NDArray[np.intp]
    begin: NDArray[np.intp]
    group: NDArray[np.intp]

    @classmethod
    def of(cls, values: Array) -> Ranked:
        """Equals are one group."""
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        begin = np.flatnonzero(np.concatenate([[True], ordered[1:] > ordered[:-1]]))
        group = np.empty(values.size, np.intp)
        group[order] = np.repeat(np.arange(begin.size), np.diff(begin, append=values.size))
        return cls(order, begin, group)

    def ranks(self, weight: Array) -> Array:
        """Mean ranks, less their mean, if each value came so many times: shape (r, n)."""
        held = np.add.reduceat(weight[:, self.order], self.begin, axis=1)
        rank = np.cumsum(held, axis=1) - 0.5 * held
        centred: Array = rank - 0.5 * weight.sum(axis=1, keepdims=True)
        return centred[:, self.group]


def weighted_rank_correlations(one: Ranked, other: Ranked, weight: Array) -> Array:
    """Spearman's if each value came so many times; weights of shape (r, n), result (r,)."""
    a, b = one.ranks(weight), other.ranks(weight)
    weighted = weight * a
    ab = np.einsum("rn,rn->r", weighted, b)
    aa = np.einsum("rn,rn->r", weighted, a)
    bb = np.einsum("rn,rn,rn->r", weight, b, b)
    return ratio(ab, np.sqrt(aa * bb))


def summed(group: NDArray[np.intp], values: Array, groups: int) -> Array:
    """Sums of values by group, shape (groups,)."""
    found: Any = np.bincount(group, values, groups)
    return np.asarray(found, np.float64)


def moments(a: Array, b: Array, c: Array, block: NDArray[np.intp], count: int) -> Array:
    """Sums of products by block: aa, bb, cc, ab, ac, bc; shape (count, 6)."""
    pairs = ((a, a), (b, b), (c, c), (a, b), (a, c), (b, c))
    return np.stack([summed(block, one * other, count) for one, other in pairs], axis=1)


def partial(sums: Array) -> Array:
    """Correlation of a and b given c, from rows of such sums; 0 where c is all of either."""
    aa, bb, cc, ab, ac, bc = sums.T
    if not cc.any():
        return ratio(ab, np.sqrt(aa * bb))
    left = np.maximum(aa * cc - ac * ac, 0.0) * np.maximum(bb * cc - bc * bc, 0.0)
    return ratio(ab * cc - ac * bc, np.sqrt(left))


def ratio(above: Array, below: Array) -> Array:
    """0 where below is."""
    found: Array = np.divide(above, below, out=np.zeros_like(above), where=below > 0)
    return found
