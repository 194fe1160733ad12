"""Where the positions of a mix are liquidated, and what they weigh: the same for all bars."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.series import Array, Candles
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.cohorts import Cube, Table
from liqmap.estimate.inputs import Setup
from liqmap.estimate.leverage import LeverageRange, Mix
from liqmap.margin import liquidation_price, tiered_liquidation_price

MAINTENANCE_RATE = 0.005
"""Where the venue's is not known: usual for the first risk-limit tier of large coins."""
POINTS = 512
"""Steps through a range of leverage: finer than a row of any picture."""
HIGHEST_LEVERAGE = 2 / 3
"""Times one over the maintenance rate: no venue asks for less initial margin than one and a half
times the maintenance margin, so that the nearest liquidation is half of that from entry."""


class Steps(NamedTuple):
    """Steps through the ranges of a mix, sides in rows: `factor`, `weight`, `width` of a Setup."""

    factor: Cube
    weight: Cube
    width: Table


def setup_of(
    mix: Mix,
    maintenance: MaintenanceTiers | float | None,
    kind: Kind,
    assumptions: Assumptions,
    candles: Candles,
    *,
    capped: bool,
) -> Setup:
    """The setup of a mix on a market.

    Parameters
    ----------
    mix : Mix
    maintenance : MaintenanceTiers, float or None
        None: `MAINTENANCE_RATE`.
    kind : "linear" or "inverse"
    assumptions : Assumptions
    candles : Candles
        The first close is the price that steps are counted from.
    capped : bool
        Leave out leverages that no venue would offer at this maintenance rate.
    """
    position_quote = assumptions.position_quote
    if maintenance is None:
        maintenance = MAINTENANCE_RATE
    highest = np.inf
    if capped:
        rate = _at_entry(maintenance, position_quote, kind)
        highest = max(HIGHEST_LEVERAGE / max(rate, 1e-300), 1.0)
        mix = mix.offered(highest)
    weights = tuple(mix.weight.tolist())
    steps = _steps(mix.ranges, weights, highest, maintenance, kind, position_quote)
    return Setup(
        mix.ranges,
        *steps,
        float(candles.close[0]),
        assumptions,
        candles.step_ms,
    )


@lru_cache(maxsize=16)
def _steps(
    ranges: tuple[LeverageRange, ...],
    weights: tuple[float, ...],
    highest: float,
    maintenance: MaintenanceTiers | float,
    kind: Kind,
    position_quote: float,
) -> Steps:
    """At a price of one: what a range is liquidated at is in proportion to the price."""
    leverage, below = Mix(ranges, np.array(weights)).spread(highest)
    factor, weight = np.empty((2, 2, len(ranges), POINTS))
    width = np.empty((2, len(ranges)))
    for side, position_side in enumerate((1, -1)):
        if isinstance(maintenance, MaintenanceTiers) and kind == "linear":
            found = tiered_liquidation_price(
                1.0, leverage, position_side, position_quote, maintenance
            )
        else:
            rate = _lowest(maintenance)
            found = liquidation_price(1.0, leverage, position_side, rate, kind=kind)
        for row, share in enumerate(weights):
            factor[side, row], parts, width[side, row] = steps_through(found[row], below[row])
            weight[side, row] = share * parts
    for array in (factor, weight, width):
        array.flags.writeable = False
    return Steps(factor, weight, width)


def steps_through(factor: Array, below: Array) -> tuple[Array, Array, float]:
    """Even steps through a range in log price: factors, relative weights, and its width.

    Parameters
    ----------
    factor, below : arrays of shape (n,)
        Liquidation price over entry price, and the share of the range below it, from one end
        of the range to the other.
    """
    if factor[0] == factor[-1] or not np.isfinite(factor).all() or factor.min() <= 0:
        return np.full(POINTS, factor[-1]), np.ones(POINTS), 0.0
    at = np.log(factor)
    if at[0] > at[-1]:
        at, below = at[::-1], 1 - below[::-1]
    width = at[-1] - at[0]
    begin = at[0] / width
    step = np.arange(POINTS) / POINTS
    place = (begin + (step - begin) % 1.0) * width
    middle = np.minimum(place + 0.5 * width / POINTS, at[-1])
    # The step that the end of the range cuts has what lies before the first one as well.
    ends = place + width / POINTS
    parts = np.interp(ends, at, below) - np.interp(place, at, below)
    parts += np.interp(ends - width, at, below)
    return np.exp(middle), parts / parts.mean(), float(width)


def _lowest(maintenance: MaintenanceTiers | float) -> float:
    if isinstance(maintenance, MaintenanceTiers):
        return float(maintenance.maintenance_rate[0])
    return float(maintenance)


def _at_entry(maintenance: MaintenanceTiers | float, position_quote: float, kind: Kind) -> float:
    """Maintenance margin of a position over its size, where it enters."""
    if not isinstance(maintenance, MaintenanceTiers) or kind != "linear" or not position_quote:
        return _lowest(maintenance)
    caps = maintenance.notional_cap_quote
    tier = min(int(np.searchsorted(caps, position_quote)), caps.size - 1)
    less = float(maintenance.deduction_quote[tier]) / position_quote
    return float(maintenance.maintenance_rate[tier]) - less
