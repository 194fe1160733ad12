"""The folder of a recording: a file a contract and day, and when each contract was listened to.

DIR/bybit/BTC-USDT-PERP/2026-11-28.csv     what was liquidated that day (UTC)
DIR/bybit/BTC-USDT-PERP/watched.csv        from when to when it was listened to
"""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.errors import InputError
from liqmap.feed.tape import Tape
from liqmap.record.journal import Journal, rows_of

HEAD = ("time_ms", "position_side", "price", "quantity_base")
WATCHED_HEAD = ("start_ms", "end_ms")
WATCHED = "watched.csv"
DAYS_KNOWN = 2
"""A venue sends again at most what is so many days old."""
_ANY = 10**9
"""Rows of a tape that is read from files: all there are."""


class ContractTape:
    """One contract's files; a context manager that closes them.

    Parameters
    ----------
    folder : Path
        Of the recording.
    venue, name : str
    """

    def __init__(self, folder: Path, venue: str, name: str) -> None:
        self.venue, self.name = venue, name
        self._folder = folder / venue / name
        self._open = ExitStack()
        self._days: dict[str, Journal] = {}
        self._watched = self._open.enter_context(Journal(self._folder / WATCHED, WATCHED_HEAD))
        self._known = Tape(_ANY)
        for path in _days(self._folder)[-DAYS_KNOWN:]:
            self._known.add(venue, name, _liquidations(path))

    def __enter__(self) -> ContractTape:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def add(self, seen: Liquidations) -> Liquidations:
        """Write what is new of a message; gives that."""
        fresh = self._known.add(self.venue, self.name, seen)
        for row in zip(*(getattr(fresh, one).tolist() for one in HEAD), strict=True):
            self._of(row[0]).append([row])
        return fresh

    def watch(self, start_ms: float, end_ms: float) -> None:
        """Note that it was listened to in [start_ms, end_ms)."""
        if end_ms > start_ms:
            self._watched.append([(start_ms, end_ms)])

    def _of(self, time_ms: float) -> Journal:
        """The file of a day; those of earlier days are closed."""
        day = f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d}"
        if day not in self._days:
            if self._days and day > max(self._days):
                for earlier in list(self._days):
                    self._close(earlier)
            self._days[day] = Journal(self._folder / f"{day}.csv", HEAD)
            self._open.callback(self._close, day)
        return self._days[day]

    def _close(self, day: str) -> None:
        journal = self._days.pop(day, None)
        if journal is not None:
            journal.close()


def read_tape(folder: str | Path) -> Tape:
    """All that a recording holds, and when what was listened to.

    Raises
    ------
    InputError
        The folder holds no recording, or a damaged one.
    """
    tape = Tape(_ANY)
    contracts = sorted(Path(folder).glob(f"*/*/{WATCHED}"))
    if not contracts:
        raise InputError(
            f"{folder} holds no recording.",
            hint="`liqmap record VENUE:SYMBOL --out DIR` makes one.",
        )
    for watched in contracts:
        venue, name = watched.parts[-3:-1]
        for start_ms, end_ms in rows_of(watched):
            tape.watch(venue, name, start_ms, end_ms)
        for path in _days(watched.parent):
            tape.add(venue, name, _liquidations(path))
    return tape


def _days(folder: Path) -> list[Path]:
    """The files of days, the oldest first."""
    return sorted(folder.glob("????-??-??.csv"))


def _liquidations(path: Path) -> Liquidations:
    rows = np.array(rows_of(path)).reshape(-1, len(HEAD))
    return Liquidations.sorted(*rows.T)
