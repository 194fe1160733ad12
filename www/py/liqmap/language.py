"""Sentences in the visitor's language: English stands in the code, and is the key of a catalogue.

The page runs in MicroPython and reads this very file, so it imports nothing that MicroPython
has not. Until `use` is called, every sentence is said in English.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


def english(sentence: str) -> str:
    """The sentence as it is."""
    return sentence


def english_count(one: str, many: str, number: int) -> str:
    """The singular for 1, the plural for any other number."""
    return one if number == 1 else many


class _Catalogue:
    """How a sentence is looked up, and one that depends on a number."""

    one: "Callable[[str], str]" = english
    many: "Callable[[str, str, int], str]" = english_count


def use(one: "Callable[[str], str]", many: "Callable[[str, str, int], str]") -> None:
    """Say what follows in another language.

    Parameters
    ----------
    one : callable
        The translation of an English sentence, or the sentence itself, as `gettext.gettext`.
    many : callable
        The translation of an English singular and plural for a number, as `gettext.ngettext`.
    """
    _Catalogue.one = one
    _Catalogue.many = many


def say(sentence: str, **slots: object) -> str:
    """A sentence in the visitor's language, its `{slots}` filled.

    `say("{venue} publishes no {quantity}.", venue="Bybit", quantity=say("order book"))`. The
    build finds the sentence by this call, so that it must be written out in it; a variable holds
    what was written in `mark`.
    """
    said = _Catalogue.one(sentence)
    return said.format(**slots) if slots else said


def count(one: str, many: str, number: int, **slots: object) -> str:
    """A sentence that depends on a number, `{n}` in it.

    `count("{n} bar is missing.", "{n} bars are missing.", 3)`; the language may know other
    plurals than English. `n` may be given as text, where the number is large.
    """
    said = _Catalogue.many(one, many, number)
    slots.setdefault("n", number)
    return said.format(**slots)


def mark(sentence: str) -> str:
    """The English sentence itself, of a table that is written before a language is known.

    Whoever shows it calls `say` of it.
    """
    return sentence
