"""Sentences by a catalogue, and in English where it has none."""

from __future__ import annotations

from collections.abc import Iterator
from gettext import NullTranslations

import pytest

from liqmap.language import count, say, use


class Turkish(NullTranslations):
    """Two sentences; of one form for every number, as in Turkish."""

    def gettext(self, message: str) -> str:
        return {"{amount} of {side}": "{side}: {amount}"}.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return "{number} mum"


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    yield
    use(None)


def test_english_is_said_as_it_is_written() -> None:
    assert say("{amount} of {side}", amount="$5M", side="longs") == "$5M of longs"
    assert say("100 % of {{this}}") == "100 % of {this}"
    assert say("") == ""
    assert count("1 bar", "{number} bars", 1) == "1 bar"
    assert count("1 bar", "{number} bars", 2) == "2 bars"
    assert count("one of {all}", "{number} of {all}", 1200, number="1,200", all=9) == "1,200 of 9"


def test_a_catalogue_orders_the_slots_and_english_stands_in() -> None:
    use(Turkish())
    assert say("{amount} of {side}", amount="$5M", side="uzun") == "uzun: $5M"
    assert say("no {thing}", thing="word") == "no word"
    assert count("1 bar", "{number} bars", 1) == "1 mum"
    use(None)
    assert say("{amount} of {side}", amount="$5M", side="longs") == "$5M of longs"
