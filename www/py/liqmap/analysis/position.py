"""A position of one's own: where it is liquidated, by what margin, at what price it is closed.

What each figure means, and what it leaves out, is in docs/explanation/position.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from liqmap.analysis.situation import parts_within
from liqmap.data.market import Kind, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles
from liqmap.estimate.density import Density
from liqmap.estimate.setup import MAINTENANCE_RATE
from liqmap.margin import bankruptcy_price, liquidation_price, tiered_liquidation_price

STANDARD = MaintenanceTiers(np.array([np.inf]), np.array([MAINTENANCE_RATE]), np.zeros(1))
"""One rate whatever the size, of a venue whose tiers are not known."""
CRASH_DEPTH = 0.63
"""What is left of the depth within 1 % of the price in a crash, as it was measured."""


@dataclass(frozen=True, slots=True)
class Position:
    """What somebody holds; `wallet_quote` is what else of his wallet backs it (cross margin).

    Margin of an inverse contract is kept in coins; here it is valued at the entry price.
    """

    position_side: int
    entry_price: float
    notional_quote: float
    leverage: float
    wallet_quote: float = 0.0

    @property
    def margin_quote(self) -> float:
        """All margin behind it."""
        return self.notional_quote / self.leverage + self.wallet_quote

    def with_margin(self, margin_quote: float) -> Position:
        """The same with more margin, or less, behind it."""
        return replace(self, wallet_quote=self.wallet_quote + margin_quote - self.margin_quote)

    def quantity_base(self, price: float, kind: Kind) -> float:
        """What is sold or bought back at a price [base]."""
        return self.notional_quote / (self.entry_price if kind == "linear" else price)


def liquidated_at(position: Position, tiers: MaintenanceTiers, kind: Kind = "linear") -> float:
    """Its liquidation price [quote/base]; 0 or infinity where no price liquidates it.

    Tiers are in notional: of an inverse contract, whose tiers are in coins, the first one's rate
    is taken.

    Raises
    ------
    InputError
        It would be liquidated on entry.
    """
    entry, side = position.entry_price, position.position_side
    gearing = position.notional_quote / position.margin_quote
    if kind == "linear":
        quantity = position.quantity_base(entry, kind)
        return float(tiered_liquidation_price(entry, gearing, side, quantity, tiers))
    rate = tiers.maintenance_rate[0]
    return float(liquidation_price(entry, gearing, side, rate, kind=kind, rule=tiers.rule))


def bankrupt_at(position: Position, kind: Kind = "linear") -> float:
    """The price at which its margin is gone [quote/base]; 0 or infinity where there is none."""
    gearing = position.notional_quote / position.margin_quote
    price = bankruptcy_price(position.entry_price, gearing, position.position_side, kind=kind)
    return float(price)


def tier_of(tiers: MaintenanceTiers, notional_quote: float) -> int:
    """The row of the tier that holds a notional, the last one for what is above all."""
    caps = tiers.notional_cap_quote
    return min(int(np.searchsorted(caps, notional_quote)), caps.size - 1)


def margin_for(
    position: Position, price: float, tiers: MaintenanceTiers, kind: Kind = "linear"
) -> float:
    """The margin with which it would be liquidated at just that price [quote].

    The maintenance margin there, plus what the position loses on the way: the condition that
    `liqmap.margin` solves for the price.
    """
    entry, side, size = position.entry_price, position.position_side, position.notional_quote
    if kind == "linear":
        quantity = size / entry
        held = quantity * (price if tiers.rule == "exact" else entry)
        tier = tier_of(tiers, held)
        kept = tiers.maintenance_rate[tier] * held - tiers.deduction_quote[tier]
        return float(kept - side * quantity * (price - entry))
    held = size / (price if tiers.rule == "exact" else entry)  # coins, as is the loss
    loss = side * size * (1 / price - 1 / entry)
    return float(entry * (tiers.maintenance_rate[0] * held + loss))


@dataclass(frozen=True, slots=True)
class Fill:
    """How a market order is filled: mean price over the middle of the book − 1, and how much of it.

    `part` is below 1 where the order is larger than the side of the book that was read; the rate
    is that of what was filled.
    """

    slippage_rate: float
    part: float


def fill(
    book: OrderBook, position_side: int, quantity_base: float, depth_rate: float = 1.0
) -> Fill | None:
    """Closing a position by the book; a long sells to the bids, a short buys from the asks.

    `depth_rate` is what is left of every order. None where a side of the book is empty.
    """
    if not book.bid_price.size or not book.ask_price.size:
        return None
    middle = 0.5 * float(book.bid_price[0] + book.ask_price[0])
    price, base = (
        (book.bid_price, book.bid_base) if position_side > 0 else (book.ask_price, book.ask_base)
    )
    reached = np.minimum(np.cumsum(depth_rate * base), quantity_base)
    taken = np.diff(reached, prepend=0.0)
    mean = float(taken @ price) / float(reached[-1])
    return Fill(mean / middle - 1, float(reached[-1]) / quantity_base)


@dataclass(frozen=True, slots=True)
class Way:
    """What the price would pass on its way [quote]; `end_price` is how far the grid reaches."""

    long_quote: float
    short_quote: float
    end_price: float


def way(density: Density, spot_price: float, price: float) -> Way:
    """What waits between two prices; a row that lies partly between counts by that part."""
    end = float(np.clip(price, density.price_edges[0], density.price_edges[-1]))
    part = parts_within(density, min(spot_price, end), max(spot_price, end)) * density.prices
    longs, shorts = density.long_base[:, -1] @ part, density.short_base[:, -1] @ part
    return Way(float(longs), float(shorts), end)


@dataclass(frozen=True, slots=True)
class Move:
    """How far the price went from where it opened, and when that began."""

    rate: float
    time_ms: float


def worst_move(candles: Candles, horizon_ms: float, position_side: int) -> Move | None:
    """The deepest fall within a horizon, for a short the highest rise.

    From the opening of a bar to the lowest or highest price of the bars that end within the horizon
    after it. Bars longer than the horizon are left out; None without any other.
    """
    bars = candles.rows(candles.end_ms - candles.time_ms <= horizon_ms)
    if not len(bars):
        return None
    extreme, reduced = (bars.low, np.minimum) if position_side > 0 else (bars.high, np.maximum)
    first = np.arange(len(bars))
    end = np.searchsorted(bars.end_ms, bars.time_ms + horizon_ms, side="right")
    # Every second of these slices is a window; the padding lets the last ones end at the end.
    slices = np.column_stack([first, end]).ravel()
    found = reduced.reduceat(np.append(extreme, extreme[-1]), slices)[::2]
    rates = found / bars.open - 1
    row = int(np.argmin(position_side * rates))
    return Move(float(rates[row]), float(bars.time_ms[row]))
