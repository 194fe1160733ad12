"""From what a caller says to what an estimator reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import DEFAULT_LEVERAGES, Assumptions, Mix, mix_of
from liqmap.estimate.cohorts import LONG, SHORT
from liqmap.estimate.grid import PriceGrid
from liqmap.estimate.inputs import Bars, Inputs, Setup, columns_of
from liqmap.margin import liquidation_price, tiered_liquidation_price

MAINTENANCE_RATE = 0.005
"""Where the venue's is not known: usual for the first risk-limit tier of large coins."""


class Options(TypedDict, total=False):
    """The options of `liqmap.estimate` that every estimator has."""

    price_bins: int
    price_range: tuple[float, float] | None
    leverages: Mix | Mapping[float, float] | Iterable[float] | None
    only_leverages: Iterable[float] | None
    maintenance: MaintenanceTiers | float | None
    kind: Kind
    every: int
    first_ms: float | None
    assumptions: Assumptions | None


def inputs_of(
    candles: Candles,
    open_interest: OpenInterest,
    mark: Candles | None,
    options: Options,
    own: Mix | None = None,
) -> Inputs:
    """Check what is asked for, and say it in an estimator's terms.

    `own` is the mix of a method that has one, for where the caller has none.

    Raises
    ------
    InputError
    """
    every = options.get("every", 1)
    if every < 1:
        raise InputError(f"every: expected at least 1, was {every}.")
    if not len(candles):
        raise InputError("Candles: no bar.", hint="Load a longer range.")
    first_ms = options.get("first_ms")
    first = 0 if first_ms is None else int(np.searchsorted(candles.time_ms, first_ms))
    if first >= len(candles):
        raise InputError("first_ms: after the last bar.", hint="Load newer bars.")
    bins, span = options.get("price_bins", 800), options.get("price_range")
    if span is None:
        grid = PriceGrid.around(candles.rows(slice(first, None)), bins)
    else:
        grid = PriceGrid(float(span[0]), float(span[1]), bins)
    only_leverages = options.get("only_leverages")
    if options.get("leverages") is not None:
        own = None
    if own is not None and only_leverages is not None:
        only_leverages = _nearest(own.leverage, only_leverages)
    setup = _setup(candles, options, own)
    begin_ms = candles.end_ms[:1] - candles.step_ms  # of the first span, whatever its bar's length
    starts, ends = columns_of(len(candles), first, every)
    return Inputs(
        candles,
        bars_of(candles, open_interest, mark),
        setup,
        float(open_interest.at(begin_ms)[0]),
        grid,
        _shown(setup.leverage, only_leverages),
        starts,
        ends,
    )


def bars_of(
    candles: Candles, open_interest: OpenInterest, mark: Candles | None, first: int = 0
) -> Bars:
    """The market bar by bar, from the bar `first` on.

    The mark price triggers where it is known. Nobody rests beyond the close either way.
    """
    time, close = candles.time_ms[first:], candles.close[first:]
    low, high = candles.low[first:], candles.high[first:]
    if mark is not None and len(mark):
        row = np.minimum(np.searchsorted(mark.time_ms, time), len(mark) - 1)
        longer = candles.end_ms[first:] - time > 1.5 * candles.step_ms  # no mark price is of these
        known = (mark.time_ms[row] == time) & ~longer
        low, high = np.where(known, mark.low[row], low), np.where(known, mark.high[row], high)
    return Bars(
        candles.open[first:],
        candles.high[first:],
        candles.low[first:],
        close,
        candles.volume_base[first:],
        open_interest.at(candles.end_ms[first:]),
        np.diff(candles.end_ms, prepend=candles.end_ms[:1] - candles.step_ms)[first:],
        np.stack([np.minimum(low, close), -np.maximum(high, close)]),
    )


def _setup(candles: Candles, options: Options, own: Mix | None) -> Setup:
    assumptions = options.get("assumptions") or Assumptions()
    leverages, maintenance = options.get("leverages"), options.get("maintenance")
    kind = options.get("kind", "linear")
    mix = mix_of(leverages if own is None else own)
    price = float(candles.close[0])
    if maintenance is None:
        maintenance = MAINTENANCE_RATE
    leverage, weight = mix.leverage, mix.weight
    if leverages is None:
        leverage, weight = _offered(mix, maintenance)
    factor = np.empty((2, leverage.size))
    for side, position_side in ((LONG, 1), (SHORT, -1)):
        if isinstance(maintenance, MaintenanceTiers) and kind == "linear":
            quantity = assumptions.position_quote / price
            found = tiered_liquidation_price(price, leverage, position_side, quantity, maintenance)
        else:
            rate = _lowest(maintenance)
            found = liquidation_price(price, leverage, position_side, rate, kind=kind)
        factor[side] = found / price
    return Setup(mix.leverage, factor, np.stack([weight, weight]), assumptions, candles.step_ms)


def _lowest(maintenance: MaintenanceTiers | float) -> float:
    if isinstance(maintenance, MaintenanceTiers):
        return float(maintenance.maintenance_rate[0])
    return float(maintenance)


def _offered(mix: Mix, maintenance: MaintenanceTiers | float) -> tuple[Array, Array]:
    """The mix without leverages a venue cannot offer; the highest it can takes their share.

    Venues ask for an initial margin of at least twice the maintenance margin.
    """
    highest = 0.5 / max(_lowest(maintenance), 1e-300)
    top = max(int(np.searchsorted(mix.leverage, highest * (1 + 1e-9))) - 1, 0)
    leverage = np.minimum(mix.leverage, mix.leverage[top])
    weight = mix.weight.copy()
    weight[top] = weight[top:].sum()
    weight[top + 1 :] = 0.0
    return leverage, weight


def _nearest(leverage: Array, only_leverages: Iterable[float]) -> Array:
    """Leverages that are wanted, or whose nearest default is."""
    wanted, usual = list(only_leverages), np.array(DEFAULT_LEVERAGES)
    nearest = usual[np.abs(np.log(leverage[:, None] / usual)).argmin(axis=1)]
    return leverage[np.isin(leverage, wanted) | np.isin(nearest, wanted)]


def _shown(leverage: Array, only_leverages: Iterable[float] | None) -> NDArray[np.bool_]:
    if only_leverages is None:
        return np.ones(leverage.size, np.bool_)
    wanted = np.array(list(only_leverages), np.float64)
    unknown = wanted[~np.isin(wanted, leverage)]
    if unknown.size:
        known = ", ".join(f"{one:g}×" for one in leverage)
        raise InputError(f"only_leverages: {unknown[0]:g}× is none of {known}.")
    return np.isin(leverage, wanted)
