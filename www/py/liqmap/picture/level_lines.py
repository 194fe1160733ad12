"""Levels of the history as thin lines of the picture, with their words: no estimate."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np

from liqmap.analysis.levels import History, Level
from liqmap.data.series import Array
from liqmap.language import mark, say
from liqmap.words import side_of

SOURCES = {"level_lines": ("x0", "x1", "y", "side", "alpha", "words")}
"""Column names of each source of the Bokeh document."""
MOST_LINES = 6
APART_FRACTION = 0.045
"""Two lines are this part of the picture's height apart, so that the words of both can be read."""
_OPEN = mark("open")
_WORDS = {
    ("long", "broken"): mark("weak support"),
    ("long", "held"): mark("support held"),
    ("short", "broken"): mark("weak resistance"),
    ("short", "held"): mark("resistance held"),
}
_PROVEN_ALPHA, _GREY_ALPHA = 1.0, 0.45


def words_of(level: Level) -> str:
    """What it was last: `weak support`, `resistance held`; `open` where nothing was decided."""
    return say(_WORDS.get((side_of(level.position_side), level.newest), _OPEN))


def lines(history: History, time_edges_ms: Array, price_edges: Array) -> dict[str, Any]:
    """Columns of a line each, in the middle of its band, from its first event to the picture's end.

    At most `MOST_LINES` within the picture's prices and apart from each other: first those that
    differ from their controls, then the largest.
    """
    begin, end = float(time_edges_ms[0]), float(time_edges_ms[-1])
    placed = [(sqrt(one.low_price * one.high_price), one) for one in history.levels]
    inside = [
        (price, one, one.trials.differs(history.sides[one.position_side].base))
        for price, one in placed
        if price_edges[0] <= price < price_edges[-1] and one.first_ms < end
    ]
    apart = APART_FRACTION * (price_edges[-1] - price_edges[0])
    chosen: list[tuple[float, Level, bool]] = []
    for line in sorted(inside, key=lambda line: not line[2]):
        if len(chosen) < MOST_LINES and all(abs(line[0] - one[0]) >= apart for one in chosen):
            chosen.append(line)
    return {
        "x0": np.array([max(begin, one.first_ms) for _, one, _ in chosen], float),
        "x1": np.full(len(chosen), end),
        "y": np.array([price for price, *_ in chosen], float),
        "side": [side_of(one.position_side) for _, one, _ in chosen],
        "alpha": np.array(
            [_PROVEN_ALPHA if proven else _GREY_ALPHA for *_, proven in chosen], float
        ),
        "words": [words_of(one) for _, one, _ in chosen],
    }
