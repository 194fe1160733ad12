"""`liqmap fetch`: a venue's market into a file."""

from __future__ import annotations

from dataclasses import asdict

import click

from liqmap.cli.output import Progress, json_option, print_facts, print_json
from liqmap.errors import InputError, NotInstalled
from liqmap.venues.registry import ADAPTERS
from liqmap.words import clock


@click.command(
    epilog="\b\nExamples:\n  liqmap fetch bybit:BTC --days 30\n"
    "  liqmap fetch hyperliquid:ETH --bar 1h --days 365 -o eth.parquet"
)
@click.argument("contract", metavar="VENUE:SYMBOL")
@click.option("-o", "--out", default="", metavar="FILE", help="Default: VENUE_SYMBOL_BAR.csv.gz")
@click.option("--days", type=click.FloatRange(min=0.01), default=30.0, show_default=True)
@click.option("--bar", default="5m", show_default=True, help="1m, 5m, 1h, 1d, as the venue has it.")
@click.option("--months", default="", metavar="ROOT", help="A file a month, for liqmap batch.")
@json_option
def fetch(contract: str, out: str, days: float, bar: str, months: str, as_json: bool) -> None:
    """Ask a venue for bars, open interest, mark prices and margin tiers; keep them in a file."""
    venue, colon, symbol = contract.partition(":")
    if not colon:
        raise InputError(
            f"“{contract}” names no venue.",
            hint=f"Expected one such as bybit:BTC; there are {', '.join(ADAPTERS)}, and auto.",
        )
    with NotInstalled.unless("fetch", "Asking a venue"):
        from liqmap.loading import load  # noqa: PLC0415 - it needs aiohttp
    with NotInstalled.unless("data", "Writing a file"):
        from liqmap.files.markets import write_market  # noqa: PLC0415 - it needs pyarrow
    with Progress() as progress:
        market = load(venue, symbol, days=days, bar=bar, tell=progress.tell)
    path = out or months or f"{market.venue}_{market.instrument.name}_{bar}.csv.gz"
    if months:
        with NotInstalled.unless("batch", "fetch --months"):
            from liqmap.batch.inputs import write_months  # noqa: PLC0415 - it needs Dask
        write_months(months, market)
    if out or not months:
        write_market(path, market)
    bars = market.candles
    if as_json:
        found = {
            "file": path,
            "venue": market.venue,
            "instrument": asdict(market.instrument),
            "bars": len(bars),
            "start_ms": float(bars.time_ms[0]),
            "end_ms": float(bars.end_ms[-1]),
            "notices": list(market.notices),
        }
        print_json(found)
        return
    facts = [
        ("file", path),
        ("contract", f"{market.instrument.name}, {ADAPTERS[market.venue].title}"),
        ("bars", f"{len(bars)} of {bar}, {clock(bars.time_ms[0])} to {clock(bars.end_ms[-1])} UTC"),
    ]
    print_facts([*facts, *(("note", notice) for notice in market.notices)])
