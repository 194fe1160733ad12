"""What may not grow unseen: the limits of budgets.toml, and what is held against them."""

from __future__ import annotations

import gzip
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.build.console import ROOT
from tools.build.documents import table

FILE = ROOT / "budgets.toml"
FOLDERS = {
    "package": "www/py/liqmap",
    "page": "www/py/page",
    "tools": "tools",
    "bench": "bench",
    "tests": "tests",
}
"""Where the longest file of each is looked for."""

SQUEEZED = {".css", ".html", ".js", ".json", ".mjs", ".py", ".svg", ".wasm", ".webmanifest"}
"""What a static host sends gzipped."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit, and why it is one. The unit ends the name: `bytes`, `lines`, `requests`."""

    name: str
    limit: int
    why: str

    def verdict(self, value: float) -> str:
        """How much is left, or by how much it is exceeded."""
        *words, unit = self.name.split("_")
        said, limit, left = (_amount(one, unit) for one in (value, self.limit, self.limit - value))
        rest = f"{left} left" if value <= self.limit else f"{left.removeprefix('-')} too much"
        return f"{' '.join(words)}: {said} of {limit}, {rest}"


def budgets(text: str | None = None) -> dict[str, Budget]:
    """What budgets.toml limits, by the name of the figure."""
    entries = tomllib.loads(text or FILE.read_text())
    return {name: Budget(name, **entry) for name, entry in entries.items()}


def of_sources(files: Mapping[str, bytes]) -> dict[str, int]:
    """The figures that are known without a browser, of a site's files by path."""
    own = {name for name in files if _is_ours(name)}
    figures = {"own_code_gzip_bytes": wire_bytes(own, files)}
    for name, folder in FOLDERS.items():
        figures[f"longest_{name}_file_lines"] = max(
            len(path.read_text().splitlines()) for path in (ROOT / folder).rglob("*.py")
        )
    return figures


def of_visit(requests: Sequence[str], files: Mapping[str, bytes]) -> dict[str, int]:
    """The figures of a first visit that asked for these paths of the site.

    A file counts once: how often a browser asks again whether it has changed is the browser's.
    """
    asked = files.keys() & requests
    return {
        "first_visit_gzip_bytes": wire_bytes(asked, files),
        "first_visit_requests": len(asked),
    }


def compared(now: Mapping[str, float], before: Mapping[str, float]) -> str:
    """A table of Markdown: each figure as it was and is, the difference, what its budget leaves.

    A figure that only one of both has is listed without a difference.
    """
    limits = budgets()
    names = [*now, *(name for name in before if name not in now)]
    rows = (_compared(name, before.get(name), now.get(name), limits.get(name)) for name in names)
    return table(("figure", "before", "now", "difference", "limit", "left"), rows)


def _compared(
    name: str, before: float | None, now: float | None, budget: Budget | None
) -> Iterator[str]:
    *words, unit = name.split("_")
    yield " ".join(words)
    yield "" if before is None else _amount(before, unit)
    yield "" if now is None else _amount(now, unit)
    yield "" if before is None or now is None else _difference(before, now, unit)
    yield "" if budget is None else _amount(budget.limit, unit)
    yield "" if budget is None or now is None else _amount(budget.limit - now, unit)


def _difference(before: float, now: float, unit: str) -> str:
    """To the byte, and as a part of what it was."""
    if now == before:
        return "none"
    part = f" ({(now / before - 1):+.1%})" if before else ""
    return f"{_number(now - before, '+')} {unit}{part}"


def wire_bytes(paths: Iterable[str], files: Mapping[str, bytes]) -> int:
    """Bytes of these files as a static host sends them."""
    return sum(
        len(gzip.compress(files[path], 6)) if Path(path).suffix in SQUEEZED else len(files[path])
        for path in paths
    )


def _is_ours(path: str) -> bool:
    """Written here, and fetched by the page: its code and our wheel."""
    if path.startswith("runtime/"):
        return Path(path).name.startswith("liqmap-")
    return Path(path).suffix in {".css", ".gz", ".html", ".js", ".mjs", ".py"}


def _amount(value: float, unit: str) -> str:
    if unit != "bytes":
        return f"{_number(value)} {unit}"
    return f"{value / 1e6:.2f} MB" if abs(value) >= 1e6 else f"{value / 1e3:.1f} kB"


def _number(value: float, sign: str = "") -> str:
    return f"{value:{sign},.0f}" if value == int(value) else f"{value:{sign},.4g}"
