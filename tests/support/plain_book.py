"""The law once more, as plainly as it can be said: every position a row, every bar a loop."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.balance import book
from liqmap.estimate.entries import CALM, FEWEST, MOST, STEP_RATE
from liqmap.estimate.inputs import Inputs

GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass
class Position:
    """`depth` is the liquidation price, for shorts negated."""

    depth: float
    leverage: int
    holders: float
    churners: float
    old: bool


def path(
    open_: float, high: float, low: float, close: float, number: int
) -> list[tuple[float, float, float]]:
    """Entries of a bar and the lowest and highest price of what is left of it."""
    corners = [open_, low, high, close] if close >= open_ else [open_, high, low, close]
    ways = np.cumsum([0.0, *np.abs(np.diff(corners))])
    steps = ways[3] / (STEP_RATE * close)
    count = min(max(math.ceil(max(steps, steps * steps / CALM)), FEWEST), MOST)
    shift = (GOLDEN * (number + 1)) % 1.0
    entries = []
    for i in range(count):
        way = (i + shift) / count * ways[3]
        leg = 2 if way > ways[2] else 1 if way > ways[1] else 0
        towards = 1 if corners[leg + 1] > corners[leg] else -1
        price = corners[leg] + towards * (way - ways[leg])
        ahead = [price, *corners[leg + 1 :]]
        entries.append((price, min(ahead), max(ahead)))
    return entries


def plain(inputs: Inputs) -> dict[str, Array]:
    """The fields of a Density, a column a bar."""
    bars, setup, say = inputs.bars, inputs.setup, inputs.setup.assumptions
    n, edges = bars.close.size, inputs.grid.edges
    leverages = range(setup.leverage.size)
    out: dict[str, Any] = {}
    for name in ("long", "short"):
        out |= {f"{name}_base": np.zeros((edges.size - 1, n)), f"beyond_{name}_base": np.zeros(n)}
        out |= {f"swept_{name}_base": np.zeros(n), f"swept_{name}_quote": np.zeros(n)}
        out[f"{name}_by_leverage_base"] = np.zeros((len(leverages), edges.size - 1))
    out["prior_share"] = np.zeros(n)
    both = [_prior(inputs, side, sign) for side, sign in ((0, 1), (1, -1))]
    time_ms = inputs.candles.time_ms
    for t in range(n):
        passed_ms = time_ms[t] - time_ms[t - 1] if t else setup.bar_ms
        stay_rate = math.exp(-say.holder_exit_rate * passed_ms / 3_600_000)
        total, volume, close = bars.open_interest_base[t], bars.volume_base[t], bars.close[t]
        for side, name in enumerate(("long", "short")):
            gone = [one for one in both[side] if one.depth >= bars.reach[side, t]]
            both[side] = [one for one in both[side] if one.depth < bars.reach[side, t]]
            for one in gone:
                if inputs.shown[one.leverage]:
                    mass = one.holders + one.churners
                    out[f"swept_{name}_base"][t] += mass
                    out[f"swept_{name}_quote"][t] += mass * abs(one.depth)
        left = [sum(one.holders + one.churners for one in side) for side in both]
        opened = max(total - min(left), 0.0)
        opened = min(opened + say.churn_rate * max(volume - opened, 0.0), total)
        entries = path(bars.open[t], bars.high[t], bars.low[t], close, t)
        for side, sign in ((0, 1), (1, -1)):
            _close(both[side], total - opened, stay_rate)
            found = [
                (sign * price * setup.factor[side, k], k)
                for price, *rest in entries
                for k in leverages
                if sign * price * setup.factor[side, k] < sign * rest[side]
            ] or [(sign * close * setup.factor[side, k], k) for k in leverages]
            whole = sum(setup.weight[side, k] for _, k in found)
            for depth, k in found:
                part = opened * setup.weight[side, k] / whole
                hold = part * say.holder_share
                both[side].append(Position(depth, k, hold, part - hold, old=False))
        old = sum(one.holders + one.churners for side in both for one in side if one.old)
        out["prior_share"][t] = 0.5 * old / total if total else 0.0
        for side, name in enumerate(("long", "short")):
            for one in both[side]:
                if inputs.shown[one.leverage]:
                    row = int(np.searchsorted(edges, abs(one.depth), "right")) - 1
                    mass = one.holders + one.churners
                    inside = 0 <= row < edges.size - 1
                    if inside:
                        out[f"{name}_base"][row, t] += mass
                    else:
                        out[f"beyond_{name}_base"][t] += mass
                    if inside and t == n - 1:
                        out[f"{name}_by_leverage_base"][one.leverage, row] += mass
    return out


def _prior(inputs: Inputs, side: int, sign: int) -> list[Position]:
    setup, price = inputs.setup, float(inputs.bars.open[0])
    spread = np.linspace(-2.5, 2.5, book.PRIOR_ENTRIES)
    entries = price * np.exp(setup.assumptions.prior_spread * spread)
    found = [
        (sign * entry * factor, k, density * weight)
        for entry, density in zip(entries, np.exp(-0.5 * spread**2), strict=True)
        for k, (factor, weight) in enumerate(
            zip(setup.factor[side], setup.weight[side], strict=True)
        )
        if sign * entry * factor < sign * price
    ]
    whole = sum(mass for _, _, mass in found)
    return [
        Position(depth, k, mass / whole * inputs.prior_base, 0.0, old=True)
        for depth, k, mass in found
    ]


def _close(side: list[Position], left: float, stay_rate: float) -> None:
    """Holders leave at their rate, churners as the balance needs; if it cannot, holders do."""
    holders = sum(one.holders for one in side)
    churners = sum(one.churners for one in side)
    stay, linger = stay_rate, left - holders * stay_rate
    if linger >= churners:
        stay, linger = ((left - churners) / holders if holders else 1.0), 1.0
    elif linger <= 0:
        stay, linger = (left / holders if holders else 1.0), 0.0
    else:
        linger /= churners
    for one in side:
        one.holders *= min(stay, 1.0)
        one.churners *= linger
