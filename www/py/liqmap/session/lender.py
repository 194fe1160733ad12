"""Past liquidations from elsewhere, where the venue on screen keeps no list of its own."""

from __future__ import annotations

from collections.abc import Callable

from liqmap.errors import LiqmapError
from liqmap.feed.directory import Directory
from liqmap.session.state import Lent, State
from liqmap.venues.registry import IN_BROWSER

MOST_ASKED = 2
"""Venues that are asked for the coin before the chart does without."""


class Lender:
    """Finds the same coin's contract on a venue whose list of liquidations can be read.

    So the liquidation chart of a first visit is not empty. A sum and a simulation borrow nothing.

    Parameters
    ----------
    directory : Directory
    state : callable
        What the page knows now.
    lend : callable
        Takes what was found, once for each contract on screen.
    """

    def __init__(
        self, directory: Directory, state: Callable[[], State], lend: Callable[[Lent], None]
    ) -> None:
        self._directory, self._state, self._lend = directory, state, lend
        self._asking: tuple[str, str] | None = None

    async def learn(self) -> None:
        """Find a contract for the one on screen, unless that is done or under way."""
        about = borrower(self._state())
        lent = self._state().lent
        if about is None or about == self._asking or (lent is not None and lent.about == about):
            return
        self._asking = about
        found = Lent(about, {})
        for venue in listing()[:MOST_ASKED]:
            try:
                instrument, _ = await self._directory.instrument(venue, about[1])
            except LiqmapError:
                continue
            found = Lent(about, {venue: instrument})
            break
        if self._asking == about:
            self._asking = None
        if borrower(self._state()) == about:  # else the view has become another one
            self._lend(found)


def borrower(state: State) -> tuple[str, str] | None:
    """Venue and name of the contract on screen, where its venue keeps no list; else None."""
    loaded = state.loaded
    if loaded is None or loaded.simulated or loaded.view.venue == "all":
        return None
    return None if loaded.leader.venue in listing() else loaded.contract


def listing() -> list[str]:
    """Venues that keep a list of liquidations, in the order in which to ask them."""
    return [venue for venue, adapter in IN_BROWSER.items() if "liquidations" in adapter.offers]
