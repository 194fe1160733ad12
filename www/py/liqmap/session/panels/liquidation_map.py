"""The liquidation map beside the picture: what waits now, by price."""

from __future__ import annotations

from liqmap.picture.liquidation_map import LiquidationMap, profile
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import State


class LiquidationMapPanel(PicturePanel):
    """The last column by leverage, its sums outward from the price, its totals."""

    def message(self, state: State) -> LiquidationMap:
        assert state.shown is not None
        shown = state.shown
        return profile(shown.amounts, shown.view.positions, shown.spot_price, shown.members)
