"""The texts of a link: what each means, how it is written, and what is said of a wrong one.

A reader takes the text of one setting and raises `InputError`, whose sentence is part of another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import Field
from datetime import UTC, datetime
from typing import Any

from liqmap.data.numbers import typed_number
from liqmap.data.symbols import quoted
from liqmap.errors import InputError
from liqmap.language import count, say

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def one_of(options: Mapping[str, str]) -> Callable[[str], str]:
    """A reader that takes one of these values."""

    def read(text: str) -> str:
        if text not in options:
            raise InputError(say("expected one of {names}", names=", ".join(options)))
        return text

    return read


def price(text: str) -> float | None:
    """A price above zero, or nothing."""
    if not text:
        return None
    typed = typed_number(text)
    if typed <= 0:
        raise InputError(say("expected a price above zero"))
    return typed


def zoom(text: str) -> tuple[float, ...]:
    """Two times and two prices, each pair rising, joined by `_`; or nothing."""
    if not text:
        return ()
    try:
        begin_s, end_s, low, high = ends = tuple(typed_number(one) for one in text.split("_"))
    except ValueError:
        raise InputError(say("expected two times and two prices")) from None
    if not (0 <= begin_s < end_s and 0 <= low < high):
        raise InputError(say("expected two times and two prices, the smaller first"))
    return ends


def cluster(text: str) -> str:
    """A side and a price of it, `long_78500`; or nothing."""
    if not text:
        return ""
    side, _, inside = text.partition("_")
    if side not in ("long", "short") or not inside:
        raise InputError(say("expected long or short and a price, as long_78500"))
    return f"{side}_{write(price(inside))}"


def percent(text: str) -> int:
    """A whole number from 0 to 100."""
    try:
        typed = typed_number(text)
    except InputError:
        typed = -1.0
    if typed not in range(101):
        raise InputError(say("expected a whole number from 0 to 100"))
    return int(typed)


def instant(text: str) -> str | None:
    """`2026-03-12T14:00`, UTC; an instant of another zone is said in UTC, or nothing."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
        if at < _EPOCH:
            raise ValueError
    except (ValueError, OverflowError):
        raise InputError(say("expected an instant in UTC, as 2026-03-12T14:00")) from None
    return at.isoformat(timespec="minutes").removesuffix("+00:00")


def write(value: Any) -> str:
    """A value as it stands in a link."""
    if isinstance(value, tuple):
        floats = any(isinstance(one, float) for one in value)
        return ("_" if floats else "-").join(map(write, value))
    return (
        repr(value).removesuffix(".0").replace("+", "") if isinstance(value, float) else str(value)
    )


def not_taken(setting: Field[Any], text: str, error: InputError) -> str:
    """That a value of a link is wrong, and what is used instead."""
    none = setting.default in (None, (), "")
    return say(
        "The link says {key}={value}: {problem}; using {default}.",
        key=setting.name,
        value=quoted(text),
        problem=error.sentence,
        default=say(setting.metadata["nothing"]) if none else write(setting.default),
    )


def unknown(first: str, *others: str) -> str:
    """That keys of a link are no settings."""
    key = quoted(first)
    if not others:
        return say("The link has {key}, which is not a setting; ignored.", key=key)
    return count(
        "The link has {key} and {n} more, which are not settings; ignored.",
        "The link has {key} and {n} more, which are not settings; ignored.",
        len(others),
        key=key,
    )
