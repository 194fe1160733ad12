"""Levels that fade, and stand until price passes them: what others' methods share.

`turnover` and `survivor` say which levels a bar adds, how they fade, and what the whole is
scaled to; here they live. A level keeps its exact price: the grid changes how a method is
drawn, never what it says.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array
from liqmap.estimate.cohorts import LONG, SHORT, SIGN, Cube, Rows, Table, first_reached, tally
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.inputs import Inputs, density_of

DAY_MS = 86_400_000.0
BLOCK = 32
"""Bars at once: as many as a processor keeps at hand; no result depends on it."""
_DUST = 1e-12
"""Less than this part of the open interest is what rounding leaves of swept bins."""
_NOTHING = 1e-200
"""Masses too small to divide by."""


class Levels(NamedTuple):
    """Levels of one side, arrays of shape (p,).

    `depth` is the price, for shorts negated; `bar` the bar that adds it, `leverage` the row of
    its leverage, `mass` what it weighs when new, in any unit.
    """

    depth: Array
    bar: Rows
    leverage: Rows
    mass: Array

    def rows(self, keep: Rows) -> Levels:
        """Some of them."""
        return Levels(self.depth[keep], self.bar[keep], self.leverage[keep], self.mass[keep])


class Scale(Protocol):
    """Converts a method's masses to coins."""

    def __call__(self, held: Cube, open_interest_base: Array) -> Cube:
        """Coins a unit, from the units that stand, both by bar, side and leverage."""


def levels(side: int, entry: Table, share: Array, factor: Array, mass: Table) -> Levels:
    """One for each bar, entry and leverage.

    Parameters
    ----------
    side : LONG or SHORT
    entry : array of shape (n, a)
        Entry prices of each bar …
    share : array of shape (a,)
        … and how its mass spreads over them.
    factor : array of shape (K,)
        Liquidation price over entry price.
    mass : array of shape (n, K)
        What each bar adds at each leverage.
    """
    shape = (*entry.shape, factor.size)
    bar, _, leverage = np.indices(shape, np.intp)
    depth = SIGN[side] * entry[:, :, None] * factor
    return Levels(
        depth.ravel(), bar.ravel(), leverage.ravel(), (mass[:, None, :] * share[:, None]).ravel()
    )


def half_lives(leverage: Array, known_days: dict[float, float]) -> Array:
    """Half-life of each leverage [days]: by power law between those known."""
    at, days = np.log(np.array(sorted(known_days.items()))).T
    between: Array = np.exp(np.interp(np.log(leverage), at, days))
    return between


def worth(budget: Cube, held: Cube) -> Cube:
    """Coins a unit, for what stands to hold the budget; nothing where nothing stands."""
    coins: Cube = np.divide(budget, held, out=np.zeros_like(held), where=held > _NOTHING)
    return coins


def drawn(
    inputs: Inputs, sides: tuple[Levels, Levels], half_life_days: Array, scale: Scale
) -> Density:
    """The columns of levels that fade, by half in `half_life_days`, of shape (K,).

    A bar sweeps what its range reached, then adds its own levels; of these, what lies on the
    wrong side of its close does not stand.
    """
    bars, ends, size = inputs.bars, inputs.ends, len(inputs.candles)
    age = (inputs.candles.time_ms - inputs.candles.time_ms[0])[:, None] / DAY_MS / half_life_days
    fade = 0.5 ** np.diff(age, axis=0, prepend=0.0)
    lives = [_Lives.of(inputs, side, one, age) for side, one in enumerate(sides)]
    alive = np.stack([one.alive(age.shape) for one in lives], axis=1)
    begin, place, mass = _events(inputs, lives)
    lowest, highest = (_bin(inputs, row).tolist() for row in np.abs(bars.reach))

    # Of a block of bars; before its first comes the last of the block before.
    states = np.zeros((BLOCK, 2, fade.shape[1], inputs.grid.bins + 2))
    flat, every_bin = states.reshape(BLOCK, -1), np.ones(states.shape[3])
    coins = np.zeros((size, *states.shape[1:3]))
    base: tuple[Matrix, Matrix] = (
        np.zeros((inputs.grid.bins, ends.size), np.float32),
        np.zeros((inputs.grid.bins, ends.size), np.float32),
    )
    beyond = np.zeros((2, ends.size))
    for first in range(0, size, BLOCK):
        block = slice(first, min(first + BLOCK, size))
        for row, t in enumerate(range(block.start, block.stop)):
            state = np.multiply(states[row - 1], fade[t][:, None], out=states[row])
            state[LONG, :, lowest[t] + 1 :] = 0.0
            state[SHORT, :, : highest[t]] = 0.0
            now = slice(begin[t], begin[t + 1])
            np.add.at(flat[row], place[now], mass[now])
        held = (states[: block.stop - first] @ every_bin) * alive[block]
        coins[block] = scale(held, bars.open_interest_base[block])
        columns = slice(*np.searchsorted(ends, (first, block.stop)).tolist())
        at = ends[columns]
        shown = ((coins[at] * inputs.shown)[:, :, None, :] @ states[at - first])[:, :, 0]
        shown -= _DUST * bars.open_interest_base[at][:, None, None]
        np.maximum(shown, 0.0, out=shown)
        base[LONG][:, columns] = shown[:, LONG, 1:-1].T
        base[SHORT][:, columns] = shown[:, SHORT, 1:-1].T
        beyond[:, columns] = (shown[:, :, 0] + shown[:, :, -1]).T
    swept = [one.swept(coins[:, side] * inputs.shown) for side, one in enumerate(lives)]
    last = states[(size - 1) % BLOCK] * (coins[-1] * inputs.shown)[:, :, None]
    by_leverage = last[:, :, 1:-1].astype(np.float32)
    return density_of(
        inputs,
        base,
        beyond,
        np.stack([one for one, _ in swept]),
        np.stack([quote for _, quote in swept]),
        (by_leverage[LONG], by_leverage[SHORT]),
        np.zeros(ends.size),
    )


