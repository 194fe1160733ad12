"""What every estimator reads, and what it makes a density of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array, Candles
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.cohorts import Cube, Rows, Table
from liqmap.estimate.density import Density, Matrix
from liqmap.estimate.grid import PriceGrid
from liqmap.estimate.leverage import LeverageRange

MOST_ENTRIES = 256
"""Along the path of one bar, unless a setup says less."""


class Bars(NamedTuple):
    """The market bar by bar; arrays of shape (n,), `reach` of shape (2, n).

    `open_interest_base` is that of the bar's end. `reach` is the price down to which longs are
    liquidated, and minus the price up to which shorts are.
    """

    open: Array
    high: Array
    low: Array
    close: Array
    volume_base: Array
    open_interest_base: Array
    reach: Table

    def rows(self, keep: slice) -> Bars:
        """Some bars."""
        return Bars(*(column[..., keep] for column in self))


class Setup(NamedTuple):
    """Leverages and assumptions, the same for all bars; sides in rows: long, short."""

    ranges: tuple[LeverageRange, ...]
    """K of them."""
    factor: Cube
    """Liquidation price over entry price, at N even steps through each range in log price,
    (2, K, N). Step j / N of range k is congruent to j / N × `width` (modulo `width`)."""
    weight: Cube
    """Weight of a new position at each of these, mean of a range: its share of new positions."""
    width: Table
    """Of each range in log price, (2, K); of a single leverage 0."""
    first_price: float
    """Where steps are counted from [quote/base]."""
    assumptions: Assumptions
    bar_ms: float
    most_entries: int = MOST_ENTRIES
    """Along the path of one bar."""

    @property
    def hold_rate(self) -> Array:
        """Part of new positions of each range that is held, (K,)."""
        return self.assumptions.hold_rate(self.leverage)

    @property
    def hold_part(self) -> Array:
        """Part of new positions that is held, by side, (2,)."""
        part: Array = self.share @ self.hold_rate
        return part

    @property
    def share(self) -> Table:
        """Share of new positions of each range, by side, (2, K)."""
        share: Table = self.weight.mean(axis=2)
        return share

    @property
    def held_at_rest(self) -> Table:
        """Parts of a book at rest that holders and churners have, by side and group, (2, 2)."""
        hold = self.hold_part
        hold = hold / (hold + self.assumptions.holder_exit_ratio * (1 - hold))
        return np.stack([hold, 1 - hold], axis=1)

    @property
    def leverage(self) -> Array:
        """The round leverage of each range, shape (K,)."""
        return np.array([one.round for one in self.ranges])


@dataclass(frozen=True, eq=False, slots=True)
class Inputs:
    """One question to an estimator.

    `starts` and `ends` are the first and last bars of the columns to return; `shown` says which
    of the setup's K leverages count in them, (K,). `prior_base` is the open interest before the
    first bar.
    """

    candles: Candles
    bars: Bars
    setup: Setup
    prior_base: float
    grid: PriceGrid
    shown: NDArray[np.bool_]
    starts: Rows
    ends: Rows


class Estimator(Protocol):
    """One estimator."""

    def __call__(self, inputs: Inputs) -> Density:
        """The columns that were asked for."""


def columns_of(bars: int, first: int, every: int) -> tuple[Rows, Rows]:
    """First and last bar of each column of `every` bars; the last may have fewer."""
    starts = np.arange(first, bars, every)
    return starts, np.minimum(starts + every, bars) - 1


def density_of(
    inputs: Inputs,
    base: tuple[Matrix, Matrix],
    beyond_base: Table,
    swept_base: Table,
    swept_quote: Table,
    by_leverage_base: tuple[Matrix, Matrix],
    prior_share: Array,
) -> Density:
    """Sides in rows: long, short; `swept_*` by bar, all else by column."""
    starts, candles = inputs.starts, inputs.candles

    def summed(swept: Array) -> Array:
        after = swept[starts[0] :]
        if starts.size == after.size:
            return after.copy()
        return np.add.reduceat(after, starts - starts[0])

    return Density(
        time_edges_ms=np.append(candles.time_ms[starts], candles.end_ms[-1]),
        price_edges=inputs.grid.edges,
        long_base=base[0],
        short_base=base[1],
        beyond_long_base=beyond_base[0],
        beyond_short_base=beyond_base[1],
        swept_long_base=summed(swept_base[0]),
        swept_short_base=summed(swept_base[1]),
        swept_long_quote=summed(swept_quote[0]),
        swept_short_quote=summed(swept_quote[1]),
        ranges=inputs.setup.ranges,
        long_by_leverage_base=by_leverage_base[0],
        short_by_leverage_base=by_leverage_base[1],
        prior_share=prior_share,
    )
