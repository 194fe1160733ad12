"""The documents: what they say of the code is made from it, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import build
from tests.conftest import ROOT
from tools.build import documents, screenshot
from tools.build.console import BuildError

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)

documents_of_ours = pytest.mark.parametrize(
    "path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix()
)


def test_what_is_made_from_the_code_is_as_the_code_has_it() -> None:
    stale = documents.stale(build.parser())
    assert not stale, f"{', '.join(stale)}: run `python3 build.py docs`"


def test_every_block_is_in_some_document() -> None:
    text = "".join(path.read_text() for path in DOCUMENTS)
    for name in documents.blocks(build.parser()):
        assert f"<!-- made by build.py docs: {name} -->" in text


def test_only_what_stands_between_the_marks_is_replaced() -> None:
    text = "a\n<!-- made by build.py docs: x -->\nold\n<!-- end of x -->\nb\n"
    filled = "a\n<!-- made by build.py docs: x -->\n\nnew\n\n<!-- end of x -->\nb\n"
    assert documents.filled(text, {"x": "new"}) == filled
    assert documents.filled(filled, {"x": "new"}) == filled
    with pytest.raises(BuildError, match="asks for 'x'"):
        documents.filled(text, {})


def anchors(path: Path) -> set[str]:
    """What `#…` may name in a document: its headings as a code host writes them in an address."""
    found: list[str] = []
    for title in re.findall(r"^#+ +(.+?) *$", FENCED.sub("", path.read_text()), re.MULTILINE):
        words = re.sub(r"\[(.+?)\]\(.+?\)", r"\1", title).lower()
        found.append(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    again = [f"{one}-{n}" for one in set(found) for n in range(1, found.count(one))]
    return {*found, *again}


@documents_of_ours
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """To a file that there is, and to a heading of it."""
    prose = FENCED.sub("", path.read_text())
    for link in re.findall(r"\]\(([^)\s]+)[^)]*\)", prose):
        if "://" in link:
            continue
        name, _, anchor = link.partition("#")
        target = path.parent / name if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_pictures_are_shown_made_here_and_light() -> None:
    shown = {
        (path.parent / link).resolve()
        for path in DOCUMENTS
        for link in re.findall(r"!\[[^\]]+\]\(([^)]+)\)", path.read_text())
    }
    assert shown == set((ROOT / "docs").rglob("*.png"))
    explained = [path for path in shown if path.parent.name == "explanation"]
    made = {name for parts in screenshot.PICTURES.values() for name in parts}
    assert {path.stem for path in explained} == made
    sizes = [path.stat().st_size for path in explained]
    assert max(sizes) < 60_000, "a reader waits for it"
    assert sum(sizes) < 400_000, "every clone has all of them"


@documents_of_ours
def test_documents_name_files_that_there_are(path: Path) -> None:
    """Whatever is written as `www/…`, `tests/…`, `tools/…`, `bench/…` or `docs/…`."""
    if path.name == "CHANGELOG.md":
        return
    named = re.findall(r"`((?:www|tests|tools|bench|docs)/[\w./-]+)`", path.read_text())
    for name in named:
        assert (ROOT / name).exists(), name
