"""A language that is not: sentences in wide letters, so that what nobody said is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from string import ascii_letters

from liqmap import language
from liqmap.venues.registry import TITLES
from liqmap.words import ENGLISH

_WIDE = {ord(letter): ord(letter) + 0xFEE0 for letter in ascii_letters}
_SLOT = re.compile(r"(\{.*?\})")
_WORD = re.compile(r"[A-Za-z]{2,}")
_NAMES = {"UTC", *TITLES.values(), *(month.format("").strip() for month in ENGLISH["months"])}
"""What is the same in every language, or written by the locale's forms of numbers and dates."""


@contextmanager
def pseudo() -> Iterator[None]:
    """Say everything so for a while."""
    language.use(wide, lambda one, many, number: wide(one if number == 1 else many))
    try:
        yield
    finally:
        language.use(language.english, language.english_count)


def wide(sentence: str) -> str:
    """The sentence in wide letters, its slots as they are."""
    parts = _SLOT.split(sentence)
    said = [one if _SLOT.fullmatch(one) else one.translate(_WIDE) for one in parts]
    return f"⟦{''.join(said)}⟧"


def english_in(text: str, *names: str) -> list[str]:
    """Words that no catalogue could translate, beside names: of venues, and those given."""
    for name in sorted({*_NAMES, *names}, key=len, reverse=True):
        text = text.replace(name, "")
    return _WORD.findall(text)
