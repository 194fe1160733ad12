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
