"""A simulated market whose every position is known.

Traders open, hold, and leave at a target, at a stop, in their own time, or when they are
liquidated; what they buy and sell moves the price, so liquidations feed on themselves. A
venue would publish its candles, volume and open interest; here the positions are known too.
The page offers it as an example, and the estimate is held against its truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.data.symbols import SIMULATED, coin_of
from liqmap.margin import liquidation_price

STEP_MS = 300_000
START_MS = 1_772_323_200_000.0  # 2026-03-01 00:00 UTC
START_PRICE = 90_000.0
MAINTENANCE_RATE = 0.005

WARM_UP_BARS = 288
"""A day before the data, so that the first bar finds a book that has lived."""
TRADERS_A_BAR = 10
HOLD_BARS = np.array([24.0, 300.0, 2400.0])
"""Mean holding times: two hours, a day, a week …"""
HOLD_SHARE = np.array([0.40, 0.35, 0.25])
"""… and who holds so long."""
DISTANCE_RATE = np.array([0.005, 0.01, 0.02, 0.03, 0.05, 0.07, 0.10, 0.15, 0.20, 0.30, 0.80])
"""Distance of the liquidation price from entry …"""
DISTANCE_SHARE = np.array([0.4, 14, 5, 9, 4, 5.5, 3.5, 17, 7, 35])
"""… and how much isolated notional lies between two of these, as measured on Hyperliquid."""
ROUND_SHARE = 0.1
"""Of the traders, those who take the round leverage nearest to theirs."""
STOP_SHARE = 0.85
PATIENCE = 1 / 3
"""Losers who were to leave and stay on: they leave at two thirds of the winners' rate."""
VOLATILITY = 0.0010
DEPTH_BASE = 120_000.0
"""Net buying that lifts the price by one part in e."""
RECOVERY = 0.5
"""Part of a cascade's push that is gone at the bar's end."""
PATH = 10

RESIDENTS = 6_000
POPULAR = np.array([2.0, 3.0, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0])
SIZE_LOG_BASE, SIZE_SPREAD = 2.2, 0.7
"""Log-normal. A trader stands for a crowd of like ones, so sizes vary less than people's do."""
MAKER_VOLUME_BASE = 60.0

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False, slots=True)
class Positions:
    """Everything the traders did, one row a position; arrays of shape (n,).

    `entry_bar` and `exit_bar` count from the first candle: the position is there at the end
    of the bars entry_bar … exit_bar − 1. Negative: before the data.
    """

    position_side: Array
    leverage: Array
    quantity_base: Array
    entry_price: Array
    liquidation_price: Array
    entry_bar: NDArray[np.int64]
    exit_bar: NDArray[np.int64]
    liquidated: NDArray[np.bool_]

    def density(self, price_edges: Array, bar: int, position_side: int) -> Array:
        """True density at the end of a bar [base], shape (len(price_edges) − 1,)."""
        there = (
            (self.entry_bar <= bar) & (bar < self.exit_bar) & (self.position_side == position_side)
        )
        return np.histogram(
            self.liquidation_price[there], price_edges, weights=self.quantity_base[there]
        )[0]


@dataclass(frozen=True, eq=False, slots=True)
class Simulation:
    """A market as a venue publishes it, and the positions and liquidations behind it."""

    market: Market
    positions: Positions
    liquidations: Liquidations


def simulate(seed: int = 1, *, bars: int = 2016) -> Simulation:
    """A market of five-minute bars.

    Parameters
    ----------
    seed : int
        The same seed gives the same market.
    bars : int
        Candles; 2,016 are a week.

    Examples
    --------
    >>> simulation = simulate(seed=1, bars=288)
    >>> len(simulation.market.candles), simulation.market.simulated
    (288, True)
    """
    return _Floor(seed, bars).run()


