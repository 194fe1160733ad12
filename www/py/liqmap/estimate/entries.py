"""A bar seen from inside: where positions enter, and what the rest of the bar reaches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.cohorts import Rows
from liqmap.estimate.inputs import MOST_ENTRIES, Bars

STEP_RATE = 0.003
"""Entries stand at most this far apart along a bar's path, in parts of the price …"""
MASS_RATE = 0.001
"""… and open at most this part of the open interest each, about …"""
CALM = 10.0
"""… of bars with no more entries than this. Nothing fills the gaps that a crash leaves, so there
they open the less each, the more there are: a crash is no comb."""
FEWEST = 1
"""At least so many a bar."""
_GOLDEN = 0.6180339887498949


class Entries(NamedTuple):
    """Entries along the paths of bars, in the order of time; arrays of shape (e,)."""

    bar: Rows
    number: Rows
    """Within the bar, from 0."""
    price: Array
    rest_low: Array
    rest_high: Array


def entries_along(
    bars: Bars, churn_rate: float, first: int = 0, most: int = MOST_ENTRIES
) -> Entries:
    """Evenly along the path open, low, high, close; of a falling bar open, high, low, close.

    A bar that opens more has more of them. `rest_low` and `rest_high` are the extremes of
    what is left of the bar after the entry. `first` numbers the first bar: entries start
    elsewhere on each bar's path, so that those of many bars fill the price axis evenly.
    """
    open_, high, low, close = bars.open, bars.high, bars.low, bars.close
    rising = close >= open_
    corners = np.array([open_, np.where(rising, low, high), np.where(rising, high, low), close])
    ways = np.zeros_like(corners)
    np.cumsum(np.abs(corners[1:] - corners[:-1]), axis=0, out=ways[1:])
    part_base = MASS_RATE * bars.open_interest_base
    mass = np.minimum(churn_rate * bars.volume_base, most * part_base)
    count = np.maximum(ways[3] / (STEP_RATE * close), mass / np.maximum(part_base, 1e-300))
    count = np.ceil(np.maximum(count, count * count / CALM))
    count = np.minimum(np.maximum(count, FEWEST), most).astype(np.intp)
    row = np.arange(count.size)
    bar = row.repeat(count)
    number = np.arange(bar.size) - (count.cumsum() - count)[bar]
    shift = (_GOLDEN * (first + 1 + row)) % 1.0
    way = (number + shift[bar]) / count[bar] * ways[3, bar]
    leg = bar + ((way > ways[1, bar]) * count.size + (way > ways[2, bar]) * count.size)
    goal = leg + count.size
    begin, end = corners.take(leg), corners.take(goal)
    price = begin + np.sign(end - begin) * (way - ways.take(leg))
    price = np.minimum(np.maximum(price, np.minimum(begin, end)), np.maximum(begin, end))
    # Ahead lie the end of this leg and the legs to come.
    lowest = np.minimum.accumulate(corners[::-1])[::-1].take(goal)
    highest = np.maximum.accumulate(corners[::-1])[::-1].take(goal)
    return Entries(bar, number, price, np.minimum(price, lowest), np.maximum(price, highest))
