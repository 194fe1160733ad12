"""Calls a refresh at intervals while the page is visible, more slowly while it fails."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

POLL_S = 10.0
"""Between two questions after the newest bar."""
SUM_POLL_S = 30.0
"""The same for a sum, whose venues are all asked each time."""
LONGEST_POLL_S = 120.0
"""The pause doubles up to this while no answer comes."""


class Poller:
    """Calls `refresh` again and again, from `start` to `stop`.

    Parameters
    ----------
    refresh : callable
        Asks and draws; True when an answer came. It raises nothing.
    longest_s : float
        The pause doubles up to this while no answer comes.
    """

    def __init__(
        self,
        refresh: Callable[[], Awaitable[bool]],
        *,
        longest_s: float = LONGEST_POLL_S,
    ) -> None:
        self._refresh, self._longest_s = refresh, longest_s
        self._seen = asyncio.Event()
        self._seen.set()
        self._task: asyncio.Task[None] | None = None

    def start(self, pause_s: float = POLL_S) -> None:
        """Poll from now on, with a pause before each call."""
        self.stop()
        self._task = asyncio.ensure_future(self._run(pause_s))

    def stop(self) -> None:
        """Poll no longer."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def seen(self, *, visible: bool) -> None:
        """Whether the page is visible: a hidden one asks nothing, a shown one at once."""
        if visible:
            self._seen.set()
        else:
            self._seen.clear()

    async def _run(self, usual_s: float) -> None:
        pause_s = usual_s
        with suppress(asyncio.CancelledError):
            while True:
                await asyncio.sleep(pause_s)
                await self._seen.wait()
                came = await self._refresh()
                pause_s = usual_s if came else min(self._longest_s, 2 * pause_s)
