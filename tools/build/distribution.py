"""The package for notebooks and scripts: wheel and sdist, the same bytes from the same sources.

setuptools makes them (pyproject.toml) and twine reads them as a package index would. Their
members keep no date, owner or mode of the machine: both archives are packed anew. `wheel.py`
makes another wheel, the browser's.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tools.build import archive, runtime, wheel
from tools.build.console import ROOT, BuildError, say


def build(out: Path) -> list[Path]:
    """Put wheel and sdist into `out`; their paths. Needs no network.

    Raises
    ------
    BuildError
        setuptools cannot build them, or twine finds fault with one.
    """
    say("building wheel and sdist")
    with TemporaryDirectory() as scratch:
        source, made = Path(scratch, "source"), Path(scratch, "made")
        _copy(source)
        _run(["build", "--no-isolation", "--outdir", str(made), "."], source)
        for path in made.iterdir():
            even = _wheel if path.suffix == ".whl" else _sdist
            runtime.write(out / path.name, even(path.read_bytes()))
        paths = [out / path.name for path in sorted(made.iterdir())]
    check(paths)
    return paths


def check(paths: Sequence[Path]) -> None:
    """Raise `BuildError` where twine finds fault with one: a package index would refuse it."""
    _run(["twine", "check", "--strict", *map(str, paths)], paths[0].parent)


def _copy(folder: Path) -> None:
    """What pyproject.toml speaks of, and nothing that an earlier build left."""
    unwanted = shutil.ignore_patterns("__pycache__")
    shutil.copytree(wheel.PACKAGE, folder / wheel.PACKAGE.relative_to(ROOT), ignore=unwanted)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)


def _wheel(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as made:
        return archive.zipped({name: made.read(name) for name in made.namelist()})


def _sdist(content: bytes) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(content)) as made:
        files = {one.name: file.read() for one in made if (file := made.extractfile(one))}
    return archive.tar_gz(dict(sorted(files.items())), archive.EPOCH_S)


def _run(command: Sequence[str], folder: Path) -> None:
    """Run a module of Python in a folder where no `build.py` is found in its place."""
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildError(f"`{command[0]}` failed:\n{done.stdout}{done.stderr}")
