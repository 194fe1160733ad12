"""The estimators: one a file, one signature, one door."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.calibrate import DEFAULT_TIERS, Assumptions, Mix, mix_of
from liqmap.columns import Array, Candles, OpenInterest
from liqmap.density import Density
from liqmap.errors import InputError
from liqmap.grid import PriceGrid
from liqmap.margin import liquidation_price, tiered_liquidation_price
from liqmap.market import Kind, MaintenanceTiers
from liqmap.models import balance, survivor, turnover
from liqmap.models.crowd import LONG, SHORT
from liqmap.models.ensemble import Spread, spread_of
from liqmap.models.inputs import Bars, Inputs, Model, Setup, columns_of

MODELS: dict[str, Model] = {
    "balance": balance.estimate,
    "turnover": turnover.estimate,
    "survivor": survivor.estimate,
}
PUBLISHED: dict[str, Callable[[float], Mix]] = {
    "turnover": turnover.published,
    "survivor": survivor.published,
}
"""Methods that come with a mix of their own, by length of the bars [ms]."""
MAINTENANCE_RATE = 0.005
"""Where the venue's is not known: usual for the first tier of large coins."""


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
    assumptions: Assumptions | None = None,
) -> Density:
    """Open positions by the price that would liquidate them, bar by bar.

    Parameters
    ----------
    candles : Candles
        n bars, all of which move the book.
    open_interest : OpenInterest
    model : "balance", "turnover" or "survivor"
        The last two are published methods of others, to compare with (docs/peers.md).
    price_bins : int
        Rows of the result, B.
    price_range : (low, high), optional
        [quote/base] Default: what the shown bars traded, with a margin of at least 10 %.
        What lies outside is counted in `beyond_*`.
    tiers : optional
        Leverages of new positions, or leverage: weight. Default: the measured mix, up to
        the leverage that the maintenance rate allows; of a published method its own.
    only_tiers : optional
        Leverages to show; the book that is simulated stays the same. A method with a mix
        of its own shows each of its leverages with the nearest of `DEFAULT_TIERS`.
    maintenance : MaintenanceTiers, float or None
        Rate, or the venue's tiers (read at `assumptions.position_quote`). Default: 0.5 %.
    kind : "linear" or "inverse"
    mark : Candles, optional
        Mark-price bars: where there is one, it and not the last price triggers.
    every : int
        Bars a column of the result; what they swept is summed.
    first_ms : float, optional
        Columns start at the first bar that opens at or after this instant; the bars before
        it only fill the book.
    assumptions : Assumptions, optional
        What no venue publishes.

    Returns
    -------
    Density
        B rows, T = ceil(shown bars / every) columns; the matrices are C-contiguous.

    Raises
    ------
    InputError
    """
    inputs = _asked(
        candles,
        open_interest,
        model=model,
        price_bins=price_bins,
        price_range=price_range,
        tiers=tiers,
        only_tiers=only_tiers,
        maintenance=maintenance,
        kind=kind,
        mark=mark,
        every=every,
        first_ms=first_ms,
        assumptions=assumptions,
    )
    return MODELS[model](inputs)


def spread(
    candles: Candles,
    open_interest: OpenInterest,
    *,
    members: int = 24,
    seed: int = 0,
    **options: Any,
) -> Spread:
    """How far the last column of "balance" could be off (docs/uncertainty.md).

    Parameters
    ----------
    candles, open_interest, **options
        As for `estimate`; `model` and `every` have no say.
    members : int
        Books under other assumptions.
    seed : int
        The same seed gives the same spread.

    Raises
    ------
    InputError
    """
    if members < 2:
        raise InputError(f"members: expected at least 2, was {members}.")
    inputs = _asked(candles, open_interest, **options | {"model": "balance", "every": 1})
    return spread_of(inputs, members, seed)


