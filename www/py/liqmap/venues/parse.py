"""From an answer to columns: what all venues have in common.

Whatever is wrong with an answer ends as a `LiqmapError` that names the venue: by status in
`decode`, by shape in `reading`, which turns every fault inside it into one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar
from urllib.parse import urlencode

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers, Rule
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import (
    BadResponse,
    Busy,
    InputError,
    LiqmapError,
    NoData,
    NotOffered,
    RateLimited,
    Refused,
    Unreachable,
)
from liqmap.venues.adapter import Conversation, Reply

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

# A stamp outside 2010 … 2100 is in seconds, microseconds, or no stamp at all.
TIME_MS = (1_262_304_000_000.0, 4_102_444_800_000.0)
# No price, quantity or time is beyond; products and quotients of those within are finite.
MAGNITUDES = (1e-24, 1e24)
MOST_WINDOWS = 2_000


class Malformed(ValueError):
    """What is wrong with an answer; `reading` adds whose answer it was."""


# ---------------------------------------------------------------- asking


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
    """[start_ms, end_ms) of the absolute grid."""

    start_ms: int
    end_ms: int


def windows(start_ms: float, end_ms: float, span_ms: float) -> list[Window]:
    """Windows that cover [start_ms, end_ms), newest first.

    They lie on multiples of `span_ms` since 1970, so that the same history always asks
    the same questions and remembered answers are found again.
    """
    if end_ms <= start_ms:
        return []
    first, last = int(start_ms // span_ms), int(-(-end_ms // span_ms))
    if last - first > MOST_WINDOWS:
        raise InputError(
            "That is more history than a venue will serve a visitor.",
            hint="Choose a shorter range or longer bars.",
        )
    return [
        Window(int(n * span_ms), int((n + 1) * span_ms)) for n in range(last - 1, first - 1, -1)
    ]


def pages(start_ms: float | None, end_ms: float | None, span_ms: float) -> Sequence[Window | None]:
    """Windows of [start_ms, end_ms); without both a single None: the newest page."""
    if start_ms is None or end_ms is None:
        return [None]
    return windows(start_ms, end_ms, span_ms)


def page_until(now_ms: object, span_ms: float) -> Window:
    """The newest page, where a venue wants to be told its own time."""
    now = number(now_ms)
    check_time(now)
    return Window(int(now - span_ms), int(now) + 1)


def step_name(names: dict[int, str], step_ms: int, title: str) -> str:
    """The venue's word for a bar length; raises `NotOffered`."""
    if step_ms not in names:
        offered = ", ".join(str(step // MINUTE_MS) for step in sorted(names))
        raise NotOffered(
            f"{title} has no bars of {step_ms / MINUTE_MS:g} minutes.",
            hint=f"It offers {offered} minutes.",
        )
    return names[step_ms]


def best_step(steps_ms: Iterable[int], step_ms: int) -> int:
    """The longest step up to `step_ms`, else the shortest."""
    return max((s for s in steps_ms if s <= step_ms), default=min(steps_ms))


# ---------------------------------------------------------------- being refused


def words(reply: Reply) -> str:
    """What the venue itself says, in at most 200 characters."""
    text = ""
    with suppress(ValueError, RecursionError):
        text = _said(json.loads(reply.body))
    text = text or reply.body[:4000].decode("utf-8", "replace")
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(text.split())[:200]


_SAYING = ("retMsg", "msg", "message", "error", "errors", "data", "reason", "param")


def _said(answer: object, depth: int = 4) -> str:
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return _said(answer[0], depth - 1) if answer and depth else ""
    if not isinstance(answer, dict) or not depth:
        return ""
    parts = [_said(answer[key], depth - 1) for key in _SAYING if key in answer]
    return ": ".join(part for part in parts if part)


def blocked(title: str, said: str) -> Unreachable:
    """The venue does not serve this visitor."""
    return Unreachable(
        f"{title} does not serve your location or network: “{said}”.",
        hint="Choose another venue, or try from another network.",
        blocked=True,
    )


def limited(title: str, said: str, wait_s: float) -> RateLimited:
    """The venue asks for patience."""
    return RateLimited(
        f"{title} asks for fewer requests: “{said}”.",
        hint=f"Wait {wait_s:g} seconds and try again, or choose another venue.",
        retry_after_s=wait_s,
    )


def refused(title: str, said: str, detail: str = "") -> Refused:
    """The venue says no, in its own words."""
    return Refused(
        f"{title} refused the request: “{said}”.",
        hint="Choose another symbol, range or venue.",
        detail=detail,
    )


def busy(title: str, said: str) -> Busy:
    """The venue has trouble of its own."""
    return Busy(
        f"{title} has trouble of its own: “{said}”.",
        hint="Try again in a minute, or choose another venue.",
    )


def unknown(title: str, complaint: str, detail: str = "", where: str = "") -> BadResponse:
    """An answer of no known shape."""
    return BadResponse(
        f"{title} answered in a way that liqmap does not know: {complaint}.",
        hint="Try again; if it stays so, choose another venue and report it.",
        detail=detail,
        where=where,
    )


def decode(reply: Reply, title: str, *, wait_s: float = 10.0) -> Any:
    """JSON of a reply.

    Raises
    ------
    RateLimited
        418, 429; `wait_s` is what the venue asks for after a 429.
    Unreachable
        403, 451: blocked.
    Busy
        5xx.
    Refused
        Any other status that is not 2xx.
    BadResponse
        No JSON: truncated, a page of HTML, nothing.
    """
    status = reply.status
    if 200 <= status < 300:
        return parse(reply, title)
    said = words(reply) or f"HTTP {status}"
    if status == 429:
        raise limited(title, said, wait_s)
    if status == 418:
        raise limited(title, said, max(wait_s, 120.0))
    if status in (403, 451):
        raise blocked(title, said)
    if status >= 500:
        raise busy(title, said)
    raise refused(title, said, f"HTTP {status}")


def parse(reply: Reply, title: str) -> Any:
    """JSON of a body."""
    body = reply.body.strip()
    if not body:
        raise unknown(title, "the answer is empty")
    if body[:1] == b"<":
        raise unknown(title, f"a web page instead of data, “{words(reply)[:80]}”")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        start = body[:80].decode("utf-8", "replace")
        raise unknown(title, "the answer is cut off or no JSON", f"{fault}; {start}") from fault


# ---------------------------------------------------------------- reading


_FAULTS = (
    ValueError,  # Malformed, float("…")
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    InputError,  # columns that cannot be: low above high, negative volume
)


@contextmanager
def reading(title: str, what: str, symbol: str = "") -> Iterator[None]:
    """Turn every fault of what is read inside into a `BadResponse` that names it."""
    where = " · ".join(part for part in (title, what, symbol) if part)
    try:
        yield
    except _FAULTS as fault:
        if isinstance(fault, Malformed | InputError):
            complaint = str(fault).rstrip(".")
        else:
            complaint = "a field is missing or of another kind"
        raise unknown(title, f"{what}, {complaint}", repr(fault)[:200], where) from fault
    except LiqmapError as error:
        error.where = error.where or where
        raise


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


V = TypeVar("V", bound=_Titled)
P = ParamSpec("P")
T = TypeVar("T")
Spoken = Callable[Concatenate[V, P], Conversation[T]]


def spoken(what: str) -> Callable[[Spoken[V, P, T]], Spoken[V, P, T]]:
    """Decorate a conversation so that it raises only `LiqmapError`; see `reading`."""

    def decorate(method: Spoken[V, P, T]) -> Spoken[V, P, T]:
        @wraps(method)
        def talk(venue: V, /, *args: P.args, **kwargs: P.kwargs) -> Conversation[T]:
            symbol = next((one.native for one in args if isinstance(one, Instrument)), "")
            conversation = method(venue, *args, **kwargs)
            asked = next(conversation)  # what fails here is a fault of ours
            while True:
                answers = yield asked
                with reading(venue.title, what, symbol):
                    try:
                        asked = conversation.send(answers)
                    except StopIteration as end:
                        result: T = end.value
                        return result

        return talk

    return decorate


def number(value: object) -> float:
    """A finite number of sane size out of a JSON number or string."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed(f"expected a number, found {value!r:.40}")
    try:
        result = float(value)
    except (ValueError, OverflowError):
        raise Malformed(f"expected a number, found {value!r:.40}") from None
    if not (result == 0 or MAGNITUDES[0] <= abs(result) <= MAGNITUDES[1]):
        raise Malformed(f"expected a number of a market, found {value!r:.40}")
    return result


def positive(value: object) -> float:
    """A number above 0."""
    result = number(value)
    if result <= 0:
        raise Malformed(f"expected more than 0, found {value!r:.40}")
    return result


def not_negative(value: object) -> float:
    """A number of at least 0."""
    result = number(value)
    if result < 0:
        raise Malformed(f"expected at least 0, found {value!r:.40}")
    return result


def text(value: object) -> str:
    """A string with something in it."""
    if not isinstance(value, str) or not value:
        raise Malformed(f"expected a name, found {value!r:.40}")
    return value


def rows(value: object) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise Malformed(f"expected a list, found {value!r:.40}")
    return value


def column(table: Sequence[Any], key: int | str, read: Callable[[object], float] = number) -> Array:
    """One field of every row, as numbers, shape (len(table),)."""
    values = np.empty(len(table))
    for row, record in enumerate(table):
        try:
            values[row] = read(record[key])
        except Malformed as fault:
            raise Malformed(f"row {row}, field {key}: {fault}") from None
        except (KeyError, IndexError, TypeError):
            raise Malformed(f"row {row} has no field {key}") from None
    return values


def check_time(time_ms: Array | float) -> None:
    """Raise when a time cannot be in milliseconds."""
    times = np.atleast_1d(time_ms)
    if ((times < TIME_MS[0]) | (times > TIME_MS[1])).any():
        raise Malformed("a time is not in milliseconds of our age")


def in_order(
    time_ms: Array, start_ms: float | None, end_ms: float | None, step_ms: float = 0.0
) -> NDArray[np.intp]:
    """Rows in [start_ms, end_ms), oldest first, of each instant the last received.

    With `step_ms`, every stamp must be a multiple of it: this is what tells bars of the
    UTC day from those of another.
    """
    check_time(time_ms)
    if step_ms and (time_ms % step_ms).any():
        raise Malformed("a bar does not open on a multiple of its length")
    _, last = np.unique(time_ms[::-1], return_index=True)
    order = time_ms.size - 1 - last
    ordered = time_ms[order]
    keep = np.ones(order.size, dtype=bool)
    if start_ms is not None:
        keep &= ordered >= start_ms
    if end_ms is not None:
        keep &= ordered < end_ms
    return order[keep]


def candles(
    table: Sequence[Any],
    keys: Sequence[int | str],
    step_ms: int,
    start_ms: float | None,
    end_ms: float | None,
    *,
    time_ms: Array | None = None,
) -> Candles:
    """Bars out of rows in any order; NoData when none lies in [start_ms, end_ms).

    `keys` name time, open, high, low, close and, as far as there are, volume and taker buy
    volume [base]. `time_ms` replaces the first.
    """
    time = column(table, keys[0]) if time_ms is None else time_ms
    order = in_order(time, start_ms, end_ms, step_ms)
    if not order.size:
        raise NoData("There are no bars in that range.", hint="Choose another range.")
    opens, highs, lows, closes = (column(table, key)[order] for key in keys[1:5])
    volumes = [column(table, key)[order] for key in keys[5:7]]
    volume = volumes[0] if volumes else np.zeros(order.size)
    taker = volumes[1] if len(volumes) > 1 else None
    return Candles(time[order], opens, highs, lows, closes, volume, taker, float(step_ms))


def position_side(value: object, *, long: object, short: object) -> float:
    """+1 or -1; whatever is neither word is no side."""
    if value not in (long, short):
        raise Malformed(f"expected {long} or {short}, found {value!r:.40}")
    return 1.0 if value == long else -1.0


def iso_ms(value: object) -> float:
    """Milliseconds of an ISO 8601 instant; UTC where it does not say."""
    instant = datetime.fromisoformat(text(value))
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000


def open_interest(
    time_ms: Array, open_interest_base: Array, start_ms: float, end_ms: float
) -> OpenInterest:
    """Samples in [start_ms, end_ms] out of rows in any order; NoData when there are none."""
    order = in_order(time_ms, start_ms, end_ms + 1)
    if not order.size:
        raise NoData("There is no open interest in that range.", hint="Choose a shorter range.")
    return OpenInterest(time_ms[order], open_interest_base[order])


def tiers(
    notional_cap_quote: Array, maintenance_rate: Array, *, rule: Rule = "exact"
) -> MaintenanceTiers:
    """Tiers, smallest first, with the deductions that keep the margin continuous.

    At each border both tiers ask the same margin, so A_n = A_{n-1} + floor_n·(m_n - m_{n-1}).
    """
    if not notional_cap_quote.size:
        raise NoData("There are no maintenance margin tiers.", hint="A standard rate is used.")
    steps = notional_cap_quote[:-1] * np.diff(maintenance_rate)
    deduction = np.concatenate([[0.0], np.cumsum(steps)])
    return MaintenanceTiers(notional_cap_quote, maintenance_rate, deduction, rule)


def by_volume(instruments: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Largest 24 h volume first, then by name; NoData when there are none."""
    ordered = sorted(instruments, key=lambda one: (-one.volume_24h_quote, one.name))
    if not ordered:
        raise NoData("The venue lists no perpetual contract.", hint="Choose another venue.")
    return tuple(ordered)


def liquidations(
    time_ms: Sequence[float] | Array,
    side: Sequence[float],
    price: Sequence[float] | Array,
    quantity_base: Sequence[float] | Array,
    start_ms: float | None = None,
    end_ms: float | None = None,
) -> Liquidations:
    """Liquidations in [start_ms, end_ms) out of rows in any order; twins are kept."""
    found = Liquidations.sorted(time_ms, side, price, quantity_base)
    at = found.time_ms
    check_time(at)
    keep = np.ones(at.size, dtype=bool)
    if start_ms is not None:
        keep &= at >= start_ms
    if end_ms is not None:
        keep &= at < end_ms
    return found.rows(keep)


def heard(message: str, title: str) -> dict[str, Any]:
    """JSON object of a WebSocket message; anything else is an empty one: pong, hello."""
    if message[:1] not in ("{", "["):
        return {}
    answer = parse(Reply(200, message.encode()), title)
    return answer if isinstance(answer, dict) else {}
