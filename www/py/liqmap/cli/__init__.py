"""The command `liqmap`: fetch, estimate, read and judge, without a browser."""

from __future__ import annotations

import sys

from liqmap.errors import NotInstalled


def main() -> None:
    """Run the command line; without click it says what to install."""
    try:
        with NotInstalled.unless("cli", "The command liqmap"):
            from liqmap.cli.app import run  # noqa: PLC0415 - where click is missing, say so
    except NotInstalled as error:
        sys.exit(f"liqmap: {error}")
    run()
