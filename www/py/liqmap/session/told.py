"""Funding and account ratios of the contract on screen, read when a view asks for them."""

from __future__ import annotations

from collections.abc import Callable

from liqmap.data.samples import Samples
from liqmap.errors import LiqmapError
from liqmap.feed.directory import Directory
from liqmap.feed.limits import wall_ms
from liqmap.session.state import Shown, State, Told
from liqmap.venues.adapter import Adapter, Conversation, Series
from liqmap.venues.registry import ADAPTERS
from liqmap.view import DAY_MS

ASKED: dict[str, Series] = {"funding": "funding", "ratio": "long_short_ratio"}
"""What the strip may show that a market does not hold."""
EVERY_MS = 300_000.0
"""Of one picture it is read no more often than this, however often that fails."""


class ToldSeries:
    """Reads the series of a view for the first market; the state has the last one.

    Parameters
    ----------
    directory : Directory
    state : callable
        What the page knows now.
    become : callable
        Takes the series, or why there is none.
    """

    def __init__(
        self, directory: Directory, state: Callable[[], State], become: Callable[..., None]
    ) -> None:
        self._directory, self._state, self._become = directory, state, become
        self._reading: tuple[object, ...] | None = None

    async def learn(self) -> None:
        """Read what the view asks for, unless the last one is of this picture and young."""
        shown, last = self._state().shown, self._state().told
        about = about_told(shown)
        if shown is None or about is None or about == self._reading:
            return
        if last is not None and last.about != about:
            last = None
        if last is not None and wall_ms() - last.read_ms < EVERY_MS:
            return
        samples, trouble = None if last is None else last.samples, ""
        self._reading = about
        try:
            client = self._directory.client(shown.leader.venue)
            samples = await client.converse(_asking(client.adapter, shown))
        except LiqmapError as error:
            trouble = error.sentence.rstrip(".")
        finally:
            newest = self._reading == about  # else the view has become another one
            if newest:
                self._reading = None
        if newest:
            self._become(told=Told(about, samples, trouble, wall_ms()))


def about_told(shown: Shown | None) -> tuple[object, ...] | None:
    """What is to be read for the picture's strip; None where that is nothing.

    A sum has no one funding rate, a simulation has none, and some venues publish none.
    """
    if shown is None or (series := ASKED.get(shown.view.context)) is None:
        return None
    leader = shown.leader
    if leader.simulated or len(shown.markets) > 1 or series not in ADAPTERS[leader.venue].offers:
        return None
    return shown.view.context, leader.venue, leader.instrument.name, shown.view.window_ms


def _asking(adapter: Adapter, shown: Shown) -> Conversation[Samples]:
    """From the left edge on; of funding also the instant before, since when the first is paid."""
    instrument, end_ms = shown.leader.instrument, shown.end_ms
    if shown.view.context == "funding":
        return adapter.funding(instrument, shown.first_ms - DAY_MS, end_ms)
    step_ms = int(shown.column_ms)
    return adapter.long_short_ratio(instrument, step_ms, shown.first_ms, end_ms)
