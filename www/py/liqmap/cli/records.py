"""`liqmap record`: liquidations as they happen, into a folder."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from pathlib import Path

import click

from liqmap.cli.output import json_option, print_json
from liqmap.cli.sources import contracts_of
from liqmap.data.liquidations import Liquidations
from liqmap.errors import LiqmapError, NotInstalled
from liqmap.words import clock, number, side_of, usd


@click.command(
    epilog="\b\nExamples:\n  liqmap record bybit:BTC okx:BTC binance:ETH --out tape\n"
    "  liqmap record bybit:BTC --out tape --hours 6"
)
@click.argument("contracts", nargs=-1, required=True, metavar="VENUE:SYMBOL …")
@click.option("--out", default="tape", show_default=True, metavar="DIR")
@click.option(
    "--hours",
    type=click.FloatRange(min=0, min_open=True),
    help="Stop after so long; default: never.",
)
@json_option
def record(contracts: tuple[str, ...], out: str, hours: float | None, as_json: bool) -> None:
    """Listen to venues and keep every liquidation, until it is stopped (Ctrl-C).

    A file a contract and day; each row is on the disk before the next is read, so that nothing is
    lost whatever ends the program. Started again it goes on, and writes nothing twice.
    """
    wanted = contracts_of(contracts)
    with NotInstalled.unless("fetch", "Listening to a venue"):
        from liqmap.record.listening import record as listening  # noqa: PLC0415 - it needs aiohttp
    rows = 0

    def heard(venue: str, name: str, new: Liquidations) -> None:
        nonlocal rows
        rows += len(new)
        if as_json:
            return
        columns = (new.time_ms, new.position_side, new.price, new.quantity_quote)
        for time_ms, side, price, quote in zip(*(one.tolist() for one in columns), strict=True):
            words = f"{usd(quote)} {side_of(side)} at {number(price, 2)}"
            click.echo(f"{clock(time_ms)} UTC  {venue} {name}  {words}")

    def tell(sentence: str) -> None:
        if sys.stderr.isatty():
            click.echo(sentence, err=True)

    async def until_stopped() -> None:
        work = asyncio.ensure_future(listening(wanted, Path(out), heard=heard, tell=tell))
        loop = asyncio.get_running_loop()
        for one in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # as on Windows
                loop.add_signal_handler(one, work.cancel)
        if hours is not None:
            loop.call_later(3600 * hours, work.cancel)
        with contextlib.suppress(asyncio.CancelledError):
            await work

    try:
        asyncio.run(until_stopped())
    except* LiqmapError as failed:
        first = failed
        while isinstance(first, BaseExceptionGroup):
            first = first.exceptions[0]  # type: ignore[assignment]
        raise first from None
    if as_json:
        print_json({"rows": rows, "folder": out})
