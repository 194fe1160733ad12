"""From decoded answers to columns: what all venues have in common.

A field that is missing, of another kind or out of bounds raises `Malformed` or another
plain exception; `reading` and `conversation` turn each of them into a `BadResponse` that
names the venue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers, Rule
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError, LiqmapError, NoData
from liqmap.venues import refusals
from liqmap.venues.adapter import Conversation

# A time outside 2010 … 2100 is in seconds, microseconds, or no time at all.
TIME_MS = (1_262_304_000_000.0, 4_102_444_800_000.0)
# No price, quantity or time is beyond; products and quotients of those within are finite.
MAGNITUDES = (1e-24, 1e24)


class Malformed(ValueError):
    """What is wrong with an answer; `reading` adds the venue, the series and the symbol."""


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
    """Turn every fault inside the block into a `BadResponse`.

    It says venue (`title`), series (`what`) and contract (`symbol`); any other `LiqmapError`
    passes, with these as its `where` unless it has one.
    """
    where = " · ".join(part for part in (title, what, symbol) if part)
    try:
        yield
    except _FAULTS as fault:
        if isinstance(fault, Malformed | InputError):
            complaint = str(fault).rstrip(".")
        else:
            complaint = "a field is missing or of another kind"
        detail = repr(fault)[:200]
        raise refusals.unknown(title, f"{what}, {complaint}", detail, where) from fault
    except LiqmapError as error:
        error.where = error.where or where
        raise


class _Titled(Protocol):
    @property
    def title(self) -> str: ...


V = TypeVar("V", bound=_Titled)
P = ParamSpec("P")
T = TypeVar("T")
Method = Callable[Concatenate[V, P], Conversation[T]]


def conversation(what: str) -> Callable[[Method[V, P, T]], Method[V, P, T]]:
    """Decorate an adapter's conversation so that it raises only `LiqmapError`.

    `what` names the series in errors; see `reading`.
    """

    def decorate(method: Method[V, P, T]) -> Method[V, P, T]:
        @wraps(method)
        def guarded(adapter: V, /, *args: P.args, **kwargs: P.kwargs) -> Conversation[T]:
            symbol = next((arg.native for arg in args if isinstance(arg, Instrument)), "")
            inner = method(adapter, *args, **kwargs)
            batch = next(inner)  # no answer yet: what fails here is our own mistake
            while True:
                answers = yield batch
                with reading(adapter.title, what, symbol):
                    try:
                        batch = inner.send(answers)
                    except StopIteration as end:
                        result: T = end.value
                        return result

        return guarded

    return decorate


def number(value: object) -> float:
    """A finite number of plausible size (`MAGNITUDES`), or 0, from a JSON number or string."""
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
    """A string that is not empty."""
    if not isinstance(value, str) or not value:
        raise Malformed(f"expected a name, found {value!r:.40}")
    return value


def rows(value: object) -> list[Any]:
    """The value, which must be a list."""
    if not isinstance(value, list):
        raise Malformed(f"expected a list, found {value!r:.40}")
    return value


def table(answers: Iterable[Any], key: str | None = None) -> list[Any]:
    """The rows of all answers, in their order; with `key`, those of that field of each."""
    return [row for answer in answers for row in rows(answer if key is None else answer[key])]


def column(table: Sequence[Any], key: int | str, read: Callable[[object], float] = number) -> Array:
    """One field of every row, as numbers, shape (len(table),).

    Raises `Malformed` with the row and the field.
    """
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
    """Raise `Malformed` when a time cannot be in milliseconds of this century."""
    times = np.atleast_1d(time_ms)
    if ((times < TIME_MS[0]) | (times > TIME_MS[1])).any():
        raise Malformed("a time is not in milliseconds of our age")


def instant_ms(value: object) -> float:
    """A time in milliseconds, UTC, from a JSON number or string."""
    time_ms = number(value)
    check_time(time_ms)
    return time_ms


def in_order(
    time_ms: Array, start_ms: float | None, end_ms: float | None, step_ms: float = 0.0
) -> NDArray[np.intp]:
    """Indices of the rows in [start_ms, end_ms), oldest first.

    Of rows with the same time the last in the table counts. With `step_ms`, every time must
    be a multiple of it: days of another zone than UTC are told by that.
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
    """Bars from rows in any order; raises `NoData` when none opens in [start_ms, end_ms).

    `keys` are the fields of time [ms], open, high, low, close and, as far as the venue gives
    them, volume and taker buy volume [base]. `time_ms` replaces the first where times need
    converting.
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
    """+1 for the venue's word `long`, -1 for `short`; raises `Malformed` for any other."""
    if value not in (long, short):
        raise Malformed(f"expected {long} or {short}, found {value!r:.40}")
    return 1.0 if value == long else -1.0


