"""What the browser compares before it runs a file: sha256 sums in index.html.

The import map lists every file that the page itself asks for. Browsers that know `integrity` of
import maps hold all modules to it, `www/guard.js` what the page fetches; the attributes of tags
hold in every browser. What the worker loads is compared by `www/runtime.mjs`. The guard itself is
part of the page, so that it is there whenever the page is.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping

from tools.build.console import BuildError

COMPARED = re.compile(
    r"[\w-]+\.(js|mjs|css)|figure\.json|py/.*|runtime/(bokeh|micropython)/.*"
    r"|runtime/pyscript/core.*|runtime/pyodide/pyodide\.mjs"
)
MAP = '<script type="importmap"></script>'
GUARD = '<script src="guard.js"></script>'
TAG = re.compile(r'<(?:script src|link rel="(?:stylesheet|modulepreload)" href)="([^"]+)"')


def sealed(page: str, guard: str, files: Mapping[str, bytes]) -> str:
    """The page with its guard, and with the sums of the files that it asks for.

    Raises
    ------
    BuildError
        A tag names a file that is not there or not compared, or there is no import map.
    """
    sums = {path: digest(files[path]) for path in sorted(files) if COMPARED.fullmatch(path)}
    asked = set(TAG.findall(page)) - {"guard.js"}
    if unknown := asked - sums.keys():
        raise BuildError(f"www/index.html asks for {', '.join(sorted(unknown))}: not compared")
    for tag in (MAP, GUARD):
        if page.count(tag) != 1:
            raise BuildError(f"www/index.html needs one {tag}")
    listing = json.dumps({"integrity": {f"./{path}": one for path, one in sums.items()}})
    guard = f"\n{guard}"
    page = page.replace(MAP, MAP.replace("><", f">{listing}<"))
    page = page.replace(GUARD, f"<script>{guard}</script>")
    page = TAG.sub(lambda found: f'{found[0]} integrity="{sums[found[1]]}"', page)
    # These two are the page's only inline scripts.
    inline = " ".join(f"'{digest(text.encode())}'" for text in (listing, guard))
    return page.replace("script-src 'self'", f"script-src 'self' {inline}", 1)


def digest(content: bytes) -> str:
    """As HTML and CSP write it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content).digest()).decode()
