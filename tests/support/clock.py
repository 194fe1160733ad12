"""An event loop whose clock jumps: no test sleeps, all of them wait."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jump(selectors.SelectSelector):
    now_s = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("everybody waits for nobody")
        self.now_s += max(0.0, timeout)
        return super().select(0)


class Clock(asyncio.SelectorEventLoop):
    """A loop that waits in no time."""

    def __init__(self) -> None:
        self._jump = _Jump()
        super().__init__(self._jump)

    def time(self) -> float:
        return self._jump.now_s


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run`, without waiting."""
    with asyncio.Runner(loop_factory=Clock) as runner:
        return runner.run(main)


def now_s() -> float:
    return asyncio.get_running_loop().time()
