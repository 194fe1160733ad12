"""Marks on the picture where price swept much: estimated, not seen."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from typing import Any

import numpy as np

from liqmap.analysis.cleared import Sweep
from liqmap.language import mark, say
from liqmap.words import clock, side_of, usd

SOURCES = {"sweeps": ("time", "price", "size", "side", "words")}
"""Column names of each source of the Bokeh document."""
_SWEPT = {
    "long": mark("swept about {time}: {amount} of longs, estimated"),
    "short": mark("swept about {time}: {amount} of shorts, estimated"),
}
_SIZE_PX = (6.0, 26.0)


def marks(sweeps: Sequence[Sweep], column_ms: float) -> dict[str, Any]:
    """Columns of one mark a sweep, in the middle of its column; its area goes with the amount."""
    largest = max((one.amount_quote for one in sweeps), default=1.0)
    least, most = _SIZE_PX
    return {
        "time": np.array([one.time_ms + column_ms / 2 for one in sweeps]),
        "price": np.array([one.price for one in sweeps]),
        "size": np.array([max(least, most * sqrt(one.amount_quote / largest)) for one in sweeps]),
        "side": [side_of(one.position_side) for one in sweeps],
        "words": [
            say(
                _SWEPT[side_of(one.position_side)],
                time=clock(one.time_ms),
                amount=usd(one.amount_quote),
            )
            for one in sweeps
        ],
    }
