"""Checks can be asked for by name: a hook does, before a commit."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import yaml

from tools.build import checks
from tools.build.console import ROOT, BuildError


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[Sequence[str]]:
    """The commands that were run; `mypy` finds something."""
    commands: list[Sequence[str]] = []

    def run(name: str, command: Sequence[str], out: object = None) -> int:
        commands.append(command)
        return int(command[0] == "mypy")

    monkeypatch.setattr(checks, "_run", run)
    return commands


def test_only_what_is_named_is_run_and_all_of_it(ran: list[Sequence[str]]) -> None:
    assert checks.check(["types", "documents"]) == 1
    assert ran == [("mypy",), ("pytest", "-q", "tests/rules/test_documents.py")]
    assert checks.check(["format"]) == 0


def test_without_names_all_is_run(ran: list[Sequence[str]]) -> None:
    assert checks.check() == 1
    assert ran[:-1] == list(checks.RULES.values())
    assert set(checks.WITHOUT_BROWSER) < set(ran[-1])


def test_an_unknown_name_is_refused_with_those_that_there_are(ran: list[Sequence[str]]) -> None:
    with pytest.raises(BuildError, match="named spelling; there are format, style, types"):
        checks.check(["types", "spelling"])
    assert ran == []


def test_a_hook_asks_for_each_of_them_and_brings_no_version_of_its_own() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    assert repository["repo"] == "local"
    hooks = {hook["id"]: (hook["entry"], hook["language"]) for hook in repository["hooks"]}
    assert hooks == {name: (f"python3 build.py check {name}", "system") for name in checks.QUICK}
