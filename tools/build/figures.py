"""Print the project's figures: each module of bench measures a few.

A module has `figures()`, which yields (name, value) pairs; the unit or `ratio` ends the
name. `skill`, `fuzz`, `links`, `picture`, `densities` and `batch` are asked for by name, since they
take long or need data. A figure that has a budget is held against it.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.build import budgets
from tools.build.console import ROOT, BuildError, say

FOLDER = ROOT / "bench"
ON_DEMAND = ("skill", "fuzz", "links", "picture", "densities", "batch")


def bench(*, as_json: bool, against: Path | None, skill: Path | None, fuzz: bool) -> int:
    """Measure and print what needs no name, and what was named."""
    return _shown(_figures(skill, fuzz=fuzz), as_json=as_json, against=against)


def sizes(*, as_json: bool, against: Path | None) -> int:
    """Measure and print what is known in seconds: the sizes."""
    return _shown(_module("sizes").figures(), as_json=as_json, against=against)


def picture(folder: Path, *, as_json: bool) -> int:
    """Measure and print how the picture looks, and nothing else."""
    return _shown(_module("picture").figures(folder), as_json=as_json)


def batch(*, as_json: bool) -> int:
    """Measure and print how a batch runs on this machine, and nothing else."""
    return _shown(_module("batch").figures(), as_json=as_json)


def _shown(
    figures: Iterator[tuple[str, float]], *, as_json: bool, against: Path | None = None
) -> int:
    """One JSON object, a table beside earlier figures, or one line a figure as it is known."""
    before = None if against is None else _earlier(against)
    measured: dict[str, float] = {}
    limited = budgets.budgets()
    for name, value in figures:
        measured[name] = value
        if not as_json and before is None:
            print(f"{name:<44} {value:>12,.4g}", flush=True)
        if name in limited:
            say(limited[name].verdict(value))
    if as_json:
        print(json.dumps(measured))
    elif before is not None:
        print(budgets.compared(measured, before))
    return 0


def _earlier(path: Path) -> dict[str, float]:
    """Figures that `--json` printed; none where it printed nothing, as an older build.py does."""
    try:
        found: dict[str, float] = json.loads(path.read_text() or "{}")
    except (OSError, ValueError) as error:
        raise BuildError(
            f"{path} holds no figures ({error}): `build.py bench --json > {path}` keeps them."
        ) from error
    return found


def densities(path: Path) -> int:
    """Keep the digests of all models' arrays, or compare them with those that were kept."""
    found: int = _module("densities").compare(path)
    return found


def _figures(skill: Path | None, *, fuzz: bool) -> Iterator[tuple[str, float]]:
    if skill is not None:
        yield from _module("skill").figures(skill)
    for path in sorted(FOLDER.glob("[a-z]*.py")):
        if path.stem not in ON_DEMAND:
            say(path.stem)
            yield from _module(path.stem).figures()
    if fuzz:
        yield from _module("fuzz").figures()
        yield from _module("links").figures()


def _module(name: str) -> Any:
    if not (FOLDER / f"{name}.py").exists():
        raise BuildError(f"bench/{name}.py is not there.")
    return importlib.import_module(f"bench.{name}")
