"""The documents as a site: whole, loading nothing of others, refused where something is wrong."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import liqmap
from tests.conftest import ROOT
from tools.build import docsite
from tools.build.console import BuildError

FOREIGN = re.compile(r"(?:\w+:)?//")


class _Page(HTMLParser):
    """Every address that a browser asks for by itself, and every place that a link can name."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.places.add(given.get("id") or "")
        self.loaded += [given.get("src") or "", given.get("srcset") or ""]
        if tag == "link":
            self.loaded.append(given.get("href") or "")


def test_the_site_is_whole_and_asks_nobody_else_for_anything(tmp_path: Path) -> None:
    """One test of all, for making the site takes ten seconds."""
    site = tmp_path / "site"
    docsite.build(site, tmp_path / "cache")
    for path in (ROOT / "docs").rglob("*.md"):
        page = path.relative_to(ROOT / "docs").with_suffix(".html")
        assert (site / page).exists(), page
    for path in site.rglob("*.html"):
        for address in _Page(path.read_text()).loaded:
            assert not FOREIGN.match(address), f"{path.name} loads {address}"
    for path in site.rglob("*.css"):
        assert not re.search(rf"(?:url\(|@import)\s*[\"']?{FOREIGN.pattern}", path.read_text()), (
            path
        )
    places = _Page((site / "reference" / "python.html").read_text()).places
    for name in (*liqmap.__all__, *liqmap._BEYOND):
        assert {f"liqmap.{name}", f"liqmap.errors.{name}"} & places, f"{name} is not documented"


@pytest.mark.parametrize(
    ("page", "complaint"),
    [
        ("[there](nowhere.md)", "nowhere.md"),
        ("[there](index.md#nowhere)", "nowhere"),
        ("```{eval-rst}\n.. autofunction:: liqmap.nothing\n```", "nothing"),
    ],
)
def test_a_page_with_a_fault_is_refused(page: str, complaint: str, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text(f"# A page\n\n{page}\n")
    with pytest.raises(BuildError, match=complaint):
        docsite.build(tmp_path / "site", tmp_path / "cache", tmp_path / "docs")


def test_a_page_that_no_index_lists_is_refused(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# A page\n")
    (tmp_path / "docs" / "lost.md").write_text("# Another\n")
    with pytest.raises(BuildError, match=r"lost\.md.*any toctree"):
        docsite.build(tmp_path / "site", tmp_path / "cache", tmp_path / "docs")
