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

    site.build(address=options.address, fresh=options.fresh, record=options.record)
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

    return checks.check(options.names)


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
    return figures.bench(
        as_json=options.json, against=options.against, skill=options.skill, fuzz=options.fuzz
    )


def sizes(options: argparse.Namespace) -> int:
    """Print the sizes."""
    from tools.build import figures

    return figures.sizes(as_json=options.json, against=options.against)


def languages(options: argparse.Namespace) -> int:
    """Write the files of languages anew, with every sentence that is said."""
    from tools.build import languages as catalogues
    from tools.build import site

    package, page = site.said()
    for tag in options.tags or catalogues.tags():
        catalogues.update(tag, [*page, *package])
    return 0


def docs(options: argparse.Namespace) -> int:
    """Bring what documents say of the code up to date, and make a site of them."""
    from tools.build import docsite, documents
    from tools.build.console import say

    for path in documents.write(parser()):
        say(f"wrote {path}")
    docsite.build()
    say("dist/docs/ holds their site")
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


def release(options: argparse.Namespace) -> int:
    """Make everything that is published of a version."""
    from datetime import UTC, datetime

    from tools.build import release as releases
    from tools.build.console import say

    folder = releases.release(options.version, tag=options.tag, today=datetime.now(UTC).date())
    say(f"{folder} holds the release")
    return 0


def audit(options: argparse.Namespace) -> int:
    """Say what is known against a pinned package."""
    from tools.build import audit as known

    return known.audit(options.accept)


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

    one.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="show the public record of accuracy, if `liqmap accuracy publish` wrote one there",
    )

    one = commands.add_parser("test", help="check, and the tests in a real browser")
    one.set_defaults(run=test, extras=("figure", "replay", "release", "documents", "dev"))
    one.add_argument(
        "--engines",
        choices=("chromium", "all"),
        default="chromium",
        help="all: the smoke test in Firefox and WebKitGTK as well",
    )
    one.add_argument("pytest", nargs="*", metavar="ARGUMENT", help="after --: passed to pytest")

    one = commands.add_parser("check", help="style, types, and the tests that need no browser")
    one.set_defaults(run=check, extras=("figure", "replay", "release", "documents", "dev"))
    one.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="only these, in seconds: format, style, types, documents, languages",
    )

    one = commands.add_parser("bench", help="print the project's figures: sizes, times, ratios")
    one.set_defaults(run=bench, extras=("figure", "replay", "dev"))
    _add_figure_options(one)
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

    one = commands.add_parser("sizes", help="print the figures that are known in seconds")
    one.set_defaults(run=sizes, extras=("figure",))
    _add_figure_options(one)

    one = commands.add_parser(
        "docs", help="bring what the documents say of the code up to date; their site in dist/docs/"
    )
    one.set_defaults(run=docs, extras=("figure", "documents", "cli"))

    one = commands.add_parser("languages", help="bring the files of all languages up to date")
    one.set_defaults(run=languages, extras=("figure",))
    one.add_argument("tags", nargs="*", metavar="TAG", help="only these, or a new one: es")

    one = commands.add_parser("capture", help="keep a venue's live answers in a folder of fixtures")
    one.set_defaults(run=capture, extras=("replay", "fetch"))
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

    one = commands.add_parser("release", help="make what is published of a version in release/")
    one.set_defaults(run=release, extras=("figure", "release"))
    one.add_argument(
        "version",
        nargs="?",
        metavar="VERSION",
        help="the next one, written into package and changelog; default: the one committed",
    )
    one.add_argument("--tag", action="store_true", help="commit and tag it; else say how")

    one = commands.add_parser(
        "audit",
        help="ask OSV for known vulnerabilities of everything pinned; exit code 1: there are some, "
        "2: it could not be asked",
    )
    one.set_defaults(run=audit, extras=())
    one.add_argument(
        "--accept",
        nargs="*",
        default=[],
        metavar="ID",
        help="entries that were looked at and do not concern this project",
    )
    return top


def _add_figure_options(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="one JSON object on standard output")
    one.add_argument(
        "--against",
        type=Path,
        metavar="FILE.json",
        help="a table of the differences to the figures that --json printed earlier",
    )


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
