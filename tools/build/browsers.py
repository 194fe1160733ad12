"""Find the browsers that the tests drive, or install them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.build.console import BuildError, say

ENGINES = ("chromium", "firefox", "webkit")
_NAMES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox-esr", "firefox"),
    "webkit": ("WebKitWebDriver",),
}
_DEBIAN = {
    "chromium": ("chromium",),
    "firefox": ("firefox-esr",),
    "webkit": ("webkit2gtk-driver", "xvfb"),
}


def find(engine: str) -> Path | None:
    """The engine's program: `LIQMAP_<ENGINE>`, then the path, then Playwright's own."""
    named = os.environ.get(f"LIQMAP_{engine.upper()}")
    if named:
        return Path(named)
    for name in _NAMES[engine]:
        found = shutil.which(name)
        if found:
            return Path(found)
    return _playwrights() if engine == "chromium" else None


def prepare(engines: str) -> None:
    """Have Chromium, or with "all" every engine, on this machine; say what was done.

    Raises
    ------
    BuildError
        An engine is missing and cannot be installed.
    """
    for engine in ENGINES if engines == "all" else ("chromium",):
        found = find(engine) or _install(engine)
        say(f"{engine}: {found}")


def _install(engine: str) -> Path:
    packages = _DEBIAN[engine]
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        say(f"installing {', '.join(packages)} with apt-get")
        _run([apt, "update", "-qq"])
        _run([apt, "install", "-y", "-qq", "--no-install-recommends", *packages])
    elif engine == "chromium":
        say("installing Playwright's Chromium for this user")
        _run([sys.executable, "-m", "playwright", "install", "chromium"])
    found = find(engine)
    if found is None:
        raise BuildError(
            f"No {engine} was found and none could be installed. On Debian and Ubuntu: "
            f"`sudo apt-get install {' '.join(packages)}`; or name a program in "
            f"LIQMAP_{engine.upper()}."
        )
    return found


def _playwrights() -> Path | None:
    """The Chromium that Playwright would start, where it has one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = Path(playwright.chromium.executable_path)
    return program if program.exists() else None


def _run(command: Iterable[str]) -> None:
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(list(command), env=quiet, stdout=sys.stderr, check=False)
