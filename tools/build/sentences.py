"""What can be translated: the English sentences of package, page, scripts and HTML.

In Python and in scripts a sentence is the text in a call of `say`, `count` or `mark`; in HTML it
is a run of text, where `<1>…</1>` stands for an element within it, and some attributes.
`www/language.js` finds the same in the document.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from tools.build.console import ROOT, WWW

TAG = re.compile(r"(</?\d>)")
"""The place of an element in a sentence."""
WITHIN = frozenset(("a", "abbr", "b", "code", "em", "kbd", "strong", "sub", "sup"))
"""Elements that are part of the sentence that they stand in."""
SILENT = frozenset(("script", "style", "py-config", "svg", "textarea", "head"))
"""Elements without words for a reader; of the head, only the title has some."""
SPOKEN = ("aria-label", "title", "placeholder")
"""Attributes that are read."""
VOID = frozenset(("br", "img", "input", "link", "meta"))
_CALLS = re.compile(r"\bsay\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*\+?\s*)+)")
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.)*)\"")


class Sentence(NamedTuple):
    """What is said, its plural where it depends on a number, and the file that says it."""

    one: str
    many: str
    where: str


def of_package() -> list[Sentence]:
    """What the worker says."""
    return _of_python(sorted((WWW / "py" / "liqmap").rglob("*.py")))


def of_page(front: str, figure: bytes, package: Iterable[Sentence]) -> list[Sentence]:
    """What the page says: its Python, its scripts, the finished HTML, and the chart's marked words.

    Parameters
    ----------
    front : str
        index.html as it is built.
    figure : bytes
        The Bokeh document as JSON.
    package : iterable of Sentence
        What the worker says: the chart's words are among it.
    """
    python = [*sorted((WWW / "py" / "page").glob("*.py")), WWW / "py" / "main.py"]
    shared = [WWW / "py" / "liqmap" / "words.py"]
    drawn = set(_strings(json.loads(figure)))
    return [
        *of_html(front),
        *_of_python([*python, *shared]),
        *_of_scripts(),
        *(one for one in package if one.one in drawn),
    ]


def _of_python(paths: Iterable[Path]) -> list[Sentence]:
    return [
        Sentence(one, many, path.relative_to(ROOT).as_posix())
        for path in paths
        for one, many in said(path.read_text())
    ]


@cache  # a served site is built again at each load
def said(source: str) -> list[tuple[str, str]]:
    """The sentences of a module, in the order of their lines: singular and plural, if any."""
    found = []
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        texts = [one.value for one in call.args if isinstance(one, ast.Constant)]
        words = [text for text in texts if isinstance(text, str)]
        if name in ("say", "mark") and words:
            found.append((words[0], ""))
        elif name == "count" and len(words) >= 2:
            found.append((words[0], words[1]))
    return found


def _of_scripts() -> list[Sentence]:
    """Texts in calls of `say` of the page's scripts, put together where they are added up."""
    return [
        Sentence("".join(json.loads(f'"{text}"') for text in _TEXT.findall(found)), "", where)
        for path in sorted(WWW.rglob("*.js"))
        if (where := path.relative_to(ROOT).as_posix())
        for found in _CALLS.findall(path.read_text())
    ]


def of_html(text: str) -> list[Sentence]:
    """Runs of text, and attributes that are read, as they first appear."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return [Sentence(one, "", "www/index.html") for one in dict.fromkeys(reader.found)]


def _strings(value: object) -> Iterator[str]:
    """Every text within a value that was read from JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


class _Reader(HTMLParser):
    """Collects runs: the text between two elements that are no part of a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # and whether nothing is read in it
        self._run = ""
        self._elements = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        spoken = dict(attrs)
        self.found += [text for name in SPOKEN if is_sentence(text := spoken.get(name) or "")]
        if tag in WITHIN and not self._silent():
            self._elements += 1
            self._run += f"<{self._elements}>"
        else:
            self._end()
        if tag not in VOID:
            silent = tag in SILENT or spoken.get("translate") == "no"
            self._open.append((tag, silent or (self._silent() and tag != "title")))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in WITHIN and self._elements and not self._silent():
            self._run += f"</{self._elements}>"
        else:
            self._end()

    def handle_data(self, data: str) -> None:
        if not self._silent():
            self._run += data

    def close(self) -> None:
        super().close()
        self._end()

    def _silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _end(self) -> None:
        run = " ".join(self._run.split())
        whole = re.fullmatch(r"<1>([^<]*)</1>", run)  # nothing but an element
        run = whole[1] if whole else run
        if is_sentence(re.sub(r"</?\d>", "", run)):
            self.found.append(run)
        self._run, self._elements = "", 0


def is_sentence(text: str) -> bool:
    """Whether there are words in it: no sign, no number, no single unit."""
    return re.search(r"[A-Za-z]{2}", text) is not None
