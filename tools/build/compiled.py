"""What the build makes once and keeps, mostly what an interpreter prints of the package."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.build import runtime, wheel
from tools.build.console import CACHE, ROOT, BuildError, say


def printed(program: str) -> bytes:
    """What a program prints that imports the package."""
    command = [sys.executable, "-X", "utf8", "-c", program]
    done = subprocess.run(command, cwd=wheel.PACKAGE.parent, capture_output=True, check=False)
    if done.returncode:
        raise BuildError(f"The package failed in `{program}`:\n{done.stderr.decode()}")
    return done.stdout


def kept(name: str, compiled: Callable[[], bytes], *of: bytes) -> bytes:
    """What was compiled of these contents, else of the package; again only when they changed."""
    key = hashlib.sha256((ROOT / "constraints.txt").read_bytes())
    for content in of or _package():
        key.update(content)
    path: Path = CACHE / name / key.hexdigest()
    if not path.exists():
        say(f"compiling the {name}")
        content = compiled()
        for old in path.parent.glob("*"):
            old.unlink()
        runtime.write(path, content)
    return path.read_bytes()


def _package() -> list[bytes]:
    paths = sorted(wheel.PACKAGE.rglob("*.py"))
    return [path.name.encode() + path.read_bytes() for path in paths]
