"""Real positions of known accounts, as a layer over the estimate: what is, not what may be."""

from __future__ import annotations

from typing import Any

import numpy as np

from liqmap.accounts import Positions
from liqmap.palettes import LONG_COLOR, SHORT_COLOR, usd

SOURCES = {"accounts": ("x0", "x1", "y", "width", "color", "words")}
"""Column names of each source of the Bokeh document."""

_LENGTH = 0.08
"""Part of the window a line takes at its end: it is known of now, not of before."""
_THINNEST_PX, _WIDEST_PX = 1.0, 7.0
_MOST = 300


def layer(positions: Positions, begin_ms: float, end_ms: float, decimals: int) -> dict[str, Any]:
    """A line at each liquidation price, wide as the root of its USD, the largest last.

    Parameters
    ----------
    positions : Positions
        Of one coin.
    begin_ms, end_ms : float
        The window of the picture.
    decimals : int
        Of a price in words.
    """
    amounts = positions.quantity_base * positions.liquidation_price
    order = np.argsort(amounts, kind="stable")[-_MOST:]
    share = amounts[order] / amounts.max(initial=1e-300)
    price, side = positions.liquidation_price[order], positions.position_side[order]
    return {
        "accounts": {
            "x0": np.full(order.size, end_ms - _LENGTH * (end_ms - begin_ms)),
            "x1": np.full(order.size, end_ms),
            "y": price,
            "width": _THINNEST_PX + (_WIDEST_PX - _THINNEST_PX) * np.sqrt(share),
            "color": [LONG_COLOR if one > 0 else SHORT_COLOR for one in side],
            "words": [
                f"a real {'long' if side[one] > 0 else 'short'} of {usd(float(amounts[row]))}, "
                f"{positions.leverage[row]:g}×, liquidated at {price[one]:,.{decimals}f}"
                for one, row in enumerate(order)
            ],
        }
    }
