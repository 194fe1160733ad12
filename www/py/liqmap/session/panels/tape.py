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
        words = f"{kept:,} liquidations are kept in this browser."
        if not state.heard.lasting:
            words = (
                f"This browser’s storage is off or full: the {kept:,} liquidations here, your "
                "addresses and what venues answered are gone once this page is closed."
            )
        return Tape(count=kept, words=words)
