"""How well an estimate agrees with what happened, beside rules that know nothing.

Ranks, not amounts: the mass that price passes is far above what is liquidated
(`liqmap.share`), but more of it should mean more liquidations. docs/accuracy.md says how
to read the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.columns import Array, Candles, OpenInterest
from liqmap.density import Density
from liqmap.errors import InputError
from liqmap.liquidations import Liquidations
from liqmap.nulls import HOUR_MS, NULLS, Sides

DAY_MS = 24 * HOUR_MS
RESAMPLES = 500
LEAST_SPANS = 24
LEAST_LIQUIDATIONS = 20
"""Of each side: with less, nothing is claimed."""
FEWEST_DAYS = 5
"""With fewer, the bootstrap draws blocks of three hours: too narrow, but all there is."""
_COVERED = 0.90
_SIDES = (1, -1)


class Score(NamedTuple):
    """A figure and its 90 % bootstrap interval."""

    value: float
    low: float
    high: float


class Row(NamedTuple):
    """One line of a score table."""

    name: str
    long: Score
    short: Score


class Comparison(NamedTuple):
    """Rank correlation of each prediction with what happened, and what the model adds.

    `lift` is the model less the null that does best on that side; `lift_both` their mean.
    """

    model: Row
    nulls: tuple[Row, ...]
    best: tuple[str, str]
    """The best null for longs and for shorts."""
    lift: Row
    lift_both: Score


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What is on screen against the liquidations seen.

    Attributes
    ----------
    rows : tuple of Row
        Rank correlation over the spans: the model, then each null. Empty where too little
        was seen.
    lift : Row or None
        The model less the best null of the side.
    by_price : tuple of Row
        Among the bins price crossed in a span: rank correlation of liquidated dollars with
        density, with age alone, and with density after age is taken off.
    beats : bool
        The model is above the best null, and chance does not explain it.
    words : str
        One sentence that says all this.
    """

    rows: tuple[Row, ...]
    lift: Row | None
    by_price: tuple[Row, ...]
    beats: bool
    words: str


# ------------------------------------------------------------------ correlation


def ranks(values: Array) -> Array:
    """Ranks from 1; equals share their mean. Shape (n,)."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return (last - 0.5 * (count - 1))[group]


def rank_correlation(one: Array, other: Array) -> float:
    """Spearman's: of ranks, equals sharing theirs; 0 where either is constant."""
    if one.shape != other.shape or one.size < 2:
        raise InputError("rank_correlation: expected two arrays of one length, at least 2.")
    found = _weighted(_Ranked.of(one), _Ranked.of(other), np.ones((1, one.size)))
    return float(found[0])


def partial_rank_correlation(one: Array, other: Array, given: Array) -> float:
    """Of the ranks of two, after what the ranks of a third explain of both is taken off."""
    centred = [ranks(values) - 0.5 * (values.size + 1) for values in (one, other, given)]
    return float(_partial(_moments(*centred, np.zeros(one.size, np.intp)))[0])


def blocks(start_ms: Array) -> NDArray[np.intp]:
    """Which block of the bootstrap each span is in: its UTC day, or three hours of it."""
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


class _Ranked(NamedTuple):
    """An order that is found once and ranked under any weights."""

    order: NDArray[np.intp]
    begin: NDArray[np.intp]
    group: NDArray[np.intp]

    @classmethod
    def of(cls, values: Array) -> _Ranked:
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
        return (rank - 0.5 * weight.sum(axis=1, keepdims=True))[:, self.group]


def _weighted(one: _Ranked, other: _Ranked, weight: Array) -> Array:
    a, b = one.ranks(weight), other.ranks(weight)
    weighted = weight * a
    ab = np.einsum("rn,rn->r", weighted, b)
    aa = np.einsum("rn,rn->r", weighted, a)
    bb = np.einsum("rn,rn,rn->r", weight, b, b)
    return _ratio(ab, np.sqrt(aa * bb))


def _ratio(above: Array, below: Array) -> Array:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)


# ------------------------------------------------------------------ by time


