"""The sums in index.html: of every file that the page asks for, where browsers look for them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tools.build import integrity, site
from tools.build.console import BuildError

FILES = {
    "chart.js": b"1;",
    "guard.js": b"watch();",
    "style.css": b"p {}",
    "py/main.py": b"pass",
    "py/worker.py": b"pass",
    "runtime/pyodide/numpy.whl": b"",
}
HEAD = (
    "<meta content=\"script-src 'self' 'unsafe-eval'\">"
    '<script type="importmap"></script><script inline src="guard.js"></script>'
    '<link rel="stylesheet" inline href="style.css">'
    '<script src="chart.js" defer></script>'
    """<script type="mpy" inline src="py/main.py" config='{}'></script>"""
)


def test_a_digest_is_the_one_of_the_standard() -> None:
    """The example of the Subresource Integrity specification."""
    assert integrity.digest(b"alert('Hello, world.');") == (
        "sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="
    )


def test_tags_the_map_and_the_policy_hold_the_sums() -> None:
    page, held = integrity.sealed(HEAD, FILES)
    chart, worker = (integrity.digest(FILES[name]) for name in ("chart.js", "py/worker.py"))
    assert f'<script src="chart.js" integrity="{chart}" defer>' in page
    (listing,) = re.findall(r'<script type="importmap">(.*?)</script>', page)
    assert json.loads(listing) == {"integrity": {"./chart.js": chart, "./py/worker.py": worker}}
    allowed = " ".join(f"'{integrity.digest(text)}'" for text in (listing.encode(), b"\nwatch();"))
    assert f"script-src 'self' {allowed} 'unsafe-eval'" in page
    assert held == {"guard.js", "style.css", "py/main.py"}


def test_what_is_inline_stands_where_its_tag_stood() -> None:
    page, _ = integrity.sealed(HEAD, FILES)
    assert "<script>\nwatch();</script><style>\np {}</style>" in page
    assert page.endswith("""<script type="mpy" config='{}'>\npass</script>""")


@pytest.mark.parametrize(
    "page", [HEAD.replace(one, "nope") for one in ("chart.js", "importmap", "guard.js")]
)
def test_a_page_that_cannot_be_sealed_fails_the_build(page: str) -> None:
    with pytest.raises(BuildError):
        integrity.sealed(page, FILES)


def test_the_built_page_lists_what_it_may_ask_for(tmp_path: Path) -> None:
    site.build(tmp_path)
    page = (tmp_path / "index.html").read_text()
    found = re.search(r'importmap">(.*?)<', page)
    assert found
    assert " inline " not in page
    listed = json.loads(found[1])["integrity"]
    for name in ("chart.js", "py/page.tar.gz", "py/worker.py", "runtime.mjs"):
        assert listed[f"./{name}"] == integrity.digest((tmp_path / name).read_bytes())
    assert not {"./site.json", "./manifest.json", "./index.html", "./guard.js"} & set(listed)
