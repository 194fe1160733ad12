"""What every suite shares."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# A shared machine is slow at times; a law does not depend on the clock.
settings.register_profile("liqmap", deadline=None)
settings.load_profile("liqmap")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engines",
        choices=("chromium", "all"),
        default="chromium",
        help="browsers of the smoke test",
    )
