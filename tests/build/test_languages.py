"""What is found for translation, and what is made of a catalogue."""

from __future__ import annotations

import gettext
import io
import json
from pathlib import Path

import pytest

from tools.build import languages, sentences, site
from tools.build.sentences import Sentence

FRONT = """<head><title>A title</title><style>p { color: red }</style></head><body>
<p title="Said of it">Read <a href="./">the method</a> <b>first</b>, please.
<label><input placeholder="auto…"> Levels</label> <select><option>One more</option>
<option translate="no">Nobody</option></select>
<a href="./"><span></span>liqmap</a> <script>no = "words"</script>12 %</p>
<textarea aria-label="HTML">not these</textarea></body>"""
CALLS = """
say("Nothing.")
language.say("{venue} has {bars}.", venue=title, bars=count("{n} bar", "{n} bars", 3))
TABLE = {"a": mark("Automatic"), "b": "not this"}
say(variable)
"""
SAID = [
    Sentence("Nothing.", "", "one.py"),
    Sentence("{n} bar of {venue}", "{n} bars of {venue}", "one.py"),
]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """No catalogues but those of a test."""
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    return tmp_path


def test_sentences_of_python_are_what_is_said_and_marked() -> None:
    assert sentences.said(CALLS) == [
        ("Nothing.", ""),
        ("{venue} has {bars}.", ""),
        ("{n} bar", "{n} bars"),
        ("Automatic", ""),
    ]


def test_sentences_of_html_are_runs_of_text_with_the_elements_within_them() -> None:
    reader = sentences.of_html(FRONT)
    assert [one.one for one in reader] == [
        "A title",
        "Said of it",
        "Read <1>the method</1> <2>first</2>, please.",
        "auto…",
        "Levels",
        "One more",
        "liqmap",
        "HTML",
    ]


@pytest.mark.usefixtures("folder")
def test_a_language_is_said_by_page_and_package_with_its_own_plurals() -> None:
    forms = ["{n} бар {venue}", "{n} бара {venue}", "{n} баров {venue}"]
    languages.update("ru", SAID, {"Nothing.": "Ничего.", SAID[1].one: forms})
    assert languages.faults("ru", SAID) == []
    made = languages.files(SAID, SAID[:1])
    page = json.loads(made["languages/ru.json"])
    assert page == {"plural": ["one", "few", "many"], "sentences": {"Nothing.": "Ничего."}}
    said = gettext.GNUTranslations(io.BytesIO(made["languages/ru.mo"]))
    assert said.gettext("Nothing.") == "Ничего."
    found = [said.ngettext(SAID[1].one, SAID[1].many, n) for n in (1, 3, 5, 21)]
    assert found == [forms[0], forms[1], forms[2], forms[0]]
    assert languages.files(SAID, SAID[:1]) == made


@pytest.mark.usefixtures("folder")
def test_what_is_missing_wrong_or_no_longer_said_is_named() -> None:
    wrong = ["{n} бар", "{n} бара {venue}", "{n} баров {venue}"]
    languages.update("ru", [*SAID, Sentence("Old.", "", "two.py")], {SAID[1].one: wrong})
    assert languages.faults("ru", SAID) == [
        "one.py: Nothing.",
        "one.py: slots of {n} bar of {venue}: {n} бар",
        "no longer said: Old.",
    ]
    languages.update("ru", SAID)
    assert languages.faults("ru", SAID) == [
        "one.py: Nothing.",
        "one.py: slots of {n} bar of {venue}: {n} бар",
    ]


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("zh-Hans", ["other"]),
        ("zh-Hant", ["other"]),
        ("es", ["one", "many", "other"]),
        ("tr", ["one", "other"]),
        ("ru", ["one", "few", "many"]),
    ],
)
def test_the_page_and_gettext_have_plural_forms_in_one_order(tag: str, expected: list[str]) -> None:
    assert languages.plurals(tag) == expected


@pytest.mark.parametrize("tag", languages.tags())
def test_every_sentence_is_translated(tag: str) -> None:
    package, page = site.said()
    assert languages.faults(tag, [*package, *page]) == []


def test_what_can_be_chosen_is_what_has_a_catalogue() -> None:
    from liqmap.view import LANGUAGES

    assert sorted({*LANGUAGES} - {"auto", "en"}) == languages.tags()
