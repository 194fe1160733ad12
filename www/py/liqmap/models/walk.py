"""A bar seen from inside: where positions enter, and what the rest of the bar reaches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.columns import Array
from liqmap.models.crowd import Rows

STEP_RATE = 0.0015
"""Entries stand at most this far apart along a bar's path, in parts of the price …"""
FEWEST, MOST = 2, 64
"""… at least and at most so many a bar."""
_GOLDEN = 0.6180339887498949


class Entries(NamedTuple):
    """Entries along the paths of bars, in the order of time; arrays of shape (e,)."""

    bar: Rows
    price: Array
    rest_low: Array
    rest_high: Array


def walk(open_: Array, high: Array, low: Array, close: Array, first: int = 0) -> Entries:
    """Evenly along the path open, low, high, close; of a falling bar open, high, low, close.

    `rest_low` and `rest_high` are the extremes of what is left of the bar after the entry.
    `first` numbers the first bar: entries start elsewhere on each bar's path, so that those
    of many bars fill the price axis evenly.
    """
    rising = close >= open_
    turns = np.stack([open_, np.where(rising, low, high), np.where(rising, high, low), close])
    legs = np.abs(np.diff(turns, axis=0))
    one, two = legs[0], legs[0] + legs[1]
    length = two + legs[2]
    count = np.clip(np.ceil(length / (STEP_RATE * close)), FEWEST, MOST).astype(np.intp)
    bar = np.repeat(np.arange(count.size), count)
    number = np.arange(bar.size) - (np.cumsum(count) - count)[bar]
    shift = (_GOLDEN * (first + 1 + np.arange(count.size))) % 1.0
    at = (number + shift[bar]) / count[bar] * length[bar]
    turns, one, two = turns[:, bar], one[bar], two[bar]
    leg = (at > one).astype(np.int8) + (at > two)
    begin = np.choose(leg, turns[:3])
    goal = np.choose(leg, turns[1:])
    price = begin + np.sign(goal - begin) * (at - np.choose(leg, (0.0, one, two)))
    price = np.clip(price, np.minimum(begin, goal), np.maximum(begin, goal))
    # Ahead lie the end of this leg and the legs to come.
    rest_low, rest_high = np.minimum(price, turns[3]), np.maximum(price, turns[3])
    for turn, ahead in ((turns[1], leg < 1), (turns[2], leg < 2)):
        rest_low = np.where(ahead, np.minimum(rest_low, turn), rest_low)
        rest_high = np.where(ahead, np.maximum(rest_high, turn), rest_high)
    return Entries(bar, price, rest_low, rest_high)
