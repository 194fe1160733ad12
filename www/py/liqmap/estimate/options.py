"""From what a caller says to what an estimator reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.cohorts import LONG, SHORT
from liqmap.estimate.grid import PriceGrid
from liqmap.estimate.inputs import Bars, Inputs, Setup, columns_of
from liqmap.estimate.leverage import RANGES, LeverageRange, Mix, mix_of
from liqmap.margin import liquidation_price, tiered_liquidation_price

MAINTENANCE_RATE = 0.005
"""Where the venue's is not known: usual for the first risk-limit tier of large coins."""
POINTS = 512
"""Steps through a range of leverage: finer than a row of any picture."""
HIGHEST_LEVERAGE = 2 / 3
"""Times one over the maintenance rate: no venue asks for less initial margin than one and a half
times the maintenance margin, so that the nearest liquidation is half of that from entry."""


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
    given = options.get("leverages") is not None
    setup = _setup(candles, options, None if given else own)
    begin_ms = candles.end_ms[:1] - candles.step_ms  # of the first span, whatever its bar's length
    starts, ends = columns_of(len(candles), first, every)
    return Inputs(
        candles,
        bars_of(candles, open_interest, mark),
        setup,
        float(open_interest.at(begin_ms)[0]),
        grid,
        _shown(setup.ranges, only_leverages, given),
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
    highest = np.inf
    if leverages is None:
        rate = _at_entry(maintenance, assumptions.position_quote, kind)
        highest = max(HIGHEST_LEVERAGE / max(rate, 1e-300), 1.0)
        mix = mix.offered(highest)
    leverage, below = mix.spread(highest)
    factor, weight = np.empty((2, 2, len(mix.ranges), POINTS))
    width = np.empty((2, len(mix.ranges)))
    for side, position_side in ((LONG, 1), (SHORT, -1)):
        if isinstance(maintenance, MaintenanceTiers) and kind == "linear":
            quantity = assumptions.position_quote / price
            found = tiered_liquidation_price(price, leverage, position_side, quantity, maintenance)
        else:
            rate = _lowest(maintenance)
            found = liquidation_price(price, leverage, position_side, rate, kind=kind)
        for row, share in enumerate(mix.weight):
            factor[side, row], parts, width[side, row] = steps_through(
                found[row] / price, below[row]
            )
            weight[side, row] = share * parts
    return Setup(
        mix.ranges,
        factor,
        weight,
        width,
        assumptions.hold_rate(np.array([one.round for one in mix.ranges])),
        price,
        assumptions,
        candles.step_ms,
    )


def steps_through(factor: Array, below: Array) -> tuple[Array, Array, float]:
    """Even steps through a range in log price: factors, relative weights, and its width.

    Parameters
    ----------
    factor, below : arrays of shape (n,)
        Liquidation price over entry price, and the share of the range below it, from one end
        of the range to the other.
    """
    if factor[0] == factor[-1] or not np.isfinite(factor).all() or factor.min() <= 0:
        return np.full(POINTS, factor[-1]), np.ones(POINTS), 0.0
    at = np.log(factor)
    if at[0] > at[-1]:
        at, below = at[::-1], 1 - below[::-1]
    width = at[-1] - at[0]
    begin = at[0] / width
    step = np.arange(POINTS) / POINTS
    place = (begin + (step - begin) % 1.0) * width
    middle = np.minimum(place + 0.5 * width / POINTS, at[-1])
    # The step that the end of the range cuts has what lies before the first one as well.
    ends = place + width / POINTS
    parts = np.interp(ends, at, below) - np.interp(place, at, below)
    parts += np.interp(ends - width, at, below)
    return np.exp(middle), parts / parts.mean(), float(width)


def _lowest(maintenance: MaintenanceTiers | float) -> float:
    if isinstance(maintenance, MaintenanceTiers):
        return float(maintenance.maintenance_rate[0])
    return float(maintenance)


def _at_entry(maintenance: MaintenanceTiers | float, position_quote: float, kind: Kind) -> float:
    """Maintenance margin of a position over its size, where it enters."""
    if not isinstance(maintenance, MaintenanceTiers) or kind != "linear" or not position_quote:
        return _lowest(maintenance)
    caps = maintenance.notional_cap_quote
    tier = min(int(np.searchsorted(caps, position_quote)), caps.size - 1)
    less = float(maintenance.deduction_quote[tier]) / position_quote
    return float(maintenance.maintenance_rate[tier]) - less


def _shown(
    ranges: tuple[LeverageRange, ...], only: Iterable[float] | None, given: bool
) -> NDArray[np.bool_]:
    """Which of the ranges are asked for; `given` says that they are the caller's own."""
    if only is None:
        return np.ones(len(ranges), np.bool_)
    chosen = list(only)
    wanted = [one for one in (ranges if given else RANGES) if any(map(one.holds, chosen))]
    known = [leverage for leverage in chosen if any(one.holds(leverage) for one in wanted)]
    if len(known) < len(chosen):
        unknown = next(leverage for leverage in chosen if leverage not in known)
        names = ", ".join(one.name for one in (ranges if given else RANGES))
        raise InputError(f"only_leverages: {unknown:g}× is in none of {names}.")
    return np.array([any(one.holds(mine.low) for one in wanted) for mine in ranges])
