"""How a venue is treated: its request limit, pauses before a retry, and its health."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from typing import Literal, NamedTuple

from liqmap.errors import Busy, LiqmapError, NoData, RateLimited, Refused, Unreachable
from liqmap.language import count, say
from liqmap.venues.adapter import Limits
from liqmap.words import clock_here

OFF_S = (60.0, 600.0)
"""How long a venue that refused us is not asked: doubling from the first to the last."""
LONGEST_BAN_S = 3 * 86_400.0
"""No venue bans for longer; a later time is an odd one."""


def wall_ms() -> float:
    """The visitor's clock [ms, UTC]."""
    return 1000 * time.time()


class Bucket:
    """A token bucket: never more than `limits.weight` in any `limits.per_seconds`.

    Half the budget may go at once, the other half flows in over the period.
    """

    def __init__(self, limits: Limits) -> None:
        self._capacity = limits.weight / 2
        self._per_s = self._capacity / limits.per_seconds
        self._level = self._capacity
        self._at_s = 0.0
        self._held_until_s = 0.0

    def hold(self, until_s: float) -> None:
        """Let nothing out before `until_s`."""
        self._held_until_s = max(self._held_until_s, until_s)

    def take(self, weight: float, now_s: float) -> float:
        """Spend `weight`; gives the seconds to wait before the request may be sent."""
        passed = max(0.0, now_s - self._at_s)
        self._level = min(self._capacity, self._level + passed * self._per_s) - weight
        self._at_s = max(self._at_s, now_s)
        return max(0.0, -self._level / self._per_s, self._held_until_s - now_s)


class Pauses(NamedTuple):
    """How long to wait for a venue."""

    retry_s: float = 0.5
    """Before the second attempt, about; twice that before the third."""
    patience_s: float = 10.0
    """The longest wait that a venue may ask for before the request fails instead."""

    def before_retry_s(self, error: LiqmapError, jitter: float) -> float | None:
        """Seconds to wait before the first retry; None where a request must not be repeated.

        `jitter` is a random number around 1, so that many browsers do not ask at once.
        """
        if isinstance(error, RateLimited):
            wait_s = error.retry_after_s
            patient = wait_s <= self.patience_s and not error.is_ban
            return wait_s * (1 + 0.2 * jitter) if patient else None
        if error.retry == "never" or (isinstance(error, Unreachable) and error.blocked):
            return None
        return self.retry_s * jitter


State = Literal["unknown", "ready", "blocked", "limited", "offline", "failing"]


class Health:
    """Whether this browser can read a venue, as far as its requests have shown.

    Parameters
    ----------
    wall_ms : callable
        The visitor's clock [ms], in which a venue may say until when it bans him.

    Attributes
    ----------
    state : State
        `offline` is also no answer in time, `failing` an answer that says nothing; `blocked`
        may be the region, the network or a missing CORS header: a browser does not say which.
    reason : LiqmapError or None
        The last failure.
    until_s : float
        The venue is not asked before this time of the event loop.
    """

    def __init__(self, wall_ms: Callable[[], float] = wall_ms) -> None:
        self.state: State = "unknown"
        self.reason: LiqmapError | None = None
        self.until_s = 0.0
        self._strikes = 0
        self._wall_ms = wall_ms

    def succeeded(self, now_s: float) -> None:
        """Note a good answer; one to a request sent before the venue refused us is ignored."""
        if now_s < self.until_s:
            return
        self.state, self.reason, self.until_s, self._strikes = "ready", None, 0.0, 0

    def failed(self, error: LiqmapError, now_s: float) -> None:
        """Note a request that failed and is not repeated."""
        if isinstance(error, Refused | NoData) and not isinstance(error, Busy):
            self.succeeded(now_s)  # the venue did answer
            return
        self.reason = error
        if isinstance(error, RateLimited):
            self.state = "limited"
            banned_s = (error.until_ms - self._wall_ms()) / 1000
            self._leave_alone(now_s, min(LONGEST_BAN_S, max(error.retry_after_s, banned_s)))
        elif isinstance(error, Unreachable) and error.blocked:
            self.state = "blocked"
            self._leave_alone(now_s, 0.0)
        else:
            self.state = "offline" if isinstance(error, Unreachable) else "failing"

    def _leave_alone(self, now_s: float, at_least_s: float) -> None:
        if now_s < self.until_s:  # requests that were under way together count once
            self.until_s = max(self.until_s, now_s + at_least_s)
            return
        shortest, longest = OFF_S
        off_s = min(longest, shortest * 2.0**self._strikes)
        self.until_s = now_s + max(at_least_s, off_s)
        self._strikes += 1

    def forgive(self) -> None:
        """Allow a venue that was blocked to be asked at once; a rate limit stays."""
        if self.state == "blocked":
            self.until_s = 0.0

    def check(self, now_s: float) -> None:
        """Raise the last failure again while the venue is not to be asked."""
        if self.reason is not None and now_s < self.until_s:
            again = copy.copy(self.reason)
            self.tell(again, now_s)
            raise again

    def tell(self, error: LiqmapError, now_s: float) -> None:
        """Let an error say how long the venue is left alone, which may be longer than it asks."""
        if pause := self.pause(now_s):
            error.hint = say(
                "It is left alone {pause}, not to provoke a ban; choose another venue meanwhile.",
                pause=pause,
            )

    def pause(self, now_s: float) -> str:
        """`for another 20 seconds`, `until 20 Jan 16:35 your time`; empty where it may be asked."""
        wait_s = self.until_s - now_s
        if wait_s > 90:
            return say("until {time}", time=clock_here(self._wall_ms() + 1000 * wait_s))
        if wait_s <= 0:
            return ""
        return count("for another {n} second", "for another {n} seconds", round(wait_s))
