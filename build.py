#!/usr/bin/env python3
"""Build, serve and check liqmap. Needs Python 3.11 or newer and nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("liqmap's build needs Python 3.11 or newer; this is " + sys.version.split()[0])

from tools import environment
from tools.console import BuildError

MARKET = Path(__file__).parent / "tests" / "market.csv.gz"
EXTRAS = {
    "build": ("figure",),
    "serve": ("figure",),
    "test": ("figure", "dev"),
    "check": ("figure", "dev"),
    "bench": ("figure", "dev"),
}


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="build.py",
        description="Build, serve and check liqmap.",
        epilog="The first run makes a virtual environment in .venv/ and fetches the browser's "
        "runtime into .cache/; later runs need no network.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    commands.add_parser("build", help="assemble the site in dist/")

    serve = commands.add_parser("serve", help="build, then show the site on localhost")
    serve.add_argument("--port", type=int, default=8000, help="default: 8000, 0 takes any")
    serve.add_argument("--prefix", default="/", help="serve below this path, as a host may")
    serve.add_argument("--no-open", action="store_true", help="leave the browser alone")
    serve.add_argument(
        "--replay",
        nargs="?",
        type=Path,
        const=MARKET,
        metavar="FILE.csv[.gz]",
        help="answer as Bybit would from a market file (default: a simulated one in tests/)",
    )
    serve.add_argument(
        "--live",
        type=float,
        metavar="SECONDS",
        help="with --replay: hold the last day back and show a new bar every so many seconds",
    )
    return top


def run(options: argparse.Namespace) -> int:
    """Do what was asked; runs inside the environment."""
    match options.command:
        case "build":
            from tools import site

            site.build()
        case "serve":
            from tools import server

            server.serve(
                options.port,
                prefix=options.prefix,
                show=not options.no_open,
                market=options.replay,
                live_s=options.live,
            )
    return 0


def main(arguments: list[str]) -> int:
    """Parse, make the environment, and go on inside it."""
    options = parser().parse_args(arguments)
    try:
        environment.ensure(EXTRAS[options.command])
        if environment.inside():
            return run(options)
        return environment.enter(Path(__file__), arguments)
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
