"""Liquidations that happened, as a file: a row each.

| column | unit |
|---|---|
| `time_ms` | UTC |
| `venue`, `symbol` | as in links: `bybit`, `BTC-USDT-PERP` |
| `position_side` | 1: a long was liquidated, -1: a short |
| `price` | quote/base |
| `quantity_base` | base |
"""

from __future__ import annotations

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.files import table
from liqmap.files.table import Table

_NUMBERS = ("time_ms", "position_side", "price", "quantity_base")
Tapes = dict[tuple[str, str], Liquidations]
"""By venue and canonical name."""


def read_liquidations(path: str) -> Tapes:
    """All liquidations in a file, by venue and contract, oldest first.

    Raises
    ------
    InputError
        The file cannot be read, lacks a column, or holds impossible values.
    """
    held = table.read(path)
    columns = [held.numbers(name) for name in _NUMBERS]
    keys = list(zip(held.words("venue"), held.words("symbol"), strict=True))
    found: Tapes = {}
    for key in dict.fromkeys(keys):
        rows = np.array([one == key for one in keys])
        found[key] = Liquidations.sorted(*(column[rows] for column in columns))
    return found


def write_liquidations(path: str, tapes: Tapes) -> None:
    """Write them, contract by contract; raises `InputError` where it cannot."""
    table.write(path, as_table(tapes))


def as_table(tapes: Tapes) -> Table:
    """Liquidations as columns."""
    joined = {
        name: np.concatenate([np.zeros(0), *(getattr(one, name) for one in tapes.values())])
        for name in _NUMBERS
    }
    lengths = {key: len(one) for key, one in tapes.items()}
    venues = [venue for (venue, _), rows in lengths.items() for _ in range(rows)]
    symbols = [symbol for (_, symbol), rows in lengths.items() for _ in range(rows)]
    time_ms = joined.pop("time_ms")
    return Table({"time_ms": time_ms, "venue": venues, "symbol": symbols, **joined})
