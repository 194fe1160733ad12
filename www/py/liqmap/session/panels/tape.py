"""How many liquidations this browser keeps."""

from __future__ import annotations

from liqmap.session.messages import Tape
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State


class TapePanel(Panel):
    """Their number; the visitor may export or delete them."""

    def about(self, state: State) -> object:
        return state.heard

    def message(self, state: State) -> Tape:
        assert state.heard is not None
        kept = state.heard.kept
        return Tape(count=kept, words=f"{kept:,} liquidations are kept in this browser.")
