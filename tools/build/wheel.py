"""Our own package as a wheel: the same sources give the same bytes."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from tools.build.archive import zipped
from tools.build.bare import bare
from tools.build.console import WWW

PACKAGE = WWW / "py" / "liqmap"
ELSEWHERE = frozenset(
    {
        *("catalogue", "example", "preview", "reference", "fetching", "files"),
        *("loading", "drawing", "record", "accuracy", "batch", "cli", "__main__"),
        *("picture/charts", "picture/document"),
    }
)
"""Modules and folders that the build or a Python outside a browser reads."""


def version() -> str:
    """The version in the package's `__init__`."""
    found = re.search(r'^__version__ = "([^"]+)"', (PACKAGE / "__init__.py").read_text(), re.M)
    assert found, "liqmap/__init__.py has no __version__"
    return found[1]


def shipped() -> list[Path]:
    """The modules that a browser gets."""
    elsewhere = {PACKAGE / one for one in ELSEWHERE}
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if elsewhere.isdisjoint({path.with_suffix(""), *path.parents})
    )


def sources() -> dict[str, bytes]:
    """The same as the browser gets them, by path in the wheel."""
    return {
        path.relative_to(PACKAGE.parent).as_posix(): bare(path.read_bytes()) for path in shipped()
    }


def file_name() -> str:
    """Of the wheel."""
    return f"liqmap-{version()}-py3-none-any.whl"


def wheel() -> bytes:
    """The wheel."""
    name = f"liqmap-{version()}"
    info = f"{name}.dist-info"
    files = sources() | {
        f"{info}/METADATA": f"Metadata-Version: 2.4\nName: liqmap\nVersion: {version()}\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{info}/RECORD"] = _record(files, f"{info}/RECORD")
    return zipped(files)


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    lines = []
    for name, content in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(content)}")
    return "\n".join([*lines, f"{own},,", ""]).encode()
