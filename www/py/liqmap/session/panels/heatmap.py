"""The heatmap: exposure over time and price."""

from __future__ import annotations

from dataclasses import replace

from liqmap.picture.coloring import Colors
from liqmap.picture.heatmap import Heatmap, Kept, draw
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.view import View

_COLORS = ("floor", "ceiling", "palette", "theme", "asof", "context")
"""Settings that change colours alone, or nothing of the image."""


class HeatmapPanel(Panel):
    """The image; once all is loaded, its colour scale is kept while it fits.

    It keeps what the next picture may take from the one before. Other colours of the same picture
    are a message of their own.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kept: Kept | None = None
        self._drawn: tuple[object, ...] = ()

    def about(self, state: State) -> object:
        """The picture, how it is drawn, its detail, and how the screen divides it."""
        if state.shown is None:
            return None
        shown, screen = state.shown, state.screen
        return (*_uncolored(state), shown.view, screen.light(shown.view.theme))

    def message(self, state: State) -> Heatmap | Colors:
        assert state.shown is not None
        shown = state.shown
        drawn = _uncolored(state)
        if self._kept is not None and drawn == self._drawn:
            light = state.screen.light(shown.view.theme)
            return self._kept.shown.colored(shown.view, light=light)
        self._drawn = drawn
        if state.loaded is not None and not state.loaded.complete:
            self._kept = None  # what is on its way shall not depend on what came first
        versus = None if shown.versus is None else (shown.view.versus, shown.versus)
        picture, self._kept = draw(
            shown.leader,
            shown.amounts,
            shown.view,
            screen=state.screen,
            shares=shown.shares,
            versus=versus,
            detail=None if shown.detail is None else (shown.detail.amounts, shown.detail.versus),
            before=self._kept,
        )
        return picture


def _uncolored(state: State) -> tuple[object, ...]:
    """All that a picture depends on but its colours."""
    assert state.shown is not None
    shown, screen, colors = state.shown, state.screen, View()
    return (
        shown.number,
        shown.detail,
        screen.bins_a_row(),
        screen.column_ms(shown.end_ms - shown.first_ms, shown.column_ms),
        replace(shown.view, **{name: getattr(colors, name) for name in _COLORS}),
    )
