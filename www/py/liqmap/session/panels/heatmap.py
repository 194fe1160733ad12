"""The heatmap: exposure over time and price."""

from __future__ import annotations

from liqmap.picture.color_scale import Scale
from liqmap.picture.heatmap import Heatmap, draw
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State


class HeatmapPanel(Panel):
    """The image; once all is loaded, its colour scale is kept while it fits."""

    def __init__(self) -> None:
        super().__init__()
        self._scale: Scale | None = None

    def about(self, state: State) -> object:
        """The picture, how it is drawn, its detail, and how the screen divides it."""
        if state.shown is None:
            return None
        shown, screen = state.shown, state.screen
        return (
            shown.number,
            shown.view,
            shown.detail,
            screen.bins_a_row(),
            screen.column_ms(shown.end_ms - shown.first_ms, shown.column_ms),
            screen.light(shown.view.theme),
        )

    def message(self, state: State) -> Heatmap:
        assert state.shown is not None
        shown = state.shown
        if state.loaded is not None and not state.loaded.complete:
            self._scale = None  # what is on its way shall not depend on what came first
        versus = None if shown.versus is None else (shown.view.versus, shown.versus)
        picture, self._scale = draw(
            shown.leader,
            shown.amounts,
            shown.view,
            screen=state.screen,
            shares=shown.shares,
            versus=versus,
            detail=None if shown.detail is None else (shown.detail.amounts, shown.detail.versus),
            before=self._scale,
        )
        return picture
