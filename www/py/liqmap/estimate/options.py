"""From what a caller says to what an estimator reads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.grid import PriceGrid
from liqmap.estimate.inputs import Bars, Inputs, columns_of
from liqmap.estimate.leverage import RANGES, LeverageRange, Mix, mix_of
from liqmap.estimate.setup import setup_of


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
    setup = setup_of(
        mix_of(options.get("leverages") if given else own),
        options.get("maintenance"),
        options.get("kind", "linear"),
        options.get("assumptions") or Assumptions(),
        candles,
        capped=not given,
    )
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
    candles = candles.rows(slice(first, None))
    close = candles.close
    low, high = candles.trigger_range(mark)
    return Bars(
        candles.open,
        candles.high,
        candles.low,
        close,
        candles.volume_base,
        open_interest.at(candles.end_ms),
        np.stack([np.minimum(low, close), -np.maximum(high, close)]),
    )


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
