"""By price: do the bins where more waits see more liquidated?

Among the bins that price crosses in an hour. A bin that price has not visited for long has
both more waiting and more liquidated, whatever the model; so age is taken off.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density
from liqmap.evaluate.bootstrap import (
    RESAMPLES,
    Score,
    drawn,
    interval,
    moments,
    partial,
    ratio,
    summed,
)


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
    edges, bins = density.price_edges, density.price_edges.size - 1

    # What price touched before the first edge counts for age, in spans of the same length.
    width = edges_ms[1] - edges_ms[0]
    earlier = max(int((edges_ms[0] - candles.time_ms[0]) / width), 0)
    every_ms = np.concatenate([edges_ms[0] - width * np.arange(earlier, 0, -1), edges_ms])
    begin, end = np.searchsorted(candles.time_ms, (every_ms[0], every_ms[-1]))
    bars = candles.rows(slice(int(begin), int(end)))
    span = np.searchsorted(every_ms, bars.time_ms, side="right") - 1
    first = np.flatnonzero(np.diff(span, prepend=-1))
    known = span[first]
    low = _row(edges, np.minimum.reduceat(bars.low, first))
    high = _row(edges, np.maximum.reduceat(bars.high, first))
    here = _row(edges, bars.open[first])
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

    quote = _liquidated(liquidations, edges, edges_ms, position_side)
    actual: Array = quote[number[which], line]
    told = (summed(which, actual, known.size) > 0)[which]
    which, line, actual = which[told], line[told], actual[told]
    held = density.long_base if position_side > 0 else density.short_base
    return Crossed(
        number[which],
        held[line, column[which]].astype(np.float64),
        every_ms[known[which]] - last[which - 1, line],
        actual,
    )


def _row(price_edges: Array, price: Array) -> NDArray[np.intp]:
    return np.searchsorted(price_edges, price, side="right") - 1


def _liquidated(
    liquidations: Liquidations, price_edges: Array, edges_ms: Array, position_side: int
) -> Array:
    """[quote] by span and bin."""
    spans, bins = edges_ms.size - 1, price_edges.size - 1
    span = np.searchsorted(edges_ms, liquidations.time_ms, side="right") - 1
    row = _row(price_edges, liquidations.price)
    keep = (span >= 0) & (span < spans) & (row >= 0) & (row < bins)
    keep &= liquidations.position_side == position_side
    place = span[keep] * bins + row[keep]
    return summed(place, liquidations.quantity_quote[keep], spans * bins).reshape(spans, bins)


def by_price(
    some: Crossed, block: NDArray[np.intp], *, resamples: int = RESAMPLES, seed: int = 0
) -> tuple[Score, Score, Score]:
    """Rank correlation with liquidated dollars: of density, of age, of density beyond age.

    Ranks are within spans. The last is what density says after what age explains of both
    is taken off. `block` is that of each span.
    """
    a, b, c = (
        _ranks_within(values, some.span)
        for values in (some.density_base, some.actual_quote, some.age_ms)
    )
    sums = moments(a, b, c, block[some.span], int(block.max()) + 1)
    resampled = drawn(block, resamples, seed) @ sums
    aa, bb, cc, ab, _, bc = resampled.T
    return (
        interval(ratio(ab, np.sqrt(aa * bb))),
        interval(ratio(bc, np.sqrt(bb * cc))),
        interval(partial(resampled)),
    )


def _ranks_within(values: Array, group: NDArray[np.intp]) -> Array:
    """Ranks within each group, less their mean, in parts of the group."""
    if not values.size:
        return values
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
