"""The build's own voice: where things are, what is happening, what went wrong."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WWW = ROOT / "www"
DIST = ROOT / "dist"
CACHE = ROOT / ".cache"


class BuildError(Exception):
    """A build that cannot go on, said in one sentence with what to do next."""


def say(text: str) -> None:
    """One line about a step that takes long enough to be noticed."""
    print(f"· {text}", file=sys.stderr, flush=True)
