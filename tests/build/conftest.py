"""What is built once for all that look at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.build import distribution, site


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site."""
    out = tmp_path_factory.mktemp("site")
    site.build(out)
    return out


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Wheel and sdist."""
    return distribution.build(tmp_path_factory.mktemp("distribution"))
