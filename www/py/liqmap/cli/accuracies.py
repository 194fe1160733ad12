"""`liqmap accuracy`: a public record of claims made before the fact."""

from __future__ import annotations

import time
from pathlib import Path

import click

from liqmap.cli.output import json_option, print_json
from liqmap.cli.sources import contracts_of
from liqmap.errors import NotInstalled
from liqmap.words import number

FOLDER = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))


@click.group(
    epilog="\b\nExample, as .github/workflows/record.yml does it:\n"
    "  liqmap accuracy claim data bybit:BTC bybit:ETH    # before midnight UTC\n"
    "  liqmap record bybit:BTC bybit:ETH --out data/tape --hours 5.6\n"
    "  liqmap accuracy judge data                        # after the day\n"
    "  liqmap accuracy publish data --out dist"
)
def accuracy() -> None:
    """Keep claims before each day, hold them against what happened, publish both."""


@accuracy.command(epilog="\b\nExample:\n  liqmap accuracy claim data bybit:BTC okx:ETH")
@FOLDER
@click.argument("contracts", nargs=-1, required=True, metavar="VENUE:SYMBOL …")
@json_option
def claim(folder: Path, contracts: tuple[str, ...], as_json: bool) -> None:
    """Say what waits where, before tomorrow (UTC) begins; a claim that is there stays."""
    with NotInstalled.unless("all", "A claim"):
        from liqmap.accuracy.claims import claim_all, day_of  # noqa: PLC0415 - needs aiohttp
    made = claim_all(contracts_of(contracts), folder, 1000 * time.time())
    if as_json:
        print_json({"claims": [{"venue": one.venue, "name": one.name} for one in made]})
        return
    for one in made:
        click.echo(f"{day_of(one.day_ms)}  {one.venue} {one.name}  at {number(one.price, 1)}")
    if not made:
        click.echo("All of tomorrow's claims are there.")


@accuracy.command(epilog="\b\nExample:\n  liqmap accuracy judge data")
@FOLDER
@json_option
def judge(folder: Path, as_json: bool) -> None:
    """Hold the claims of days that have ended against the recording in DIR/tape."""
    with NotInstalled.unless("all", "Judging claims"):
        from liqmap.accuracy.outcomes import judge_all  # noqa: PLC0415 - needs aiohttp
    judged, failed = judge_all(folder, 1000 * time.time())
    for sentence in failed:
        click.echo(sentence, err=True)
    if as_json:
        print_json({"judged": judged, "failed": failed})
        return
    click.echo(f"{judged} days judged.")


@accuracy.command(epilog="\b\nExample:\n  liqmap accuracy publish data --out dist")
@FOLDER
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path))
@json_option
def publish(folder: Path, out: Path, as_json: bool) -> None:
    """Write accuracy.json, which the page shows where it lies beside it, and accuracy.html."""
    with NotInstalled.unless("all", "Publishing"):
        from liqmap.accuracy.published import publish as published  # noqa: PLC0415 - needs aiohttp
    found = published(folder, out, 1000 * time.time())
    if as_json:
        print_json(found)
        return
    days = sum(len(one["days"]) for one in found["contracts"])
    click.echo(f"{days} days of {len(found['contracts'])} contracts in {out / 'accuracy.json'}")
