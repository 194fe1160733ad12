"""One odd row at a time: every row of every table in a JSON value, mutated at every path.

What a reader promises is measured against the same value without that row: an odd row may do
no more harm than a missing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import astuple
from typing import Any, NamedTuple

from liqmap.data.market import MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.errors import LiqmapError

Path = tuple[Any, ...]
ODD: tuple[Any, ...] = (None, "", "x", "NaN", "1_000", 0, -1, 1e300, True, [], {}, [[]])
"""Values in the place of another; what is dropped, repeated or in another order comes beside."""


class Mutation(NamedTuple):
    """A value with one odd row, and the same without that row."""

    what: str
    value: Any
    without: Any


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Paths of all values within a JSON value."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*path, key))


def at(value: Any, path: Path) -> Any:
    """The value at a path."""
    for key in path:
        value = value[key]
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    """A copy with another value at a path."""
    if not path:
        return new
    value = deepcopy(value)
    at(value, path[:-1])[path[-1]] = new
    return value


def without(value: Any, path: Path) -> Any:
    """A copy that lacks what is at a path."""
    value = deepcopy(value)
    del at(value, path[:-1])[path[-1]]
    return value


def is_table(value: Any) -> bool:
    """Whether it has two rows or more: lists or objects, all of one kind, or such by name."""
    if isinstance(value, dict):
        rows = list(value.values())
        return len(rows) > 1 and all(_fields(row) == _fields(rows[0]) != () for row in rows)
    kinds = {type(row) for row in value} if isinstance(value, list) else set()
    return kinds in ({dict}, {list}) and len(value) > 1


def _fields(row: Any) -> tuple[str, ...]:
    return tuple(row) if isinstance(row, dict) else ()


def plain(value: Any) -> Any:
    """A copy in which no two rows of a table have the same time: of those only one counts."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    if not is_table(value):
        return [plain(item) for item in value]
    by_time = {_time(row) or f"row {number}": row for number, row in enumerate(value)}
    return [plain(row) for row in by_time.values()]


def _time(row: Any) -> str:
    """The first time in a row: milliseconds, seconds or ISO 8601."""
    cells = row.values() if isinstance(row, dict) else row
    return next((str(one) for one in cells if re.match(r"1[67]\d{8,}$|20\d\d-", str(one))), "")


def mutations(value: Any) -> Iterator[Mutation]:
    """Every odd row that can be made of the value."""
    for path in places(value):
        table = at(value, path)
        if not is_table(table):
            continue
        if isinstance(table, list):
            rest = without(value, (*path, 0))  # not possible where rows are told by their number
            yield Mutation(f"{path} in another order", put(value, path, table[::-1]), rest)
            for row, record in enumerate(table):
                rest = without(value, (*path, row))
                twice = [*table[:row], record, *table[row:]]
                yield Mutation(f"{path} row {row} twice", put(value, path, twice), rest)
                for odd in ODD:
                    more = [*table[:row], odd, *table[row:]]
                    yield Mutation(f"{path} {odd!r} before {row}", put(value, path, more), rest)
        for row in table if isinstance(table, dict) else range(len(table)):
            rest = without(value, (*path, row))
            for inner in places(table[row]):
                where = (*path, row, *inner)
                for odd in ODD:
                    yield Mutation(f"{where} is {odd!r}", put(value, where, odd), rest)
                if inner:
                    yield Mutation(f"{where} is dropped", without(value, where), rest)


def rows_of(result: Any) -> set[Any]:
    """The rows of a result, each by itself.

    Of tiers only the rates: their ends and deductions hang together.
    """
    if isinstance(result, tuple):
        return set(result)
    if isinstance(result, MaintenanceTiers):
        return set(result.maintenance_rate)
    if isinstance(result, OrderBook):
        sides = ((result.bid_price, result.bid_base), (result.ask_price, result.ask_base))
        return {(n, *level) for n, side in enumerate(sides) for level in zip(*side, strict=True)}
    names = [name for name in type(result).__slots__ if name not in ("step_ms", "end_ms")]
    columns = [getattr(result, name) for name in names]
    if not hasattr(columns[0], "shape"):
        return {astuple(result)}
    columns = [one for one in columns if getattr(one, "shape", None)]
    return set(zip(*(column.tolist() for column in columns), strict=True))


def harm(read: Callable[[Any], Any], value: Any, mutation: Mutation) -> str:
    """What the odd row did beyond what its absence would; empty when nothing.

    Anything that is not a `LiqmapError` is raised.
    """
    try:
        whole, rest = rows_of(read(value)), rows_of(read(mutation.without))
    except LiqmapError:
        return ""
    try:
        found = rows_of(read(mutation.value))
    except LiqmapError as error:
        return f"{mutation.what}: {error.sentence}"
    lost = (whole & rest) - found
    return f"{mutation.what}: without {sorted(lost, key=str)[0]}" if lost else ""
