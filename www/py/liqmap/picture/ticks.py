"""Ticks of an axis: few, round, and labelled with what they are."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.words import number, usd_round

_SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))


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
    places, _ = _round(low, high, most, 1.0)
    return Ticks(tuple(places.tolist()), tuple(usd_round(abs(float(one))) for one in places))


def plain_ticks(low: float, high: float, most: int, *, signed: bool) -> Ticks:
    """The same at multiples of any 10ⁿ, labelled `−2K`, `0`, `+2K`, or `0.8`, `1.0`, `1.2`."""
    places, width = _round(low, high, most, 0.0)
    largest = max(abs(low), abs(high))
    size, letter = next((one for one in _SIZES if largest >= one[0]), (1.0, ""))
    digits = max(0, math.ceil(-math.log10(width / size) - 1e-9))
    labels = (
        number(one / size, digits, signed=signed) + letter if one or not signed else "0"
        for one in places.tolist()
    )
    return Ticks(tuple(places.tolist()), tuple(labels))


def _round(low: float, high: float, most: int, least: float) -> tuple[Array, float]:
    """Multiples of 1, 2 or 5 × 10ⁿ, which is `least` or more; and how far apart they are."""
    step = max(least, 10.0 ** math.floor(math.log10((high - low) / most)))
    widths = (part * scale * step for scale in (1, 10) for part in (1, 2, 5))
    every = ((_multiples(low, high, width), width) for width in widths)
    return next(one for one in every if one[0].size <= most)


def _multiples(low: float, high: float, width: float) -> Array:
    first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
    return width * np.arange(first, last + 1.0)