def compare(
    name: str,
    predicted: Sides,
    nulls: Mapping[str, Sides],
    actual_quote: Sides,
    start_ms: Array,
    *,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Comparison:
    """Rank correlation of predictions with liquidated totals, span by span and side by side.

    Parameters
    ----------
    name : str
        Of the model.
    predicted : array of shape (2, n)
        Long and short; any unit.
    nulls : mapping of str to array of shape (2, n)
    actual_quote : array of shape (2, n)
        [quote]
    start_ms : array of shape (n,)
        Of each span. Whole days are drawn together.
    """
    block = blocks(start_ms)
    weight = drawn(block, resamples, seed)[:, block]
    every = {name: predicted, **nulls}
    found = {one: np.empty((2, weight.shape[0])) for one in every}
    for side in (0, 1):
        truth = _Ranked.of(actual_quote[side])
        for one, values in every.items():
            found[one][side] = _weighted(_Ranked.of(values[side]), truth, weight)
    best = tuple(max(nulls, key=lambda one: float(found[one][side, 0])) for side in (0, 1))
    lift = found[name] - np.stack([found[one][side] for side, one in enumerate(best)])

    def row(one: str, values: Sides) -> Row:
        return Row(one, interval(values[0]), interval(values[1]))

    return Comparison(
        row(name, found[name]),
        tuple(row(one, found[one]) for one in nulls),
        (best[0], best[1]),
        row("lift", lift),
        interval(lift.mean(axis=0)),
    )


def actual_totals(liquidations: Liquidations, edges_ms: Array) -> Sides:
    """Liquidated notional [quote] of longs and shorts between the edges: (2, edges − 1)."""
    found = np.zeros((2, edges_ms.size - 1))
    span = np.searchsorted(edges_ms, liquidations.time_ms, side="right") - 1
    inside = (span >= 0) & (span < edges_ms.size - 1)
    for row, position_side in enumerate(_SIDES):
        keep = inside & (liquidations.position_side == position_side)
        quote = liquidations.quantity_quote[keep]
        found[row] = np.bincount(span[keep], quote, edges_ms.size - 1)
    return found


def swept_totals(density: Density, edges_ms: Array) -> Sides:
    """Swept exposure [quote] of longs and shorts between the edges: (2, edges − 1).

    Each column counts where it starts.
    """
    span = np.searchsorted(edges_ms, density.time_edges_ms[:-1], side="right") - 1
    inside = (span >= 0) & (span < edges_ms.size - 1)
    swept = (density.swept_long_quote, density.swept_short_quote)
    return np.stack([np.bincount(span[inside], one[inside], edges_ms.size - 1) for one in swept])


def null_totals(candles: Candles, open_interest: OpenInterest, edges_ms: Array) -> dict[str, Sides]:
    """What each null predicts between the edges, from all bars up to there."""
    span = np.searchsorted(edges_ms, candles.time_ms, side="right")
    held = open_interest.at(candles.end_ms)
    # Span 0 is before the first edge, the last after the last one.
    spans = edges_ms.size + 1
    return {
        name: _padded(null(candles, held, span), spans)[:, 1:-1] for name, null in NULLS.items()
    }


def _padded(values: Sides, spans: int) -> Sides:
    return np.pad(values, ((0, 0), (0, spans - values.shape[1])))


# ------------------------------------------------------------------ by price


class Crossed(NamedTuple):
    """Bins of one side that price crossed, span by span; arrays of shape (c,)."""

    span: NDArray[np.intp]
    density_base: Array
    """Before the span."""
    age_ms: Array
    """Since price was there."""
    actual_quote: Array
    """Liquidated in the bin in the span."""


def crossed(
    density: Density,
    candles: Candles,
    liquidations: Liquidations,
    edges_ms: Array,
    position_side: int,
) -> Crossed:
    """The bins from the price at each span's start to its low (for shorts, its high).

    Spans without a liquidation in these bins teach nothing about place, and are left out.
    """
    bins, spans = density.price_edges.size - 1, edges_ms.size - 1

    def row(price: Array) -> NDArray[np.intp]:
        return np.searchsorted(density.price_edges, price, side="right") - 1

    # What price touched before the first edge counts for age, in spans of the same length.
    width = edges_ms[1] - edges_ms[0]
    earlier = max(int((edges_ms[0] - candles.time_ms[0]) / width), 0)
    every_ms = np.concatenate([edges_ms[0] - width * np.arange(earlier, 0, -1), edges_ms])
    begin, end = np.searchsorted(candles.time_ms, (every_ms[0], every_ms[-1]))
    bars = candles.rows(slice(int(begin), int(end)))
    span = np.searchsorted(every_ms, bars.time_ms, side="right") - 1
    first = np.flatnonzero(np.diff(span, prepend=-1))
    known = span[first]
    low = row(np.minimum.reduceat(bars.low, first))
    high = row(np.maximum.reduceat(bars.high, first))
    here = row(bars.open[first])
    lines = np.arange(bins)
    touched = (lines >= low[:, None]) & (lines <= high[:, None])
    moment = np.where(touched, every_ms[known + 1][:, None], every_ms[0])
    last = np.maximum.accumulate(moment, axis=0)
    bottom, top = (low, here) if position_side > 0 else (here + 1, high + 1)
    bottom, top = np.clip(bottom, 0, bins), np.clip(top, 0, bins)
    number = known - earlier
    column = np.searchsorted(density.time_edges_ms, every_ms[known], side="right") - 2
    judged = (number >= 0) & (column >= 0) & (np.arange(known.size) > 0)
    size = np.where(judged, np.maximum(top - bottom, 0), 0)
    which = np.repeat(np.arange(known.size), size)
    line = np.arange(which.size) - (np.cumsum(size) - size)[which] + bottom[which]

    at = np.searchsorted(edges_ms, liquidations.time_ms, side="right") - 1
    place = row(liquidations.price)
    keep = (at >= 0) & (at < spans) & (place >= 0) & (place < bins)
    keep &= liquidations.position_side == position_side
    quote = np.bincount(
        at[keep] * bins + place[keep], liquidations.quantity_quote[keep], spans * bins
    )
    actual = quote[number[which] * bins + line]
    told = np.bincount(which, actual, known.size) > 0
    which, line, actual = (one[told[which]] for one in (which, line, actual))
    held = density.long_base if position_side > 0 else density.short_base
    return Crossed(
        number[which],
        held[line, column[which]].astype(np.float64),
        every_ms[known[which]] - last[which - 1, line],
        actual,
    )


def by_price(
    some: Crossed, block: NDArray[np.intp], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Score, Score, Score]:
    """Rank correlation with liquidated dollars, within spans: of density, of age, and of
    density after age is taken off.

    `block` is that of each span.
    """
    moments = np.zeros((int(block.max()) + 1, 6))
    if some.span.size:
        centred = [
            _ranks_within(values, some.span)
            for values in (some.density_base, some.actual_quote, some.age_ms)
        ]
        found = _moments(*centred, block[some.span])
        moments[: found.shape[0]] = found
    sums = drawn(block, resamples, seed) @ moments
    aa, bb, cc, ab, _, bc = sums.T
    return (
        interval(_ratio(ab, np.sqrt(aa * bb))),
        interval(_ratio(bc, np.sqrt(bb * cc))),
        interval(_partial(sums)),
    )


def _ranks_within(values: Array, group: NDArray[np.intp]) -> Array:
    """Ranks within each group, less their mean, in parts of the group."""
    order = np.lexsort((values, group))
    v, g = values[order], group[order]
    new = np.concatenate([[True], (v[1:] != v[:-1]) | (g[1:] != g[:-1])])
    begin = np.flatnonzero(new)
    size = np.diff(begin, append=v.size)
    middle = (begin + 0.5 * (size - 1))[np.cumsum(new) - 1]
    first = np.flatnonzero(np.diff(g, prepend=g[0] - 1))
    count = np.diff(first, append=g.size)
    start, many = np.repeat(first, count), np.repeat(count, count)
    found = np.empty(values.size)
    found[order] = (middle - start - 0.5 * (many - 1)) / many
    return found


def _moments(a: Array, b: Array, c: Array, block: NDArray[np.intp]) -> Array:
    """Sums of products by block: aa, bb, cc, ab, ac, bc; shape (blocks, 6)."""
    pairs = ((a, a), (b, b), (c, c), (a, b), (a, c), (b, c))
    return np.stack([np.bincount(block, one * other) for one, other in pairs], axis=1)


def _partial(sums: Array) -> Array:
    aa, bb, cc, ab, ac, bc = sums.T
    rest_a, rest_b = aa * cc - ac * ac, bb * cc - bc * bc
    alone = _ratio(ab, np.sqrt(aa * bb))
    tiny = 1e-12 * cc * cc
    left = (rest_a > tiny) & (rest_b > tiny)
    below = np.sqrt(np.where(left, rest_a * rest_b, 0.0))
    return np.where(cc > 0, _ratio(ab * cc - ac * bc, below), alone)


# ------------------------------------------------------------------ against a true density


def earth_movers_distance(price_edges: Array, one: Array, other: Array) -> float:
    """How far mass must move in log price to make one density of the other, on average.

    Both of shape (B,), not negative; only their shapes count. 0.01: by about 1 %.
    """
    if not (one.sum() > 0 and other.sum() > 0):
        raise InputError("earth_movers_distance: a density without mass has no shape.")
    middle = 0.5 * (price_edges[1:] + price_edges[:-1])
    ahead = np.cumsum(one / one.sum() - other / other.sum())[:-1]
    return float(np.abs(ahead) @ np.diff(np.log(middle)))


def density_rank_correlation(one: Array, other: Array) -> float:
    """Rank correlation per bin, over bins where either has mass. Both of shape (B,)."""
    there = (one > 0) | (other > 0)
    if there.sum() < 2:
        return 0.0
    return rank_correlation(one[there], other[there])


# ------------------------------------------------------------------ for the page


def spans_of(density: Density, start_ms: float, end_ms: float) -> Array:
    """Edges of spans of about an hour, made of whole columns, within the time watched."""
    edges = density.time_edges_ms
    about = np.arange(edges[0], edges[-1] + HOUR_MS, HOUR_MS)
    chosen = edges[np.unique(np.minimum(np.searchsorted(edges, about), edges.size - 1))]
    return chosen[(chosen >= start_ms) & (chosen <= end_ms)]


def scorecard(
    candles: Candles,
    open_interest: OpenInterest,
    density: Density,
    liquidations: Liquidations,
    *,
    start_ms: float,
    end_ms: float,
    name: str = "balance",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Scorecard:
    """Hold the estimate on screen against the liquidations seen.

    Parameters
    ----------
    candles : Candles
        All that were loaded; those before the screen make the nulls as good as they can be.
    open_interest : OpenInterest
    density : Density
        On screen.
    liquidations : Liquidations
        Of the same market.
    start_ms, end_ms : float
        When they were watched without a gap.
    name : str
        Of the model.

    Returns
    -------
    Scorecard
    """
    edges_ms = spans_of(density, start_ms, end_ms)
    if edges_ms.size < 2:
        return _too_little(edges_ms, np.zeros(2, np.intp))
    inside = (liquidations.time_ms >= edges_ms[0]) & (liquidations.time_ms < edges_ms[-1])
    seen = np.array(
        [np.sum(inside & (liquidations.position_side == position_side)) for position_side in _SIDES]
    )
    if edges_ms.size - 1 < LEAST_SPANS or seen.min() < LEAST_LIQUIDATIONS:
        return _too_little(edges_ms, seen)
    found = compare(
        name,
        swept_totals(density, edges_ms),
        null_totals(candles, open_interest, edges_ms),
        actual_totals(liquidations, edges_ms),
        edges_ms[:-1],
        resamples=resamples,
        seed=seed,
    )
    block = blocks(edges_ms[:-1])
    sides = [
        by_price(
            crossed(density, candles, liquidations, edges_ms, position_side),
            block,
            resamples=resamples,
            seed=seed,
        )
        for position_side in _SIDES
    ]
    labels = ("density", "age", "density beyond age")
    beats = found.lift_both.low > 0
    return Scorecard(
        (found.model, *found.nulls),
        found.lift,
        tuple(Row(*one) for one in zip(labels, *sides, strict=True)),
        beats,
        _words(found, edges_ms, beats=beats),
    )


def _words(found: Comparison, edges_ms: Array, *, beats: bool) -> str:
    rival = " and ".join(dict.fromkeys(found.best))
    value, low, high = found.lift_both
    over = f"Over {_long(edges_ms)}"
    figures = f"{value:+.2f}, 90 % interval {low:+.2f} … {high:+.2f}"
    if beats:
        said = f"{over} {found.model.name} ranks liquidations better than {rival} ({figures})."
    elif value > 0:
        said = (
            f"{over} {found.model.name} is ahead of {rival}, "
            f"but no further than chance allows ({figures})."
        )
    else:
        said = (
            f"{over} {found.model.name} does not beat {rival} ({figures}): "
            "the picture knows no more than where price has been."
        )
    return said


def _too_little(edges_ms: Array, seen: NDArray[np.intp]) -> Scorecard:
    said = (
        f"Watched {_long(edges_ms)}: {seen[0]} liquidations of longs, {seen[1]} of shorts. "
        f"Too little to judge; it takes {LEAST_SPANS} hours and {LEAST_LIQUIDATIONS} of each."
    )
    return Scorecard((), None, (), False, said)


def _long(edges_ms: Array) -> str:
    hours = float(edges_ms[-1] - edges_ms[0]) / HOUR_MS if edges_ms.size else 0.0
    return f"{hours / 24:.1f} days" if hours >= 72 else f"{hours:.1f} hours"
