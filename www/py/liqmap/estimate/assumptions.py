"""What the estimate assumes about traders, and where each number comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError

# Share of isolated notional on Hyperliquid by leverage, cumulative: the measured distances
# of the liquidation price from entry (beyond 30 %: 23.1 %, 30–20: 15.1, 20–15: 10.8,
# 15–10: 4.3, 10–7: 14.8, nearer: 31.9) read as 1 / leverage, and above that the measured
# quantiles (p75 18.5×, p90 48×) up to the highest leverage venues offer.
_MEASURED_LEVERAGE = np.array([1.5, 1 / 0.30, 5.0, 1 / 0.15, 10.0, 1 / 0.07, 18.5, 48.0, 125.0])
_MEASURED_SHARE = np.array([0.0, 0.231, 0.382, 0.490, 0.533, 0.681, 0.750, 0.900, 1.0])

DEFAULT_LEVERAGES = (3.0, 5.0, 10.0, 20.0, 30.0, 50.0, 100.0)


@dataclass(frozen=True, eq=False, slots=True)
class Mix:
    """How new positions spread over leverage.

    Parameters
    ----------
    leverage : array of shape (K,)
        Ascending.
    weight : array of shape (K,)
        Not negative; made to sum to one.
    """

    leverage: Array
    weight: Array

    def __post_init__(self) -> None:
        put = object.__setattr__
        leverage = np.array(self.leverage, dtype=np.float64)
        weight = np.array(self.weight, dtype=np.float64)
        if leverage.ndim != 1 or not leverage.size or leverage.shape != weight.shape:
            raise InputError("leverages: expected one weight for each leverage, at least one.")
        if not (np.isfinite(leverage).all() and np.isfinite(weight).all()):
            raise InputError("leverages: not a finite number.")
        if leverage[0] < 1 or (np.diff(leverage) <= 0).any():
            raise InputError("leverages: expected ascending leverages from 1.")
        if (weight < 0).any() or not weight.sum() > 0:
            raise InputError("leverages: expected weights that are not negative, nor all zero.")
        put(self, "leverage", leverage)
        put(self, "weight", weight / weight.sum())


def mix_of(leverages: Mapping[float, float] | Iterable[float] | Mix | None = None) -> Mix:
    """A mix from what a caller says.

    Parameters
    ----------
    leverages : Mix, mapping, iterable of float, or None
        A mapping gives leverage: weight. Bare leverages take the measured shares: each
        what was measured nearer to it (in log leverage) than to its neighbours. None:
        `DEFAULT_LEVERAGES`.

    Raises
    ------
    InputError
    """
    if isinstance(leverages, Mix):
        return leverages
    if isinstance(leverages, Mapping):
        ordered = sorted(leverages.items())
        return Mix(np.array([k for k, _ in ordered]), np.array([w for _, w in ordered]))
    chosen = DEFAULT_LEVERAGES if leverages is None else leverages
    leverage = np.array(sorted(set(chosen)), np.float64)
    if not leverage.size or not (leverage > 0).all():
        raise InputError("leverages: expected at least one leverage, all positive.")
    between = np.sqrt(leverage[1:] * leverage[:-1])
    share = np.interp(np.log(between), np.log(_MEASURED_LEVERAGE), _MEASURED_SHARE)
    return Mix(leverage, np.diff(share, prepend=0.0, append=1.0))


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no exchange publishes, beside the leverage mix (docs/explanation/model.md).

    Parameters
    ----------
    churn_rate : float
        Part of the volume, beyond what open interest needs, that opens while as much closes.
        More forgets old prices sooner. A third beats a sixth against actual liquidations.
    holder_share : float
        Part of new contracts that are held; the rest churns. More keeps old prices longer.
        Of what opens, open interest still shows 6 % after an hour.
    holder_exit_rate : float
        Part of the holders who leave in an hour: what leaves open interest, measured over six
        years and five coins.
    prior_spread : float
        Entries of the book before the data, log-normal around the first price; matters while
        `Density.prior_share` is large.
    position_quote : float
        Size of a position that chooses among the venue's maintenance tiers [quote].
    """

    churn_rate: float = 1 / 3
    holder_share: float = 0.06
    holder_exit_rate: float = 0.00276
    prior_spread: float = 0.05
    position_quote: float = 50_000.0

    def __post_init__(self) -> None:
        for name in ("churn_rate", "holder_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"assumptions.{name}: expected 0 … 1.")
        for name in ("holder_exit_rate", "prior_spread", "position_quote"):
            if not 0 <= getattr(self, name) < np.inf:
                raise InputError(f"assumptions.{name}: expected a number from 0.")
