"""Wheel and sdist of the package: complete, nothing but it, usable from a clean environment."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from tools.build import archive, distribution, wheel
from tools.build.console import BuildError

PROGRAM = """
import numpy as np
import liqmap

hours = 3_600_000.0 * np.arange(48.0)
price = 100 + np.sin(np.arange(48.0) / 5)
candles = liqmap.Candles(hours, price, price + 0.5, price - 0.5, price, np.full(48, 50.0))
interest = liqmap.OpenInterest(candles.end_ms, np.full(48, 1_000.0))
density = liqmap.estimate(candles, interest)
held = density.long_base[:, -1].sum() + density.beyond_long_base[-1]
print(liqmap.__file__, liqmap.__version__, round(float(held)))
"""


def test_there_is_a_wheel_and_an_sdist_of_the_version(made: list[Path]) -> None:
    name = f"liqmap-{wheel.version()}"
    assert [path.name for path in made] == [f"{name}-py3-none-any.whl", f"{name}.tar.gz"]


def test_they_hold_the_whole_package_its_types_and_nothing_else(made: list[Path]) -> None:
    package = wheel.PACKAGE
    modules = {path.relative_to(package.parent).as_posix() for path in package.rglob("*.py")}
    modules.add("liqmap/py.typed")
    with zipfile.ZipFile(made[0]) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
        metadata = packed.read(f"liqmap-{wheel.version()}.dist-info/METADATA").decode()
    assert names == modules
    assert "License-Expression: MIT\n" in metadata
    assert "Requires-Dist: numpy>=2\n" in metadata
    with tarfile.open(made[1]) as sdist:
        paths = {one.name.partition("/")[2] for one in sdist}
    code = {f"www/py/{name}" for name in modules}
    known = {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml", "setup.cfg"}
    assert {path for path in paths if ".egg-info/" not in path} == code | known


def test_a_clean_environment_imports_it_and_estimates(made: list[Path], tmp_path: Path) -> None:
    """Numpy is the one of these tests, as no network is."""
    venv.create(tmp_path, with_pip=False)
    places = sysconfig.get_paths(vars={"base": str(tmp_path), "platbase": str(tmp_path)})
    python = Path(places["scripts"], "python")
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    install = ["--python", str(python), "install", "--no-index", "--no-deps", str(made[0])]
    subprocess.run([*pip, *install], check=True)
    Path(places["purelib"], "numpy.pth").write_text(sysconfig.get_path("purelib"))
    ran = subprocess.run(
        [python, "-I", "-W", "error", "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    place = Path(places["purelib"], "liqmap", "__init__.py")
    assert ran.stdout.split() == [str(place), wheel.version(), "1000"]


def test_what_an_index_would_not_show_is_refused(tmp_path: Path) -> None:
    """A package without a README: twine says so."""
    path, info = tmp_path / "liqmap-1.0-py3-none-any.whl", "liqmap-1.0.dist-info"
    metadata = b"Metadata-Version: 2.4\nName: liqmap\nVersion: 1.0\n"
    path.write_bytes(archive.zipped({f"{info}/METADATA": metadata, f"{info}/WHEEL": b""}))
    with pytest.raises(BuildError, match=r"`twine` failed(.|\n)*long_description"):
        distribution.check([path])