def _asked(
    candles: Candles,
    open_interest: OpenInterest,
    *,
    model: str,
    price_bins: int = 800,
    price_range: tuple[float, float] | None = None,
    tiers: Mix | Mapping[float, float] | Iterable[float] | None = None,
    only_tiers: Iterable[float] | None = None,
    maintenance: MaintenanceTiers | float | None = None,
    kind: Kind = "linear",
    mark: Candles | None = None,
    every: int = 1,
    first_ms: float | None = None,
    assumptions: Assumptions | None = None,
) -> Inputs:
    if model not in MODELS:
        raise InputError(f"model: expected one of {', '.join(MODELS)}, was {model!r}.")
    if every < 1:
        raise InputError(f"every: expected at least 1, was {every}.")
    if not len(candles):
        raise InputError("Candles: no bar.", hint="Load a longer range.")
    first = 0 if first_ms is None else int(np.searchsorted(candles.time_ms, first_ms))
    if first >= len(candles):
        raise InputError("first_ms: after the last bar.", hint="Load newer bars.")
    if price_range is None:
        grid = PriceGrid.around(candles.rows(slice(first, None)), price_bins)
    else:
        grid = PriceGrid(float(price_range[0]), float(price_range[1]), price_bins)
    assumptions = assumptions or Assumptions()
    mix = mix_of(tiers)
    if tiers is None and model in PUBLISHED:
        mix = PUBLISHED[model](candles.step_ms)
        only_tiers = only_tiers if only_tiers is None else _nearest(mix.leverage, only_tiers)
    setup = _setup(candles, mix, maintenance, kind, assumptions, offered_only=tiers is None)
    starts, ends = columns_of(len(candles), first, every)
    return Inputs(
        candles,
        bars_of(candles, open_interest, mark),
        setup,
        float(open_interest.at(candles.time_ms[:1])[0]),
        grid,
        _shown(setup.leverage, only_tiers),
        starts,
        ends,
    )


def bars_of(candles: Candles, open_interest: OpenInterest, mark: Candles | None) -> Bars:
    """What happens bar by bar.

    The mark price triggers where it is known. Nobody rests beyond the close either way.
    """
    low, high = candles.low.copy(), candles.high.copy()
    if mark is not None and len(mark):
        row = np.searchsorted(mark.time_ms, candles.time_ms)
        known = mark.time_ms[np.minimum(row, len(mark) - 1)] == candles.time_ms
        low[known], high[known] = mark.low[row[known]], mark.high[row[known]]
    reach = [np.minimum(low, candles.close), -np.maximum(high, candles.close)]
    return Bars(
        candles.open,
        candles.high,
        candles.low,
        candles.close,
        candles.volume_base,
        open_interest.at(candles.end_ms),
        np.stack(reach),
    )


def _setup(
    candles: Candles,
    mix: Mix,
    maintenance: MaintenanceTiers | float | None,
    kind: Kind,
    assumptions: Assumptions,
    *,
    offered_only: bool,
) -> Setup:
    price = float(candles.close[0])
    if maintenance is None:
        maintenance = MAINTENANCE_RATE
    leverage, weight = mix.leverage, mix.weight
    if offered_only:
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


def _nearest(leverage: Array, only_tiers: Iterable[float]) -> Array:
    """Leverages that are wanted, or whose nearest default is."""
    wanted, usual = list(only_tiers), np.array(DEFAULT_TIERS)
    nearest = usual[np.abs(np.log(leverage[:, None] / usual)).argmin(axis=1)]
    return leverage[np.isin(leverage, wanted) | np.isin(nearest, wanted)]


def _shown(leverage: Array, only_tiers: Iterable[float] | None) -> NDArray[np.bool_]:
    if only_tiers is None:
        return np.ones(leverage.size, np.bool_)
    wanted = np.array(list(only_tiers), np.float64)
    unknown = wanted[~np.isin(wanted, leverage)]
    if unknown.size:
        known = ", ".join(f"{one:g}×" for one in leverage)
        raise InputError(f"only_tiers: {unknown[0]:g}× is none of {known}.")
    return np.isin(leverage, wanted)
