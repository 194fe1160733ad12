"""The virtual environment: made once, left alone while it fits, and honest when it cannot be."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tools.build import environment
from tools.build.console import BuildError


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """What pip was asked, with an environment that is there but empty."""
    python, stamp, pins = tmp_path / "python", tmp_path / "installed.json", tmp_path / "pins.txt"
    python.touch()
    stamp.write_text("[]")
    pins.write_text("numpy==1\n")
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "_STAMP", stamp)
    monkeypatch.setattr(environment, "_CONSTRAINTS", pins)
    calls: list[Sequence[str]] = []
    monkeypatch.setattr(environment, "pip", lambda *arguments: calls.append(arguments))
    return calls


def test_what_is_installed_is_not_installed_again(asked: list[Sequence[str]]) -> None:
    environment.ensure(["figure", "dev"])
    assert {"bokeh==3.9.2", "pytest", "numpy>=2"} <= set(asked[-1])
    asked.clear()
    environment.ensure(["figure"])
    environment.ensure(["figure", "dev"])
    assert asked == []


def test_a_further_extra_or_a_changed_pin_is_installed(
    asked: list[Sequence[str]], tmp_path: Path
) -> None:
    environment.ensure(["figure"])
    asked.clear()
    environment.ensure(["dev"])
    assert "pytest" in asked[-1]
    (tmp_path / "pins.txt").write_text("numpy==2\n")
    asked.clear()
    environment.ensure(["figure"])
    assert "bokeh==3.9.2" in asked[-1]


def test_a_failed_installation_is_tried_again(
    asked: list[Sequence[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: str) -> None:
        raise BuildError("no network")

    with monkeypatch.context() as patched:
        patched.setattr(environment, "pip", broken)
        with pytest.raises(BuildError):
            environment.ensure(["figure"])
    environment.ensure(["figure"])
    assert asked


def test_a_python_without_venv_names_debian_s_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(environment, "_STAMP", Path("nowhere"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(BuildError, match=r"sudo apt-get install python3\.\d+-venv"):
        environment.ensure(["figure"])


def test_every_requirement_has_a_pin() -> None:
    names = {
        line.split("==")[0].lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    }
    wanted = environment.requirements(["figure", "documents", "dev", "npm", "release"])
    assert {line.split("=")[0].split(">")[0] for line in wanted} <= names
