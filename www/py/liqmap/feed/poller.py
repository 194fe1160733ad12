"""Following a market: ask again at a polite pace, and not while nobody looks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

POLL_S = 10.0
"""Between two questions after the newest bar."""
SUM_POLL_S = 30.0
"""… of each venue of a sum."""
LONGEST_POLL_S = 120.0
"""… while the venue does not answer: doubling up to here."""


class Following:
    """Calls `refresh` again and again, from `start` to `stop`.

    Parameters
    ----------
    refresh : callable
        Asks and draws; True when an answer came. It raises nothing.
    """

    def __init__(self, refresh: Callable[[], Awaitable[bool]]) -> None:
        self._refresh = refresh
        self._seen = asyncio.Event()
        self._seen.set()
        self._task: asyncio.Task[None] | None = None

    def start(self, pause_s: float = POLL_S) -> None:
        """Follow from now on, with a pause between two questions."""
        self.stop()
        self._task = asyncio.ensure_future(self._run(pause_s))

    def stop(self) -> None:
        """Leave it."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def seen(self, *, visible: bool) -> None:
        """Whether anybody looks: a hidden page asks nothing, a shown one at once."""
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
                pause_s = usual_s if came else min(LONGEST_POLL_S, 2 * pause_s)
