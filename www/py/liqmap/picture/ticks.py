"""Ticks of an axis in USD: few, round, and labelled with what they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.words import usd_round


@dataclass(frozen=True, slots=True)
class Ticks:
    """Where the ticks of an axis lie, and what each says."""

    places: tuple[float, ...]
    labels: tuple[str, ...]


def usd_ticks(low: float, high: float, most: int) -> Ticks:
    """At most `most` ticks at multiples of 1, 2 or 5 × 10ⁿ whole USD, from `low` to `high`.

    Zero is one of them where it is on the axis. Amounts below zero, which an axis uses for the
    other side, are labelled without a sign. `most` is 2 or more, `low` below `high`.
    """
    step = max(1.0, 10.0 ** math.floor(math.log10((high - low) / most)))
    widths = (part * scale * step for scale in (1, 10) for part in (1, 2, 5))
    every = (_multiples(low, high, width) for width in widths)
    places = next(places for places in every if places.size <= most)
    return Ticks(tuple(places.tolist()), tuple(usd_round(abs(float(one))) for one in places))


def _multiples(low: float, high: float, width: float) -> Array:
    first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
    return width * np.arange(first, last + 1.0)
