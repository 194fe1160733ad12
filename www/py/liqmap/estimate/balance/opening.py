"""Positions that bars open, and those of the book before the data."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.cohorts import SHORT, SIGN, Cohorts, Cube, Events, Rows, joined, tally
from liqmap.estimate.entries import entries_along
from liqmap.estimate.inputs import Bars, Setup

PRIOR_ENTRIES = 1201
"""So many that no picture shows them one by one."""
PRIOR_REACH = 0.3
"""Entries before the data are spread in full where liquidation is at least so far away."""
LONG_BAR_MS = 4 * 3_600_000
"""From here on much opens and is liquidated within one bar."""
_GOLDEN = 0.6180339887498949
_NOTHING = 1e-300
_NARROWEST = 1e-12


class Births(NamedTuple):
    """New positions of n bars."""

    outlived: Events
    """Those that the rest of their bar does not reach."""
    within: Cube
    """Positions that open and are liquidated within one bar, as parts of all that their side
    opens in it, by side, bar and range (2, n, K); none in bars shorter than `LONG_BAR_MS`."""
    within_price: Cube
    """The same times its liquidation price over the bar's close."""
    numbers: Rows
    """Of the next position of each range, (K,)."""


def opened_in(bars: Bars, setup: Setup, first: int, numbers: Rows) -> Births:
    """New positions: of each range some entries of each bar.

    Parameters
    ----------
    first : int
        Number of the first bar.
    numbers : array of shape (K,)
        Of the next position of each range.
    """
    size, ranges = bars.close.size, len(setup.ranges)
    entries = entries_along(bars, setup.assumptions.churn_rate, first, setup.most_entries)
    every = np.array([one.every for one in setup.ranges])
    turn, left = np.divmod(entries.number[:, None], every)
    row, kind = (left == 0).nonzero()
    at, price = entries.bar[row], entries.price[row]
    points = -(-np.bincount(entries.bar, minlength=size)[:, None] // every)
    after = points.cumsum(axis=0) + numbers
    cell = at * ranges + kind
    number = (after - points).ravel().take(cell) + turn[row, kind]
    golden = _GOLDEN * (number + kind + 1)
    ways = np.log(price / setup.first_price)
    part = (1 / points).ravel().take(cell)
    found = []
    within, within_price = np.zeros((2, 2, size, ranges))
    reached = entries.rest_low[row], -entries.rest_high[row]
    for side, rest in enumerate(reached):
        depth, weight = placed(setup, side, kind, price, golden, ways)
        stands = (depth < rest) & (weight > 0)
        weight *= part
        if setup.bar_ms >= LONG_BAR_MS:
            lost = np.where(stands, 0.0, weight)
            lost /= tally(at, weight, size)[at]
            price_rate = np.where(stands, 0.0, np.abs(depth)) / bars.close[at]
            within[side] = tally(cell, lost, size * ranges).reshape(size, ranges)
            within_price[side] = tally(cell, lost * price_rate, size * ranges).reshape(size, ranges)
        some = np.bincount(at, stands, size)
        if not some.all():
            # Nobody outlives so wide a bar: they come at its close.
            late, close = (some == 0).take(at), bars.close.take(at)
            entry = np.where(late, close, price)
            depth, weight = placed(setup, side, kind, entry, golden, ways)
            stands = (depth < np.where(late, SIGN[side] * close, rest)) & (weight > 0)
            weight *= part
        keep = stands.nonzero()[0]
        who = _cohorts(
            setup, side, depth.take(keep), weight.take(keep), at.take(keep), kind.take(keep), size
        )
        found.append(Events(who._replace(birth=who.birth + (first + 1)), who.birth + side * size))
    longs, shorts = found
    events = Events(joined((longs.who, shorts.who)), np.concatenate([longs.at, shorts.at]))
    return Births(events, within, within_price, after[-1])


def before(setup: Setup, side: int, price: float) -> Cohorts:
    """Positions of a side that were open before the first bar.

    Entries are log-normal around the price, wider on the side where they have gained; who
    would be liquidated there is not there.
    """
    say, ranges = setup.assumptions, len(setup.ranges)
    place = np.linspace(-2.5, 2.5, PRIOR_ENTRIES)
    spread = np.where(place < 0, say.prior_gain_spread, say.prior_loss_spread)
    gained = np.maximum(spread, _NARROWEST) * place
    mass = np.exp(-0.5 * place**2) * np.abs(np.gradient(gained))
    number, kind = np.divmod(np.arange(mass.size * ranges), ranges)
    # Who is liquidated near the entry did not enter far from today's price.
    near = np.minimum(np.abs(1 - setup.factor[side]).mean(axis=1) / PRIOR_REACH, 1.0)
    entry = price * np.exp(SIGN[side] * near[kind] * gained[number])
    depth, weight = placed(
        setup, side, kind, entry, _GOLDEN * (number + kind + 1), np.log(entry / setup.first_price)
    )
    weight *= mass[number]
    keep = ((depth < SIGN[side] * price) & (weight > 0)).nonzero()[0]
    birth = np.zeros_like(keep)
    return _cohorts(setup, side, depth[keep], weight[keep], birth, kind[keep], 1)


def placed(
    setup: Setup, side: int, kind: Rows, entry: Array, golden: Array, way: Array
) -> tuple[Array, Array]:
    """Depth and weight of positions in the ranges `kind`; arrays of shape (p,).

    Where in its range each of them is follows the golden ratio: `golden` is that ratio times
    the number of the position among those of the range. It is counted in log price from one
    fixed price, which the entry is `way` from, so that any run of positions fills the price
    axis evenly, wherever they entered.
    """
    width, steps = setup.width[side], setup.factor.shape[2]
    ways = np.divide(1.0, width, out=np.zeros_like(width), where=width > 0)
    place = golden - way * ways.take(kind)
    place -= np.floor(place)
    place *= steps
    step = place.astype(np.intp)
    step += kind * steps
    depth = entry * setup.factor[side].reshape(-1).take(step)
    if side == SHORT:
        np.negative(depth, out=depth)
    return depth, setup.weight[side].reshape(-1).take(step)


def _cohorts(
    setup: Setup, side: int, depth: Array, weight: Array, birth: Rows, kind: Rows, births: int
) -> Cohorts:
    """Positions whose weights become parts of what holders and churners open at each birth."""
    parts = []
    for rate in (setup.hold_rate, 1 - setup.hold_rate):
        share = weight * rate.take(kind)
        share *= (1 / np.maximum(tally(birth, share, births), _NOTHING)).take(birth)
        parts.append(share)
    return Cohorts(depth, parts[0], parts[1], birth, kind + side * len(setup.ranges))
