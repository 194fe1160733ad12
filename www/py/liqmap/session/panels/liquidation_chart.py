"""The liquidation chart: liquidations that were seen, apart from the estimate."""

from __future__ import annotations

from liqmap.data.liquidations import Liquidations
from liqmap.picture.liquidation_chart import LiquidationChart, chart
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State


class LiquidationChartPanel(Panel):
    """Liquidations of the time on screen, of all venues on screen."""

    def about(self, state: State) -> object:
        return state.heard

    def message(self, state: State) -> LiquidationChart:
        assert state.heard is not None
        assert state.shown is not None
        shown, heard = state.shown, state.heard
        in_sight = [one.rows(one.time_ms >= shown.first_ms) for one in heard.seen.values()]
        return chart(
            Liquidations.joined(in_sight),
            shown.density.time_edges_ms,
            shown.density.price_edges,
            candles=shown.leader.candles,
            words=heard.words,
            decimals=shown.decimals,
        )
