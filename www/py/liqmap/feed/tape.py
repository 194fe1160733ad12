"""The tape: every liquidation this browser has seen, each once, the newest `MOST_ROWS`."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from math import inf

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array
from liqmap.errors import InputError
from liqmap.language import say
from liqmap.words import side_of

MOST_ROWS = 200_000
MOST_SPANS = 400
"""Of each contract."""
_VERSION = "liqmap tape 2"
Span = tuple[float, float]
"""Start and end [ms]."""
_NAMES = ("time_ms", "position_side", "price", "quantity_base")


class Tape:
    """Liquidations by venue and canonical name; the oldest are dropped beyond `most_rows`.

    Venues send some liquidations twice: after a reconnection, by REST beside the stream. Two
    rows are the same liquidation when all their numbers agree, unless one message held both.

    Attributes
    ----------
    cleared : int
        How often everything was forgotten, in any tab: what an older tape holds stays forgotten.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self.cleared = 0
        self._most_rows = most_rows
        self._kept: dict[tuple[str, str], Liquidations] = {}
        self._watched: dict[tuple[str, str], list[Span]] = {}

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._kept.values())

    def add(self, venue: str, name: str, seen: Liquidations) -> Liquidations:
        """Keep the liquidations of one message; gives those that were new."""
        if not len(seen):
            return seen
        kept = self._kept.get((venue, name), Liquidations.sorted([], [], [], []))
        first = int(np.searchsorted(kept.time_ms, seen.time_ms[0]))
        last = int(np.searchsorted(kept.time_ms, seen.time_ms[-1], side="right"))
        known = set(_told_apart(kept.rows(slice(first, last))))
        new = [row for row, key in enumerate(_told_apart(seen)) if key not in known]
        fresh = seen.rows(np.array(new, dtype=np.intp))
        if len(fresh):
            self._kept[venue, name] = Liquidations.joined([kept, fresh])
            if len(self) > self._most_rows:
                self._drop_oldest()
        return fresh

    def watch(self, venue: str, name: str, start_ms: float, end_ms: float) -> None:
        """Note that a contract was listened to in [start_ms, end_ms), whatever happened in it."""
        if end_ms <= start_ms:
            return
        spans: list[Span] = []
        for begin, end in sorted([*self._watched.get((venue, name), ()), (start_ms, end_ms)]):
            if spans and begin <= spans[-1][1]:
                spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
            else:
                spans.append((begin, end))
        self._watched[venue, name] = spans[-MOST_SPANS:]

    def watched(self, venue: str, name: str) -> tuple[Span, ...]:
        """Times in which a contract was listened to, oldest first [ms]."""
        return tuple(self._watched.get((venue, name), ()))

    def merge(self, other: Tape) -> None:
        """Add what another tape holds, such as one that another tab has stored.

        Of two tapes, the one that was cleared less often counts for nothing.
        """
        if other.cleared < self.cleared:
            return
        if other.cleared > self.cleared:
            self.clear()
            self.cleared = other.cleared
        for (venue, name), kept in other._kept.items():
            self.add(venue, name, kept)
        for (venue, name), spans in other._watched.items():
            for start_ms, end_ms in spans:
                self.watch(venue, name, start_ms, end_ms)

    def of(
        self,
        name: str,
        venue: str | None = None,
        start_ms: float = -inf,
        end_ms: float = inf,
    ) -> Liquidations:
        """A contract's liquidations in [start_ms, end_ms), of one venue or of all, oldest first."""
        parts = []
        for (kept_venue, kept_name), kept in self._kept.items():
            if kept_name == name and venue in (None, kept_venue):
                first, last = np.searchsorted(kept.time_ms, [start_ms, end_ms])
                parts.append(kept.rows(slice(int(first), int(last))))
        return Liquidations.joined(parts)

    def venues(self, name: str) -> tuple[str, ...]:
        """Venues that liquidations of a contract are kept of."""
        return tuple(venue for venue, kept_name in self._kept if kept_name == name)

    def clear(self) -> None:
        """Forget everything."""
        self.cleared += 1
        self._kept.clear()
        self._watched.clear()

    def csv(self) -> str:
        """All rows as a table, venue by venue, oldest first."""
        lines = ["time,venue,symbol,position_side,price,quantity_base,notional_quote"]
        for (venue, name), kept in self._kept.items():
            for time_ms, side, price, quantity in _rows(kept):
                time = datetime.fromtimestamp(time_ms / 1000, UTC)
                stamp = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                word = side_of(side)
                numbers = f"{price:.15g},{quantity:.15g},{price * quantity:.15g}"
                lines.append(f"{stamp},{venue},{name},{word},{numbers}")
        return "\n".join(lines) + "\n"

    def dump(self) -> bytes:
        """The whole tape as bytes, for the browser's storage; zlib adds a checksum."""
        header = {
            "version": _VERSION,
            "cleared": self.cleared,
            "rows": [[*key, len(kept)] for key, kept in self._kept.items()],
            "watched": [[*key, *span] for key, spans in self._watched.items() for span in spans],
        }
        columns = [
            np.asarray(getattr(kept, name), dtype="<f8").tobytes()
            for kept in self._kept.values()
            for name in _NAMES
        ]
        text = json.dumps(header, separators=(",", ":")).encode() + b"\n"
        return zlib.compress(text + b"".join(columns), level=1)

    @classmethod
    def load(cls, stored: bytes, most_rows: int = MOST_ROWS) -> Tape:
        """The tape that `dump` gave; raises `InputError` when damaged or of another version."""
        tape = cls(most_rows)
        try:
            header, columns = zlib.decompress(stored).split(b"\n", 1)
            known = json.loads(header)
            if known["version"] != _VERSION:
                raise ValueError(known["version"])
            tape.cleared = int(known.get("cleared", 0))
            numbers = np.frombuffer(columns, dtype="<f8")
            for venue, name, count in known["rows"]:
                block, numbers = numbers[: 4 * count], numbers[4 * count :]
                tape._kept[venue, name] = Liquidations(*block.reshape(4, count))
            for venue, name, start_ms, end_ms in known["watched"]:
                tape.watch(venue, name, float(start_ms), float(end_ms))
        except (zlib.error, ValueError, KeyError, TypeError, InputError) as fault:
            raise InputError(
                say("The liquidations that this browser had kept cannot be read."),
                hint=say("The tape begins anew."),
                detail=repr(fault)[:200],
            ) from fault
        return tape

    def _drop_oldest(self) -> None:
        """Leave nine tenths of the rows, so that this is seldom needed."""
        every: Array = np.concatenate([kept.time_ms for kept in self._kept.values()])
        room = max(1, self._most_rows * 9 // 10)
        oldest = np.partition(every, -room)[-room]
        self._kept = {key: kept.rows(kept.time_ms >= oldest) for key, kept in self._kept.items()}


def _rows(liquidations: Liquidations) -> Iterator[tuple[float, float, float, float]]:
    columns = (getattr(liquidations, name).tolist() for name in _NAMES)
    yield from zip(*columns, strict=True)


def _told_apart(liquidations: Liquidations) -> Iterator[tuple[object, ...]]:
    """Each row with the number of equal rows up to it, so that no two are the same."""
    count: dict[tuple[float, ...], int] = {}
    for row in _rows(liquidations):
        count[row] = count.get(row, 0) + 1
        yield (*row, count[row])
