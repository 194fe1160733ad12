"""How many liquidations this browser keeps."""

from __future__ import annotations

from liqmap.language import count
from liqmap.session.messages import Tape
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.words import number


class TapePanel(Panel):
    """Their number; the visitor may export or delete them."""

    def about(self, state: State) -> object:
        return state.heard

    def message(self, state: State) -> Tape:
        assert state.heard is not None
        kept = state.heard.kept
        return Tape(count=kept, words=_kept(kept) if state.heard.lasting else _passing(kept))


def _kept(kept: int) -> str:
    return count(
        "{n} liquidation is kept in this browser.",
        "{n} liquidations are kept in this browser.",
        kept,
        n=number(kept),
    )


def _passing(kept: int) -> str:
    return count(
        "This browser’s storage is off or full: the {n} liquidation here, your addresses and what "
        "venues answered are gone once this page is closed.",
        "This browser’s storage is off or full: the {n} liquidations here, your addresses and what "
        "venues answered are gone once this page is closed.",
        kept,
        n=number(kept),
    )
