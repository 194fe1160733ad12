"""The repository speaks of itself: one version, no machine's paths, pinned actions."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import tomllib

import pytest

import build
import liqmap
from tests.conftest import ROOT
from tools.build import runtime, wheel

HOSTS = {
    # Exchanges and their documentation.
    "asterdex.com",
    "binance.com",
    "bitget.com",
    "bybit-exchange.github.io",
    "bybit.com",
    "deribit.com",
    "dydx.exchange",
    "dydx.trade",
    "dydx.xyz",
    "gate.com",
    "gateio.ws",
    "hyperliquid.gitbook.io",
    "hyperliquid.xyz",
    "kraken.com",
    "lighter.xyz",
    "mainnet.zklighter.elliot.ai",
    "okx.com",
    # Standards, licences and sources that the project cites.
    "cyclonedx.org",
    "doi.org",
    "github.com",
    "google.github.io",
    "keepachangelog.com",
    "osv.dev",
    "semver.org",
    "www.sitemaps.org",
    "www.w3.org",
    # The official home of the runtime.
    "cdn.jsdelivr.net",
    # Names that lead nowhere, for tests.
    "127.0.0.1",
    "evil",
    "example",
    "host",
    "localhost",
    "page",
}
"""Every host that a committed file may name, or a domain above it."""


@pytest.fixture(scope="module")
def committed() -> dict[str, str]:
    """The text of every committed file, by path."""
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    texts = {}
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            texts[name] = content.decode()
    return texts


def test_no_file_names_a_path_of_some_machine(committed: dict[str, str]) -> None:
    folders = "|".join(["work", "root", "home", "Users"])
    machine = re.compile(rf"(?<![\w.}})-])/(?:{folders})/")
    found = [name for name, text in committed.items() if machine.search(text)]
    assert found == []


def test_every_host_is_one_we_mean(committed: dict[str, str]) -> None:
    """A mirror of some machine would end up here unseen."""
    for name, text in committed.items():
        for host in re.findall(r"\b(?:https?|wss?)://([\w.-]*\w)", text):
            above = {host[i:] for i, letter in enumerate("." + host) if letter == "."}
            assert above & HOSTS, f"{name} names {host}"


def test_actions_are_pinned_to_a_commit(committed: dict[str, str]) -> None:
    workflows = {name: text for name, text in committed.items() if ".github/workflows" in name}
    assert workflows
    for name, text in workflows.items():
        for action in re.findall(r"uses:\s*(.+)", text):
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action), name


def test_ci_runs_the_readme_s_test_command() -> None:
    command = "python3 build.py test"
    assert f"exec {command}\n" in (ROOT / ".ci" / "run").read_text()
    assert command in (ROOT / "README.md").read_text()
    for name in ("ci", "pages", "release"):
        assert "run: .ci/run" in (ROOT / ".github" / "workflows" / f"{name}.yml").read_text()


def test_workflows_and_hooks_ask_for_what_build_py_can_do(committed: dict[str, str]) -> None:
    """Every command line in them is parsed; an unknown one ends the program."""
    lines = [
        line
        for name, text in committed.items()
        if ".github/workflows" in name or name == ".pre-commit-config.yaml"
        for line in re.findall(r"(?:run|entry): python3 (?:before/)?build\.py (.*)", text)
    ]
    assert len(lines) > 5
    for line in lines:
        words = re.split(r" (?:[>|#&]|\|\|)", line)[0]
        assert build.parser().parse_args(shlex.split(words)).run, line


def test_what_tests_share_stands_in_support(committed: dict[str, str]) -> None:
    """No test module imports another; bench and the tools take nothing else from the tests."""
    tests = re.compile(r"^ *(?:from|import) tests\.(?!support\b|(?:\w+\.)*conftest\b)(\S+)", re.M)
    support = re.compile(r"^ *(?:from|import) tests\b(?!\.support\b)(\S*)", re.M)
    for name, text in committed.items():
        if name.endswith(".py"):
            rule = tests if name.startswith("tests/") else support
            assert rule.findall(text) == [], name


def test_there_is_one_version() -> None:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert newest
    assert liqmap.__version__ == wheel.version() == newest[1]


def test_the_package_asks_for_numpy_alone() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert [line.partition(">")[0] for line in project["dependencies"]] == ["numpy"]


def test_python_and_the_browser_run_the_same_numpy_and_bokeh() -> None:
    """A test in CPython then speaks for the page."""
    pins = dict(
        line.split("==")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if "==" in line
    )
    browser = {package.name: package.version for package in runtime.packages()}
    assert pins["numpy"] == browser["numpy"]
    assert pins["bokeh"] == browser["BokehJS"]
