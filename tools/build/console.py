"""Folders of the project, progress lines, and the error that ends a build."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WWW = ROOT / "www"
DIST = ROOT / "dist"
CACHE = ROOT / ".cache"


class BuildError(Exception):
    """A build that cannot go on: one sentence, with what to do next."""


def say(text: str) -> None:
    """Print a line about a step that takes time, to standard error."""
    print(f"· {text}", file=sys.stderr, flush=True)
