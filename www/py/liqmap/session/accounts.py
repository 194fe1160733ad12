"""Watching known accounts: their real positions, drawn apart from the estimate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from liqmap.data.market import Instrument
from liqmap.data.positions import MOST_ACCOUNTS, Positions, typed_addresses
from liqmap.data.series import Array
from liqmap.errors import LiqmapError
from liqmap.feed.directory import Directory
from liqmap.picture.account_lines import SOURCES, layer, sentence
from liqmap.session.merging import positions_in_units_of
from liqmap.venues.hyperliquid import Hyperliquid

VENUE = "hyperliquid"
EVERY_S = 120.0
"""Between two questions after all known accounts: a third of what the venue allows."""

Edges = Callable[[], tuple[Array, Array, str]]
"""Time [ms] and price edges of the picture, and the coin its prices are of."""
Post = Callable[[dict[str, Any]], None]


class Accounts:
    """Accounts that the visitor typed, and those seen in the venue's newest trades.

    Parameters
    ----------
    venues : Directory
    post : callable
        Takes one message for the page.
    """

    def __init__(self, venues: Directory, post: Post) -> None:
        self._venues, self._post = venues, post
        self._typed: tuple[str, ...] = ()
        self._complaint = ""
        self._met: dict[str, None] = {}
        self._wanted: tuple[str, str] | None = None
        self._edges: Edges | None = None
        self._task: asyncio.Task[None] | None = None

    def choose(self, text: str) -> None:
        """The addresses that the visitor typed."""
        self._typed, self._complaint = typed_addresses(text)
        if self._wanted is not None:
            self._start()

    def watch(self, symbol: str, side: str, edges: Edges) -> None:
        """Show the layer from now on: of that contract's coin, and of that side."""
        self._edges = edges
        if self._wanted != (symbol, side):
            self._wanted = (symbol, side)
            self._start()

    def leave(self) -> None:
        """Take the layer away."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if self._wanted is not None:
            self._wanted = None
            self._post({"kind": "accounts", "sources": {"accounts": _NOTHING}, "words": ""})

    def _start(self) -> None:
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        assert self._wanted is not None
        assert self._edges is not None
        symbol, side = self._wanted
        while True:
            try:
                instrument, found, said = await self._ask(symbol)
                *edges, coin = self._edges()
                found = positions_in_units_of(found, instrument.base_coin, coin)
                columns = layer(found, instrument, *edges, side=side)
                words = said(len(columns["y"]))
                message: dict[str, Any] = {"sources": {"accounts": columns}, "words": words}
            except LiqmapError as error:  # what is drawn stays
                message = {"words": f"Real positions: {error}"}
            message["words"] = f"{message['words']} {self._complaint}".strip()
            self._post({"kind": "accounts", **message})
            await asyncio.sleep(EVERY_S)

    async def _ask(self, symbol: str) -> tuple[Instrument, Positions, Callable[[int], str]]:
        instrument, _ = await self._venues.instrument(VENUE, symbol)
        client = self._venues.client(VENUE)
        venue = client.adapter
        assert isinstance(venue, Hyperliquid)
        for one in await client.converse(venue.addresses(instrument)):
            self._met[one] = None
        asked = tuple(dict.fromkeys((*self._typed, *reversed(self._met))))[:MOST_ACCOUNTS]
        self._met = dict.fromkeys(list(self._met)[-MOST_ACCOUNTS:])
        found = await client.converse(venue.positions(instrument, asked))
        now = await client.converse(venue.snapshot(instrument))

        def words(shown: int) -> str:
            return sentence(
                found, now.open_interest_base, asked=len(asked), shown=shown, venue=venue.title
            )

        return instrument, found, words


_NOTHING: dict[str, list[Any]] = {name: [] for name in SOURCES["accounts"]}
