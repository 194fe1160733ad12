"""Which venues this browser can read."""

from __future__ import annotations

from liqmap.session.messages import Health
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State


class HealthPanel(Panel):
    """Name, title, state and words of each venue."""

    def about(self, state: State) -> object:
        return state.health or None

    def message(self, state: State) -> Health:
        return Health(rows=state.health)
