"""Sentences in the visitor's language, from the catalogue that is in use.

The English sentence is its own key. A sentence is written whole, with named slots, so that a
translation may order it anew; what a catalogue lacks is said in English.
"""

from __future__ import annotations

from gettext import NullTranslations
from typing import Any

_ENGLISH = NullTranslations()
_used: list[NullTranslations] = [_ENGLISH]


def use(catalogue: NullTranslations | None) -> None:
    """Say everything by this catalogue from now on; None is English."""
    _used[0] = catalogue or _ENGLISH


def mark(sentence: str) -> str:
    """The sentence itself: for the catalogue's sake, where it is said elsewhere by `say`."""
    return sentence


def say(sentence: str, /, **slots: Any) -> str:
    """A sentence with its slots filled: `say("{amount} of longs", amount="$5M")`.

    Braces that are no slots are doubled, as in `str.format`.
    """
    return _used[0].gettext(sentence).format(**slots) if sentence else ""


def count(one: str, several: str, number: int, /, **slots: Any) -> str:
    """The form of a sentence for a number, which is the slot `number` unless one is given."""
    slots.setdefault("number", number)
    return _used[0].ngettext(one, several, number).format(**slots)
