"""A visitor's own position as lines across the picture, at the prices that matter to it."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from liqmap.language import mark, say
from liqmap.words import number

SOURCES = {"position": ("x0", "x1", "y", "words", "baseline")}
"""Column names of each source of the Bokeh document."""
_WORDS = {
    "entry": mark("entry {price}"),
    "liquidation": mark("liquidation {price}"),
    "bankruptcy": mark("bankruptcy {price}"),
}
NOTHING: dict[str, list[Any]] = {name: [] for name in SOURCES["position"]}


def lines(
    prices: Mapping[str, float],
    position_side: int,
    begin_ms: float,
    end_ms: float,
    decimals: int,
) -> dict[str, list[Any]]:
    """A line from begin to end at each price that there is: `entry`, `liquidation`, `bankruptcy`.

    `x0`, `x1` [ms], `y` [quote/base], `words`, and on which side of the line these stand: those of
    the bankruptcy beyond it, the others before theirs, so that near prices do not cover each other.
    A price of 0 or infinity, which is none, has no line.
    """
    known = {name: price for name, price in prices.items() if price > 0 and isfinite(price)}
    before, beyond = ("bottom", "top") if position_side > 0 else ("top", "bottom")
    return {
        "x0": [begin_ms] * len(known),
        "x1": [end_ms] * len(known),
        "y": list(known.values()),
        "words": [
            say(_WORDS[name], price=number(price, decimals)) for name, price in known.items()
        ],
        "baseline": [beyond if name == "bankruptcy" else before for name in known],
    }
