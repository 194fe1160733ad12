"""What is on screen as tables, and tables as CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.analysis.clusters import Cluster, listed
from liqmap.analysis.levels import History
from liqmap.data.liquidations import Liquidations
from liqmap.estimate.density import Density
from liqmap.picture.cells import Cells
from liqmap.words import side_of

Table = Mapping[str, Sequence[str] | Sequence[float] | NDArray[np.floating[Any]]]
"""Columns of equal length; each name ends in its unit."""
About = Mapping[str, str | float | bool]
"""What the reader of a file must know, by name."""


def profile(density: Density, coin: str, kind: str) -> Table:
    """The last column, bin by bin, lowest first.

    Parameters
    ----------
    density : Density
    coin : str
        Of prices and amounts, `usdt`.
    kind : str
        What the amounts are, `exposure`.
    """
    edges = density.price_edges
    return {
        f"price_low_{coin}": edges[:-1],
        f"price_high_{coin}": edges[1:],
        f"long_{kind}_{coin}": density.long_base[:, -1] * density.prices,
        f"short_{kind}_{coin}": density.short_base[:, -1] * density.prices,
    }


def matrix(cells: Cells, coin: str) -> Table:
    """The cells on screen, a row a price, lowest first; a column a time, named by its beginning."""
    rows, columns = cells.quote.shape
    low = cells.low_price + cells.row_price * np.arange(rows)
    times = (iso(cells.begin_ms + column * cells.column_ms) for column in range(columns))
    return {
        f"price_low_{coin}": low,
        f"price_high_{coin}": low + cells.row_price,
        **{time: cells.quote[:, column] for column, time in enumerate(times)},
    }


def clusters(
    found: Sequence[Cluster], intervals: Sequence[tuple[float, float]], coin: str, kind: str
) -> Table:
    """The largest clusters; P10 and P90 are NaN where the intervals are not known."""
    ends = np.array(intervals or [(np.nan, np.nan)] * len(found)).reshape(-1, 2)
    return {
        f"price_{coin}": [one.price for one in found],
        f"price_low_{coin}": [one.low_price for one in found],
        f"price_high_{coin}": [one.high_price for one in found],
        "position_side": [side_of(one.position_side) for one in found],
        f"{kind}_{coin}": [one.amount_quote for one in found],
        f"p10_{coin}": ends[:, 0],
        f"p90_{coin}": ends[:, 1],
        "distance_rate": [one.distance_rate for one in found],
        "leverages": [listed(one.ranges) for one in found],
        "since_utc": [iso(one.since_ms) for one in found],
    }


def levels(found: History, coin: str) -> Table:
    """Price bands where much was liquidated, and what price did there after, beside controls.

    `held_low_rate`, `held_high_rate` are Wilson's interval of 95 % of held of all touches.
    """
    several = found.levels
    bases = [found.sides[one.position_side].base for one in several]
    intervals = [one.trials.interval if one.trials.n else (nan, nan) for one in several]
    return {
        f"price_low_{coin}": [one.low_price for one in several],
        f"price_high_{coin}": [one.high_price for one in several],
        "position_side": [side_of(one.position_side) for one in several],
        f"liquidated_{coin}": [one.amount_quote for one in several],
        "events": [one.events for one in several],
        "first_utc": [iso(one.first_ms) for one in several],
        "last_utc": [iso(one.last_ms) for one in several],
        "touches": [one.trials.n for one in several],
        "held": [one.trials.held for one in several],
        "held_low_rate": [low for low, _ in intervals],
        "held_high_rate": [high for _, high in intervals],
        "controls": [one.n for one in bases],
        "controls_held": [one.held for one in bases],
    }


def liquidations(seen: Liquidations, coin: str, base: str) -> Table:
    """Liquidations that happened, oldest first."""
    return {
        "time_utc": [iso(time_ms) for time_ms in seen.time_ms.tolist()],
        "position_side": [side_of(one) for one in seen.position_side],
        f"price_{coin}": seen.price,
        f"quantity_{base}": seen.quantity_base,
        f"notional_{coin}": seen.quantity_quote,
    }


def csv(table: Table, about: About) -> str:
    """Lines of `# name: value`, a line of names, and a line a row; a gap is empty.

    Ten figures a number; a text with a comma stands in quotes.
    """
    head = [f"# {name}: {value}" for name, value in about.items()]
    columns = ([_word(value) for value in column] for column in table.values())
    rows = (",".join(row) for row in zip(*columns, strict=True))
    return "\n".join([*head, ",".join(table), *rows]) + "\n"


def to_json(table: Table, about: About) -> str:
    """`{"about": {…}, "columns": {name: […]}}`; a gap is null."""
    columns = {name: [_value(value) for value in column] for name, column in table.items()}
    return json.dumps({"about": dict(about), "columns": columns}, ensure_ascii=False)


def iso(instant_ms: float) -> str:
    """`2026-02-01T00:00:00Z`."""
    time = datetime.fromtimestamp(instant_ms / 1000, UTC).isoformat(timespec="seconds")
    return time.replace("+00:00", "Z")


def _value(value: str | float) -> str | float | None:
    if isinstance(value, str):
        return value
    return None if isnan(value) else float(f"{value:.10g}")


def _word(value: str | float) -> str:
    if isinstance(value, str):
        return f'"{value}"' if "," in value else value
    return "" if isnan(value) else f"{value:.10g}"