def iso_ms(value: object) -> float:
    """Milliseconds of an ISO 8601 time; UTC where it names no zone."""
    instant = datetime.fromisoformat(text(value))
    return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp() * 1000


def open_interest(
    time_ms: Array, open_interest_base: Array, start_ms: float, end_ms: float
) -> OpenInterest:
    """Samples in [start_ms, end_ms] from rows in any order; raises `NoData` without any.

    `open_interest_base` is one-sided [base].
    """
    order = in_order(time_ms, start_ms, end_ms + 1)
    if not order.size:
        raise NoData("There is no open interest in that range.", hint="Choose a shorter range.")
    return OpenInterest(time_ms[order], open_interest_base[order])


def tiers(
    notional_cap_quote: Array, maintenance_rate: Array, *, rule: Rule = "exact"
) -> MaintenanceTiers:
    """Tiers, smallest first, with the deductions that make the margin continuous.

    At the border between two tiers both demand the same margin, so the deduction is
    A_n = A_{n-1} + floor_n·(m_n - m_{n-1}), with m the rate and floor_n the border. Raises
    `NoData` without any tier.
    """
    if not notional_cap_quote.size:
        raise NoData("There are no maintenance margin tiers.", hint="A standard rate is used.")
    steps = notional_cap_quote[:-1] * np.diff(maintenance_rate)
    deduction = np.concatenate([[0.0], np.cumsum(steps)])
    return MaintenanceTiers(notional_cap_quote, maintenance_rate, deduction, rule)


def by_volume(instruments: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Contracts, largest 24 h volume first, then by name; raises `NoData` without any.

    Of contracts of the same name the first counts.
    """
    named: dict[str, Instrument] = {}
    for instrument in instruments:
        named.setdefault(instrument.name, instrument)
    ordered = sorted(named.values(), key=lambda each: (-each.volume_24h_quote, each.name))
    if not ordered:
        raise NoData("The venue lists no perpetual contract.", hint="Choose another venue.")
    return tuple(ordered)


def liquidations(
    time_ms: Sequence[float] | Array,
    position_side: Sequence[float],
    price: Sequence[float] | Array,
    quantity_base: Sequence[float] | Array,
    start_ms: float | None = None,
    end_ms: float | None = None,
) -> Liquidations:
    """Liquidations in [start_ms, end_ms) from rows in any order; equal rows are all kept."""
    found = Liquidations.sorted(time_ms, position_side, price, quantity_base)
    check_time(found.time_ms)
    keep = np.ones(found.time_ms.size, dtype=bool)
    if start_ms is not None:
        keep &= found.time_ms >= start_ms
    if end_ms is not None:
        keep &= found.time_ms < end_ms
    return found.rows(keep)


def json_object(message: str, title: str) -> dict[str, Any]:
    """JSON object of a WebSocket message; empty for any other text, such as `pong`."""
    if message[:1] not in ("{", "["):
        return {}
    answer = refusals.decode_body(message.encode(), title)
    return answer if isinstance(answer, dict) else {}