class _Floor:
    """The traders, a column a trait, and the price they make."""

    def __init__(self, seed: int, bars: int) -> None:
        self.draw = draw = np.random.default_rng(seed)
        self.volatility = VOLATILITY * _bursts(draw, bars + WARM_UP_BARS)
        arrivals = draw.poisson(TRADERS_A_BAR * (self.volatility / VOLATILITY) ** 0.7)
        self.begin = np.cumsum([RESIDENTS, *arrivals])
        n = int(self.begin[-1])
        self.side = np.where(draw.random(n) < 0.5, 1.0, -1.0)
        below = np.append(0.0, np.cumsum(DISTANCE_SHARE) / DISTANCE_SHARE.sum())
        distance = np.exp(np.interp(draw.random(n), below, np.log(DISTANCE_RATE)))
        leverage = 1 / (distance + MAINTENANCE_RATE)
        nearest = np.abs(np.log(leverage[:, None] / POPULAR)).argmin(axis=1)
        self.leverage = np.where(draw.random(n) < ROUND_SHARE, POPULAR[nearest], leverage)
        self.quantity = draw.lognormal(SIZE_LOG_BASE, SIZE_SPREAD, n)
        hold = draw.choice(HOLD_BARS, n, p=HOLD_SHARE)
        # A position found open at an instant is more likely one that is held long.
        lasting = HOLD_SHARE * HOLD_BARS / (HOLD_SHARE @ HOLD_BARS)
        hold[:RESIDENTS] = draw.choice(HOLD_BARS, RESIDENTS, p=lasting)
        self.hold = np.ceil(hold * draw.exponential(1, n))
        # Stop and target as parts of the way to liquidation; no stop: liquidation itself.
        self.stop = np.where(draw.random(n) < STOP_SHARE, draw.uniform(0.2, 0.95, n), 1.0)
        self.target = np.exp(0.5 * draw.standard_normal(n))
        self.factor = liquidation_price(1.0, self.leverage, self.side, MAINTENANCE_RATE)
        self.entry, self.liquidation = np.zeros(n), np.zeros(n)
        self.lower, self.upper = np.zeros(n), np.zeros(n)
        self.leave, self.entry_bar = np.zeros(n), np.zeros(n, np.int64)
        self.exit_bar = np.full(n, np.iinfo(np.int64).max)
        self.liquidated = np.zeros(n, np.bool_)
        self.active: Rows = np.zeros(0, np.intp)

    def run(self) -> Simulation:
        """All bars, then what a venue would publish of them."""
        # Those who were there before entered around the price and are still there.
        self._open(np.arange(RESIDENTS), START_PRICE * np.exp(0.03 * self._noise(RESIDENTS)), -1)
        stands = (self.lower < START_PRICE) & (self.upper > START_PRICE)
        self.active = np.flatnonzero(stands[:RESIDENTS])
        self.exit_bar[np.flatnonzero(~stands[:RESIDENTS])] = -1
        rows = []
        price = START_PRICE
        for bar in range(self.volatility.size):
            rows.append(self._bar(bar, price))
            price = rows[-1][3]
        return self._published(np.array(rows[WARM_UP_BARS:]).T)

    def _bar(self, bar: int, opened: float) -> tuple[float, ...]:
        """Open, high, low, close, volume, taker buys, open interest of one bar."""
        sigma = float(self.volatility[bar])
        come = np.arange(self.begin[bar], self.begin[bar + 1])
        gone = self._due(bar, opened)
        self._leave(gone, bar)
        net = self._bought(come) - self._bought(gone)
        traded = float(self.quantity[come].sum() + self.quantity[gone].sum())
        noise = sigma / np.sqrt(PATH) * self._noise(PATH)
        path = opened * np.exp(np.cumsum(noise + net / DEPTH_BASE / PATH))

        low, high = min(opened, float(path.min())), max(opened, float(path.max()))
        shift = 0.0
        while True:  # a cascade ends when it pushes nobody else out
            lower, upper = self.lower[self.active], self.upper[self.active]
            hit = self.active[(lower >= low) | (upper <= high)]
            if not hit.size:
                break
            long = self.side[hit] > 0
            lost = np.where(long, self.lower[hit] >= low, self.upper[hit] <= high)
            self.liquidated[hit] = lost & (self.stop[hit] == 1.0)
            self._leave(hit, bar)
            push = -self._bought(hit)
            net += push
            traded += float(self.quantity[hit].sum())
            shift += push / DEPTH_BASE
            low *= np.exp(min(push, 0.0) / DEPTH_BASE)
            high *= np.exp(max(push, 0.0) / DEPTH_BASE)
        close = float(path[-1]) * np.exp(shift * (1 - RECOVERY))
        low, high = min(low, close), max(high, close)

        self._open(come, np.clip(path[self.draw.integers(0, PATH, come.size)], low, high), bar)
        # Nobody opens to be out within the bar: they wait for its end.
        late = come[(self.lower[come] >= low) | (self.upper[come] <= high)]
        self._open(late, np.full(late.size, close), bar)
        self.active = np.concatenate([self.active, come])

        volume = traded + MAKER_VOLUME_BASE * sigma / VOLATILITY * np.exp(0.3 * self._noise())
        lean = np.clip(net / volume + 0.1 * float(noise.sum()) / sigma, -0.9, 0.9)
        bought = self._bought(self.active)
        total = float(self.quantity[self.active].sum())
        # Market makers, whom nobody liquidates, hold the difference of longs and shorts.
        open_interest = (total + abs(bought)) / 2
        return opened, high, low, close, volume, volume * (1 + lean) / 2, open_interest

    def _noise(self, n: int | None = None) -> Any:
        return self.draw.standard_normal(n)

    def _bought(self, who: Rows) -> float:
        """Net quantity bought to open these positions: longs less shorts [base]."""
        return float(self.side[who] @ self.quantity[who])

    def _open(self, who: Rows, entry: Array, bar: int) -> None:
        side = self.side[who]
        liquidation = entry * self.factor[who]
        way = np.abs(entry - liquidation)
        # Where a stop stands at liquidation, it is the liquidation price to the last bit.
        against = np.where(self.stop[who] == 1.0, liquidation, entry - side * self.stop[who] * way)
        toward = entry + side * self.target[who] * np.minimum(way, 0.25 * entry)
        self.entry[who], self.liquidation[who] = entry, liquidation
        self.lower[who] = np.minimum(against, toward)
        self.upper[who] = np.maximum(against, toward)
        self.leave[who] = bar + self.hold[who]
        self.entry_bar[who] = bar

    def _due(self, bar: int, price: float) -> Rows:
        """Those whose time has come; some of the losers give it another try."""
        due = self.active[self.leave[self.active] <= bar]
        losing = self.side[due] * (price - self.entry[due]) < 0
        stays = losing & (self.draw.random(due.size) < PATIENCE)
        self.leave[due[stays]] = bar + self.hold[due[stays]]
        return due[~stays]

    def _leave(self, who: Rows, bar: int) -> None:
        self.exit_bar[who] = bar
        self.active = self.active[self.exit_bar[self.active] > bar]

    def _published(self, columns: NDArray[np.float64]) -> Simulation:
        opened, high, low, close, volume, taker_buy, open_interest = columns
        time_ms = START_MS + STEP_MS * np.arange(opened.size)
        candles = Candles(time_ms, opened, high, low, close, volume, taker_buy, STEP_MS)
        instrument = Instrument(
            SIMULATED, SIMULATED, coin_of(SIMULATED), "USDT", tick_size=0.1, max_leverage=100.0
        )
        market = Market(
            "demo",
            instrument,
            candles,
            OpenInterest(candles.end_ms, open_interest),
            simulated=True,
        )
        entry_bar, exit_bar = self.entry_bar - WARM_UP_BARS, self.exit_bar.copy()
        exit_bar[exit_bar < np.iinfo(np.int64).max] -= WARM_UP_BARS
        positions = Positions(
            self.side,
            self.leverage,
            self.quantity,
            self.entry,
            self.liquidation,
            entry_bar,
            exit_bar,
            self.liquidated,
        )
        happened = np.flatnonzero(self.liquidated & (exit_bar >= 0))
        liquidations = Liquidations.sorted(
            candles.end_ms[exit_bar[happened]] - 1,
            self.side[happened],
            self.liquidation[happened],
            self.quantity[happened],
        )
        return Simulation(market, positions, liquidations)


def _bursts(draw: np.random.Generator, n: int) -> Array:
    """Volatility that comes in bursts, around one: an autoregression of its logarithm."""
    level = np.convolve(0.11 * draw.standard_normal(n), 0.985 ** np.arange(400))[:n]
    bursts: Array = np.exp(level - 0.5 * level.var())
    return bursts
