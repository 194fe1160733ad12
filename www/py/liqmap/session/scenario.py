"""The scenario that a visitor plays: what it is played on, kept while the tab is open."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from math import exp, inf, log

from liqmap.analysis.cascade import Impact
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.realised_share import Shares
from liqmap.picture.viewport import Frame
from liqmap.session.books import Books
from liqmap.session.estimates import estimate_in
from liqmap.session.state import Loaded, Scenario, Shown, State

LARGEST_RATE = 0.2
"""Larger shocks are not played."""
AXIS_RATE = 0.3
"""The scenario's own price axis reaches so far, or a little less …"""
_AXIS_STEP = 0.02
"""… because its middle moves in steps of this length, so that members can be kept."""

Doubts = Callable[[Shown], Awaitable[Members | None]]


class Scenarios:
    """Plays a shock on the first market of whatever is on screen.

    Parameters
    ----------
    books : Books
    shares : callable
        The realised shares of what is loaded.
    doubts : callable
        The members of a picture.
    state : callable
        What the page knows now.
    become : callable
        Takes the scenario, whenever it is another.
    """

    def __init__(
        self,
        books: Books,
        shares: Callable[[Loaded], Shares],
        doubts: Doubts,
        state: Callable[[], State],
        become: Callable[..., None],
    ) -> None:
        self._books, self._shares = books, shares
        self._doubts, self._state, self._become = doubts, state, become
        self._asked: tuple[float, Impact] | None = None
        self._density: tuple[object, Density] | None = None
        self._members: tuple[object, Members | None] | None = None

    async def play(self, shock_rate: float, impact: Impact, *, anew: bool = False) -> None:
        """Play this shock from now on; `anew` reads the order book again.

        Parameters
        ----------
        shock_rate : float
            Negative is a fall; at most `LARGEST_RATE` either way.
        """
        self._asked = (min(max(shock_rate, -LARGEST_RATE), LARGEST_RATE), impact)
        self._tell()
        await self.learn(0.0 if anew else inf)

    def stop(self) -> None:
        """Play nothing any more."""
        self._asked = None
        self._become(scenario=None)

    def on(self, loaded: Loaded, shown: Shown) -> Scenario | None:
        """The scenario on a picture, as far as it is known; None while nobody asks for one."""
        if self._asked is None:
            return None
        own = played(shown)
        bars = own.leader.candles
        newest = (float(bars.time_ms[-1]), float(bars.low[-1]), float(bars.high[-1]))
        about = (_members_of(own), own.view.model, newest)
        if self._density is None or self._density[0] != about:
            found = estimate_in(own.leader, own.frame, own.view.model, own.view.leverages)
            self._density = about, found
        members = self._members
        last = self._state().book
        book = last if last and last.about == loaded.contract else None
        return Scenario(
            *self._asked,
            density=self._density[1],
            members=members[1] if members and members[0] == _members_of(own) else None,
            shares=shown.shares or self._shares(loaded),
            book=book.book if book else None,
            trouble=book.trouble if book else "",
            read_ms=book.read_ms if book else 0.0,
        )

    async def learn(self, fresh_ms: float = inf) -> None:
        """Get what the scenario lacks on this picture: its members, an order book that is fresh."""
        loaded, shown = self._state().loaded, self._state().shown
        if self._asked is None or loaded is None or shown is None:
            return
        await self._read_book(loaded, fresh_ms)  # first: members keep the worker busy
        shown = self._state().shown  # which may be another by now
        if shown is not None:
            await self._find_members(played(shown))

    async def _find_members(self, own: Shown) -> None:
        about = _members_of(own)
        if self._members is None or self._members[0] != about:
            self._members = coming = about, None
            found = await self._doubts(own)
            if self._members is coming:  # else another picture came in between
                self._members = about, found
                self._tell()

    async def _read_book(self, loaded: Loaded, fresh_ms: float) -> None:
        await self._books.read(loaded, fresh_ms)
        self._tell()

    def _tell(self) -> None:
        """Let the panel say how it stands now."""
        loaded, shown = self._state().loaded, self._state().shown
        if loaded is not None and shown is not None:
            self._become(scenario=self.on(loaded, shown))


def played(shown: Shown) -> Shown:
    """What of a picture is played: its first market, now, on an axis of its own."""
    venue, market = next(iter(shown.markets.items()))
    middle = exp(round(log(shown.spot_price) / _AXIS_STEP) * _AXIS_STEP)
    low, high = middle * (1 - AXIS_RATE), middle * (1 + AXIS_RATE)
    frame = Frame(low, high, inf, inf, 1, 1)  # from the last bar on
    return replace(shown, markets={venue: market}, frame=frame)


def _members_of(own: Shown) -> tuple[object, ...]:
    """What the members depend on; they are good for longer than an hour."""
    return (*own.doubts_about[:-1], own.leader.instrument.name)
