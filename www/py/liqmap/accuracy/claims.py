"""Claims: what waits at which price, as it is said before a day begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from pathlib import Path
from typing import Any

import numpy as np

from liqmap import __version__
from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.errors import InputError
from liqmap.files import table
from liqmap.files.table import Table
from liqmap.loading import load
from liqmap.picture.viewport import Frame
from liqmap.session.estimates import estimate_in

DAY_MS = 86_400_000
REACH_RATE = 0.3
"""A claim is about prices so far from the newest one, up and down."""
PRICE_BINS = 600
MODEL = "balance"
DAYS = 30.0
"""Of bars that a claim stands on."""


@dataclass(frozen=True, eq=False, slots=True)
class Claim:
    """What waits before a day begins.

    Attributes
    ----------
    venue, name : str
    day_ms : float
        When the day that it is about begins.
    made_ms, until_ms : float
        When it was made, and the end of the newest bar that it knew.
    price, open_interest_quote : float
        Newest price [quote/base], and open interest at it, one-sided [quote].
    price_edges : array of shape (B + 1,)
    long_quote, short_quote : array of shape (B,)
        Exposure [quote] in each bin.
    version : str
        Of the package.
    """

    venue: str
    name: str
    day_ms: float
    made_ms: float
    until_ms: float
    price: float
    open_interest_quote: float
    price_edges: Array
    long_quote: Array
    short_quote: Array
    version: str = __version__


def claim(market: Market, day_ms: float, made_ms: float) -> Claim:
    """The claim of a market about the day that begins at `day_ms`.

    Nothing of the market that is later than `made_ms` is used.

    Raises
    ------
    InputError
        The day has begun: what is said now is no claim. Or nothing of the market is known yet.
    """
    if made_ms >= day_ms:
        raise InputError("The day has begun: what is said now would be no claim.")
    known = market.until(made_ms)
    if known is None:
        raise InputError(f"Nothing of {market.instrument.name} is known before the day.")
    price = float(known.candles.close[-1])
    frame = Frame(price * (1 - REACH_RATE), price * (1 + REACH_RATE), inf, inf, 1, 1)
    density = estimate_in(known, frame, MODEL, (), PRICE_BINS)
    held_base = float(known.open_interest.at(known.candles.end_ms[-1:])[0])
    return Claim(
        market.venue,
        market.instrument.name,
        day_ms,
        made_ms,
        float(known.candles.end_ms[-1]),
        price,
        held_base * price,
        density.price_edges,
        density.long_quote[:, -1].astype(np.float64),
        density.short_quote[:, -1].astype(np.float64),
    )


def path_of(folder: Path, venue: str, name: str, day_ms: float) -> Path:
    """Where a claim is kept."""
    return folder / "claims" / venue / name / f"{day_of(day_ms)}.parquet"


def day_of(time_ms: float) -> str:
    """`2026-11-29`, UTC."""
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d}"


def write(folder: Path, one: Claim) -> bool:
    """Keep a claim; one that is there already stays as it is, and False is given."""
    path = path_of(folder, one.venue, one.name, one.day_ms)
    if path.exists():
        return False
    about = {
        name: getattr(one, name)
        for name in Claim.__slots__
        if name not in ("price_edges", "long_quote", "short_quote")
    }
    columns: dict[str, table.Column] = {
        "low_price": one.price_edges[:-1],
        "high_price": one.price_edges[1:],
        "long_quote": one.long_quote,
        "short_quote": one.short_quote,
    }
    table.write(str(path), Table(columns, about))
    return True


def read(path: Path) -> Claim:
    """The claim in a file; raises `InputError` where it is damaged."""
    held = table.read(str(path))
    edges = np.append(held.numbers("low_price"), held.numbers("high_price")[-1])
    sides = held.numbers("long_quote"), held.numbers("short_quote")
    try:
        numbers = {name: float(held.about[name]) for name in _NUMBERS}
        words = {name: str(held.about[name]) for name in ("venue", "name", "version")}
    except KeyError as lacking:
        raise InputError(f"{path} is no claim: it lacks {lacking}.") from None
    arrays = {"price_edges": edges, "long_quote": sides[0], "short_quote": sides[1]}
    values: dict[str, Any] = {**words, **numbers, **arrays}
    return Claim(**values)


_NUMBERS = ("day_ms", "made_ms", "until_ms", "price", "open_interest_quote")


def claim_all(
    contracts: Sequence[tuple[str, str]],
    folder: Path,
    now_ms: float,
    *,
    origins: Mapping[str, str] | None = None,
) -> list[Claim]:
    """Claims of tomorrow (UTC) about these contracts; gives those that are new.

    Raises
    ------
    LiqmapError
        Of the first contract that cannot be read; claims made before it are kept.
    """
    day_ms = (now_ms // DAY_MS + 1) * DAY_MS
    made = []
    for venue, name in contracts:
        if path_of(folder, venue, name, day_ms).exists():
            continue
        one = claim(load(venue, name, days=DAYS, origins=origins), day_ms, now_ms)
        if write(folder, one):
            made.append(one)
    return made
