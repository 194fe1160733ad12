"""A market of three bars, its density in four bins, and what is known of that."""

from __future__ import annotations

import numpy as np

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.estimate.leverage import RANGES
from liqmap.evaluate.realised_share import Share, Shares, expected
from liqmap.picture.viewport import Frame
from liqmap.session.state import Shown
from liqmap.view import View

STEP = 300_000.0
SHARES = Shares(
    Share(0.5, 0.25, 0.75, "assumed"), Share(0.25, 0.1, 0.5, "assumed"), whose="this_venue"
)


def density() -> Density:
    """Three bars, four bins of width 10 from 80 to 120; price 100 at the end."""
    longs = np.array([[2, 2, 4], [1, 1, 0], [0, 0, 0], [0, 0, 0]], np.float32)
    shorts = np.array([[0, 0, 0], [0, 0, 0], [0, 3, 3], [8, 8, 8]], np.float32)
    zeros = np.zeros(3)
    return Density(
        time_edges_ms=STEP * np.arange(4.0),
        price_edges=np.array([80.0, 90.0, 100.0, 110.0, 120.0]),
        long_base=longs,
        short_base=shorts,
        beyond_long_base=np.array([1.0, 1.0, 2.0]),
        beyond_short_base=zeros,
        swept_long_base=zeros,
        swept_short_base=zeros,
        swept_long_quote=zeros,
        swept_short_quote=zeros,
        ranges=(RANGES[2], RANGES[5]),
        long_by_leverage_base=np.array([[3, 0, 0, 0], [1, 0, 0, 0]], np.float32),
        short_by_leverage_base=np.array([[0, 0, 0, 8], [0, 0, 3, 0]], np.float32),
    )


def market(simulated: bool = False) -> Market:
    """The candles of `density`."""
    candles = Candles(
        STEP * np.arange(3.0),
        np.array([101, 102, 99], float),
        np.array([103, 103, 101], float),
        np.array([100, 98, 97], float),
        np.array([102, 99, 100], float),
        np.array([5, 6, 7], float),
    )
    instrument = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT", tick_size=0.1)
    samples = OpenInterest(STEP * np.arange(1, 4.0), np.full(3, 6.0))
    return Market("bybit", instrument, candles, samples, simulated=simulated)


def known() -> Members:
    """Three guesses of its last column."""
    return Members(
        np.array([[2, 0, 0, 0], [4, 0, 0, 0], [6, 1, 0, 0]], np.float32),
        np.array([[0, 0, 3, 6], [0, 0, 3, 8], [0, 0, 3, 10]], np.float32),
    )


def shown(
    members: Members | None = None,
    shares: Shares | None = None,
    versus: tuple[str, Density] | None = None,
    venues: tuple[str, ...] = ("bybit",),
    comparison: str = "difference",
) -> Shown:
    """The state of a picture of `density`, as the panels read it; each venue holds all of it."""
    amounts = expected(density(), shares)
    other, subtracted = versus or ("none", None)
    return Shown(
        number=1,
        view=View(versus=other, comparison=comparison),
        markets={venue: market() for venue in venues},
        coin="BTC",
        frame=Frame(80.0, 120.0, 0.0, 3 * STEP, 1, 3),
        density=density(),
        amounts=amounts,
        parts=dict.fromkeys(venues, amounts),
        versus=subtracted,
        shares=shares,
        notices=(),
        exposed=members,
    )
