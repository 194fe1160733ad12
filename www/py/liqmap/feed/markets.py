"""The markets of a view: of one venue, of the first that answers, or of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace

from liqmap.data.market import Market
from liqmap.errors import InputError, LiqmapError, named
from liqmap.feed.directory import Venues
from liqmap.feed.loader import Say, load_market
from liqmap.venues.registry import ADAPTERS
from liqmap.view import HOUR_MS, STEP_MS, View

HISTORY_MS = 7 * 24 * HOUR_MS
"""A day's book needs about a week behind it (docs/explanation/model.md)."""
BEFORE_MS = 30 * 24 * HOUR_MS
"""Longer bars before that, so that little of the book is only assumed."""
DRAW_EVERY_S = 0.7
"""While the venues of a sum come one by one."""


Load = Callable[..., AsyncIterator[Market]]


class Gathering:
    """One view's worth of asking.

    Parameters
    ----------
    venues : Venues
    say : Say
        What is being asked.
    chosen : callable
        Awaited with a venue once its contract is known.
    load : Load
        Loads a market; stands in for `load_market` in a test.

    Attributes
    ----------
    notes : tuple of str
        Which venues failed, and why.
    """

    def __init__(
        self,
        venues: Venues,
        say: Say,
        chosen: Callable[[str], Awaitable[None]],
        load: Load = load_market,
    ) -> None:
        self.notes: tuple[str, ...] = ()
        self._venues, self._say, self._chosen, self._load = venues, say, chosen, load

    async def markets(self, view: View) -> AsyncIterator[dict[str, Market]]:
        """By venue, in the order in which to try them, again and again as more comes.

        Raises
        ------
        LiqmapError
            The named venue's; the first one's, where none answers.
        """
        if view.venue == "all":
            found = self._all(view)
        elif view.venue == "auto":
            found = self._first(view)
        else:
            found = self._only(view, view.venue)
        async for markets in found:
            yield markets

    async def _first(self, view: View) -> AsyncIterator[dict[str, Market]]:
        """Who does not list the coin is passed over; where nobody does, that is said."""
        first: LiqmapError | None = None
        for venue in ADAPTERS:
            try:
                async for markets in self._only(view, venue):
                    yield markets
            except LiqmapError as error:
                first = first or error
                if isinstance(error, InputError):
                    continue
                self._fell(venue, error)
                self._say(f"{error.sentence} Trying the next venue.", 0, 0)
            else:
                return
        assert first is not None
        raise first

    async def _only(self, view: View, venue: str) -> AsyncIterator[dict[str, Market]]:
        self._say(f"Asking {ADAPTERS[venue].title} for {view.symbol}…", 0, 0)
        async for market in self._loaded(view, venue, self._say, self._chosen):
            yield {venue: market}

    async def _all(self, view: View) -> AsyncIterator[dict[str, Market]]:
        """Each as it comes, but not at every moment; who fails is noted."""
        self._say(f"Asking all venues for {view.symbol}…", 0, 0)
        found: dict[str, Market] = {}
        first: LiqmapError | None = None
        clock = asyncio.get_running_loop().time
        shown_s, new = clock() - DRAW_EVERY_S, False
        async for venue, came in load_all({one: self._loaded(view, one) for one in ADAPTERS}):
            if isinstance(came, LiqmapError):
                first = first or came
                self._fell(venue, came)
                continue
            found[venue], new = came, True
            if clock() - shown_s >= DRAW_EVERY_S:
                yield _in_order(found)
                shown_s, new = clock(), False
            self._say(f"{len(found)} of {len(ADAPTERS)} venues are here.", 0, 0)
        if not found:
            assert first is not None
            raise first
        await self._chosen(next(iter(_in_order(found))))
        if new:
            yield _in_order(found)

    async def _loaded(
        self,
        view: View,
        venue: str,
        say: Say | None = None,
        chosen: Callable[[str], Awaitable[None]] | None = None,
    ) -> AsyncIterator[Market]:
        instrument, note = await self._venues.instrument(venue, view.symbol)
        if chosen is not None:
            await chosen(venue)
        async for market in self._load(
            self._venues.line(venue),
            instrument,
            step_ms=STEP_MS,
            window_ms=view.window_ms,
            history_ms=HISTORY_MS,
            before_ms=BEFORE_MS,
            say=say,
        ):
            yield replace(market, notices=(note, *market.notices)) if note else market

    def _fell(self, venue: str, error: LiqmapError) -> None:
        self.notes = (*self.notes, named(error.sentence, ADAPTERS[venue].title))


async def load_all(
    loads: Mapping[str, AsyncIterator[Market]],
) -> AsyncIterator[tuple[str, Market | LiqmapError]]:
    """Markets of several venues as they come, each as often as `load_market` does.

    A venue that fails yields its error and ends; the others go on.
    """
    come: asyncio.Queue[tuple[str, Market | LiqmapError | None]] = asyncio.Queue()

    async def follow(venue: str, markets: AsyncIterator[Market]) -> None:
        try:
            async for market in markets:
                come.put_nowait((venue, market))
        except LiqmapError as error:
            come.put_nowait((venue, error))
        finally:
            come.put_nowait((venue, None))

    tasks = [asyncio.ensure_future(follow(*one)) for one in loads.items()]
    try:
        left = len(tasks)
        while left:
            venue, what = await come.get()
            if what is None:
                left -= 1
            else:
                yield venue, what
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def _in_order(markets: dict[str, Market]) -> dict[str, Market]:
    return {venue: markets[venue] for venue in ADAPTERS if venue in markets}
