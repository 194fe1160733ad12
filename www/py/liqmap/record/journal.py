"""A file that only grows, a row at a time: what was written stays, however the program ends."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from liqmap.errors import InputError


class Journal:
    """Rows of numbers in a CSV file with a head; a context manager that closes it.

    Rows are on the disk when `append` returns. A row that a crash has cut is taken away when the
    file is opened again.

    Parameters
    ----------
    path : Path
        Made, with its folders, where it is not there.
    head : sequence of str

    Raises
    ------
    InputError
        The file cannot be written, or has another head.
    """

    def __init__(self, path: Path, head: Sequence[str]) -> None:
        self.path = path
        first = (",".join(head) + "\n").encode()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error}.") from error
        whole = _whole(path.read_bytes())
        if whole and not whole.startswith(first):
            os.close(self._file)
            raise InputError(f"{path} is another kind of file: its head is not {','.join(head)}.")
        os.ftruncate(self._file, len(whole))
        if not whole:
            self._put(first)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)

    def append(self, rows: Iterable[Sequence[float]]) -> None:
        """Write rows; raises `InputError` where the disk takes no more."""
        lines = [",".join(f"{value:.15g}" for value in row) + "\n" for row in rows]
        self._put("".join(lines).encode())

    def _put(self, content: bytes) -> None:
        try:
            while content:
                content = content[os.write(self._file, content) :]
            os.fsync(self._file)
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written: {error}.", hint="Is the disk full?"
            ) from error


def rows_of(path: Path) -> list[list[float]]:
    """The whole rows of a journal, without its head; a cut one at the end is left out.

    Raises
    ------
    InputError
        A row in it is damaged.
    """
    lines = _whole(path.read_bytes()).decode(errors="replace").splitlines()[1:]
    try:
        return [[float(cell) for cell in line.split(",")] for line in lines]
    except ValueError as error:
        raise InputError(f"{path} is damaged: {error}.") from error


def _whole(content: bytes) -> bytes:
    """The content up to its last end of a line."""
    return content[: content.rfind(b"\n") + 1]
