"""Whoever builds the same sources gets the same bytes, wherever and however the machine is set."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.build import runtime, site, trim
from tools.build.console import CACHE, ROOT

SOURCES = (
    "www",
    "tools",
    "docs",
    "runtime.toml",
    "constraints.txt",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)
SETTINGS = {"LC_ALL": "C", "TZ": "XYZ-13:45", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "1"}
PROGRAM = """
from pathlib import Path
from tools.build import distribution, runtime, site, trim

site.build(Path("site"))
distribution.build(Path("distribution").absolute())
(numpy,) = (one for one in runtime.packages() if one.name == "numpy")
Path("numpy.whl").write_bytes(trim.shipped(numpy, numpy.files[0], Path("trimmed")))
"""


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What was built of a copy: another path, locale, time zone, umask, hashes, modes and times.

    Nothing that was compiled here is known there, but the browser's runtime, which has a sha256,
    and its archives as they were trimmed: trimming takes long, and is tried with one of them.
    """
    folder = tmp_path_factory.mktemp("another place")
    for name in SOURCES:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(ROOT / name, folder / name)
    for path in folder.rglob("*"):
        path.chmod(0o700)
    (folder / ".cache").mkdir()
    for name in ("runtime", "trimmed"):
        (folder / ".cache" / name).symlink_to(CACHE / name)
    subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=folder,
        env=os.environ | SETTINGS | {"PYTHONPATH": str(folder)},
        umask=0o077,
        check=True,
    )
    return folder


def test_the_site_is_the_same_bytes(elsewhere: Path, built: Path) -> None:
    here, there = site.files(built), site.files(elsewhere / "site")
    assert set(here) == set(there)
    assert [path for path in here if here[path] != there[path]] == []


def test_wheel_and_sdist_are_the_same_bytes(elsewhere: Path, made: list[Path]) -> None:
    for path in made:
        assert path.read_bytes() == (elsewhere / "distribution" / path.name).read_bytes()


def test_a_trimmed_archive_is_the_same_bytes(elsewhere: Path) -> None:
    (numpy,) = (one for one in runtime.packages() if one.name == "numpy")
    assert trim.shipped(numpy, numpy.files[0]) == (elsewhere / "numpy.whl").read_bytes()
