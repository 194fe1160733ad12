"""The law once more, as plainly as it can be said: every position a row, every bar a loop."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from liqmap.data.series import Array
from liqmap.estimate.balance import opening
from liqmap.estimate.balance.raster import BREADTH_OF_GRID, BREADTH_RATE
from liqmap.estimate.entries import CALM, FEWEST, MASS_RATE, STEP_RATE
from liqmap.estimate.inputs import Inputs, Setup

GOLDEN = (math.sqrt(5) - 1) / 2
SIDES = ((0, "long", 1), (1, "short", -1))


@dataclass
class Position:
    """`depth` is the liquidation price, for shorts negated; `of` the row of its range."""

    depth: float
    of: int
    weight: float
    held: float = 0.0
    churned: float = 0.0
    old: bool = False


@dataclass
class Side:
    """What one side holds."""

    row: int
    sign: int
    positions: list[Position] = field(default_factory=list)

    @property
    def base(self) -> float:
        return sum(one.held + one.churned for one in self.positions)

    def sweep(self, reach: float) -> list[Position]:
        """Positions that a bar liquidates."""
        gone = [one for one in self.positions if one.depth >= reach]
        self.positions = [one for one in self.positions if one.depth < reach]
        return gone

    def close(self, left: float, ratio: float) -> None:
        """Both groups leave, holders at `ratio` of the others' hazard, until `left` is left."""
        held = sum(one.held for one in self.positions)
        churned = sum(one.churned for one in self.positions)
        if held + churned <= left:
            return
        hazard = root(lambda at: held / (1 + ratio * at) + churned / (1 + at) - left)
        for one in self.positions:
            one.held /= 1 + ratio * hazard
            one.churned /= 1 + hazard

    def open(self, opened: float, hold: float, setup: Setup, new: list[Position]) -> None:
        """What holders, who open the part `hold`, and what churners open, each by weights."""
        held = sum(one.weight * float(setup.hold_rate[one.of]) for one in new)
        churned = sum(one.weight * (1 - float(setup.hold_rate[one.of])) for one in new)
        for one in new:
            rate = float(setup.hold_rate[one.of])
            one.held = opened * hold * one.weight * rate / held if held else 0.0
            one.churned = opened * (1 - hold) * one.weight * (1 - rate) / churned
        self.positions += new


def root(excess: Callable[[float], float]) -> float:
    """Where a falling function of a number from 0 is nothing; a very large one if nowhere."""
    low, high = 0.0, 1.0
    while excess(high) > 0 and high < 1e30:
        low, high = high, 2 * high
    for _ in range(100):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def path(
    bar: tuple[float, float, float, float], number: int, opens_rate: float, most: int
) -> list[tuple[float, float, float]]:
    """Entries of a bar and the lowest and highest price of what is left of it.

    `bar` is open, high, low, close; `opens_rate` what opens, as a part of the open interest.
    """
    open_, high, low, close = bar
    corners = [open_, low, high, close] if close >= open_ else [open_, high, low, close]
    ways = np.cumsum([0.0, *np.abs(np.diff(corners))])
    wanted = max(ways[3] / (STEP_RATE * close), opens_rate / MASS_RATE)
    wanted = max(wanted, wanted * wanted / CALM)
    count = min(max(math.ceil(wanted) if wanted < most else most, FEWEST), most)
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


def at_step(setup: Setup, row: int, of: int, number: int, price: float) -> int:
    """The step of a range at which its position of this number lies, who looked from `price`."""
    width = setup.width[row, of]
    place = GOLDEN * (number + of + 1)
    if width > 0:
        place -= math.log(price / setup.first_price) / width
    return int((place - math.floor(place)) * setup.factor.shape[2])


def placed(
    setup: Setup, side: Side, of: int, number: int, price: float, entry: float
) -> tuple[float, float]:
    """Depth and weight of a position."""
    step = at_step(setup, side.row, of, number, price)
    depth = side.sign * entry * float(setup.factor[side.row, of, step])
    return depth, float(setup.weight[side.row, of, step])


def born(
    setup: Setup, side: Side, entries: list[tuple[float, float, float]], close: float, at: list[int]
) -> tuple[list[Position], list[Position], float]:
    """New positions that outlive their bar, those that do not, and the weight of all.

    `at` has the number of the next position of each range.
    """
    live: list[Position] = []
    lost: list[Position] = []
    late = []
    for of, one in enumerate(setup.ranges):
        mine = entries[:: one.every]
        for i, (price, *rest) in enumerate(mine):
            depth, weight = placed(setup, side, of, at[of] + i, price, price)
            weight /= len(mine)
            if not weight:
                continue
            fate = live if depth < side.sign * rest[side.row] else lost
            fate.append(Position(depth, of, weight))
            depth, _ = placed(setup, side, of, at[of] + i, price, close)
            late.append(Position(depth, of, weight))
    # Where nobody outlives the bar they come at its close.
    return live or late, lost, sum(one.weight for one in late)


