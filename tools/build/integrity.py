"""What the browser compares before it runs a file: sha256 sums in index.html.

The import map lists every file that the page itself asks for. Browsers that know `integrity` of
import maps hold all modules to it, `www/guard.js` what the page fetches; the attributes of tags
hold in every browser. What the worker loads is compared by `www/runtime.mjs`. Files of tags that
say `inline` are written into the page, which is one request less for each; the guard is among
them, so that it is there whenever the page is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from tools.build.console import BuildError

COMPARED = re.compile(
    r"[\w-]+\.(js|mjs)|py/.*|runtime/(bokeh|micropython)/.*"
    r"|runtime/pyscript/(core|error).*|runtime/pyodide/pyodide\.mjs"
)
MAP = '<script type="importmap"></script>'
INLINE = re.compile(
    r'<script(.*?) inline src="(.*?)"(.*?)></script>|<link rel="stylesheet" inline href="(.*?)">'
)
TAG = re.compile(r'<(?:script src|link rel="(?:modulepreload|preload" as="script)" href)="([^"]+)"')


def sealed(page: str, files: Mapping[str, bytes]) -> tuple[str, set[str]]:
    """The page with the files that it holds, and with the sums of those that it asks for.

    Returns
    -------
    str
        The page.
    set of str
        Paths of the files that it holds, which nobody asks for any more.

    Raises
    ------
    BuildError
        A tag names a file that is not there or not compared, or there is no import map.
    """
    if page.count(MAP) != 1:
        raise BuildError(f"www/index.html needs one {MAP}")
    held: set[str] = set()
    scripts: list[str] = []

    def written(tag: re.Match[str]) -> str:
        before, script, after, style = tag.groups()
        path = script or style
        if path not in files:
            raise BuildError(f"www/index.html wants {path} inline: it is not there")
        held.add(path)
        text = f"\n{files[path].decode()}"
        if style:
            return f"<style>{text}</style>"
        if "mpy" not in before:
            scripts.append(text)
        return f"<script{before}{after}>{text}</script>"

    page = INLINE.sub(written, page)
    paths = sorted(path for path in files.keys() - held if COMPARED.fullmatch(path))
    sums = {path: digest(files[path]) for path in paths}
    if unknown := set(TAG.findall(page)) - sums.keys():
        raise BuildError(f"www/index.html asks for {', '.join(sorted(unknown))}: not compared")
    listing = json.dumps({"integrity": {f"./{path}": one for path, one in sums.items()}})
    page = page.replace(MAP, MAP.replace("><", f">{listing}<"))
    page = TAG.sub(lambda found: f'{found[0]} integrity="{sums[found[1]]}"', page)
    allowed = " ".join(f"'{digest(text.encode())}'" for text in (listing, *scripts))
    return page.replace("script-src 'self'", f"script-src 'self' {allowed}", 1), held


def digest(content: bytes) -> str:
    """As HTML and CSP write it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
