"""From decoded answers to values and rows: what all venues have in common.

A field that is missing, of another kind or out of bounds raises `Malformed` or another
plain exception. `kept` leaves out the row of a list in which that happens and counts it;
what is left, `reading` and `conversation` turn into a `BadResponse` that names the venue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from math import inf
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np

from liqmap import words
from liqmap.data.market import Instrument
from liqmap.data.series import Array
from liqmap.errors import InputError, LiqmapError
from liqmap.language import count, say
from liqmap.venues import refusals
from liqmap.venues.adapter import Conversation, Remark

# A time outside 2010 … 2100 is in seconds, microseconds, or no time at all.
TIME_MS = (1_262_304_000_000.0, 4_102_444_800_000.0)
# No price, quantity or time is beyond; products and quotients of those within are finite.
MAGNITUDES = (1e-24, 1e24)
_JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Malformed(ValueError):
    """What is wrong with an answer; `reading` adds the venue, the series and the symbol."""


FAULTS = (
    ValueError,  # Malformed, float("…")
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    OverflowError,
    InputError,  # columns that cannot be: low above high, negative volume
)


@dataclass(slots=True)
class Tally:
    """How many rows `kept` was given, and how many of them it left out."""

    rows: int = 0
    left_out: int = 0


_tally: ContextVar[Tally] = ContextVar("tally")


@contextmanager
def reading(
    title: str, series: str, symbol: str = "", tally: Tally | None = None
) -> Iterator[Tally]:
    """Turn every fault inside the block into a `BadResponse`.

    It says venue (`title`), `series` (marked) and contract (`symbol`); any other `LiqmapError`
    passes, with these as its `where` unless it has one. Gives the tally of the block, or
    goes on with `tally`.
    """
    where = " · ".join(part for part in (title, series, symbol) if part)
    counted = tally or Tally()
    token = _tally.set(counted)
    try:
        yield counted
    except FAULTS as fault:
        complaint = say("{series} cannot be read", series=say(series))
        raise refusals.unknown(title, complaint, refusals.plain(repr(fault)), where) from fault
    except LiqmapError as error:
        error.where = error.where or where
        raise
    finally:
        _tally.reset(token)


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


V = TypeVar("V", bound=_Titled)
P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[V, P], Conversation[T]]


def conversation(series: str) -> Callable[[Method[V, P, T]], Method[V, P, T]]:
    """Decorate an adapter's conversation so that it raises only `LiqmapError`.

    `series` (marked) is its name in errors, see `reading`, and of the rows in the `Remark` that
    comes last when some of them were left out.
    """

    def decorate(method: Method[V, P, T]) -> Method[V, P, T]:
        @wraps(method)
        def guarded(adapter: V, /, *args: P.args, **kwargs: P.kwargs) -> Conversation[T]:
            symbol = next((arg.native for arg in args if isinstance(arg, Instrument)), "")
            inner = method(adapter, *args, **kwargs)
            tally = Tally()
            batch = next(inner)  # no answer yet: what fails here is our own mistake
            result: T
            while True:
                answers = yield batch
                with reading(adapter.title, series, symbol, tally):
                    try:
                        batch = inner.send(answers)
                    except StopIteration as end:
                        result = end.value
                        break
            if tally.left_out:
                yield Remark(_left_out(adapter.title, tally, series))
            return result

        return guarded

    return decorate


def _left_out(title: str, tally: Tally, series: str) -> str:
    return count(
        "{venue}: {n} of {rows} {series} could not be read and is left out.",
        "{venue}: {n} of {rows} {series} could not be read and are left out.",
        tally.left_out,
        n=words.number(tally.left_out),
        rows=words.number(tally.rows),
        venue=title,
        series=say(series),
    )


def number(value: object) -> float:
    """A finite number of plausible size (`MAGNITUDES`), or 0, from a JSON number.

    It may stand in a string; what only Python takes for a number, as `1_000`, is none.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Malformed(f"expected a number, found {value!r:.40}")
    if isinstance(value, str) and not _JSON_NUMBER.fullmatch(value):
        raise Malformed(f"expected a number, found {value!r:.40}")
    try:
        result = float(value)
    except OverflowError:
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
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        raise Malformed(f"expected a name, found {value!r:.40}")
    return value


def rows(value: object) -> list[Any]:
    """The value, which must be a list."""
    if not isinstance(value, list):
        raise Malformed(f"expected a list, found {value!r:.40}")
    return value


