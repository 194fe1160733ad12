"""How much of it there is: the figures that need no browser, most of them with a budget."""

from __future__ import annotations

from collections.abc import Iterator

from tools.build import budgets, site


def figures() -> Iterator[tuple[str, float]]:
    """Bytes of our own code on the wire, lines of the longest files, all that a release holds."""
    files = site.contents()
    yield from budgets.of_sources(files).items()
    held = files.keys() - site.UNLISTED
    yield "release_gzip_bytes", budgets.wire_bytes(held, files)
    yield "release_files", len(held)
