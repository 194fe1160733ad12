"""What our code on the page may not do: make markup or code of text, or keep cookies."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.build.console import WWW

FORBIDDEN = re.compile(
    r"\b(?:inner|outer)HTML\b|\binsertAdjacentHTML\b|\bsetHTMLUnsafe\b|\bdocument\.write(?:ln)?\b"
    r"|\bcreateContextualFragment\b|\bDOMParser\b|\bsrcdoc\b|\bcookie(?:Store)?\b"
    r"|(?<!\.literal_)\beval\s*\(|\bnew Function\b|\bset(?:Timeout|Interval)\(\s*[\"'`]"
    r"|\sexec\(|javascript:"
)
HANDLER = re.compile(r"<[^>]*\son[a-z]+\s*=")
FILES = sorted(path for path in WWW.rglob("*") if path.suffix in {".js", ".mjs", ".py", ".html"})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(WWW).as_posix())
def test_text_stays_text(path: Path) -> None:
    text = path.read_text()
    assert FORBIDDEN.findall(text) == []
    assert path.suffix != ".html" or HANDLER.findall(text) == []


def test_every_element_that_the_page_names_is_in_the_document() -> None:
    """One that is missing would break its panel in a browser only."""
    present = set(re.findall(r'\bid="([\w-]+)"', (WWW / "index.html").read_text()))
    scripts = [WWW / "py" / "main.py", *(WWW / "py" / "page").glob("*.py")]
    named = {
        (path.name, name)
        for path in scripts
        for name in re.findall(r'(?:find|fill_table)\("#([\w-]*\w)["\s]', path.read_text())
    }
    assert len(named) > 100
    assert {(path, name) for path, name in named if name not in present} == set()
