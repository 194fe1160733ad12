"""The balance model: a book of positions that agrees with every published number.

Per bar and side: what the bar's range reached is swept; new contracts open along the bar's
path; the rest of the balance closes. At every bar's end each side equals the open interest.

When a position would be swept depends on prices alone, so it is known before any mass is.
Closing thins a whole side alike: one scale factor a side. What is left to do bar by bar is
a handful of sums; the picture is a running sum of births and deaths.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from liqmap.columns import Array, Candles
from liqmap.density import Density
from liqmap.grid import PriceGrid

CHURN = 1 / 3
"""Part of the volume that opens while as much closes (docs/model.md)."""
ENTRY_STEP = 0.0004
"""Entries lie this close along a bar's path, in parts of the price …"""
ENTRIES = (4, 96)
"""… at least and at most so many a bar."""
PRIOR_SPREAD = 0.05
"""Entries of the book before the data: log-normal around the first price."""
PRIOR_ENTRIES = 401
_EPOCH = 1e-60
_WIPED = -1e4
_DUST = 1e-12

Rows = NDArray[np.intp]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class _Side:
    """Every position that one side ever holds, in the order in which they are swept.

    `birth` 0 is the book before the data, t + 1 is bar t; `death` is the bar that sweeps it
    (the number of bars: none). `share` is its part of what was opened at its birth.
    """

    price: Array
    share: Array
    tier: Rows
    birth: Rows
    death: Rows
    dying: Rows


def entries(candles: Candles) -> tuple[Rows, Array, Array, Array]:
    """Entry prices along each bar's path; and the lowest and highest price still to come.

    A rising bar goes open, low, high, close; a falling one open, high, low, close. Returns
    bar, entry price, rest low and rest high, each of shape (N,).
    """
    rising = candles.close >= candles.open
    turn = np.stack(
        [
            candles.open,
            np.where(rising, candles.low, candles.high),
            np.where(rising, candles.high, candles.low),
            candles.close,
        ]
    )
    length = np.concatenate([np.zeros((1, len(candles))), np.abs(np.diff(turn, axis=0))])
    length = np.cumsum(length, axis=0)
    count = np.clip(np.ceil(length[3] / (ENTRY_STEP * candles.close)), *ENTRIES).astype(np.intp)
    bar = np.repeat(np.arange(len(candles)), count)
    begin = np.cumsum(count) - count
    at = (np.arange(bar.size) - begin[bar] + 1) / count[bar] * length[3][bar]
    turn, length, rising = turn[:, bar], length[:, bar], rising[bar]
    leg = (at > length[1]).astype(np.intp) + (at > length[2])
    each = np.arange(bar.size)
    run = length[leg + 1, each] - length[leg, each]
    part = np.divide(at - length[leg, each], run, out=np.ones_like(at), where=run > 0)
    entry = turn[leg, each] + part * (turn[leg + 1, each] - turn[leg, each])
    last = at >= length[3]
    entry[last] = turn[3][last]
    rest = np.stack([entry, turn[3], np.where(leg < 1, turn[1], turn[3])])
    rest = np.concatenate([rest, np.where(leg < 2, turn[2], turn[3])[None]])
    return bar, entry, rest.min(axis=0), rest.max(axis=0)


def first_below(level: Array, threshold: Array, start: Rows) -> Rows:
    """First t ≥ start with level[t] ≤ threshold, else level.size; by doubling minima."""
    minima = [np.append(level, np.inf)]
    while 2 ** len(minima) <= level.size:
        half = minima[-1]
        ahead = np.minimum(np.arange(half.size) + 2 ** (len(minima) - 1), half.size - 1)
        minima.append(np.minimum(half, half[ahead]))
    at = np.minimum(start, level.size)
    for step in range(len(minima) - 1, -1, -1):
        at = np.where(minima[step][at] > threshold, np.minimum(at + 2**step, level.size), at)
    return at


