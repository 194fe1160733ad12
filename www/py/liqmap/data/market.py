"""What is traded, and what was loaded of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError

Kind = Literal["linear", "inverse"]
Rule = Literal["exact", "entry"]


@dataclass(frozen=True, slots=True)
class Instrument:
    """One contract of one venue.

    `name` is canonical (`BTC-USDT-PERP`: base, quote, type) and needs no escaping in a
    link; `native` is the venue's own symbol. `contract_size` is what one of the venue's
    contracts stands for [base; quote of an inverse one]. Highest leverage, volume and the fee, a
    fraction of the notional of what is liquidated, are 0 where the venue does not say.

    Examples
    --------
    >>> Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT", tick_size=0.1).kind
    'linear'
    """

    name: str
    native: str
    base_coin: str
    quote_coin: str
    kind: Kind = "linear"
    tick_size: float = 0.0
    max_leverage: float = 0.0
    volume_24h_quote: float = 0.0
    contract_size: float = 1.0
    liquidation_fee_rate: float = 0.0


@dataclass(frozen=True, eq=False, slots=True)
class MaintenanceTiers:
    """Maintenance margin by notional, smallest tier first.

    Parameters
    ----------
    notional_cap_quote : array of shape (n,)
        Upper end of the tier [quote], ascending; the last may be infinite.
    maintenance_rate : array of shape (n,)
        Fraction of the notional, not falling.
    deduction_quote : array of shape (n,)
        Subtracted from rate × notional [quote].
    rule : "exact" or "entry"
        Whether the margin is taken on the notional at the liquidation price or at entry.

    Examples
    --------
    >>> tiers = MaintenanceTiers([50_000, np.inf], [0.004, 0.005], [0, 50])
    >>> tiers.maintenance_rate.tolist()
    [0.004, 0.005]
    """

    notional_cap_quote: Array
    maintenance_rate: Array
    deduction_quote: Array
    rule: Rule = "exact"

    def __post_init__(self) -> None:
        put = object.__setattr__
        for name in ("notional_cap_quote", "maintenance_rate", "deduction_quote"):
            put(self, name, np.array(getattr(self, name), dtype=np.float64))
        sizes = {
            self.notional_cap_quote.size,
            self.maintenance_rate.size,
            self.deduction_quote.size,
        }
        if sizes == {0} or len(sizes) != 1:
            raise InputError("MaintenanceTiers: the columns are not of one, positive length.")
        if (np.diff(self.notional_cap_quote) <= 0).any():
            raise InputError("MaintenanceTiers.notional_cap_quote: not ascending.")
        if (np.diff(self.maintenance_rate) < 0).any():
            raise InputError("MaintenanceTiers.maintenance_rate: falling.")
        if not ((self.maintenance_rate > 0) & (self.maintenance_rate < 1)).all():
            raise InputError("MaintenanceTiers.maintenance_rate: outside 0 … 1.")


@dataclass(frozen=True, eq=False, slots=True)
class Market:
    """What was loaded of one instrument, and what a reader must know about it.

    `mark` are mark-price candles (volume 0) where the venue serves them. `before` are longer
    bars of the time before the first candle, for the book that those find. `notices` are
    sentences: partial success is not failure. `simulated` is True for the demo only.

    Examples
    --------
    >>> from liqmap.simulation import simulate
    >>> market = simulate(bars=288).market
    >>> earlier = market.until(market.candles.end_ms[99])
    >>> len(earlier.candles), len(earlier.open_interest)
    (100, 100)
    """

    venue: str
    instrument: Instrument
    candles: Candles
    open_interest: OpenInterest
    mark: Candles | None = None
    maintenance: MaintenanceTiers | None = None
    notices: tuple[str, ...] = ()
    simulated: bool = False
    before: Candles | None = None

    @property
    def history(self) -> Candles:
        """All bars: the longer ones first, then those of the candles."""
        if self.before is None:
            return self.candles
        return Candles.joined(self.before, self.candles)

    def until(self, instant_ms: float) -> Market | None:
        """What was known of it then: bars that had ended, samples that were taken.

        None without a bar.
        """

        def ended(bars: Candles | None) -> Candles | None:
            if bars is None:
                return None
            return bars.rows(slice(int(np.searchsorted(bars.end_ms, instant_ms, side="right"))))

        candles, samples = ended(self.candles), self.open_interest
        samples = samples.rows(samples.time_ms <= instant_ms)
        if not candles or not samples:
            return None
        return replace(
            self,
            candles=candles,
            open_interest=samples,
            mark=ended(self.mark),
            before=ended(self.before),
        )

    def scaled(self, factor: float) -> Market:
        """The same market per `factor` coins: prices times it, quantities divided by it."""
        return replace(
            self,
            candles=self.candles.scaled(factor),
            open_interest=self.open_interest.scaled(factor),
            mark=None if self.mark is None else self.mark.scaled(factor),
            before=None if self.before is None else self.before.scaled(factor),
        )


SAME_PRICE_RATE = 0.05
"""Prices of one coin at two venues differ by less, as a part of it."""


def same_price(one: Market, other: Market) -> bool:
    """Whether two markets in one unit are of one coin: two venues may use one ticker for two.

    By the median ratio of their closes in the time that both have; of their newest closes where
    they have none in common.
    """
    _, rows, others = np.intersect1d(
        one.candles.time_ms, other.candles.time_ms, assume_unique=True, return_indices=True
    )
    if not rows.size:
        rows, others = np.array([-1]), np.array([-1])
    ratio = float(np.median(one.candles.close[rows] / other.candles.close[others]))
    return 1 / (1 + SAME_PRICE_RATE) < ratio < 1 + SAME_PRICE_RATE
