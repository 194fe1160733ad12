"""The commands together, and what every one of them does with an error."""

from __future__ import annotations

import sys
from typing import Any

import click
from click.shell_completion import get_completion_class

import liqmap
from liqmap.cli import accuracies, batches, estimates, exports, fetches, records, scenarios, scores
from liqmap.errors import LiqmapError, RateLimited, Unreachable

FAILED, AGAIN = 1, 3
"""Exit codes beside 0 and click's 2 for a wrong command line: it failed; it may work later."""
_SHELLS = ("bash", "zsh", "fish")


class Commands(click.Group):
    """A group whose errors are a sentence and an exit code, not a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except LiqmapError as error:
            click.echo(f"liqmap: {error}", err=True)
            if error.detail:
                click.echo(f"  {error.detail}", err=True)
            sys.exit(AGAIN if isinstance(error, Unreachable | RateLimited) else FAILED)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A MARKET is a file (.csv, .csv.gz, .parquet), VENUE:SYMBOL, which is asked for now, or "
    "demo, a simulation. Results go to standard output, progress to standard error, and only "
    "where somebody watches. Exit codes: 0 well, 1 failed, 2 a wrong command line, 3 a venue does "
    "not answer now.",
)
@click.version_option(liqmap.__version__, prog_name="liqmap")
def top() -> None:
    """Where leveraged positions are likely to be liquidated."""


@top.command(epilog="\b\nExample:\n  liqmap completion bash >> ~/.bashrc")
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes commands and options in a shell."""
    found = get_completion_class(shell)
    assert found is not None, "click knows these shells"
    click.echo(found(top, {}, "liqmap", "_LIQMAP_COMPLETE").source())


for command in (
    *(fetches.fetch, estimates.estimate, estimates.profile, estimates.levels),
    *(scenarios.cascade, scenarios.position, scores.score, records.record),
    *(accuracies.accuracy, batches.batch),
    *(exports.export, exports.serve),
):
    top.add_command(command)


def run() -> None:
    """Run it as a program."""
    top(prog_name="liqmap")
