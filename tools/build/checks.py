"""Everything that must hold before a change is kept."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import IO

from tools.build.console import ROOT, BuildError, say

RULES: dict[str, tuple[str, ...]] = {
    "format": ("ruff", "format", "--check", "--quiet", "."),
    "style": ("ruff", "check", "--quiet", "."),
    "types": ("mypy",),
}
"""What holds without running anything of ours."""
QUICK = RULES | {
    "documents": ("pytest", "-q", "tests/rules/test_documents.py"),
    "languages": ("pytest", "-q", "tests/build/test_languages.py"),
}
"""What is checked in seconds, by name: `.pre-commit-config.yaml` asks for each before a commit."""
WITHOUT_BROWSER = tuple(
    f"tests/{suite}" for suite in ("package", "venues", "replay", "build", "bench", "rules")
)


IN_A_BROWSER = "tests/browser"
ASIDE = tuple(
    f"{IN_A_BROWSER}/test_{name}.py"
    for name in ("before_python", "clock", "start", "offline", "faults")
)
"""Tests in a browser that mostly wait, about half of all; a second browser runs them meanwhile."""
AGAIN = ("--reruns=1", "-raR")
"""Whoever fails in a browser on a busy machine is run once more; that it was is printed."""


def check(names: Sequence[str] = ()) -> int:
    """Style, types, and every test that needs no browser, on all cores; or these of `QUICK`."""
    if unknown := set(names) - set(QUICK):
        raise BuildError(f"No check is named {', '.join(unknown)}; there are {', '.join(QUICK)}.")
    if names:
        return max(_run(name, QUICK[name]) for name in names)
    return _rules_and_tests([*WITHOUT_BROWSER, "--numprocesses=auto"])


def test(*, engines: str, arguments: Sequence[str]) -> int:
    """`check`, and the tests in a browser on the built site.

    Two at once: a browser waits as often as it computes. What `check`, and the tests after it,
    say comes last. With arguments of pytest, one after the other, since they may choose no test
    of one of them.
    """
    from tools.build import browsers, debian, site

    site.build()
    browsers.prepare(engines, apt=debian.apt_get())
    chosen = f"--engines={engines}"
    if arguments:
        return _rules_and_tests([*WITHOUT_BROWSER, IN_A_BROWSER, chosen, *arguments])
    rest = (IN_A_BROWSER, *(f"--ignore={path}" for path in ASIDE))
    with tempfile.TemporaryFile("w+") as said, ThreadPoolExecutor(1) as aside:
        checked = aside.submit(_rules_and_tests, WITHOUT_BROWSER, said)
        after = aside.submit(
            _run, "pytest in a second browser", ("pytest", "-q", *AGAIN, *ASIDE, chosen), said
        )
        failed = _run("pytest in a browser", ("pytest", "-q", *AGAIN, *rest, chosen))
        failed = checked.result() or after.result() or failed
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
