"""The estimators: one a file, one signature, one door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from liqmap.calibrate import Mix, mix_of
from liqmap.columns import Array, Candles, OpenInterest
from liqmap.density import Density
from liqmap.errors import InputError
from liqmap.grid import PriceGrid
from liqmap.margin import liquidation_price, tiered_liquidation_price
from liqmap.market import Kind, MaintenanceTiers
from liqmap.models import balance

DEFAULT_MAINTENANCE_RATE = 0.005
TYPICAL_POSITION_QUOTE = 50_000.0


def estimate(
    candles: Candles,
    open_interest: OpenInterest,
    *,
    model: str = "balance",
    price_bins: int = 800,
    price_range: tuple[float, float] | None = None,
    tiers: Mix | Mapping[float, float] | Iterable[float] | None = None,
    only_tiers: Iterable[float] | None = None,
    maintenance: MaintenanceTiers | float | None = None,
    kind: Kind = "linear",
    mark: Candles | None = None,
    every: int = 1,
    first_ms: float | None = None,
) -> Density:
    """Open positions by the price that would liquidate them, bar by bar.

    Parameters
    ----------
    candles : Candles
        n bars, all of which move the book.
    open_interest : OpenInterest
    model : "balance"
    price_bins : int
        Rows of the result, B.
    price_range : (low, high), optional
        [quote/base] Default: what the shown bars traded, with a margin.
    tiers : optional
        Leverage mix of new positions: leverages, or leverage: weight. Default: measured.
    only_tiers : optional
        Leverages to show; the book that is simulated stays the same.
    maintenance : MaintenanceTiers, float or None
        Rate, or the venue's tiers. Default: 0.5 %.
    kind : "linear" or "inverse"
    mark : Candles, optional
        Mark-price bars: they, not the last price, trigger liquidations.
    every : int
        Bars a column of the result; what they swept is summed.
    first_ms : float, optional
        Columns start at the first bar that opens at or after this instant; the bars before
        only fill the book.

    Returns
    -------
    Density
        B rows, T = ceil(shown bars / every) columns.

    Raises
    ------
    InputError
    """
    if not len(candles):
        raise InputError("Candles: no bar.", hint="Load a longer range.")
    if model not in ("balance",):
        raise InputError(f"model: expected 'balance', was {model!r}.")
    if every < 1:
        raise InputError(f"every: expected at least 1, was {every}.")
    mix = mix_of(tiers)
    factors, weight = _factors(mix, maintenance, kind, float(candles.close[0]))
    first = 0 if first_ms is None else int(np.searchsorted(candles.time_ms, first_ms))
    if first >= len(candles):
        raise InputError("first_ms: after the last bar.")
    if price_range is None:
        grid = PriceGrid.around(candles.rows(slice(first, None)), price_bins)
    else:
        grid = PriceGrid(float(price_range[0]), float(price_range[1]), price_bins)
    shown = np.ones(weight.size, bool)
    if only_tiers is not None:
        wanted = np.array(list(only_tiers), np.float64)
        unknown = wanted[~np.isin(wanted, mix.leverage)]
        if unknown.size:
            raise InputError(f"only_tiers: {unknown[0]:g}× is not in the mix.")
        shown = np.isin(mix.leverage, wanted)
    low, high = reach(candles, mark)
    density = balance.estimate(
        candles,
        low,
        high,
        float(open_interest.at(candles.time_ms[:1])[0]),
        open_interest.at(candles.end_ms),
        factors,
        weight,
        grid,
        every,
        first,
        shown,
    )
    object.__setattr__(density, "tiers", mix.leverage)
    return density


def _factors(
    mix: Mix, maintenance: MaintenanceTiers | float | None, kind: Kind, price: float
) -> tuple[NDArray[np.float64], Array]:
    """Liquidation price over entry price, shape (2, K): longs, shorts; and the weights."""
    if maintenance is None:
        maintenance = DEFAULT_MAINTENANCE_RATE
    weight = mix.weight.copy()
    leverage = mix.leverage.copy()
    if isinstance(maintenance, MaintenanceTiers):
        lowest = float(maintenance.maintenance_rate[0])
    else:
        lowest = float(maintenance)
    # A leverage the venue cannot offer: its share goes to the highest one below.
    possible = leverage * lowest < 0.9
    if not possible.any():
        raise InputError("maintenance: reaches 1 / leverage for every tier.")
    top = int(np.flatnonzero(possible)[-1])
    weight[top] += weight[top + 1 :].sum()
    weight[top + 1 :] = 0.0
    leverage[top + 1 :] = leverage[top]
    factors = np.empty((2, leverage.size))
    for row, side in enumerate((1, -1)):
        if isinstance(maintenance, MaintenanceTiers) and kind == "linear":
            factors[row] = tiered_liquidation_price(
                price, leverage, side, TYPICAL_POSITION_QUOTE / price, maintenance
            )
            factors[row] /= price
        else:
            factors[row] = liquidation_price(1.0, leverage, side, lowest, kind=kind)
    return factors, weight


def reach(candles: Candles, mark: Candles | None) -> tuple[Array, Array]:
    """Lowest and highest price at which each bar liquidates [quote/base].

    The mark price triggers where it is known; nobody rests beyond the close either way.
    """
    low, high = candles.low.copy(), candles.high.copy()
    if mark is not None and len(mark):
        row = np.searchsorted(mark.time_ms, candles.time_ms)
        known = mark.time_ms[np.minimum(row, len(mark) - 1)] == candles.time_ms
        row = row[known]
        low[known], high[known] = mark.low[row], mark.high[row]
    return np.minimum(low, candles.close), np.maximum(high, candles.close)
