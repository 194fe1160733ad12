"""A table of columns in a file: Parquet, or CSV with a head; `.gz` packs a CSV.

A path is a local one or any address of fsspec (`s3://…`, `memory://…`). What is written appears
whole or not at all: it is written beside its place, then renamed.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import fsspec
import numpy as np
import pyarrow as pa
from pyarrow import parquet

from liqmap.data.series import Array
from liqmap.errors import InputError

_ABOUT = b"liqmap"
"""Key of the metadata of a Parquet file."""
_KINDS = (".csv", ".csv.gz", ".parquet")
Column = Array | list[str]


@dataclass(frozen=True, eq=False, slots=True)
class Table:
    """Columns of one length by name, and what a Parquet file says about them.

    Parameters
    ----------
    columns : mapping of str to array of shape (n,) or list of n str
        NaN is a missing number.
    about : mapping
        Values that JSON can hold; a CSV file does not keep them.
    """

    columns: Mapping[str, Column]
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def numbers(self, name: str) -> Array:
        """A column of numbers.

        Raises
        ------
        InputError
            There is none of that name, or it holds words.
        """
        if name not in self.columns:
            raise InputError(f"The table has no column {name}.")
        try:
            return np.asarray(self.columns[name], dtype=np.float64)
        except ValueError as error:
            raise InputError(f"Column {name} holds something else than numbers: {error}.") from None

    def words(self, name: str) -> list[str]:
        """A column of words; raises `InputError` where there is none."""
        if name not in self.columns:
            raise InputError(f"The table has no column {name}.")
        return [str(one) for one in self.columns[name]]


def kind_of(path: str) -> str:
    """`.csv`, `.csv.gz` or `.parquet`.

    Raises
    ------
    InputError
        The path ends otherwise.
    """
    for kind in _KINDS:
        if path.lower().endswith(kind):
            return kind
    raise InputError(
        f"{path}: expected a name that ends in {', '.join(_KINDS)}.",
        hint="The ending says how the file is written.",
    )


def read(path: str) -> Table:
    """The table in a file.

    Raises
    ------
    InputError
        There is no such file, or it is damaged or of another kind.
    """
    kind = kind_of(path)
    try:
        with fsspec.open(path, "rb") as file:
            content: bytes = file.read()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    try:
        if kind == ".parquet":
            return _of_parquet(content)
        return _of_csv(gzip.decompress(content) if kind == ".csv.gz" else content)
    except (pa.ArrowException, ValueError, EOFError, OSError) as error:
        raise InputError(f"{path} is damaged, or no {kind[1:]} file: {error}.") from error


def write(path: str, table: Table) -> None:
    """Write the table; what is there is replaced at once, or stays as it was.

    Raises
    ------
    InputError
        The path ends otherwise than in a kind of file, or cannot be written to.
    """
    kind = kind_of(path)
    if kind == ".parquet":
        content = _as_parquet(table)
    else:
        content = _as_csv(table)
        if kind == ".csv.gz":
            content = gzip.compress(content, mtime=0)
    put(path, content)


def put(path: str, content: bytes) -> None:
    """Write bytes beside their place, then move them there; raises `InputError` where it cannot."""
    beside = f"{path}.{uuid4().hex[:8]}.part"
    try:
        system, place = fsspec.core.url_to_fs(path)
        _, place_beside = fsspec.core.url_to_fs(beside)
        system.makedirs(system._parent(place), exist_ok=True)
        try:
            with system.open(place_beside, "wb") as file:
                file.write(content)
            system.mv(place_beside, place)
        except BaseException:
            if system.exists(place_beside):
                system.rm(place_beside)
            raise
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error}.") from error


def _of_parquet(content: bytes) -> Table:
    table = parquet.read_table(io.BytesIO(content))
    about = json.loads((table.schema.metadata or {}).get(_ABOUT, b"{}"))
    columns: dict[str, Column] = {}
    for name in table.column_names:
        values = table[name]
        if pa.types.is_string(values.type):
            columns[name] = values.to_pylist()
        else:
            columns[name] = values.to_numpy().astype(np.float64)
    return Table(columns, about)


def _as_parquet(table: Table) -> bytes:
    columns = {
        name: pa.array(values, type=pa.string() if isinstance(values, list) else None)
        for name, values in table.columns.items()
    }
    made = pa.table(columns)
    about = json.dumps(dict(table.about), separators=(",", ":")).encode()
    out = io.BytesIO()
    parquet.write_table(made.replace_schema_metadata({_ABOUT: about}), out, compression="zstd")
    return out.getvalue()


def _of_csv(content: bytes) -> Table:
    rows = list(csv.reader(io.StringIO(content.decode())))
    if not rows:
        raise ValueError("it is empty")
    names, body = rows[0], [row for row in rows[1:] if row]
    uneven = [number for number, row in enumerate(body, 2) if len(row) != len(names)]
    if uneven:
        raise ValueError(f"row {uneven[0]} has not {len(names)} cells")
    return Table({name: _parsed([row[at] for row in body]) for at, name in enumerate(names)})


def _parsed(cells: list[str]) -> Column:
    """Numbers where all cells are numbers or empty, else the words."""
    try:
        return np.array([float(cell) if cell else np.nan for cell in cells])
    except ValueError:
        return cells


def _as_csv(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.columns)
    texts = [
        values if isinstance(values, list) else [_cell(one) for one in values.tolist()]
        for values in table.columns.values()
    ]
    writer.writerows(zip(*texts, strict=True))
    return out.getvalue().encode()


def _cell(value: float) -> str:
    """The shortest text that is read as the same number; times without a fraction."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)
