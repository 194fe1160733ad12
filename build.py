#!/usr/bin/env python3
"""Build, serve and check liqmap. Needs Python 3.11 or newer and nothing else."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

if sys.version_info < (3, 11):  # noqa: UP036 - said to whoever runs an older one
    sys.exit("liqmap's build needs Python 3.11 or newer; this is " + sys.version.split()[0])

from tools.build import environment
from tools.build.console import BuildError
from tools.replay import SIMULATED


def build(options: argparse.Namespace) -> int:
    """Assemble the site."""
    from tools.build import site
    from tools.build.console import say

    site.build(address=options.address, fresh=options.fresh)
    sizes = [len(content) for content in site.files().values()]
    say(f"dist/ holds {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB")
    return 0


def serve(options: argparse.Namespace) -> int:
    """Show the site on localhost."""
    from tools.build import server

    server.serve(
        options.port,
        prefix=options.prefix,
        show=not options.no_open,
        market=options.replay,
        live_s=options.live,
    )
    return 0


def check(options: argparse.Namespace) -> int:
    """Run what needs no browser."""
    from tools.build import checks

    return checks.check()


def test(options: argparse.Namespace) -> int:
    """Run everything."""
    from tools.build import checks

    return checks.test(engines=options.engines, arguments=options.pytest)


def bench(options: argparse.Namespace) -> int:
    """Print figures."""
    from tools.build import figures

    if options.densities:
        return figures.densities(options.densities)
    if options.picture:
        return figures.picture(options.picture, as_json=options.json)
    if options.batch:
        return figures.batch(as_json=options.json)
    return figures.bench(as_json=options.json, skill=options.skill, fuzz=options.fuzz)


def languages(options: argparse.Namespace) -> int:
    """Write the files of languages anew, with every sentence that is said."""
    from tools.build import languages as catalogues
    from tools.build import site

    package, page = site.said()
    for tag in options.tags or catalogues.tags():
        catalogues.update(tag, [*page, *package])
    return 0


def docs(options: argparse.Namespace) -> int:
    """Bring what documents say of the code up to date."""
    from tools.build import documents
    from tools.build.console import say

    for path in documents.write(parser()):
        say(f"wrote {path}")
    return 0


def capture(options: argparse.Namespace) -> int:
    """Keep what a venue answers now."""
    from tools.build import wheel
    from tools.build.console import say

    sys.path.insert(0, str(wheel.PACKAGE.parent))  # the questions are the package's
    from tools.build import capture as recorder

    folder = recorder.capture(
        options.venue,
        coin=options.coin,
        out=options.out,
        seconds=options.seconds,
        origin=options.origin,
    )
    say(f"{folder} holds what {options.venue} answered")
    return 0


def screenshot(options: argparse.Namespace) -> int:
    """Make the README's pictures, or all."""
    from tools.build import screenshot as camera

    if options.all:
        camera.make_all(options.market, options.all)
    else:
        camera.make(options.market)
    return 0


def parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="build.py",
        description="Build, serve and check liqmap.",
        epilog="The first run makes a virtual environment in .venv/ and fetches the browser's "
        "runtime into .cache/; later runs need no network.",
    )
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("serve", help="build, then show the site on localhost")
    one.set_defaults(run=serve, extras=("figure", "replay"))
    one.add_argument("--port", type=int, default=8000, help="default: 8000; 0 takes any free one")
    one.add_argument("--prefix", default="/", help="serve below this path, as a shared host does")
    one.add_argument("--no-open", action="store_true", help="leave the browser alone")
    one.add_argument(
        "--replay",
        nargs="?",
        type=Path,
        const=SIMULATED,
        metavar="FILE.csv[.gz]",
        help="answer as the exchanges would, from a market file (default: a simulated one)",
    )
    one.add_argument(
        "--live",
        type=float,
        metavar="SECONDS",
        help="with --replay: hold the last day back, show a new bar and its liquidations every "
        "so many seconds",
    )

    one = commands.add_parser("build", help="assemble the site in dist/")
    one.set_defaults(run=build, extras=("figure",))
    one.add_argument(
        "--address",
        default="",
        metavar="URL",
        help="where the site will be: previews of links name their picture by it, and a sitemap "
        "needs it",
    )
    one.add_argument(
        "--fresh",
        action="store_true",
        help="pictures of links show what an exchange publishes now, where one can be read from "
        "here, else the example",
    )

    one = commands.add_parser("test", help="check, and the tests in a real browser")
    one.set_defaults(run=test, extras=("figure", "replay", "dev"))
    one.add_argument(
        "--engines",
        choices=("chromium", "all"),
        default="chromium",
        help="all: the smoke test in Firefox and WebKitGTK as well",
    )
    one.add_argument("pytest", nargs="*", metavar="ARGUMENT", help="after --: passed to pytest")

    one = commands.add_parser("check", help="style, types, and the tests that need no browser")
    one.set_defaults(run=check, extras=("figure", "replay", "dev"))

    one = commands.add_parser("bench", help="print the project's figures: sizes, times, ratios")
    one.set_defaults(run=bench, extras=("figure", "replay", "dev"))
    one.add_argument("--json", action="store_true", help="one JSON object on standard output")
    one.add_argument(
        "--skill",
        type=Path,
        metavar="DIR",
        help="also judge the estimate against real liquidations, from market files in DIR",
    )
    one.add_argument("--fuzz", action="store_true", help="also feed damaged replies and odd links")
    one.add_argument(
        "--picture",
        type=Path,
        metavar="DIR",
        help="only measure how the picture looks, on market files in DIR and the simulated market",
    )
    one.add_argument(
        "--batch",
        action="store_true",
        help="only measure how many months of markets one and two workers summarise",
    )
    one.add_argument(
        "--densities",
        type=Path,
        metavar="FILE",
        help="only compare what every model gives, bit by bit, with FILE; the first run writes it",
    )

    one = commands.add_parser("docs", help="bring what the documents say of the code up to date")
    one.set_defaults(run=docs, extras=())

    one = commands.add_parser("languages", help="bring the files of all languages up to date")
    one.set_defaults(run=languages, extras=("figure",))
    one.add_argument("tags", nargs="*", metavar="TAG", help="only these, or a new one: es")

    one = commands.add_parser("capture", help="keep a venue's live answers in a folder of fixtures")
    one.set_defaults(run=capture, extras=("replay",))
    one.add_argument("venue", metavar="VENUE", help="its name in links: bybit, okx …")
    one.add_argument("--coin", default="BTC", help="whose contract is asked for; default: BTC")
    one.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="a new or empty folder; default: captures/VENUE/DATE",
    )
    one.add_argument(
        "--seconds", type=float, default=20.0, help="how long to hear the stream; default: 20"
    )
    one.add_argument("--origin", metavar="URL", help="another of the venue's addresses")

    one = commands.add_parser("screenshot", help="make the README's pictures from a market file")
    one.set_defaults(run=screenshot, extras=("figure", "replay", "dev"))
    one.add_argument(
        "market",
        nargs="?",
        type=Path,
        default=SIMULATED,
        metavar="FILE.csv[.gz]",
        help="default: the simulated one",
    )
    one.add_argument(
        "--all",
        type=Path,
        metavar="DIR",
        help="instead: every panel on three screens, dark and light, into DIR",
    )
    return top


def main(arguments: list[str]) -> int:
    """Parse, make the environment, and go on inside it."""
    options = parser().parse_args(arguments)
    try:
        environment.ensure(options.extras)
        if not environment.inside():
            return environment.enter(Path(__file__), arguments)
        done: int = options.run(options)
        return done
    except BuildError as error:
        print(f"build.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
