"""How well an estimate agrees with what happened, beside rules that know nothing.

Ranks, not amounts: the mass that price passes is far above what is liquidated
(`liqmap.evaluate.realised_share`), but more of it should mean more liquidations.
docs/explanation/accuracy.md says how to read the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.density import Density
from liqmap.evaluate.baselines import BASELINES, Sides
from liqmap.evaluate.bootstrap import (
    DAY_MS,
    FEWEST_DAYS,
    HOUR_MS,
    RESAMPLES,
    Ranked,
    Score,
    blocks,
    drawn,
    interval,
    rank_correlation,
    summed,
    weighted_rank_correlations,
)
from liqmap.evaluate.by_price import by_price, crossed
from liqmap.language import mark, say
from liqmap.words import number

LEAST_SPANS = 24
LEAST_LIQUIDATIONS = 20
"""Of each side: with less, nothing is claimed."""
_SIDES = (1, -1)


class Row(NamedTuple):
    """One line of a score table."""

    name: str
    long: Score
    short: Score


class Comparison(NamedTuple):
    """Rank correlation of each prediction with what happened, and what the model adds.

    `lift` is the model less the baseline that does best on that side; `lift_both` their mean.
    """

    model: Row
    baselines: tuple[Row, ...]
    best: tuple[str, str]
    """The best baseline for longs and for shorts."""
    lift: Row
    lift_both: Score


@dataclass(frozen=True, slots=True)
class Scorecard:
    """How the estimate on screen agrees with the liquidations seen.

    Attributes
    ----------
    rows : tuple of Row
        Rank correlation over the spans: the model, then each baseline. Empty where too little
        was seen.
    lift : Row or None
        The model less the best baseline of the side.
    by_price : tuple of Row
        Among the bins price crossed in a span: rank correlation of liquidated dollars with
        density, with age alone, and with density after age is taken off.
    beats : bool
        The model is above the best baseline, and chance does not explain it.
    verdict : str
        It in a few words.
    words : str
        What it rests on, and what would be enough.
    """

    rows: tuple[Row, ...]
    lift: Row | None
    by_price: tuple[Row, ...]
    beats: bool
    verdict: str
    words: str


# ------------------------------------------------------------------ by time


def compare(
    name: str,
    predicted: Sides,
    baselines: Mapping[str, Sides],
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
    baselines : mapping of str to array of shape (2, n)
    actual_quote : array of shape (2, n)
        [quote]
    start_ms : array of shape (n,)
        Of each span. Whole days are drawn together.
    """
    block = blocks(start_ms)
    weight = drawn(block, resamples, seed)[:, block]
    every = {name: predicted, **baselines}
    found = {one: np.empty((2, weight.shape[0])) for one in every}
    for side in (0, 1):
        truth = Ranked.of(actual_quote[side])
        for one, values in every.items():
            found[one][side] = weighted_rank_correlations(Ranked.of(values[side]), truth, weight)
    best = tuple(max(baselines, key=lambda one: float(found[one][side, 0])) for side in (0, 1))
    lift = found[name] - np.stack([found[one][side] for side, one in enumerate(best)])

    def row(one: str, values: Sides) -> Row:
        return Row(one, interval(values[0]), interval(values[1]))

    return Comparison(
        row(name, found[name]),
        tuple(row(one, found[one]) for one in baselines),
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
        found[row] = summed(span[keep], quote, edges_ms.size - 1)
    return found


def swept_totals(density: Density, edges_ms: Array) -> Sides:
    """Swept exposure [quote] of longs and shorts between the edges: (2, edges − 1).

    Each column counts where it starts.
    """
    span = np.searchsorted(edges_ms, density.time_edges_ms[:-1], side="right") - 1
    inside = (span >= 0) & (span < edges_ms.size - 1)
    swept = (density.swept_long_quote, density.swept_short_quote)
    return np.stack([summed(span[inside], one[inside], edges_ms.size - 1) for one in swept])


def baseline_totals(
    candles: Candles, open_interest: OpenInterest, edges_ms: Array
) -> dict[str, Sides]:
    """Each baseline's totals between the edges, from all bars up to there."""
    span = np.searchsorted(edges_ms, candles.time_ms, side="right")
    held = open_interest.at(candles.end_ms)
    # Span 0 is before the first edge, the last after the last one.
    spans = edges_ms.size + 1
    return {
        name: _padded(baseline(candles, held, span), spans)[:, 1:-1]
        for name, baseline in BASELINES.items()
    }


def _padded(values: Sides, spans: int) -> Sides:
    return np.pad(values, ((0, 0), (0, spans - values.shape[1])))


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
    """Edges of spans of about an hour, made of whole columns, within the time watched.

    Where a column is longer than an hour, each is a span.
    """
    edges = density.time_edges_ms
    about = np.arange(edges[0], edges[-1] + HOUR_MS, HOUR_MS)
    chosen: Array = edges[np.unique(np.minimum(np.searchsorted(edges, about), edges.size - 1))]
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
        All that were loaded; those before the screen make the baselines as good as they can be.
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
        baseline_totals(candles, open_interest, edges_ms),
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
        (found.model, *found.baselines),
        found.lift,
        tuple(Row(*one) for one in zip(labels, *sides, strict=True)),
        beats,
        say("It beats every rule here.") if beats else say("Not proven here."),
        _words(found, edges_ms, beats=beats),
    )