def _apart(
    table: Sequence[Any], read: Callable[[Any], T | None]
) -> tuple[list[T], list[Exception]]:
    """The results of `read` for the rows, without None, and the faults of those it cannot read."""
    found: list[T] = []
    faults: list[Exception] = []
    for record in table:
        try:
            result = read(record)
        except FAULTS as fault:
            faults.append(fault)
        else:
            if result is not None:
                found.append(result)
    return found, faults


def kept(table: object, read: Callable[[Any], T | None]) -> list[T]:
    """The result of `read` for each row of a list; None leaves a row out that is not asked for.

    Rows that `read` cannot read are left out too, and counted by the block of `reading`
    around. Raises the first fault when nothing else is left.
    """
    listed = rows(table)
    found, faults = _apart(listed, read)
    add_to_tally(len(listed), len(faults))
    if faults and not found:
        raise faults[0]
    return found


def add_to_tally(rows: int, left_out: int) -> None:
    """Count rows, and how many of them are left out, for the block of `reading` around."""
    tally = _tally.get(Tally())
    tally.rows += rows
    tally.left_out += left_out


def first(table: object, read: Callable[[Any], T | None]) -> T:
    """The result of `read` for the first row that it can read and that is asked for.

    None of `read` is as in `kept`. Raises `Malformed` where there is no such row.
    """
    found, faults = _apart(rows(table), read)
    if not found:
        raise faults[0] if faults else Malformed("the list has not what was asked for")
    return found[0]


def read_each(table: object, read: Callable[[Any], T | None]) -> list[T]:
    """As `kept`, of which nothing depends on a single row: without a count and without faults."""
    return _apart(table, read)[0] if isinstance(table, list) else []


def decoration(read: Callable[[], object]) -> float:
    """The number that `read` gives if it is above 0, else 0: a row is as good without it."""
    try:
        return positive(read())
    except FAULTS:
        return 0.0


def turnovers(table: object, read: Callable[[Any], tuple[object, object]]) -> dict[str, float]:
    """Volume in 24 h by symbol, of the rows that have one; `read` gives both."""

    def read_row(row: Any) -> tuple[str, float]:
        symbol, volume_quote = read(row)
        return text(symbol), positive(volume_quote)

    return dict(read_each(table, read_row))


def earliest_ms(
    table: object, read: Callable[[Any], object], otherwise: float | None = None
) -> float:
    """Smallest of the times [ms] that `read` finds in the rows; `otherwise`, or -inf, of none."""
    times = read_each(table, lambda row: instant_ms(read(row)))
    return min(times, default=-inf if otherwise is None else otherwise)


def table(answers: Iterable[Any], key: str | None = None) -> list[Any]:
    """The rows of all answers, in their order; with `key`, those of that field of each."""
    return [row for answer in answers for row in rows(answer if key is None else answer[key])]


def check_time(time_ms: Array | float) -> None:
    """Raise `Malformed` when a time cannot be in milliseconds of this century."""
    times = np.atleast_1d(time_ms)
    if ((times < TIME_MS[0]) | (times > TIME_MS[1])).any():
        raise Malformed("a time is not in milliseconds of our age")


def instant_ms(value: object) -> float:
    """A time in milliseconds, UTC, from a JSON number or string."""
    time_ms = number(value)
    check_time(time_ms)
    return time_ms


def seconds_ms(value: object) -> float:
    """Whole milliseconds of a time in seconds, from a JSON number or string."""
    return float(round(1000 * number(value)))


def position_side(value: object, *, long: object, short: object) -> float:
    """+1 for the venue's word `long`, -1 for `short`; raises `Malformed` for any other."""
    if value not in (long, short):
        raise Malformed(f"expected {long} or {short}, found {value!r:.40}")
    return 1.0 if value == long else -1.0


def iso_ms(value: object) -> float:
    """Milliseconds of an ISO 8601 time; UTC where it names no zone."""
    instant = datetime.fromisoformat(text(value))
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000


def json_object(message: str, title: str) -> dict[str, Any]:
    """JSON object of a WebSocket message; empty for any other text, such as `pong`."""
    if message[:1] not in ("{", "["):
        return {}
    answer = refusals.decode_body(message.encode(), title)
    return answer if isinstance(answer, dict) else {}
