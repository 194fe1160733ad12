"""A language in which every letter of a sentence is a dot: what is still English was not said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from liqmap import language
from liqmap.words import ENGLISH


def dots(sentence: str) -> str:
    """The sentence with its slots as they are."""
    return re.sub(r"(\{\w*\})|[A-Za-z]", lambda found: found[1] or "·", sentence)


@contextmanager
def unreadable() -> Iterator[None]:
    """Say everything in that language."""
    language.use(dots, lambda one, many, number: dots(one if number == 1 else many))
    try:
        yield
    finally:
        language.use(language.english, language.english_count)


def english(text: str, *names: str) -> list[str]:
    """The words that were not said, beside months and names: of venues, contracts, and the like."""
    months = [form.replace("{} ", "") for form in ENGLISH["months"]]
    for name in sorted([*names, *months], key=len, reverse=True):
        text = text.replace(name, "")
    return re.findall(r"[A-Za-z]{2,}", text)