class _Lives(NamedTuple):
    """Levels of one side that stood at their first close, and the bar that swept each."""

    who: Levels
    swept_in: Rows
    """The number of bars where none did."""
    age: Table
    """Of the data, in half-lives of each leverage: (n, K)."""

    @classmethod
    def of(cls, inputs: Inputs, side: int, who: Levels, age: Table) -> _Lives:
        close = SIGN[side] * inputs.bars.close
        stands = np.flatnonzero((who.depth < close[who.bar]) & (who.mass > 0))
        who = who.rows(stands)
        return cls(who, first_reached(inputs.bars.reach[side], who.depth, who.bar + 1), age)

    def alive(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Whether anything stands, by bar and leverage; rounding cannot say."""
        change = np.zeros((shape[0] + 1, shape[1]), np.intp)
        np.add.at(change, (self.who.bar, self.who.leverage), 1)
        np.subtract.at(change, (self.swept_in, self.who.leverage), 1)
        return np.cumsum(change, axis=0)[:-1] > 0

    def mass_at(self, keep: Rows, bar: Rows) -> Array:
        """The mass left of some levels, each in a bar of its own."""
        _, birth, leverage, mass = self.who.rows(keep)
        left: Array = mass * 0.5 ** (self.age[bar, leverage] - self.age[birth, leverage])
        return left

    def swept(self, coins: Table) -> tuple[Array, Array]:
        """By bar [base] and [quote], at what they were worth in the bar before."""
        size = coins.shape[0]
        gone = np.flatnonzero(self.swept_in < size)
        before = self.swept_in[gone] - 1
        base = self.mass_at(gone, before) * coins[before, self.who.leverage[gone]]
        price = np.abs(self.who.depth[gone])
        return tally(before + 1, base, size), tally(before + 1, base * price, size)


def _events(inputs: Inputs, lives: list[_Lives]) -> tuple[list[int], Rows, Array]:
    """Masses added and taken, ordered by bar: first row of each bar, places, masses.

    Bins that a bar passed as a whole are emptied as a whole; what is taken one by one is
    what was swept of the bin in which its range ended.
    """
    bins, leverages, size = inputs.grid.bins + 2, len(inputs.setup.ranges), len(inputs.candles)
    rows, places, masses = [], [], []
    for side, one in enumerate(lives):
        in_bin = _bin(inputs, np.abs(one.who.depth))
        place = (side * leverages + one.who.leverage) * bins + in_bin
        ended = _bin(inputs, np.append(np.abs(inputs.bars.reach[side]), 0.0))
        taken = np.flatnonzero((one.swept_in < size) & (ended[one.swept_in] == in_bin))
        rows += [one.who.bar, one.swept_in[taken]]
        places += [place, place[taken]]
        masses += [one.who.mass, -one.mass_at(taken, one.swept_in[taken])]
    row = np.concatenate(rows)
    order = np.argsort(row, kind="stable")
    begin = np.searchsorted(row[order], np.arange(size + 1)).tolist()
    return begin, np.concatenate(places)[order], np.concatenate(masses)[order]


def _bin(inputs: Inputs, price: Array) -> Rows:
    """Bins of the grid from 1; 0 is all below it, the last all above."""
    return inputs.grid.rows(price) + 1
