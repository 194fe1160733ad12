"""The contracts that the symbol field offers."""

from __future__ import annotations

from liqmap.data.search import choices
from liqmap.session.messages import Contracts
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State


class ContractsPanel(Panel):
    """The contracts of the venue on screen."""

    def about(self, state: State) -> object:
        return state.listing

    def message(self, state: State) -> Contracts:
        assert state.listing is not None
        listed = choices(state.listing.instruments)
        return Contracts(
            venue=state.listing.venue,
            names=tuple(name for name, _ in listed),
            labels=tuple(label for _, label in listed),
        )