def _side(
    candles: Candles, reach_low: Array, factors: Array, weight: Array, position_side: int
) -> _Side:
    """All positions of a side; a short is a long in a mirror (prices negated)."""
    tiers = weight.size
    bar, entry, rest_low, rest_high = entries(candles)
    spread = np.linspace(-2.5, 2.5, PRIOR_ENTRIES)
    first = float(candles.open[0])
    before = first * np.exp(PRIOR_SPREAD * spread)
    price = np.outer(np.concatenate([before, entry]), factors)
    mass = np.outer(np.concatenate([np.exp(-0.5 * spread**2), np.ones(bar.size)]), weight)
    edge = rest_low if position_side > 0 else rest_high
    edge = np.concatenate([np.full(before.size, first), edge])[:, None]
    mass[position_side * price >= position_side * edge] = 0.0
    birth = np.concatenate([np.zeros(before.size, np.intp), bar + 1])
    total = np.bincount(birth, mass.sum(axis=1), len(candles) + 1)
    mass /= total[birth][:, None]
    keep = mass.ravel() > 0
    price_, share = price.ravel()[keep], mass.ravel()[keep]
    birth = np.repeat(birth, tiers)[keep]
    death = first_below(reach_low, position_side * price_, birth)
    order = np.argsort(death, kind="stable")
    dying = np.searchsorted(death[order], np.arange(len(candles) + 2))
    tier = np.tile(np.arange(tiers), mass.shape[0])[keep]
    return _Side(price_[order], share[order], tier[order], birth[order], death[order], dying)


def estimate(
    candles: Candles,
    reach_low: Array,
    reach_high: Array,
    prior_base: float,
    open_interest_base: Array,
    factors: Array,
    weight: Array,
    grid: PriceGrid,
    every: int,
    first: int,
    shown: Mask,
) -> Density:
    """Run the book over all bars; return the columns from bar `first` on."""
    bars = len(candles)
    sides = (
        _side(candles, reach_low, factors[0], weight, 1),
        _side(candles, -reach_high, factors[1], weight, -1),
    )
    born, log_scale, epochs, swept, swept_quote = _run(
        sides, prior_base, open_interest_base, candles.volume_base, shown
    )
    columns = np.arange(first, bars, every)
    ends = np.minimum(columns + every, bars) - 1
    drawn = [
        _draw(side, born[s], log_scale[s], epochs[s], grid, ends, shown)
        for s, side in enumerate(sides)
    ]
    held = np.maximum(open_interest_base[ends], 1e-300)
    prior_share = 0.5 * (drawn[0][2] + drawn[1][2]) / held
    edges = np.append(candles.time_ms[columns], candles.end_ms[-1])
    return Density(
        edges,
        grid.edges,
        drawn[0][0],
        drawn[1][0],
        drawn[0][1],
        drawn[1][1],
        *_summed(swept, swept_quote, first, columns),
        long_by_tier_base=_by_tier(sides[0], born[0], log_scale[0], grid, shown),
        short_by_tier_base=_by_tier(sides[1], born[1], log_scale[1], grid, shown),
        prior_share=np.clip(prior_share, 0.0, 1.0),
    )


def _summed(
    swept: Array, swept_quote: Array, first: int, columns: Rows
) -> tuple[Array, Array, Array, Array]:
    """What each column swept: longs, shorts [base]; longs, shorts [quote]."""
    longs, shorts, longs_quote, shorts_quote = (
        np.add.reduceat(one[first:], columns - first) for one in (*swept, *swept_quote)
    )
    return longs, shorts, longs_quote, shorts_quote


