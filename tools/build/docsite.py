"""The documents as a site: Sphinx makes HTML of the Markdown in docs/, as docs/conf.py says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tools.build import site
from tools.build.console import CACHE, DIST, ROOT, BuildError

SITE = DIST / site.DOCUMENTS


def build(
    out: Path = SITE, cache: Path = CACHE / "documents", source: Path = ROOT / "docs"
) -> None:
    """Make the site anew in `out`; what Sphinx has read of unchanged files is kept in `cache`.

    Raises
    ------
    BuildError
        Sphinx has something to complain of: a link that leads nowhere, a page that no index lists,
        a docstring that is not well formed. All of it is said.
    """
    shutil.rmtree(out, ignore_errors=True)
    options = ["-q", "-W", "-b", "html", "-c", str(ROOT / "docs"), "-d", str(cache)]
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-m", "sphinx", *options, str(source), str(out)],
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        shutil.rmtree(cache, ignore_errors=True)  # of what it has kept it would not complain again
        raise BuildError(f"The documents could not become a site:\n{done.stderr}")
