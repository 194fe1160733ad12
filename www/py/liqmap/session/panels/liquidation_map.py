"""The liquidation map beside the picture: the last column by price."""

from __future__ import annotations

from liqmap.picture.liquidation_map import LiquidationMap, profile
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import State


class LiquidationMapPanel(PicturePanel):
    """Bars by leverage, sums outward from the price, totals."""

    def message(self, state: State) -> LiquidationMap:
        shown = state.standing
        assert shown is not None
        return profile(shown.amounts, shown.view.positions, shown.spot_price)
