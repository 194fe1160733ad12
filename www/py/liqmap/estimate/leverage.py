"""How new positions spread over leverage: ranges of it, or single multiples.

Where a trader who opens at an entry price is liquidated depends on the leverage, and no venue
publishes it. Nine tenths of what is open is margined with a whole account, so leverage is
continuous; a part stands at the round leverages that venues' sliders offer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError
from liqmap.estimate.cohorts import Table

# Share of new notional by leverage, cumulative, between two measurements on Hyperliquid read
# as leverage = 1 / (distance + maintenance rate): distance of the liquidation price from entry
# of isolated positions (35 % of the notional beyond 30 %, 27.5 % from 30 to 10, 23.5 % from
# 10 to 2, 14 % nearer), and from the mark price of all positions (49, 34, 15, 2 %). Above
# 30×, what hourly totals of liquidations bear (docs/explanation/model.md).
_MEASURED_LEVERAGE = np.array([1.25, 2.45, 3.87, 7.07, 14.1, 24.5, 38.7, 70.7, 122.0, 167.0])
_MEASURED_SHARE = np.array([0.0, 0.150, 0.410, 0.600, 0.755, 0.845, 0.910, 0.955, 0.985, 1.0])

ROUND_SHARE = 0.1
"""Of what is opened in a range, what stands at its round leverage: isolated positions whose
margin was never changed are a tenth of the notional where positions can be read …"""
ROUND_REACH = 0.08
"""… so far around it (log): size moves the maintenance rate, and nobody funds to the cent."""
_STEPS = 256


class LeverageRange(NamedTuple):
    """Leverages from `low` up to `high`; a single one where both are the same."""

    low: float
    high: float
    name: str
    round: float
    """The leverage in it that traders choose most."""
    every: int = 1
    """Of the entries of a bar, one in so many stands for this range: few, where positions lie
    far apart or off every picture, or where all of them crowd in a few rows."""

    @classmethod
    def single(cls, leverage: float) -> LeverageRange:
        """One leverage."""
        return cls(leverage, leverage, f"{leverage:g}×", leverage)

    def holds(self, leverage: float) -> bool:
        """Whether a leverage lies in it."""
        return self.low <= leverage < self.high or leverage == self.low


RANGES = (
    LeverageRange(1.25, 3, "<3×", 2, 4),
    LeverageRange(3, 5, "3–5×", 3, 2),
    LeverageRange(5, 10, "5–10×", 5),
    LeverageRange(10, 25, "10–25×", 10),
    LeverageRange(25, 50, "25–50×", 25),
    LeverageRange(50, 100, "50–100×", 50),
    LeverageRange(100, 167, ">100×", 125),
)
"""The ranges that the default mix distinguishes, the lowest first."""


@dataclass(frozen=True, eq=False, slots=True)
class Mix:
    """How new positions spread over leverage.

    Parameters
    ----------
    ranges : tuple of LeverageRange, K of them
        Ascending.
    weight : array of shape (K,)
        Not negative; made to sum to one.
    """

    ranges: tuple[LeverageRange, ...]
    weight: Array

    def __post_init__(self) -> None:
        weight = np.array(self.weight, dtype=np.float64)
        low, high = (np.array([one[end] for one in self.ranges], np.float64) for end in (0, 1))
        if not self.ranges or weight.shape != (len(self.ranges),):
            raise InputError("leverages: expected one weight for each leverage, at least one.")
        if not (np.isfinite(low).all() and np.isfinite(high).all() and np.isfinite(weight).all()):
            raise InputError("leverages: not a finite number.")
        if low[0] < 1 or (np.diff(low) <= 0).any() or (high < low).any():
            raise InputError("leverages: expected ascending leverages from 1.")
        if (weight < 0).any() or not weight.sum() > 0:
            raise InputError("leverages: expected weights that are not negative, nor all zero.")
        object.__setattr__(self, "weight", weight / weight.sum())

    @classmethod
    def of_points(cls, weights: Mapping[float, float]) -> Mix:
        """Single leverages and their weights.

        Raises
        ------
        InputError
        """
        ordered = sorted(weights.items())
        ranges = tuple(LeverageRange.single(float(leverage)) for leverage, _ in ordered)
        return cls(ranges, np.array([weight for _, weight in ordered]))

    def offered(self, highest: float) -> Mix:
        """The mix where no leverage above `highest` is offered; the nearest takes their share."""
        top = max((row for row, one in enumerate(self.ranges) if one.low <= highest), default=0)
        weight = self.weight.copy()
        weight[top] = weight[top:].sum()
        weight[top + 1 :] = 0.0
        return Mix(self.ranges, weight)

    def spread(self, highest: float = np.inf) -> tuple[Table, Table]:
        """Leverages of each range, ascending, and which share of it lies below each of them.

        Both of shape (K, n), the first and the last column the ends of the range, none above
        `highest`. Within a range positions lie as measured, and some of them around its round
        leverage.
        """
        low, high, near = (
            np.log([[min(getattr(one, name), highest)] for one in self.ranges])
            for name in ("low", "high", "round")
        )
        at = low + (high - low) * np.linspace(0, 1, _STEPS + 1)
        below = _share_below(np.exp(at))
        bump = np.clip((at - near) / (2 * ROUND_REACH) + 0.5, 0.0, 1.0)
        found = [
            part * _from_zero_to_one(share)
            for part, share in ((1 - ROUND_SHARE, below), (ROUND_SHARE, bump))
        ]
        return np.exp(at), found[0] + found[1]


def _from_zero_to_one(share: Table) -> Table:
    first, last = share[:, :1], share[:, -1:]
    even = np.linspace(0, 1, share.shape[1])
    return np.where(last > first, (share - first) / np.maximum(last - first, 1e-300), even)


def mix_of(leverages: Mapping[float, float] | Iterable[float] | Mix | None = None) -> Mix:
    """A mix from what a caller says.

    Parameters
    ----------
    leverages : Mix, mapping, iterable of float, or None
        A mapping gives leverage: weight. Bare leverages take the measured shares: each
        what was measured nearer to it (in log leverage) than to its neighbours. None: the
        measured shares of `RANGES`.

    Raises
    ------
    InputError
    """
    if isinstance(leverages, Mix):
        return leverages
    if isinstance(leverages, Mapping):
        return Mix.of_points(leverages)
    if leverages is None:
        bounds = np.array([*(one.low for one in RANGES), RANGES[-1].high])
        return Mix(RANGES, np.diff(_share_below(bounds)))
    leverage = np.array(sorted(set(leverages)), np.float64)
    if not leverage.size or not (leverage > 0).all():
        raise InputError("leverages: expected at least one leverage, all positive.")
    share = _share_below(np.sqrt(leverage[1:] * leverage[:-1]))
    weight = np.diff(share, prepend=0.0, append=1.0)
    return Mix.of_points(dict(zip(leverage.tolist(), weight.tolist(), strict=True)))


def _share_below(leverage: Array) -> Array:
    share: Array = np.interp(np.log(leverage), np.log(_MEASURED_LEVERAGE), _MEASURED_SHARE)
    return share
