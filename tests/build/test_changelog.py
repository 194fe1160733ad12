"""The changelog: what is unreleased becomes a version, and each version knows its day."""

from __future__ import annotations

from datetime import date

import pytest

from tools.build import changelog
from tools.build.console import BuildError

TEXT = """# Changelog

## [unreleased]

### Fixed

- A thing.

## [1.9.0] - 2030-01-02

### Added

- Another.

## [1.8.0] - unreleased
"""


def test_what_is_unreleased_becomes_the_version_of_a_day() -> None:
    text = changelog.released(TEXT, "1.10.0", date(2030, 2, 3))
    assert text == TEXT.replace(
        "## [unreleased]\n", "## [unreleased]\n\n## [1.10.0] - 2030-02-03\n"
    )
    assert changelog.day_of(text, "1.10.0") == date(2030, 2, 3)
    assert changelog.notes(text, "1.10.0") == "### Fixed\n\n- A thing."
    assert changelog.notes(text, "1.9.0") == "### Added\n\n- Another."


def test_nothing_is_released_twice_and_nothing_without_words() -> None:
    with pytest.raises(BuildError, match=r"a section 1\.9\.0 already"):
        changelog.released(TEXT, "1.9.0", date(2030, 2, 3))
    released = changelog.released(TEXT, "2.0.0", date(2030, 2, 3))
    for text in (released, "# Changelog\n"):
        with pytest.raises(BuildError, match="nothing under “## \\[unreleased\\]”"):
            changelog.released(text, "2.1.0", date(2030, 2, 4))


@pytest.mark.parametrize("version", ["1.8.0", "1.7.0", "1.9"])
def test_a_version_without_a_date_is_not_released(version: str) -> None:
    with pytest.raises(BuildError, match=f"gives version {version} no date"):
        changelog.day_of(TEXT, version)
