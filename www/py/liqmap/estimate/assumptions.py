"""What the estimate assumes about traders, and where each number comes from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError

_HELD_AT = 5.0
"""The leverage whose share of holders is `holder_share`."""
HOLD_POWER = 0.4
"""The share falls with leverage to this power."""
MOST_HELD = 0.9
"""Some churn at every leverage, for the balance needs them."""
LEAST_EXIT_RATIO = 1e-6
"""Holders leave as well where too many of them are there for the open interest."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no exchange publishes, beside the leverage mix (docs/explanation/model.md).

    Parameters
    ----------
    churn_rate : float
        Part of the volume, beyond what open interest needs, that opens while as much closes.
        More forgets old prices sooner. A third beats a sixth against actual liquidations.
    holder_share : float
        Part of new contracts at 5× that are held; the rest churns. It falls with
        leverage^0.4, as real books are young near the price and old far from it: of what is
        within 3 % of liquidation 28 % is there a day later, of what is 7–15 % away 87 %.
    holder_exit_ratio : float
        Hazard at which holders close over that at which the others do.
    prior_gain_spread, prior_loss_spread : float
        Entries of the book before the data: log-normal around the first price on the side
        where they have gained and on the side where they have lost. Measured, the 10th to
        90th percentile are 31 % gained to 3 % lost (docs/explanation/model.md). Matters while
        `Density.prior_share` is large.
    position_quote : float
        Size of a position that chooses among the venue's maintenance tiers [quote].
    """

    churn_rate: float = 1 / 3
    holder_share: float = 0.2
    holder_exit_ratio: float = 0.05
    prior_gain_spread: float = 0.24
    prior_loss_spread: float = 0.055
    position_quote: float = 50_000.0

    def __post_init__(self) -> None:
        for name in ("churn_rate", "holder_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"assumptions.{name}: expected 0 … 1.")
        for name in (
            "prior_gain_spread",
            "prior_loss_spread",
            "position_quote",
        ):
            if not 0 <= getattr(self, name) < np.inf:
                raise InputError(f"assumptions.{name}: expected a number from 0.")
        if not LEAST_EXIT_RATIO <= self.holder_exit_ratio < np.inf:
            raise InputError(
                f"assumptions.holder_exit_ratio: expected a number from {LEAST_EXIT_RATIO:g}."
            )

    def hold_rate(self, leverage: Array) -> Array:
        """Part of new positions at a leverage that is held."""
        return np.minimum(self.holder_share * (_HELD_AT / leverage) ** HOLD_POWER, MOST_HELD)
