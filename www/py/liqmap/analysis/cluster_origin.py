"""Why a cluster is there: when and at which prices its positions were opened, and what has left.

Definitions are in docs/explanation/clusters.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.inputs import Setup
from liqmap.estimate.leverage import LeverageRange


@dataclass(frozen=True, slots=True)
class Opened:
    """When what a band held was opened.

    `before_part` was there when the picture begins; the middle half of the rest came from
    `first_ms` to `last_ms`, None where nothing came.
    """

    before_part: float
    span_ms: tuple[float, float] | None


def opened(held_quote: Array, time_edges_ms: Array) -> Opened:
    """When a band's growth came, from what it held at the end of each column.

    Parameters
    ----------
    held_quote : array of shape (t,)
        In the first t columns.
    time_edges_ms : array of shape (t + 1,) or longer
    """
    growth = np.maximum(np.diff(held_quote), 0.0)
    came, there = float(growth.sum()), float(held_quote[0])
    if came <= 0:
        return Opened(1.0 if there > 0 else 0.0, None)
    so_far = np.cumsum(growth)
    quarter, rest = np.searchsorted(so_far, (0.25 * came, 0.75 * came * (1 - 1e-12)))
    span = float(time_edges_ms[quarter + 1]), float(time_edges_ms[rest + 2])
    return Opened(there / (there + came), span)


def gone(held_quote: Array) -> tuple[float, int]:
    """One minus what a band holds at last over the most it ever held; the column of the most."""
    most = int(np.argmax(held_quote))
    if held_quote[most] <= 0:
        return 0.0, most
    return 1 - float(held_quote[-1] / held_quote[most]), most


def entry_prices(
    setup: Setup,
    leverages: LeverageRange,
    position_side: int,
    band: tuple[float, float],
    traded: tuple[float, float],
) -> tuple[float, float] | None:
    """Lowest and highest price at which positions of a range were opened.

    Parameters
    ----------
    setup : Setup
        Its factors are liquidation price over entry price.
    leverages : LeverageRange
        One of the setup's.
    position_side : 1 or −1
    band, traded : (low, high)
        Where they are liquidated, and what the loaded bars traded [quote/base].

    Returns
    -------
    (low, high), or None where the bars traded at none of these prices.
    """
    factor = setup.factor[0 if position_side > 0 else 1, setup.ranges.index(leverages)]
    low = max(band[0] / float(factor.max()), traded[0])
    high = min(band[1] / float(factor.min()), traded[1])
    return (low, high) if low <= high else None
