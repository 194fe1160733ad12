"""The steps of the record's workflow, in a repository of the test, with commands that only tell."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools.build.console import ROOT

LIQMAP = """#!/bin/sh
echo "$@" >> "$TOLD"
for last; do :; done
case "$1 $2" in
  "accuracy claim") mkdir -p data/claims && echo "$4" >> data/claims/one ;;
  "accuracy publish") echo "{}" > data/accuracy.json ;;
  "record "*) mkdir -p data/tape && echo row >> data/tape/day.csv ;;
esac
"""
Step = Callable[[str, int], list[str]]


@pytest.fixture
def step(tmp_path: Path) -> Step:
    """Runs a step at an hour (UTC) in a fresh checkout; gives what `liqmap` was told in it."""
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    told, commands = tmp_path / "told", tmp_path / "bin"
    commands.mkdir()
    (commands / "liqmap").write_text(LIQMAP)
    (commands / "liqmap").chmod(0o755)
    origin, checkout = tmp_path / "origin.git", tmp_path / "checkout"

    def run(*command: str, **variables: str) -> None:
        environment = os.environ | git | variables
        subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True)

    checkout.mkdir()
    run("git", "init", "--bare", "--quiet", str(origin))
    run("git", "init", "--quiet", ".")
    run("git", "remote", "add", "origin", str(origin))
    who = ("-c", "user.name=a", "-c", "user.email=a@b")
    run("git", *who, "commit", "--quiet", "--allow-empty", "--message", "first")

    def at(name: str, hour: int) -> list[str]:
        (commands / "date").write_text(f"#!/bin/sh\necho {hour:02}\n")
        (commands / "date").chmod(0o755)
        told.write_text("")
        run(
            str(ROOT / ".github" / "record.sh"),
            name,
            PATH=f"{commands}:{os.environ['PATH']}",
            TOLD=str(told),
            CONTRACTS="bybit:BTC okx:ETH",
            HOURS="1",
        )
        return told.read_text().splitlines()

    return at


def kept(tmp_path: Path, path: str) -> str:
    """A file of the branch on the server."""
    command = ["git", "--git-dir", str(tmp_path / "origin.git"), "show", f"record:{path}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_each_step_is_pushed_and_the_next_run_goes_on(step: Step, tmp_path: Path) -> None:
    claimed = "accuracy claim data bybit:BTC okx:ETH"
    listening = "record bybit:BTC okx:ETH --out data/tape --hours 1"
    assert step("open", 17) == []
    assert step("claim", 17) == [], "tomorrow is far"
    assert step("listen", 17) == [listening]
    assert kept(tmp_path, "tape/day.csv") == "row\n"
    assert step("listen", 22) == [listening, claimed]
    assert kept(tmp_path, "claims/one") == "bybit:BTC\n"
    assert step("judge", 23) == ["accuracy judge data", "accuracy publish data --out data"]
    assert kept(tmp_path, "accuracy.json") == "{}\n"

    shutil.rmtree(tmp_path / "checkout" / "data")
    git = ["git", "-C", str(tmp_path / "checkout")]
    subprocess.run([*git, "worktree", "prune"], check=True)
    subprocess.run([*git, "branch", "-D", "record"], check=True, capture_output=True)
    step("open", 23)  # as on another machine
    assert step("claim", 23) == [claimed]
    assert kept(tmp_path, "claims/one") == "bybit:BTC\nbybit:BTC\n"
    assert kept(tmp_path, "tape/day.csv") == "row\nrow\n"
