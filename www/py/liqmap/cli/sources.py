"""Which market a command is about: a file, a venue's contract, or a simulation."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import click

from liqmap import simulation
from liqmap.cli.output import Progress
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.symbols import canonical_name
from liqmap.errors import InputError, NotInstalled
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View

F = TypeVar("F", bound=Callable[..., Any])
DEMO = "demo"
SEED = 3
"""Of the simulation."""


def view_options(command: F) -> F:
    """The options of what is estimated, as in a link."""
    shown = View()
    options = (
        click.option("--range", "range_", default="7d", show_default=True, help="24h, 3d, 7d …"),
        click.option("--model", default=shown.model, show_default=True, help="balance, turnover …"),
        click.option("--leverages", default="", help="Only these: 10-50-100."),
        click.option("--bar", default="5m", show_default=True, help="Bars of a venue's market."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def view_of(range_: str, model: str, leverages: str) -> View:
    """The view that options mean; raises `InputError` for a value that none has."""
    texts = {"range": range_, "model": model, "leverages": leverages}
    query = "&".join(f"{name}={text}" for name, text in texts.items() if text)
    view = View.from_query(query)
    for name, text in (("range", range_), ("model", model)):
        if getattr(view, name) != text:
            raise InputError(f"--{name}: there is no “{text}”.")
    return view


def market_of(source: str, view: View, bar: str = "5m") -> Market:
    """The market that an argument means.

    Raises
    ------
    InputError
        It is no file and no venue.
    LiqmapError
        Of the venue, or of the file.
    """
    if source == DEMO:
        return simulation.simulate(SEED).market
    venue, colon, symbol = source.partition(":")
    if colon and (venue in ADAPTERS or venue == "auto"):
        with NotInstalled.unless("fetch", "Asking a venue"):
            from liqmap.loading import load  # noqa: PLC0415 - it needs aiohttp
        with Progress() as progress:
            days = view.window_ms / 86_400_000
            return load(venue, symbol, days=days, bar=bar, tell=progress.tell)
    with NotInstalled.unless("data", "Reading a file"):
        from liqmap.files.markets import read_market  # noqa: PLC0415 - it needs pyarrow
    if not colon and not os.path.exists(source):
        raise InputError(
            f"There is no file {source}.",
            hint=f"A market is a file, VENUE:SYMBOL ({', '.join(ADAPTERS)}), or demo.",
        )
    return read_market(source)


def liquidations_of(
    path: str, market: Market
) -> tuple[Liquidations, tuple[tuple[float, float], ...]]:
    """What happened to a market's contract: of a file, or of a folder that `record` wrote.

    Returns
    -------
    liquidations : Liquidations
    watched : tuple of (start, end)
        When it was listened to [ms]; of a file, all of the market's time.
    """
    name = market.instrument.name
    if path == DEMO:
        return simulation.simulate(SEED).liquidations, (_all(market),)
    if os.path.isdir(path):
        from liqmap.record.tapes import read_tape  # noqa: PLC0415 - only here

        tape = read_tape(path)
        venue = market.venue if tape.watched(market.venue, name) else None
        venues = [market.venue] if venue else list(tape.venues(name))
        spans = tuple(span for one in venues for span in tape.watched(one, name))
        return tape.of(name, venue), spans
    with NotInstalled.unless("data", "Reading a file"):
        from liqmap.files.liquidations import read_liquidations  # noqa: PLC0415
    held = read_liquidations(path)
    own = held.get((market.venue, name))
    found = [own] if own is not None else [one for (_, key), one in held.items() if key == name]
    if not found:
        listed = ", ".join(sorted({key for _, key in held})) or "nothing"
        raise InputError(f"{path} holds no liquidations of {name}.", hint=f"It holds {listed}.")
    return Liquidations.joined(found), (_all(market),)


def _all(market: Market) -> tuple[float, float]:
    return float(market.candles.time_ms[0]), float(market.candles.end_ms[-1])


def contracts_of(texts: Iterable[str]) -> list[tuple[str, str]]:
    """`bybit:BTC` as venue and canonical name; raises `InputError` where a text is none."""
    found = []
    for text in texts:
        venue, colon, symbol = text.partition(":")
        if not colon or not symbol:
            raise InputError(
                f"“{text}” names no contract.",
                hint=f"Expected one such as bybit:BTC; there are {', '.join(ADAPTERS)}.",
            )
        found.append((venue, canonical_name(symbol)))
    return found