_PLAIN = {
    "range × open interest": mark("the range of prices × open interest"),
    "|return| × volume": mark("how far price moved × volume"),
    "near the price": mark("counting everything near the price"),
    "fresh lows and highs": mark("counting fresh lows and highs"),
}
"""What each baseline does."""


def _words(found: Comparison, edges_ms: Array, *, beats: bool) -> str:
    """How the map and the best rule of each side rank the hours, and what follows from it."""
    value, low, high = found.lift_both
    own = (found.model.long.value + found.model.short.value) / 2
    slots = {
        "time": _long(edges_ms),
        "own": number(own, 2),
        "rule": _rivals(found),
        "other": number(own - value, 2),
        "more": number(value, 2, signed=True),
        "low": number(low, 2, signed=True),
        "high": number(high, 2, signed=True),
    }
    if beats:
        verdict = say(
            "Over {time}, this map ranked the hours of liquidations by {own} (1 is perfect), the "
            "best rule without positions, {rule}, by {other} ({more}, 90 % interval {low} … "
            "{high}).",
            **slots,
        )
    elif value > 0:
        verdict = say(
            "Over {time}, this map ranked the hours of liquidations by {own} (1 is perfect), "
            "{rule} by {other}: chance may explain that ({more}, 90 % interval {low} … {high}).",
            **slots,
        )
    else:
        verdict = say(
            "Over {time}, this map ranked the hours of liquidations by {own} (1 is perfect), "
            "{rule} better, by {other} ({more}, 90 % interval {low} … {high}).",
            **slots,
        )
    said = [verdict]
    if not beats:
        said.append(say("Use the map for where, not for when."))
    if edges_ms[-1] - edges_ms[0] < FEWEST_DAYS * DAY_MS:
        few = say("Under {days} days are few: the interval is too narrow.", days=FEWEST_DAYS)
        said.append(few)
    return " ".join(said)


def _rivals(found: Comparison) -> str:
    """The best rule of each side, or of both."""
    one, *others = dict.fromkeys(say(_PLAIN.get(one, one)) for one in found.best)
    return say("{one} and {other}", one=one, other=others[0]) if others else one


def _too_little(edges_ms: Array, seen: NDArray[np.intp]) -> Scorecard:
    early = say("Too early to say.")
    if edges_ms.size < 2:
        said = say("Leave this page open for {hours} h and it grades itself.", hours=LEAST_SPANS)
        return Scorecard((), None, (), False, early, said)
    hours = LEAST_SPANS * max(1, round(float(np.median(np.diff(edges_ms))) / HOUR_MS))
    said = say(
        "Watched {time}: {longs} liquidations of longs, {shorts} of shorts. It takes {hours} hours "
        "and {least} of each: leave this page open, and it grades itself.",
        time=_long(edges_ms),
        longs=number(seen[0]),
        shorts=number(seen[1]),
        hours=hours,
        least=LEAST_LIQUIDATIONS,
    )
    return Scorecard((), None, (), False, early, said)


def _long(edges_ms: Array) -> str:
    hours = float(edges_ms[-1] - edges_ms[0]) / HOUR_MS if edges_ms.size else 0.0
    if hours >= 72:
        return say("{n} days", n=number(hours / 24, 1))
    return say("{n} hours", n=number(hours, 1))
