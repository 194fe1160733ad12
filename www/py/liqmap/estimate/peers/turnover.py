"""Turnover with decay: the method of bendizziesmith/liqmap (docs/explanation/peers.md).

Everything that is traded opens positions, as many longs as shorts, which fade by a fixed
half-life until price passes them. No maintenance margin, no balance with open interest; the
picture as a whole is scaled to it.
"""

from __future__ import annotations

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.cohorts import LONG, SHORT, SIGN, Cube
from liqmap.estimate.density import Density
from liqmap.estimate.inputs import Inputs
from liqmap.estimate.leverage import Mix
from liqmap.estimate.peers.levels import drawn, half_lives, levels, worth

ANCHORS = {"close": 0.45, "high": 0.275, "low": 0.275}
"""Where positions of a bar enter, and how many."""
BLUR = np.array([0.25, 0.5, 0.25])
"""How a level spreads over three buckets; 1,100 of them reach as far as the lowest leverage."""
BUCKETS = 1_100
GAIN, MOST = 8.0, 3.0
"""Turnover counts 1 + 8 × the growth of open interest, up to three times."""
SLOW_BAR_MS = 4 * 3_600_000
"""From here on bars are those of swing traders."""
SCALPING = {10.0: 5.0, 25.0: 2.0, 50.0: 1.0, 100.0: 0.5}
SWING = {3.0: 60.0, 5.0: 30.0, 10.0: 14.0, 25.0: 5.0}
"""Leverage: half-life [days]."""
STANDING = np.array([0.15, 0.20, 0.30, 0.35])
"""Share of all open positions that each leverage is to have, the lowest first."""


def published(bar_ms: float) -> Mix:
    """The method's own leverages and shares for bars of this length."""
    return Mix.of_points(dict(zip(_table(bar_ms), STANDING, strict=True)))


def estimate(inputs: Inputs) -> Density:
    """Each side is scaled to the open interest, bar by bar."""
    bars, setup = inputs.bars, inputs.setup
    leverage = setup.leverage
    half_life = half_lives(leverage, _table(setup.bar_ms))
    before = np.append(inputs.prior_base, bars.open_interest_base[:-1])
    grown = np.maximum(bars.open_interest_base - before, 0.0)
    growth = grown / np.maximum(bars.open_interest_base, 1e-300)
    volume = bars.volume_base * np.minimum(1 + GAIN * growth, MOST)

    bucket = 2 / leverage[setup.share[LONG] > 0].min() / BUCKETS
    entry = np.stack([getattr(bars, name) for name in ANCHORS], axis=1)
    entry = (entry[:, :, None] * (1 + bucket * np.array([-1, 0, 1]))).reshape(len(entry), -1)
    share = np.outer(list(ANCHORS.values()), BLUR).ravel()
    sides = []
    for side in (LONG, SHORT):
        # What fades sooner is added faster, for its share to stand.
        added = setup.share[side] / half_life
        mass = np.outer(volume, added / added.sum())
        sides.append(levels(side, entry, share, 1 - SIGN[side] / leverage, mass))
    return drawn(inputs, (sides[LONG], sides[SHORT]), half_life, _to_open_interest)


def _table(bar_ms: float) -> dict[float, float]:
    return SWING if bar_ms >= SLOW_BAR_MS else SCALPING


def _to_open_interest(held: Cube, open_interest_base: Array) -> Cube:
    total = np.broadcast_to(held.sum(axis=2, keepdims=True), held.shape)
    return worth(open_interest_base[:, None, None], total)
