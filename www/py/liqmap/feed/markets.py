"""The markets of a view: of one venue, of the first that answers, or of all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace

from liqmap import language
from liqmap.data.market import Market, same_price
from liqmap.data.symbols import coin_of, in_units_of
from liqmap.errors import InputError, LiqmapError, Unreachable, named
from liqmap.feed.directory import Directory
from liqmap.feed.loader import load_market
from liqmap.feed.reader import Say
from liqmap.venues.registry import ADAPTERS, IN_BROWSER
from liqmap.view import DAY_MS, HOUR_MS, View
from liqmap.words import digits_of, number

HISTORY_MS = 7 * DAY_MS
"""Bars loaded before the window: a day's book needs about a week (docs/explanation/model.md)."""
BEFORE_MS = 30 * DAY_MS
"""Hourly bars loaded before that, so that little of the book is only assumed."""
DRAW_EVERY_S = 0.7
"""Least time between two pictures while the venues of a sum come one by one."""

Load = Callable[..., AsyncIterator[Market]]
"""`liqmap.feed.loader.load_market`, or what stands in for it."""


class Markets:
    """Loads the markets of one view.

    Parameters
    ----------
    directory : Directory
    say : Say
        Told what is being asked.
    chosen : callable
        Awaited with a venue once its contract is known.
    load : callable
        `liqmap.feed.loader.load_market`.

    Attributes
    ----------
    notes : tuple of str
        Which venues failed, and why.
    left_out : tuple of str
        Which venues are no part of a sum, since their price is of another coin.
    """

    def __init__(
        self,
        directory: Directory,
        say: Say,
        chosen: Callable[[str], Awaitable[None]],
        *,
        load: Load = load_market,
    ) -> None:
        self.notes: tuple[str, ...] = ()
        self.left_out: tuple[str, ...] = ()
        self._unread = 0
        self._directory, self._say, self._chosen, self._load = directory, say, chosen, load

    async def of(self, view: View) -> AsyncIterator[dict[str, Market]]:
        """Yield all markets by venue, in the order of the registry, each time there is more.

        Raises
        ------
        LiqmapError
            Of the named venue; where none gives a market, that none does, or the first failure.
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
        """The first venue that answers; one that does not list the coin is no failure."""
        first: LiqmapError | None = None
        for venue in IN_BROWSER:
            try:
                async for markets in self._only(view, venue):
                    yield markets
            except LiqmapError as error:
                first = first or error
                if isinstance(error, InputError):
                    continue
                self._failed(venue, error)
                self._say(f"{error.sentence} {language.say('Trying the next venue.')}", 0, 0)
            else:
                return
        raise self._none(first)

    async def _only(self, view: View, venue: str) -> AsyncIterator[dict[str, Market]]:
        title = ADAPTERS[venue].title
        said = language.say("Asking {venue} for {symbol}…", venue=title, symbol=view.symbol)
        self._say(said, 0, 0)
        async for market in self._loaded(view, venue, self._say, self._chosen):
            yield {venue: market}

    async def _all(self, view: View) -> AsyncIterator[dict[str, Market]]:
        """All venues, as they come but at most every `DRAW_EVERY_S`; failures are noted."""
        self._say(language.say("Asking all venues for {symbol}…", symbol=view.symbol), 0, 0)
        found: dict[str, Market] = {}
        first: LiqmapError | None = None
        clock = asyncio.get_running_loop().time
        shown_s, new = clock() - DRAW_EVERY_S, False
        async for venue, came in load_all({name: self._loaded(view, name) for name in IN_BROWSER}):
            if isinstance(came, LiqmapError):
                first = first or came
                self._failed(venue, came)
                continue
            found[venue], new = came, True
            if clock() - shown_s >= DRAW_EVERY_S:
                yield self._agreeing(found, view)
                shown_s, new = clock(), False
            self._say(_are_here(len(found)), 0, 0)
        if not found:
            raise self._none(first)
        await self._chosen(next(iter(_in_order(found))))
        if new:
            yield self._agreeing(found, view)

    async def _loaded(
        self,
        view: View,
        venue: str,
        say: Say | None = None,
        chosen: Callable[[str], Awaitable[None]] | None = None,
    ) -> AsyncIterator[Market]:
        """A venue's market, as often as `load` yields it."""
        instrument, note = await self._directory.instrument(venue, view.symbol)
        if chosen is not None:
            await chosen(venue)
        history_ms = HISTORY_MS if view.step_ms < HOUR_MS else 0  # the hourly bars are enough
        async for market in self._load(
            self._directory.client(venue),
            instrument,
            step_ms=view.step_ms,
            window_ms=view.window_ms,
            history_ms=history_ms,
            before_ms=HISTORY_MS + BEFORE_MS - history_ms,
            say=say,
        ):
            yield replace(market, notices=(note, *market.notices)) if note else market

    def _agreeing(self, found: dict[str, Market], view: View) -> dict[str, Market]:
        """Those whose price is the leader's, in the order of the registry; says who is not."""
        coin = coin_of(view.symbol)
        markets = _in_order(found)
        leader = next(iter(markets))
        units = {venue: in_units_of(market, coin) for venue, market in markets.items()}
        others = [venue for venue in units if not same_price(units[leader], units[venue])]
        self.left_out = tuple(
            language.say(
                "Left out of the sum: {coin} of {venue} costs {price}, that of {leader} {other}: "
                "it is another coin.",
                coin=coin,
                venue=ADAPTERS[venue].title,
                price=_price(units[venue]),
                leader=ADAPTERS[leader].title,
                other=_price(units[leader]),
            )
            for venue in others
        )
        return {venue: market for venue, market in markets.items() if venue not in others}

    def _none(self, first: LiqmapError | None) -> LiqmapError:
        """What is said where no venue gives a market."""
        assert first is not None
        if self._unread < len(IN_BROWSER):  # some can be read, and do not list it
            return first
        return Unreachable(
            language.say("None of {n} exchanges can be read from here.", n=len(IN_BROWSER)),
            hint=language.say("Check your connection, or try another network."),
            detail="\n".join(self.notes),
        )

    def _failed(self, venue: str, error: LiqmapError) -> None:
        self._unread += not isinstance(error, InputError)
        self.notes = (*self.notes, named(error.sentence, ADAPTERS[venue].title))


async def load_all(
    loads: Mapping[str, AsyncIterator[Market]],
) -> AsyncIterator[tuple[str, Market | LiqmapError]]:
    """Markets of several venues as they come, each as often as its load yields it.

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

    tasks = [asyncio.ensure_future(follow(venue, load)) for venue, load in loads.items()]
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


def _are_here(came: int) -> str:
    return language.count(
        "{n} of {all} venues is here.", "{n} of {all} venues are here.", came, all=len(IN_BROWSER)
    )


def _price(market: Market) -> str:
    """The newest price, in six figures."""
    price = float(market.candles.close[-1])
    return number(price, digits_of(price))


def _in_order(markets: dict[str, Market]) -> dict[str, Market]:
    return {venue: markets[venue] for venue in ADAPTERS if venue in markets}
