"""What a batch writes: a part a month, a manifest, and the summary of all.

    OUT/parts/bybit_BTC-USDT-PERP_2026-01_0f3a….parquet   a row; the name ends in its key
    OUT/manifest.json                                       what belongs to the newest run
    OUT/summary.parquet                                     all its rows

Each is written beside its place and renamed. The parts are the truth: the summary is made of them,
and a part whose files, settings or version have changed is left where it is, under its old key.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any

import fsspec
import numpy as np

from liqmap import __version__
from liqmap.batch.inputs import Window
from liqmap.batch.task import Settings, Summary
from liqmap.errors import InputError
from liqmap.files import table
from liqmap.files.table import Table

Row = dict[str, str | float]
"""A summary, and what it took: `seconds`, of a processor too; `peak_bytes` of the worker so far."""
COLUMNS = (*(one.name for one in fields(Summary)), "seconds", "cpu_seconds", "peak_bytes")


def part_path(out: str, window: Window, settings: Settings) -> str:
    """Where the result of a month lies: another place for other files, settings or versions."""
    told = [__version__, COLUMNS, asdict(settings), window.name, window.stamp]
    key = sha256(json.dumps(told).encode()).hexdigest()[:16]
    return f"{out.rstrip('/')}/parts/{window.name.replace('/', '_')}_{key}.parquet"


def read_row(path: str) -> Row | None:
    """The row of a part; None where there is none, or a damaged one."""
    try:
        held = table.read(path)
    except InputError:
        return None
    if len(held) != 1 or set(held.columns) != set(COLUMNS):
        return None
    return {
        name: values[0] if isinstance(values, list) else float(values[0])
        for name, values in held.columns.items()
    }


def write_row(path: str, row: Row) -> None:
    """Write a part; raises `InputError` where it cannot."""
    table.write(path, as_table([row]))


def as_table(rows: Iterable[Row]) -> Table:
    """Rows as columns."""
    several = list(rows)
    columns: dict[str, table.Column] = {}
    for name in COLUMNS:
        values: list[Any] = [row[name] for row in several]
        words = bool(values) and isinstance(values[0], str)
        columns[name] = values if words else np.array(values, np.float64)
    return Table(columns)


def write_summary(out: str, summary: Table) -> None:
    """Replace the summary at once."""
    table.write(f"{out.rstrip('/')}/summary.parquet", summary)


def write_manifest(
    out: str,
    root: str,
    settings: Settings,
    parts: Mapping[str, str],
    *,
    failed: Mapping[str, str],
    finished: bool,
) -> None:
    """Say what the newest run reads, how, and which part of each month is its own.

    Parameters
    ----------
    parts : mapping of str to str
        Path of a part by the name of its month.
    failed : mapping of str to str
        Why there is no part, by the name of a month.
    finished : bool
        Whether all was tried.
    """
    told = {
        "liqmap": __version__,
        "root": root,
        "settings": asdict(settings),
        "finished": finished,
        "failed": dict(failed),
        "parts": {name: path.rpartition("/")[2] for name, path in parts.items()},
    }
    table.put(f"{out.rstrip('/')}/manifest.json", json.dumps(told, indent=1).encode())


def sweep(out: str, parts: Iterable[str]) -> None:
    """Remove what killed workers left beside parts that are whole."""
    system, place = fsspec.core.url_to_fs(f"{out.rstrip('/')}/parts")
    whole = {path.rpartition("/")[2] for path in parts}
    system.invalidate_cache()
    for path in system.find(place):
        name, dot, _ = path.rpartition("/")[2].removesuffix(".part").rpartition(".")
        if path.endswith(".part") and dot and name in whole:
            system.rm(path)
