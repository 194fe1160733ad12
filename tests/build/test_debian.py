"""What is installed on the machine is said first, with its reason; nothing else is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tools.build import browsers, environment
from tools.build.console import BuildError


class Machine:
    """Finds what it has; a command that succeeds brings an engine."""

    def __init__(self, *engines: str, brings: str | None = None) -> None:
        self.engines, self.brings = {*engines}, brings
        self.done: list[str] = []
        """What was said and what was run, in that order."""

    def find(self, engine: str) -> Path | None:
        return Path("/bin", engine) if engine in self.engines else None

    def run(self, command: Sequence[str]) -> bool:
        self.done.append("$ " + " ".join(command))
        if self.brings:
            self.engines.add(self.brings)
        return self.brings is not None

    def prepare(self, engines: str, apt: str | None = "apt-get") -> list[str]:
        browsers.prepare(engines, find=self.find, apt=apt, run=self.run, say=self.done.append)
        return self.done


def test_a_browser_that_is_there_is_named_and_nothing_is_run() -> None:
    machine = Machine("chromium", "firefox", "webkit")
    assert machine.prepare("all") == [f"{one}: /bin/{one}" for one in browsers.ENGINES]
    assert Machine("chromium").prepare("chromium") == ["chromium: /bin/chromium"]


@pytest.mark.parametrize(
    ("engine", "words", "packages"),
    [
        ("chromium", "package chromium with apt-get: the browser tests drive it", "chromium"),
        ("firefox", "package firefox-esr with apt-get: `--engines all`", "firefox-esr"),
        ("webkit", "packages webkit2gtk-driver, xvfb with apt-get: ", "webkit2gtk-driver xvfb"),
    ],
)
def test_a_package_and_its_reason_are_said_before_it_comes(
    engine: str, words: str, packages: str
) -> None:
    machine = Machine(*({*browsers.ENGINES} - {engine}), brings=engine)
    done = machine.prepare("all")
    first = next(i for i, line in enumerate(done) if line.startswith("$"))
    assert done[first - 1].startswith(f"installing the Debian {words}")
    assert done[first] == "$ apt-get update -qq"
    assert done[first + 1] == f"$ apt-get install -y -qq --no-install-recommends {packages}"
    assert done[first + 2] == f"{engine}: /bin/{engine}"


def test_without_apt_get_chromium_is_playwright_s_own_and_that_is_said() -> None:
    done = Machine(brings="chromium").prepare("chromium", apt=None)
    assert done == [
        "installing Playwright's Chromium for this user: the browser tests drive it",
        f"$ {sys.executable} -m playwright install chromium",
        "chromium: /bin/chromium",
    ]


@pytest.mark.parametrize("apt", ["apt-get", None])
def test_a_browser_that_cannot_be_had_is_said_with_the_command_to_run(apt: str | None) -> None:
    with pytest.raises(BuildError, match="sudo apt-get install webkit2gtk-driver xvfb`"):
        Machine("chromium", "firefox").prepare("all", apt=apt)


def test_venv_is_installed_with_its_reason_or_named() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    machine = Machine(brings="venv")
    environment.install_venv("apt-get", machine.run, machine.done.append)
    assert machine.done == [
        f"installing the Debian package {package} with apt-get: Python cannot make .venv/ "
        "without it, and all else is installed there",
        "$ apt-get update -qq",
        f"$ apt-get install -y -qq --no-install-recommends {package}",
    ]
    with pytest.raises(BuildError, match=f"apt-get could not install {package}"):
        environment.install_venv("apt-get", Machine().run, lambda _: None)
    with pytest.raises(BuildError, match=f"sudo apt-get install {package}"):
        environment.install_venv(None)
