"""What is drawn of a market or a density: the arrays that the page would get."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.density import Density
from liqmap.picture import heatmap, liquidation_chart, liquidation_map
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.liquidation_chart import LiquidationChart
from liqmap.picture.liquidation_map import LiquidationMap
from liqmap.picture.viewport import Frame, Screen
from liqmap.session.estimates import estimate_in
from liqmap.venues.registry import TITLES
from liqmap.view import View

_EVERY_BIN_PX = 1_200.0
"""A screen so high has a row for each bin."""


@dataclass(frozen=True, eq=False, slots=True)
class Drawn:
    """A picture and its liquidation map.

    Attributes
    ----------
    title : str
        Contract, venue, what the colours are.
    density : Density
    picture : Heatmap
    map : LiquidationMap
    happened : LiquidationChart or None
    """

    title: str
    density: Density
    picture: Heatmap
    map: LiquidationMap
    happened: LiquidationChart | None


def drawn(
    what: Market | Density,
    view: View,
    *,
    market: Market | None = None,
    liquidations: Liquidations | None = None,
) -> Drawn:
    """The arrays of a picture.

    Parameters
    ----------
    what : Market or Density
        Of a market, what the view asks for is estimated; its `range` counts back from the
        newest bar.
    view : View
    market : Market, optional
        Whose candles stand over a density. Without it the newest price is taken to be where its
        longs end and its shorts begin.
    liquidations : Liquidations, optional
        What happened, to be marked.

    Raises
    ------
    InputError
        The density is empty.
    """
    if isinstance(what, Market):
        market, screen = what, Screen()
        frame = Frame.around([market], view)
        density = estimate_in(market, frame, view.model, view.leverages)
    else:
        density, screen = what, Screen(height_px=_EVERY_BIN_PX)
        market = market or _around(density)
    picture, _ = heatmap.draw(market, density, view, screen=screen)
    happened = None
    if liquidations is not None:
        happened = liquidation_chart.chart(
            liquidations,
            density.time_edges_ms,
            density.price_edges,
            candles=market.candles,
            decimals=picture.decimals,
        )
    profile = liquidation_map.profile(density, view.positions, picture.spot)
    venue = "" if market.simulated else TITLES.get(market.venue, market.venue)
    named = [market.instrument.name, venue, picture.unit]
    title = " · ".join(part for part in named if part)
    return Drawn(title, density, picture, profile, happened)


def _around(density: Density) -> Market:
    """A market of one bar at the density's end, at the price that its sides tell."""
    long, short = density.long_base[:, -1], density.short_base[:, -1]
    if not (long.any() or short.any()):
        raise InputError("There is nothing in the density's last column to draw.")
    prices = density.prices
    below = prices[long > 0].max(initial=-np.inf)
    above = prices[short > 0].min(initial=np.inf)
    known = [one for one in (below, above) if np.isfinite(one)]
    begin_ms, end_ms = density.time_edges_ms[-2:]
    price, one = np.full(1, np.mean(known)), np.ones(1)
    opens_ms, step_ms = density.time_edges_ms[-2:-1], float(end_ms - begin_ms)
    bar = Candles(opens_ms, price, price, price, price, one, step_ms=step_ms)
    unknown = Instrument("Density", "", "", "USD")
    return Market("", unknown, bar, OpenInterest(density.time_edges_ms[-1:], one))