def _run(
    sides: tuple[_Side, _Side],
    prior_base: float,
    target_base: Array,
    volume_base: Array,
    shown: Mask,
) -> tuple[Array, Array, list[list[int]], Array, Array]:
    """Masses: what was opened at each birth, and the log of the scale from then on.

    Indexed by birth: 0 before the data, t + 1 bar t. An epoch begins at the birth at which
    the scale had become too small for arithmetic and was set to one again.
    """
    bars = target_base.size
    seen = [
        np.stack([one.share, one.share * shown[one.tier], one.share * shown[one.tier] * one.price])
        for one in sides
    ]
    born = np.zeros((2, bars + 1))
    born[:, 0] = prior_base
    unscaled = born.copy()
    log_scale = np.zeros((2, bars + 1))
    alive, scale = [prior_base, prior_base], [1.0, 1.0]
    epochs: list[list[int]] = [[0], [0]]
    swept, swept_quote = np.zeros((2, bars)), np.zeros((2, bars))
    book = [0.0, 0.0]
    for t in range(bars):
        for s, side in enumerate(sides):
            begin, end = side.dying[t], side.dying[t + 1]
            if begin < end:
                lost = seen[s][:, begin:end] @ unscaled[s, side.birth[begin:end]]
                alive[s] = max(0.0, alive[s] - float(lost[0]))
                swept[s, t], swept_quote[s, t] = scale[s] * lost[1:]
            book[s] = scale[s] * alive[s]
        target = float(target_base[t])
        opened = max(target - book[0], target - book[1], 0.0)
        opened = min(opened + CHURN * float(volume_base[t]), target)
        for s in (0, 1):
            kept = (target - opened) / book[s] if book[s] > 0 else 0.0
            scale[s] *= kept
            log_scale[s, t + 1] = log_scale[s, t] + (np.log(kept) if kept > 0 else _WIPED)
            if scale[s] < _EPOCH:
                unscaled[s] *= scale[s]
                alive[s] = target - opened
                scale[s] = 1.0
                epochs[s].append(t + 1)
            born[s, t + 1] = opened
            unscaled[s, t + 1] = opened / scale[s]
            alive[s] += opened / scale[s]
    return born, log_scale, epochs, swept, swept_quote


def _draw(
    side: _Side,
    born: Array,
    log_scale: Array,
    epochs: list[int],
    grid: PriceGrid,
    ends: Rows,
    shown: Mask,
) -> tuple[NDArray[np.float32], Array, Array]:
    """Density, mass beyond the grid, and mass from before the data, at the ends of bars."""
    width = ends.size + 1
    row = np.clip(grid.rows(side.price), -1, grid.bins) + 1
    come = np.searchsorted(ends, side.birth - 1)
    gone = np.searchsorted(ends, side.death)
    take = (come < gone) & shown[side.tier]
    row, come, gone = row[take], come[take], gone[take]
    birth, mass = side.birth[take], (side.share * born[side.birth])[take]
    image = np.empty((grid.bins, ends.size), np.float32)
    beyond, prior = np.zeros(ends.size), np.zeros(ends.size)
    marks = [*np.searchsorted(ends, np.array(epochs) - 1), ends.size]
    for epoch, low, high in zip(epochs, marks[:-1], marks[1:], strict=True):
        if low == high:
            continue
        here = (come < high) & (gone > low)
        unscaled = mass[here] * np.exp(log_scale[epoch] - log_scale[birth[here]])
        begin, end = np.maximum(come[here], low), gone[here]
        size = (grid.bins + 2) * width
        flow = np.bincount(row[here] * width + begin, unscaled, size)
        flow -= np.bincount(row[here] * width + np.minimum(end, high), unscaled, size)
        held = np.cumsum(flow.reshape(-1, width)[:, low:high], axis=1)
        held *= np.exp(log_scale[ends[low:high] + 1] - log_scale[epoch])
        held[held < _DUST * max(float(born.max()), 1e-300)] = 0.0
        image[:, low:high] = held[1:-1]
        beyond[low:high] = held[0] + held[-1]
        old = birth[here] == 0
        flow = np.bincount(begin[old], unscaled[old], width)
        flow -= np.bincount(np.minimum(end, high)[old], unscaled[old], width)
        prior[low:high] = np.cumsum(flow[low:high])
        prior[low:high] *= np.exp(log_scale[ends[low:high] + 1] - log_scale[epoch])
    return image, beyond, prior


def _by_tier(
    side: _Side, born: Array, log_scale: Array, grid: PriceGrid, shown: Mask
) -> NDArray[np.float32]:
    """The last column, by leverage."""
    row = grid.rows(side.price)
    bars = born.size - 1
    take = (side.death == bars) & (row >= 0) & (row < grid.bins) & shown[side.tier]
    mass = side.share[take] * born[side.birth[take]]
    mass *= np.exp(log_scale[-1] - log_scale[side.birth[take]])
    held = np.bincount(side.tier[take] * grid.bins + row[take], mass, shown.size * grid.bins)
    return held.reshape(shown.size, grid.bins).astype(np.float32)
