"""The sums in index.html: of every file that the page asks for, where browsers look for them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.build import integrity, site
from tools.build.console import BuildError

FILES = {"boot.js": b"1;", "py/main.py": b"pass", "runtime/pyodide/numpy.whl": b""}
HEAD = (
    "<meta content=\"script-src 'self' 'unsafe-eval'\">"
    '<script type="importmap"></script><script src="guard.js"></script>'
    '<script src="boot.js" defer></script>'
)


def test_a_digest_is_the_one_of_the_standard() -> None:
    """The example of the Subresource Integrity specification."""
    assert integrity.digest(b"alert('Hello, world.');") == (
        "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
    )


def test_tags_the_map_and_the_policy_hold_the_sums() -> None:
    page = integrity.sealed(HEAD, "watch();", FILES)
    boot, main = (integrity.digest(FILES[name]) for name in ("boot.js", "py/main.py"))
    assert f'<script src="boot.js" integrity="{boot}" defer>' in page
    (listing,) = re.findall(r'<script type="importmap">(.*?)</script>', page)
    assert json.loads(listing) == {"integrity": {"./boot.js": boot, "./py/main.py": main}}
    allowed = " ".join(f"'{integrity.digest(text)}'" for text in (listing.encode(), b"\nwatch();"))
    assert "<script>\nwatch();</script>" in page
    assert f"script-src 'self' {allowed} 'unsafe-eval'" in page


@pytest.mark.parametrize(
    "page", [HEAD.replace(one, "nope") for one in ("boot.js", "importmap", "guard.js")]
)
def test_a_page_that_cannot_be_sealed_fails_the_build(page: str) -> None:
    with pytest.raises(BuildError):
        integrity.sealed(page, "", FILES)


def test_the_built_page_lists_what_it_may_ask_for(tmp_path: Path) -> None:
    site.build(tmp_path)
    found = re.search(r'importmap">(.*?)<', (tmp_path / "index.html").read_text())
    assert found
    listed = json.loads(found[1])["integrity"]
    for name in ("figure.json", "py/page.tar.gz", "py/worker.py", "runtime.mjs"):
        assert listed[f"./{name}"] == integrity.digest((tmp_path / name).read_bytes())
    assert not {"./site.json", "./manifest.json", "./index.html", "./guard.js"} & set(listed)
