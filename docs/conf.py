"""Sphinx's settings: how the Markdown here becomes the site that `build.py docs` makes."""

from __future__ import annotations

import posixpath
import re
import sys
from pathlib import Path

from sphinx.application import Sphinx

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "www" / "py"))

import liqmap  # noqa: E402

REPOSITORY = "https://github.com/liqmap/liqmap/"
LINK = re.compile(r"\]\(([^)#\s:]+)")

project = "liqmap"
version = release = liqmap.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "numpydoc"]
default_role = "code"  # docstrings are written with single backticks
highlight_language = "none"
myst_heading_anchors = 3
numpydoc_show_class_members = False
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # docstrings have types with shapes and units
add_module_names = False
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "liqmap"
html_favicon = "../www/icon.svg"
html_copy_source = False
html_show_copyright = False
html_show_sphinx = False
html_theme_options = {
    "source_repository": REPOSITORY,
    "source_branch": "main",
    "source_directory": "docs/",
}


def read(app: Sphinx, page: str, source: list[str]) -> None:
    """Make of a page for a code host one for the site.

    The links of an `index.md` become its table of contents; links to what is no page or picture
    of this folder lead to the repository.
    """
    text = source[0]
    if posixpath.basename(page) == "index":
        pages = [link for link in LINK.findall(text) if link.endswith(".md")]
        text += "\n".join(["\n```{toctree}", ":hidden:", "", *pages, "```\n"])
    folder = posixpath.join("docs", posixpath.dirname(page))

    def outside(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        if target.startswith("docs/") and target.endswith((".md", ".png")):
            return link[0]
        return f"]({REPOSITORY}blob/main/{target}"

    source[0] = LINK.sub(outside, text)


def setup(app: Sphinx) -> None:
    """Have each page go through `read`."""
    app.connect("source-read", read)
