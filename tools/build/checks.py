"""Everything that must hold before a change is kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from tools.build.console import ROOT, say

RULES: dict[str, tuple[str, ...]] = {
    "ruff format": ("ruff", "format", "--check", "--quiet", "."),
    "ruff check": ("ruff", "check", "--quiet", "."),
    "mypy --strict": ("mypy",),
}
WITHOUT_BROWSER = tuple(
    f"tests/{suite}" for suite in ("package", "venues", "replay", "build", "bench", "rules")
)


def check() -> int:
    """Style, types, and every test that needs no browser."""
    return _rules_and_tests(WITHOUT_BROWSER)


def test(*, engines: str, arguments: Sequence[str]) -> int:
    """`check`, and the tests in a browser on the built site.

    Both at once: a browser waits as often as it computes. What `check` says comes last. With
    arguments of pytest, one after the other, since they may choose no test of one of them.
    """
    from tools.build import browsers, debian, site

    site.build()
    browsers.prepare(engines, apt=debian.apt_get())
    driven = ("tests/browser", f"--engines={engines}")
    if arguments:
        return _rules_and_tests([*WITHOUT_BROWSER, *driven, *arguments])
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as aside:
        other = aside.submit(_rules_and_tests, WITHOUT_BROWSER, said)
        failed = _run("pytest in a browser", ("pytest", "-q", *driven))
        failed = other.result() or failed
        said.seek(0)
        sys.stdout.write(said.read())
    return failed


def _rules_and_tests(suites: Sequence[str], out: IO[str] | None = None) -> int:
    """Run every rule, then pytest, whatever failed before; 0 if all is well."""
    broken = [name for name, command in RULES.items() if _run(name, command, out)]
    failed = _run("pytest", ("pytest", "-q", *suites), out)
    if broken:
        say(f"not well: {', '.join(broken)} (see above)")
    return failed or int(bool(broken))


def _run(name: str, command: Sequence[str], out: IO[str] | None = None) -> int:
    """Run a module of Python, its words to `out` or to the terminal; say how long it took."""
    say(name)
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        check=False,
        stdout=out,
        stderr=subprocess.STDOUT if out else None,
    )
    say(f"{name}: {time.monotonic() - began:.0f} s")
    return done.returncode
