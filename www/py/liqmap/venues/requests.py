"""What is asked of a venue: paths, bar lengths, and the pages that cover a range of time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from liqmap.errors import InputError, NotOffered
from liqmap.language import say
from liqmap.venues.adapter import Request
from liqmap.words import number

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

MOST_WINDOWS = 2_000


def path(endpoint: str, **parameters: str | int | float | None) -> str:
    """Endpoint and query string; parameters that are None are left out."""
    given = {
        name: int(value) if isinstance(value, float) else value
        for name, value in parameters.items()
        if value is not None
    }
    return f"{endpoint}?{urlencode(given)}" if given else endpoint


@dataclass(frozen=True, slots=True)
class Window:
    """The time [start_ms, end_ms) that a page of a history covers."""

    start_ms: int
    end_ms: int


def windows(start_ms: float, end_ms: float, span_ms: float) -> list[Window]:
    """Windows of length `span_ms` that cover [start_ms, end_ms), newest first.

    They lie on multiples of `span_ms` since 1970, so that the same history always leads to
    the same requests, whose answers may have been kept. Raises `InputError` when there
    would be more than `MOST_WINDOWS`.
    """
    if end_ms <= start_ms:
        return []
    first, last = int(start_ms // span_ms), int(-(-end_ms // span_ms))
    if last - first > MOST_WINDOWS:
        raise InputError(
            say("That is more history than a venue will serve a visitor."),
            hint=say("Choose a shorter range or longer bars."),
        )
    return [
        Window(int(n * span_ms), int((n + 1) * span_ms)) for n in range(last - 1, first - 1, -1)
    ]


def pages(start_ms: float | None, end_ms: float | None, span_ms: float) -> Sequence[Window | None]:
    """Windows of [start_ms, end_ms); without both a single None: the newest page."""
    if start_ms is None or end_ms is None:
        return [None]
    return windows(start_ms, end_ms, span_ms)


def history(
    endpoint: str,
    start_ms: float,
    end_ms: float,
    span_ms: float,
    bounds: Callable[[Window], Mapping[str, str | int | float]],
    *,
    weight: float = 1.0,
    service: str = "",
    **parameters: str | int,
) -> list[Request]:
    """A request for each of the windows of [start_ms, end_ms], newest first.

    `bounds` are the parameters that say a window to the venue; `weight` and `service` are
    those of `Request`.
    """
    return [
        Request(
            path(endpoint, **parameters, **bounds(window)),
            weight=weight,
            until_ms=window.end_ms,
            service=service,
        )
        for window in windows(start_ms, end_ms + 1, span_ms)
    ]


def page_until(now_ms: float, span_ms: float) -> Window:
    """The newest page, for a venue that wants its own time `now_ms` in the request."""
    return Window(int(now_ms - span_ms), int(now_ms) + 1)


def step_name(names: Mapping[int, str], step_ms: int, title: str) -> str:
    """The venue's name of a bar length; raises `NotOffered` where it has none."""
    if step_ms not in names:
        offered = ", ".join(str(step // MINUTE_MS) for step in sorted(names))
        raise NotOffered(
            say(
                "{venue} has no bars of {minutes} minutes.",
                venue=title,
                minutes=number(step_ms / MINUTE_MS, 1 if step_ms % MINUTE_MS else 0),
            ),
            hint=say("It offers {lengths} minutes.", lengths=offered),
        )
    return names[step_ms]


def best_step(steps_ms: Iterable[int], step_ms: int) -> int:
    """The longest of `steps_ms` that is at most `step_ms`, else the shortest."""
    return max((s for s in steps_ms if s <= step_ms), default=min(steps_ms))
