"""CHANGELOG.md: what is not released yet, and when the rest was.

A section begins with `## [VERSION] - DATE`, or `## [unreleased]`.
"""

from __future__ import annotations

import re
from datetime import date

from tools.build.console import ROOT, BuildError

FILE = ROOT / "CHANGELOG.md"
_UNRELEASED = re.compile(r"^## \[unreleased\]\n", re.MULTILINE | re.IGNORECASE)


def released(text: str, version: str, day: date) -> str:
    """The changelog with what was unreleased under `version`, and nothing unreleased.

    Raises
    ------
    BuildError
        The version is there already, or nothing is unreleased.
    """
    if _heading(version).search(text):
        raise BuildError(f"CHANGELOG.md has a section {version} already: give the next version.")
    if not _body(text, _UNRELEASED):
        raise BuildError(
            "CHANGELOG.md says nothing under “## [unreleased]”: write there what a visitor gets, "
            "and commit it."
        )
    return _UNRELEASED.sub(f"## [unreleased]\n\n## [{version}] - {day.isoformat()}\n", text, 1)


def day_of(text: str, version: str) -> date:
    """When a version was released; raises `BuildError` where the changelog gives no date."""
    heading = _heading(version).search(text)
    try:
        return date.fromisoformat(heading[1] if heading else "")
    except ValueError as error:
        raise BuildError(
            f"CHANGELOG.md gives version {version} no date, so it is not released: "
            "`python3 build.py release VERSION` makes what is unreleased the next version."
        ) from error


def notes(text: str, version: str) -> str:
    """What a version brings: its section without the heading."""
    return _body(text, _heading(version))


def _heading(version: str) -> re.Pattern[str]:
    return re.compile(rf"^## \[{re.escape(version)}\](?: - )?(.*)\n", re.MULTILINE)


def _body(text: str, heading: re.Pattern[str]) -> str:
    found = heading.search(text)
    return (
        re.split(r"^## ", text[found.end() :], maxsplit=1, flags=re.M)[0].strip() if found else ""
    )