def prior(inputs: Inputs, side: Side) -> list[Position]:
    """Positions from before the first bar: two halves of normals of unlike width."""
    setup, price = inputs.setup, float(inputs.bars.open[0])
    say = setup.assumptions
    places = np.linspace(-2.5, 2.5, opening.PRIOR_ENTRIES)
    gained = [
        one * max(say.prior_gain_spread if one < 0 else say.prior_loss_spread, 1e-12)
        for one in places.tolist()
    ]
    found = []
    for i, place in enumerate(places.tolist()):
        before, after = gained[max(i - 1, 0)], gained[min(i + 1, len(gained) - 1)]
        steps = 1 if i in (0, len(gained) - 1) else 2
        mass = math.exp(-0.5 * place**2) * (after - before) / steps
        for of in range(len(setup.ranges)):
            away = sum(abs(1 - factor) for factor in setup.factor[side.row, of].tolist())
            near = min(away / setup.factor.shape[2] / opening.PRIOR_REACH, 1.0)
            entry = price * math.exp(side.sign * near * gained[i])
            depth, weight = placed(setup, side, of, i, entry, entry)
            if depth < side.sign * price and weight:
                found.append(Position(depth, of, weight * mass, old=True))
    return found


def drawn_over(inputs: Inputs) -> int:
    """Rows over which each position is drawn."""
    if not any(inputs.setup.width.ravel()):
        return 1
    span, breadth = inputs.grid.high_price - inputs.grid.low_price, 1
    broad = max(BREADTH_RATE * inputs.setup.first_price, BREADTH_OF_GRID * span)
    rows = broad / span * inputs.grid.bins
    while breadth * math.sqrt(2) < rows:
        breadth *= 2
    return breadth


def plain(inputs: Inputs) -> dict[str, Array]:
    """The fields of a Density."""
    bars, setup, say = inputs.bars, inputs.setup, inputs.setup.assumptions
    n, rows, breadth = bars.close.size, inputs.grid.bins, drawn_over(inputs)
    out: dict[str, Any] = {"prior_share": np.zeros(n)}
    for _, name, _ in SIDES:
        out |= {f"{name}_base": np.zeros((rows, n)), f"beyond_{name}_base": np.zeros(n)}
        out |= {f"swept_{name}_base": np.zeros(n), f"swept_{name}_quote": np.zeros(n)}
        out[f"{name}_by_leverage_base"] = np.zeros((len(setup.ranges), rows))
    book = [Side(row, sign) for row, _, sign in SIDES]
    holds = [
        sum(float(setup.weight[row, of].mean() * rate) for of, rate in enumerate(setup.hold_rate))
        for row, _, _ in SIDES
    ]
    for side, hold in zip(book, holds, strict=True):
        # At rest as many of each group leave as come.
        at_rest = hold / (hold + say.holder_exit_ratio * (1 - hold))
        side.open(inputs.prior_base, at_rest, setup, prior(inputs, side))
    numbers = [0] * len(setup.ranges)
    for t in range(n):
        total, volume, close = bars.open_interest_base[t], bars.volume_base[t], bars.close[t]

        def swept(name: str, one: Position, mass: float, t: int = t) -> None:
            if inputs.shown[one.of]:
                out[f"swept_{name}_base"][t] += mass
                out[f"swept_{name}_quote"][t] += mass * abs(one.depth)

        for side, (_, name, _) in zip(book, SIDES, strict=True):
            for one in side.sweep(bars.reach[side.row, t]):
                swept(name, one, one.held + one.churned)
        opened = max(total - min(side.base for side in book), 0.0)
        opened = min(opened + say.churn_rate * max(volume - opened, 0.0), total)
        opens_rate = say.churn_rate * volume / total if total else 0.0
        bar = (bars.open[t], bars.high[t], bars.low[t], close)
        entries = path(bar, t, opens_rate, setup.most_entries)
        for side, (_, name, _) in zip(book, SIDES, strict=True):
            side.close(total - opened, say.holder_exit_ratio)
            new, lost, whole = born(setup, side, entries, close, numbers)
            if setup.bar_ms >= opening.LONG_BAR_MS:
                for one in lost:
                    swept(name, one, opened * one.weight / whole)
            side.open(opened, holds[side.row], setup, new)
        for of, one_range in enumerate(setup.ranges):
            numbers[of] += len(entries[:: one_range.every])
        old_base = sum(one.held + one.churned for s in book for one in s.positions if one.old)
        out["prior_share"][t] = 0.5 * old_base / total if total else 0.0
        for side, (_, name, sign) in zip(book, SIDES, strict=True):
            for one in side.positions:
                _draw(inputs, out, name, t, one, sign, breadth)
    return _columns(inputs, out)


def _draw(
    inputs: Inputs, out: dict[str, Any], name: str, t: int, one: Position, sign: int, breadth: int
) -> None:
    """A position over some rows, from its own on away from the market."""
    if not inputs.shown[one.of]:
        return
    rows, mass = inputs.grid.bins, one.held + one.churned
    row = int(np.searchsorted(inputs.grid.edges, abs(one.depth), "right")) - 1
    if not 0 <= row < rows:
        out[f"beyond_{name}_base"][t] += mass
        return
    for i in range(breadth):
        at = row - sign * i
        if not 0 <= at < rows:
            out[f"beyond_{name}_base"][t] += mass / breadth
            continue
        out[f"{name}_base"][at, t] += mass / breadth
        if t == inputs.bars.close.size - 1:
            out[f"{name}_by_leverage_base"][one.of, at] += mass / breadth


def _columns(inputs: Inputs, bars: dict[str, Any]) -> dict[str, Array]:
    """What is there at the end of each column, and what its bars swept."""
    found = {}
    for name, values in bars.items():
        if "swept" in name:
            found[name] = np.array(
                [
                    values[first : last + 1].sum()
                    for first, last in zip(inputs.starts, inputs.ends, strict=True)
                ]
            )
        else:
            found[name] = values if "by_leverage" in name else values[..., inputs.ends]
    return found
