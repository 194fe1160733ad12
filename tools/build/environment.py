"""A virtual environment of our own, made from a bare Python 3.11 or newer.

Only the standard library is imported here: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path

from tools.build import debian
from tools.build.console import ROOT, BuildError, say

VENV = ROOT / ".venv"
_BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = _BIN / ("python.exe" if os.name == "nt" else "python")
_CONSTRAINTS = ROOT / "constraints.txt"
_STAMP = VENV / "installed.json"


def requirements(extras: Sequence[str]) -> list[str]:
    """What the package and these extras of pyproject.toml ask for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    return wanted


def ensure(extras: Sequence[str]) -> None:
    """Make the environment hold these extras; at once when it already does."""
    pins = hashlib.sha256(_CONSTRAINTS.read_bytes()).hexdigest()
    wanted = {f"{line} @ {pins}" for line in requirements(extras)}
    if not _alive():
        _create()
    installed = set(json.loads(_STAMP.read_text()))
    if wanted <= installed:
        return
    say(f"installing {', '.join(['numpy', *extras])} into {VENV.name}/")
    pip("install", "--quiet", "--upgrade", "pip", "--constraint", str(_CONSTRAINTS))
    pip("install", "--quiet", "--constraint", str(_CONSTRAINTS), *requirements(extras))
    kept = {line for line in installed if line.endswith(pins)}
    _STAMP.write_text(json.dumps(sorted(wanted | kept)))


def pip(*arguments: str) -> None:
    """Run the environment's pip."""
    command = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", *arguments]
    if subprocess.run(command, check=False).returncode:
        raise BuildError(
            f"pip could not {' '.join(arguments[:1])} what the build needs (see above). "
            "Is there a network? A machine without one needs a filled .venv/ and .cache/."
        )


def inside() -> bool:
    """Whether this very process runs in the environment."""
    return Path(sys.prefix).resolve() == VENV.resolve()


def enter(script: Path, arguments: Sequence[str]) -> int:
    """Run `script` again with the environment's Python; its exit code."""
    variables = os.environ | {"PYTHONPATH": str(ROOT / "www" / "py"), "PYTHONUTF8": "1"}
    command = [str(PYTHON), str(script), *arguments]
    if os.name != "nt":
        sys.stdout.flush()
        os.execve(PYTHON, command, variables)
    return subprocess.run(command, env=variables, check=False).returncode


def _alive() -> bool:
    """Whether the environment was made to the end and its Python is still there."""
    return _STAMP.exists() and PYTHON.exists()


def _create() -> None:
    """Make an empty environment, with Debian's missing `venv` said or mended."""
    if importlib.util.find_spec("ensurepip") is None:
        install_venv(debian.apt_get())
    say(f"making a virtual environment in {VENV.name}/")
    shutil.rmtree(VENV, ignore_errors=True)
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        raise BuildError("Python could not make a virtual environment (see above).")
    _STAMP.write_text("[]")


def install_venv(
    apt: str | None, run: debian.Run = debian.run, say: Callable[[str], None] = say
) -> None:
    """Install what Debian leaves out of Python's `venv`.

    Raises
    ------
    BuildError
        There is no apt-get that we may use (`apt` is None), or it failed.
    """
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if apt is None:
        raise BuildError(
            f"This Python cannot make virtual environments. Debian and Ubuntu keep that "
            f"apart: run `sudo apt-get install {package}`, then this command again."
        )
    why = f"Python cannot make {VENV.name}/ without it, and all else is installed there"
    if not debian.install([package], why, apt=apt, run=run, say=say):
        raise BuildError(f"apt-get could not install {package} (see above).")
