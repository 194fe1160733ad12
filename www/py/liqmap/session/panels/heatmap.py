"""The heatmap: exposure over time and price."""

from __future__ import annotations

from liqmap.picture.color_scale import Scale
from liqmap.picture.heatmap import Heatmap, draw
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import State


class HeatmapPanel(PicturePanel):
    """The image; its colour scale is kept from one picture to the next while it fits."""

    def __init__(self) -> None:
        super().__init__()
        self._scale: Scale | None = None

    def message(self, state: State) -> Heatmap:
        assert state.shown is not None
        shown = state.shown
        versus = None if shown.versus is None else (shown.view.versus, shown.versus)
        picture, self._scale = draw(
            shown.leader,
            shown.amounts,
            shown.view,
            shares=shown.shares,
            versus=versus,
            before=self._scale,
        )
        return picture
