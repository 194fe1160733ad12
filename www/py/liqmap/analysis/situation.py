"""Where the price stands between what waits below it and what waits above.

Longs are liquidated below the price, shorts above it: a side is what waits there. What each figure
means, and why, is in docs/explanation/situation.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import erfc, log1p, sqrt

import numpy as np

from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import QUANTILES, WIDER, Members

DAY_MS = 86_400_000.0
EMPTY_FRACTION = 0.1
"""A row is empty that holds less than this part of the mean row of its side."""
EMPTY_RATE = 0.01
"""Empty rows are a vacuum from this length on, as a fraction of the price."""


def daily_range_rate(candles: Candles) -> float | None:
    """Mean of highest − lowest price over the days before the newest bar, by the day's last close.

    Days are 24 hours counted back from the end of the newest bar; None without a whole one.
    """
    end_ms = float(candles.end_ms[-1])
    whole = int((end_ms - float(candles.time_ms[0])) // DAY_MS)
    ends = np.searchsorted(candles.end_ms, end_ms - DAY_MS * np.arange(whole + 1.0), side="right")
    ends = ends[::-1]  # of the days, oldest first
    ends = ends[np.diff(ends, append=-1) != 0]  # a day without bars is none
    if ends.size < 2:
        return None
    first, last = ends[:-1], ends[1:]
    held = slice(None, int(last[-1]))
    high = np.maximum.reduceat(candles.high[held], first)
    low = np.minimum.reduceat(candles.low[held], first)
    return float(np.mean((high - low) / candles.close[last - 1]))


def deviation(candles: Candles, horizon_ms: float) -> float:
    """Standard deviation of the log price over a horizon, from closes, without a drift.

    The root of the mean squared change from bar to bar, times the root of the number of bars.
    """
    steps = np.diff(np.log(candles.close))
    if not steps.size:
        return 0.0
    return sqrt(float(np.mean(steps**2)) * horizon_ms / float(candles.step_ms))


def reach_chance(distance_rate: float, deviation: float) -> float:
    """Chance that a price which only diffuses touches a level within the horizon.

    `2 · (1 − Φ(|ln(1 + distance)| / deviation))`: the reflection principle of a Brownian motion
    without drift. It knows nothing of fat tails, of jumps, of what waits at the level.

    Parameters
    ----------
    distance_rate : float
        The level over the price, minus one; above −1.
    deviation : float
        Of the log price over the horizon.
    """
    away = abs(log1p(distance_rate))
    if deviation <= 0:
        return float(away == 0)
    return erfc(away / deviation / sqrt(2))


@dataclass(frozen=True, slots=True)
class Balance:
    """What waits within a distance of the price, a side, and which side weighs more.

    `imbalance` is (shorts above − longs below) over their sum, from −1 (only longs) to 1; `low` and
    `high` are its P10 and P90, None while nothing is known about that.
    """

    rate: float
    long_quote: float
    short_quote: float
    low: float | None = None
    high: float | None = None

    @property
    def imbalance(self) -> float:
        """0 where nothing waits."""
        return float(_imbalance(np.array(self.long_quote), np.array(self.short_quote)))


def balance_within(
    density: Density, spot_price: float, rate: float, members: Members | None = None
) -> Balance | None:
    """Longs from `spot · (1 − rate)` to the price, shorts from the price to `spot · (1 + rate)`.

    A row that lies partly within counts by that part. None where the grid does not reach that far.
    """
    below, above = ((spot_price * (1 - rate), spot_price), (spot_price, spot_price * (1 + rate)))
    if density.price_edges[0] > below[0] or density.price_edges[-1] < above[1]:
        return None
    long_part, short_part = (
        parts_within(density, *ends) * density.prices for ends in (below, above)
    )
    long_quote = float(density.long_base[:, -1] @ long_part)
    short_quote = float(density.short_base[:, -1] @ short_part)
    if members is None:
        return Balance(rate, long_quote, short_quote)
    longs = _around(members.long_base @ long_part, long_quote)
    shorts = _around(members.short_base @ short_part, short_quote)
    low, high = np.quantile(_imbalance(longs, shorts), QUANTILES)
    return Balance(rate, long_quote, short_quote, float(low), float(high))


def parts_within(density: Density, low: float, high: float) -> Array:
    """Which part of each row lies between two prices."""
    edges = np.clip(density.price_edges, low, high)
    return np.diff(edges) / np.diff(density.price_edges)


def _around(guesses: Array, estimate: float) -> Array:
    """The guesses as factors of their median, times the estimate (as `Members.interval` does)."""
    middle = float(np.median(guesses))
    return estimate * (guesses / middle) ** WIDER if middle > 0 else np.full_like(guesses, estimate)


def _imbalance(longs: Array, shorts: Array) -> Array:
    total = longs + shorts
    return np.divide(shorts - longs, total, out=np.zeros_like(total), where=total > 0)


def vacuum(density: Density, spot_price: float, position_side: int) -> tuple[float, float] | None:
    """Lowest and highest price of the nearest stretch of a side where next to nothing waits.

    It is at least `EMPTY_RATE` long, and its rows each hold less than `EMPTY_FRACTION` of the mean
    row of that side. None where there is no such stretch on the grid, or nothing on the side.
    """
    base = density.long_base if position_side > 0 else density.short_base
    amounts = base[:, -1] * density.prices
    edges = density.price_edges
    beyond = edges[1:] <= spot_price if position_side > 0 else edges[:-1] >= spot_price
    rows = np.flatnonzero(beyond)
    if not rows.size or not amounts[rows].any():
        return None
    if position_side > 0:
        rows = rows[::-1]  # from the price outward
    empty = amounts[rows] < EMPTY_FRACTION * amounts[rows].mean()
    ends = np.flatnonzero(np.diff(np.concatenate([[False], empty, [False]]).astype(np.int8)))
    for first, end in ends.reshape(-1, 2):
        stretch = rows[first:end]
        low, high = float(edges[stretch.min()]), float(edges[stretch.max() + 1])
        if high - low >= EMPTY_RATE * spot_price:
            return low, high
    return None


def swept_since(density: Density, since_ms: float) -> tuple[float, float]:
    """Longs and shorts that the price swept in columns that end after an instant [quote]."""
    newer = density.time_edges_ms[1:] > since_ms
    return (
        float(density.swept_long_quote[newer].sum()),
        float(density.swept_short_quote[newer].sum()),
    )
