"""A market asked of its venue by this Python, with the same conversations as the page's."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from liqmap.data.market import Market
from liqmap.data.order_book import OrderBook
from liqmap.data.symbols import canonical_name
from liqmap.errors import InputError, LiqmapError, NoData
from liqmap.feed.depth import order_book
from liqmap.feed.directory import Directory
from liqmap.feed.limits import Pauses
from liqmap.feed.loader import load_market
from liqmap.feed.markets import HISTORY_MS
from liqmap.fetching import Web
from liqmap.venues.registry import ADAPTERS
from liqmap.venues.requests import DAY_MS, HOUR_MS, MINUTE_MS

T = TypeVar("T")
Tell = Callable[[str, int, int], None]
"""`tell(sentence, done, total)`: what is being read, in requests."""
PATIENCE_S = 120.0
"""A program waits longer than a visitor where a venue asks it to."""
ORIGINS, STREAMS = "LIQMAP_ORIGINS", "LIQMAP_STREAMS"
"""Environment variables: addresses that stand in for venues' own, and for their streams'."""
_UNITS_MS = {"m": MINUTE_MS, "h": HOUR_MS, "d": DAY_MS}


def load(
    venue: str,
    symbol: str = "BTC-USDT-PERP",
    *,
    days: float = 7.0,
    bar: str = "5m",
    tell: Tell | None = None,
    origins: Mapping[str, str] | None = None,
) -> Market:
    """A contract's bars, open interest, mark prices and margin tiers, up to now.

    Parameters
    ----------
    venue : str
        `bybit`, `okx` …; `auto`: the first that can be read.
    symbol : str
        `BTC-USDT-PERP`, or as traders type it: `eth`, `ETHUSDT`.
    days : float
        How far back. A week more is asked for where the venue has it: the book of the first day
        stands on what came before.
    bar : str
        Length of a bar: `1m`, `5m`, `1h`, `1d`, as far as the venue has it.
    tell : callable, optional
        Told what is being read, and how far it is.
    origins : mapping of str to str, optional
        Addresses that stand in for venues' own: `{"bybit": "http://localhost:8001"}`. Default:
        those of the environment variable `LIQMAP_ORIGINS`, `bybit=http://localhost:8001 okx=…`.

    Returns
    -------
    Market
        Its `notices` say in sentences what is missing.

    Raises
    ------
    LiqmapError
        Of the venue: it cannot be reached, refuses, or has no such contract.
    InputError
        There is no such venue or length of bar.
    """
    return waited_for(loaded(venue, symbol, days=days, bar=bar, tell=tell, origins=origins))


async def loaded(
    venue: str,
    symbol: str = "BTC-USDT-PERP",
    *,
    days: float = 7.0,
    bar: str = "5m",
    tell: Tell | None = None,
    origins: Mapping[str, str] | None = None,
) -> Market:
    """The same as `load`, to be awaited."""
    step_ms = length_ms(bar)
    if venue != "auto" and venue not in ADAPTERS:
        raise InputError(
            f"There is no venue “{venue}”.", hint=f"There are {', '.join(ADAPTERS)}, and auto."
        )
    name = canonical_name(symbol)
    async with Web() as web:
        directory = Directory(web.send)
        directory.origins |= addresses(ORIGINS) if origins is None else origins
        directory.pauses = Pauses(patience_s=PATIENCE_S)
        failed: list[str] = []
        for one in [venue] if venue != "auto" else ADAPTERS:
            try:
                return await _market(directory, one, name, days, step_ms, tell)
            except LiqmapError as error:
                if venue != "auto":
                    raise
                failed.append(f"{ADAPTERS[one].title}: {error.sentence}")
    raise NoData(f"No venue gives {name}.", hint="Name one.", detail=" ".join(failed))


async def book(venue: str, symbol: str, *, origins: Mapping[str, str] | None = None) -> OrderBook:
    """The resting orders of a contract now; raises what `load` raises, and `NotOffered`."""
    async with Web() as web:
        directory = Directory(web.send)
        directory.origins |= addresses(ORIGINS) if origins is None else origins
        instrument, _ = await directory.instrument(venue, canonical_name(symbol))
        return await order_book(directory.client(venue), instrument)


async def _market(
    directory: Directory, venue: str, name: str, days: float, step_ms: int, tell: Tell | None
) -> Market:
    steps_ms = ADAPTERS[venue].steps_ms
    if step_ms not in steps_ms:
        known = ", ".join(f"{one / MINUTE_MS:g}" for one in steps_ms)
        raise InputError(
            f"{ADAPTERS[venue].title} has no bars of {step_ms / MINUTE_MS:g} minutes.",
            hint=f"It has bars of {known} minutes.",
        )
    instrument, sentence = await directory.instrument(venue, name)
    found = load_market(
        directory.client(venue),
        instrument,
        step_ms=step_ms,
        window_ms=days * DAY_MS,
        history_ms=HISTORY_MS,
        say=tell,
    )
    *_, market = [one async for one in found]  # the last is whole; without any it has raised
    return replace(market, notices=(*filter(None, [sentence]), *market.notices))


def addresses(variable: str) -> dict[str, str]:
    """Addresses by venue that an environment variable names."""
    pairs = (one.partition("=") for one in os.environ.get(variable, "").split())
    return {venue: address for venue, _, address in pairs}


def length_ms(bar: str) -> int:
    """Length of a bar: of `5m` 300,000 ms; raises `InputError` where it is none."""
    found = re.fullmatch(r"([1-9]\d{0,3})([mhd])", bar)
    if not found:
        raise InputError(f"“{bar}” is no length of a bar.", hint="Expected one such as 5m, 1h, 1d.")
    return int(found[1]) * _UNITS_MS[found[2]]


def waited_for(work: Coroutine[Any, Any, T]) -> T:
    """The result of asynchronous work, also where a notebook's own loop is running."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, work).result()
