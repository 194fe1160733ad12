"""The tape: every liquidation this browser has seen, once, as long as there is room."""

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

MOST_ROWS = 200_000
MOST_SPANS = 400
_VERSION = "liqmap tape 2"
Span = tuple[float, float]
_NAMES = ("time_ms", "position_side", "price", "quantity_base")


class Tape:
    """Liquidations by venue and canonical name, bounded: the oldest go first.

    Venues repeat themselves: after a reconnection, in REST beside the stream. Two rows are
    the same liquidation when all their numbers agree, unless one message held both.
    """

    def __init__(self, most_rows: int = MOST_ROWS) -> None:
        self._most_rows = most_rows
        self._kept: dict[tuple[str, str], Liquidations] = {}
        self._watched: dict[tuple[str, str], list[Span]] = {}

    def __len__(self) -> int:
        return sum(len(one) for one in self._kept.values())

    def add(self, venue: str, name: str, seen: Liquidations) -> Liquidations:
        """Keep what one message brought; those that were new."""
        if not len(seen):
            return seen
        kept = self._kept.get((venue, name), Liquidations.sorted([], [], [], []))
        first = int(np.searchsorted(kept.time_ms, seen.time_ms[0]))
        last = int(np.searchsorted(kept.time_ms, seen.time_ms[-1], side="right"))
        known = set(_told_apart(kept.rows(slice(first, last))))
        new = [row for row, one in enumerate(_told_apart(seen)) if one not in known]
        fresh = seen.rows(np.array(new, dtype=np.intp))
        if len(fresh):
            self._kept[venue, name] = Liquidations.joined([kept, fresh])
            if len(self) > self._most_rows:
                self._drop_oldest()
        return fresh

    def watch(self, venue: str, name: str, start_ms: float, end_ms: float) -> None:
        """Note that what happened in [start_ms, end_ms) was told, if it was only nothing."""
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
        """When that venue was listened to, oldest first [ms]."""
        return tuple(self._watched.get((venue, name), ()))

    def merge(self, other: Tape) -> None:
        """Add what another tape holds, such as one that another tab has stored."""
        for (venue, name), one in other._kept.items():
            self.add(venue, name, one)
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
        """Those of a contract in [start_ms, end_ms), of one venue or of all."""
        parts = []
        for (kept_venue, kept_name), one in self._kept.items():
            if kept_name == name and venue in (None, kept_venue):
                first, last = np.searchsorted(one.time_ms, [start_ms, end_ms])
                parts.append(one.rows(slice(int(first), int(last))))
        return Liquidations.joined(parts)

    def venues(self, name: str) -> tuple[str, ...]:
        """Venues that have told of that contract."""
        return tuple(venue for venue, kept_name in self._kept if kept_name == name)

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._watched.clear()

    def csv(self) -> str:
        """All rows as a table, venue by venue, oldest first."""
        lines = ["time,venue,symbol,position_side,price,quantity_base,notional_quote"]
        for (venue, name), one in self._kept.items():
            for time_ms, side, price, quantity in _rows(one):
                time = datetime.fromtimestamp(time_ms / 1000, UTC)
                stamp = time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
                word = "long" if side > 0 else "short"
                numbers = f"{price:.15g},{quantity:.15g},{price * quantity:.15g}"
                lines.append(f"{stamp},{venue},{name},{word},{numbers}")
        return "\n".join(lines) + "\n"

    def dump(self) -> bytes:
        """The whole tape, for the browser's storage; zlib adds a checksum."""
        header = {
            "version": _VERSION,
            "rows": [[*key, len(one)] for key, one in self._kept.items()],
            "watched": [[*key, *span] for key, some in self._watched.items() for span in some],
        }
        columns = [
            np.asarray(getattr(one, name), dtype="<f8").tobytes()
            for one in self._kept.values()
            for name in _NAMES
        ]
        text = json.dumps(header, separators=(",", ":")).encode() + b"\n"
        return zlib.compress(text + b"".join(columns), level=1)

    @classmethod
    def load(cls, stored: bytes, most_rows: int = MOST_ROWS) -> Tape:
        """What `dump` stored; raises `InputError` when it is damaged or of another age."""
        tape = cls(most_rows)
        try:
            header, columns = zlib.decompress(stored).split(b"\n", 1)
            known = json.loads(header)
            if known["version"] != _VERSION:
                raise ValueError(known["version"])
            numbers = np.frombuffer(columns, dtype="<f8")
            for venue, name, count in known["rows"]:
                block, numbers = numbers[: 4 * count], numbers[4 * count :]
                tape._kept[venue, name] = Liquidations(*block.reshape(4, count))
            for venue, name, start_ms, end_ms in known["watched"]:
                tape.watch(venue, name, float(start_ms), float(end_ms))
        except (zlib.error, ValueError, KeyError, TypeError, InputError) as fault:
            raise InputError(
                "The liquidations that this browser had kept cannot be read.",
                hint="The tape begins anew.",
                detail=repr(fault)[:200],
            ) from fault
        return tape

    def _drop_oldest(self) -> None:
        """Leave nine tenths, so that this is seldom."""
        every: Array = np.concatenate([one.time_ms for one in self._kept.values()])
        room = max(1, self._most_rows * 9 // 10)
        oldest = np.partition(every, -room)[-room]
        self._kept = {key: one.rows(one.time_ms >= oldest) for key, one in self._kept.items()}


def _rows(some: Liquidations) -> Iterator[tuple[float, float, float, float]]:
    columns = (getattr(some, name).tolist() for name in _NAMES)
    yield from zip(*columns, strict=True)


def _told_apart(some: Liquidations) -> Iterator[tuple[object, ...]]:
    """Rows with a count of their equals before them."""
    count: dict[tuple[float, ...], int] = {}
    for row in _rows(some):
        count[row] = count.get(row, 0) + 1
        yield (*row, count[row])
