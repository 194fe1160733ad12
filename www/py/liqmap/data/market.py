"""What is traded, and what was loaded of it."""

from __future__ import annotations

from dataclasses import dataclass
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
    contracts stands for [base; quote of an inverse one].
    """

    name: str
    native: str
    base_coin: str
    quote_coin: str
    kind: Kind = "linear"
    tick_size: float = 0.0
    max_leverage: float = 100.0
    volume_24h_quote: float = 0.0
    contract_size: float = 1.0


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
        """All bars, the longer ones first, each of them where it ends."""
        if self.before is None:
            return self.candles
        long, short = self.before, self.candles
        taker = None
        if long.taker_buy_base is not None and short.taker_buy_base is not None:
            taker = np.concatenate([long.taker_buy_base, short.taker_buy_base])
        opens, highs, lows, closes, volume = (
            np.concatenate([getattr(long, name), getattr(short, name)])
            for name in ("open", "high", "low", "close", "volume_base")
        )
        time_ms = np.concatenate([long.end_ms - short.step_ms, short.time_ms])
        return Candles(time_ms, opens, highs, lows, closes, volume, taker, short.step_ms)
