"""Everything that must hold before a change is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

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
    return _all(WITHOUT_BROWSER)


def test(*, engines: str, arguments: Sequence[str]) -> int:
    """`check`, and the tests in a browser on the built site."""
    from tools.build import browsers, debian, site

    site.build()
    browsers.prepare(engines, apt=debian.apt_get())
    return _all([*WITHOUT_BROWSER, "tests/browser", f"--engines={engines}", *arguments])


def _all(arguments: Sequence[str]) -> int:
    """Run every rule, then pytest, whatever failed before; 0 if all is well."""
    broken = [name for name, command in RULES.items() if _run(name, command)]
    failed = _run("pytest", ("pytest", "-q", *arguments))
    if broken:
        say(f"not well: {', '.join(broken)} (see above)")
    return failed or int(bool(broken))


def _run(name: str, command: Sequence[str]) -> int:
    say(name)
    return subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode
