"""How much of it is ours: the figures that have a budget and need no browser."""

from __future__ import annotations

from collections.abc import Iterator

from tools.build import budgets, site


def figures() -> Iterator[tuple[str, float]]:
    """Bytes of our own code on the wire, lines of the longest files."""
    yield from budgets.of_sources(site.contents()).items()
