"""What commands print: tables for people, JSON for programs, progress for who watches."""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any, Self

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def print_json(value: object) -> None:
    """One JSON object; what is no number is null."""
    click.echo(json.dumps(_plain(value), ensure_ascii=False, indent=1))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def print_facts(facts: Iterable[tuple[str, str]]) -> None:
    """A line each: what it is, and its value."""
    lines = list(facts)
    widest = max((len(name) for name, _ in lines), default=0)
    for name, value in lines:
        click.echo(f"{name:<{widest}}  {value}")


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns under their heads, the first to the left, the others to the right."""
    lines = [list(head), *(list(row) for row in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    for line in lines:
        cells = [f"{line[0]:<{widths[0]}}"]
        cells += [f"{cell:>{width}}" for cell, width in zip(line[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())


class Progress:
    """A bar on standard error while a venue is asked; nothing where nobody watches."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._shown = sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar is not None:
            self._bar.render_finish()

    def tell(self, sentence: str, done: int, total: int) -> None:
        """How far it is, in requests."""
        if not self._shown or not total:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, file=sys.stderr, label=sentence)
        self._bar.label, self._bar.length = sentence, total
        self._bar.pos = done
        self._bar.render_progress()
