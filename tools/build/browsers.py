"""Find the browsers that the tests drive, or install them."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from tools.build import debian
from tools.build.console import BuildError, say

ENGINES = ("chromium", "firefox", "webkit")
_NAMES = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    "firefox": ("firefox-esr", "firefox"),
    "webkit": ("WebKitWebDriver",),
}
_DEBIAN = {
    "chromium": (("chromium",), "the browser tests drive it"),
    "firefox": (("firefox-esr",), "`--engines all` drives it, too"),
    "webkit": (
        ("webkit2gtk-driver", "xvfb"),
        "`--engines all` drives WebKitGTK, too, on a display that nobody sees",
    ),
}
"""Packages of each engine, and why they are needed."""


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


def prepare(
    engines: str,
    *,
    find: Callable[[str], Path | None] = find,
    apt: str | None = None,
    run: debian.Run = debian.run,
    say: Callable[[str], None] = say,
) -> None:
    """Have Chromium, or with "all" every engine, on this machine; say what is done.

    Parameters
    ----------
    engines : str
        "chromium" or "all".
    find, run, say
        Look for an engine, run a command, tell a line.
    apt : str, optional
        The program that installs Debian packages, as `debian.apt_get` found it.

    Raises
    ------
    BuildError
        An engine is missing and cannot be installed.
    """
    for engine in ENGINES if engines == "all" else ("chromium",):
        found = find(engine)
        if found is None:
            packages, why = _DEBIAN[engine]
            if apt:
                debian.install(packages, why, apt=apt, run=run, say=say)
            elif engine == "chromium":
                say(f"installing Playwright's Chromium for this user: {why}")
                run([sys.executable, "-m", "playwright", "install", "chromium"])
            found = find(engine)
            if found is None:
                raise BuildError(
                    f"No {engine} was found and none could be installed. On Debian and Ubuntu: "
                    f"`sudo apt-get install {' '.join(packages)}`; or name a program in "
                    f"LIQMAP_{engine.upper()}."
                )
        say(f"{engine}: {found}")


def _playwrights() -> Path | None:
    """The Chromium that Playwright would start, where it has one."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        program = Path(playwright.chromium.executable_path)
    return program if program.exists() else None
