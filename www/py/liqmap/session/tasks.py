"""What runs beside each other: the view that is asked for, work aside, what is due in a moment."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Tasks:
    """The tasks of one session.

    Parameters
    ----------
    fault : callable
        Told of an exception of work aside.
    """

    def __init__(self, fault: Callable[[Exception], object]) -> None:
        self._fault = fault
        self._main: asyncio.Task[None] | None = None
        self._aside: set[asyncio.Future[Any]] = set()
        self._soon: asyncio.TimerHandle | None = None

    async def only(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this and drop what was done before."""
        if self._main is not None:
            self._main.cancel()
        self._main = task = asyncio.ensure_future(work)
        await asyncio.wait([task])
        if not task.cancelled():
            task.result()

    def aside(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it aside; a fault of ours is said there, too."""

        async def said() -> None:
            try:
                await work
            except Exception as error:
                self._fault(error)

        task = asyncio.ensure_future(said())
        self._aside.add(task)
        task.add_done_callback(self._aside.discard)

    def soon(self, pause_s: float, act: Callable[[], None]) -> None:
        """Act after a pause; several calls before that are one."""
        if self._soon is None:

            def now() -> None:
                self._soon = None
                try:
                    act()
                except Exception as error:
                    self._fault(error)

            self._soon = asyncio.get_running_loop().call_later(pause_s, now)
