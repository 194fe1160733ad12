"""Survivorship anchored to open interest: the method of mindoozer/liquidation-map.

Open interest of today rests on the positions that are still there: those opened where open
interest rose, faded by a fixed half-life, and never reached since. Each leverage has a fixed
share of open interest, whatever survived of it. The original draws its last column only;
here every column is what it would have drawn at that bar's end (docs/explanation/peers.md).
"""

from __future__ import annotations

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.cohorts import LONG, SHORT, Cube
from liqmap.estimate.density import Density
from liqmap.estimate.inputs import Inputs
from liqmap.estimate.leverage import Mix
from liqmap.estimate.peers.levels import drawn, half_lives, levels, worth

HALF_LIFE_DAYS = {10.0: 10.0, 25.0: 3.0, 50.0: 1.0, 100.0: 0.5}
SHARE = np.array([0.35, 0.30, 0.20, 0.15])
BLUR_RATE, BLUR_STEP_RATE, BLUR_STEPS = 0.0025, 0.001, 8
"""A level is blurred by a normal distribution, in buckets, both in parts of the price."""
_HARDLY = 1e-7
"""Weight of volume beside that of risen open interest: it decides only where none has risen."""


def published(_bar_ms: float) -> Mix:
    """The method's own leverages and shares."""
    return Mix.of_points(dict(zip(HALF_LIFE_DAYS, SHARE, strict=True)))


def estimate(inputs: Inputs) -> Density:
    """Each side is scaled to the open interest, leverage by leverage."""
    bars, setup = inputs.bars, inputs.setup
    before = np.append(inputs.prior_base, bars.open_interest_base[:-1])
    opened = np.maximum(bars.open_interest_base - before, 0.0) + _HARDLY * bars.volume_base
    steps = BLUR_STEP_RATE * np.arange(-BLUR_STEPS, BLUR_STEPS + 1)
    blur = np.exp(-0.5 * (steps / BLUR_RATE) ** 2)
    typical = (bars.high + bars.low + bars.close) / 3
    entry = np.outer(typical, 1 + steps)
    mass = np.outer(opened, np.ones(len(setup.ranges)))
    longs, shorts = (
        levels(side, entry, blur / blur.sum(), setup.factor[side, :, 0], mass)
        for side in (LONG, SHORT)
    )

    def to_shares(held: Cube, open_interest_base: Array) -> Cube:
        return worth(setup.share * open_interest_base[:, None, None], held)

    return drawn(inputs, (longs, shorts), half_lives(setup.leverage, HALF_LIFE_DAYS), to_shares)
