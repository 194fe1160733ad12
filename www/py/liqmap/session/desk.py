"""What a visitor asks about the picture beyond the picture: each question an object of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from liqmap.evaluate.realised_share import Shares
from liqmap.feed.directory import Directory
from liqmap.session.books import Books, Read
from liqmap.session.own_position import OwnPosition
from liqmap.session.scenario import Doubts, Scenarios
from liqmap.session.selection import Selection
from liqmap.session.state import Loaded, State
from liqmap.session.told import ToldSeries


class Desk:
    """The questions; they read the state and put what they find into it.

    Parameters
    ----------
    directory : Directory
    depth : Read
        Reads an order book, which several of them share.
    shares : callable
        What is really liquidated on some markets.
    doubts : Doubts
    state : callable
        The state now.
    become : callable
        Replaces fields of it.
    """

    def __init__(
        self,
        directory: Directory,
        depth: Read,
        shares: Callable[[Loaded], Shares],
        doubts: Doubts,
        state: Callable[[], State],
        become: Callable[..., None],
    ) -> None:
        books = Books(directory, depth, state, become)
        self.position = OwnPosition(books, state, become)
        self.scenarios = Scenarios(books, shares, doubts, state, become)
        self.selection = Selection(state, become)
        self.told = ToldSeries(directory, state, become)

    async def learn(self) -> None:
        """Have read what position, selection and the strip below the picture need."""
        await asyncio.gather(self.position.learn(), self.told.learn(), self.selection.learn())
