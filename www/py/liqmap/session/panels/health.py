"""Which venues this browser can read."""

from __future__ import annotations

from liqmap.language import mark, say
from liqmap.session.messages import Health
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State

_STATES = {
    "asking": mark("asking"),
    "unknown": mark("unknown"),
    "ready": mark("ready"),
    "blocked": mark("blocked"),
    "limited": mark("limited"),
    "offline": mark("offline"),
    "failing": mark("failing"),
}


class HealthPanel(Panel):
    """Name, title, state and words of each venue."""

    def about(self, state: State) -> object:
        return state.health or None

    def message(self, state: State) -> Health:
        return Health(
            rows=tuple(
                (name, title, say(_STATES[how]), words) for name, title, how, words in state.health
            ),
            states=tuple(how for _, _, how, _ in state.health),
        )
