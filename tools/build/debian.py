"""Debian packages that the build cannot do without: which, and why, said before they come.

Only the standard library is imported here: this runs before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence

from tools.build.console import say

Run = Callable[[Sequence[str]], bool]
"""Runs a command; whether it ended well."""


def apt_get() -> str | None:
    """The program that installs, where there is one and we may use it."""
    return shutil.which("apt-get") if os.name == "posix" and os.geteuid() == 0 else None


def run(command: Sequence[str]) -> bool:
    """Run a command that asks nothing; what it prints goes to standard error."""
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=quiet, stdout=sys.stderr, check=False).returncode == 0


def install(
    packages: Sequence[str],
    why: str,
    *,
    apt: str | None,
    run: Run = run,
    say: Callable[[str], None] = say,
) -> bool:
    """Install them with the program that `apt_get` found; whether they are there now."""
    if apt is None:
        return False
    plural = "s" if len(packages) > 1 else ""
    say(f"installing the Debian package{plural} {', '.join(packages)} with apt-get: {why}")
    run([apt, "update", "-qq"])
    return run([apt, "install", "-y", "-qq", "--no-install-recommends", *packages])
