"""What callers ask: a density, and how far it could be off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack

from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.balance.live import Live
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Spread, spread_of
from liqmap.estimate.leverage import Mix
from liqmap.estimate.options import Options, inputs_of
from liqmap.estimate.registry import MODELS

__all__ = ["MODELS", "Live", "Spread", "estimate", "spread"]


def estimate(
    candles: Candles,
    open_interest: OpenInterest,
    *,
    model: str = "balance",
    price_bins: int = 800,
    price_range: tuple[float, float] | None = None,
    leverages: Mix | Mapping[float, float] | Iterable[float] | None = None,
    only_leverages: Iterable[float] | None = None,
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
    model : str
        One of `MODELS`: ours, or a method of others to compare with (docs/explanation/peers.md).
    price_bins : int
        Rows of the result, B.
    price_range : (low, high), optional
        [quote/base] Default: what the shown bars traded, with a margin of at least 10 %.
        What lies outside is counted in `beyond_*`.
    leverages : optional
        Leverages of new positions, or leverage: weight. Default: the measured mix of
        `leverage.RANGES`, up to the leverage that the maintenance rate allows; of a published
        method its own.
    only_leverages : optional
        Leverages to show, each with the range of `leverage.RANGES` that it lies in; the book
        that is simulated stays the same. Of leverages that the caller gave, these alone.
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

    Examples
    --------
    >>> from liqmap.simulation import simulate
    >>> market = simulate(bars=288).market
    >>> density = estimate(market.candles, market.open_interest, price_bins=100, every=12)
    >>> density.long_base.shape
    (100, 24)
    >>> held = density.long_base[:, -1].sum() + density.beyond_long_base[-1]
    >>> float(round(held / market.open_interest.open_interest_base[-1], 6))  # the law
    1.0
    """
    if model not in MODELS:
        raise InputError(f"model: expected one of {', '.join(MODELS)}, was {model!r}.")
    options = Options(
        price_bins=price_bins,
        price_range=price_range,
        leverages=leverages,
        only_leverages=only_leverages,
        maintenance=maintenance,
        kind=kind,
        every=every,
        first_ms=first_ms,
        assumptions=assumptions,
    )
    chosen = MODELS[model]
    own = None if chosen.published is None else chosen.published(candles.step_ms)
    return chosen.estimate(inputs_of(candles, open_interest, mark, options, own))


def spread(
    candles: Candles,
    open_interest: OpenInterest,
    *,
    members: int = 24,
    seed: int = 0,
    mark: Candles | None = None,
    **options: Unpack[Options],
) -> Spread:
    """How far the last column of "balance" could be off (docs/explanation/uncertainty.md).

    Parameters
    ----------
    candles, open_interest, mark, **options
        As for `estimate`; `every` has no say.
    members : int
        Books under other assumptions.
    seed : int
        The same seed gives the same spread.

    Raises
    ------
    InputError

    Examples
    --------
    >>> from liqmap.simulation import simulate
    >>> market = simulate(bars=288).market
    >>> others = spread(market.candles, market.open_interest, price_bins=100, members=8)
    >>> longs = market.open_interest.open_interest_base[-1:]
    >>> low, high = others.interval(longs, [0], [100], 1)  # of all rows together
    >>> bool(low[0] < longs[0] < high[0])
    True
    """
    if members < 2:
        raise InputError(f"members: expected at least 2, was {members}.")
    return spread_of(inputs_of(candles, open_interest, mark, options), members, seed)
