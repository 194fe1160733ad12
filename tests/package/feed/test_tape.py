"""The tape: each liquidation once, in order, and back from storage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.liquidations import Liquidations
from liqmap.errors import InputError
from liqmap.feed.tape import Tape
from tests.support.pseudo import english_in, pseudo

START_MS = 1_769_990_400_000

row = st.tuples(
    st.integers(START_MS, START_MS + 5),
    st.sampled_from([1.0, -1.0]),
    st.sampled_from([84000.0, 84000.5]),
    st.sampled_from([0.5, 1.0]),
)
batches = st.lists(st.lists(row, max_size=6), max_size=8)


def made(rows: list[tuple[float, float, float, float]]) -> Liquidations:
    columns = [[one[n] for one in rows] for n in range(4)]
    return Liquidations.sorted(*columns)


def listed(some: Liquidations) -> list[tuple[float, ...]]:
    names = ("time_ms", "position_side", "price", "quantity_base")
    return sorted(zip(*(getattr(some, name) for name in names), strict=True))


@given(batches)
def test_each_liquidation_once_whatever_the_order(seen: list[list[tuple[float, ...]]]) -> None:
    """Of each row as many as the message with most of it held."""
    rows = [[(float(t), s, p, q) for t, s, p, q in one] for one in seen]
    tape = Tape()
    fresh = [tape.add("bybit", "BTC", made(one)) for one in rows]
    wanted: list[tuple[float, ...]] = []
    for kind in {one for batch in rows for one in batch}:
        wanted += [kind] * max(batch.count(kind) for batch in rows)
    assert listed(tape.of("BTC")) == sorted(wanted)
    assert listed(Liquidations.joined(fresh)) == sorted(wanted)
    assert (np.diff(tape.of("BTC").time_ms) >= 0).all()


def test_venues_and_contracts_are_apart() -> None:
    tape = Tape()
    one = made([(START_MS, 1.0, 84000.0, 1.0)])
    for venue, name in (("bybit", "BTC"), ("okx", "BTC"), ("bybit", "ETH")):
        assert len(tape.add(venue, name, one)) == 1
    assert len(tape.of("BTC")) == 2
    assert len(tape.of("BTC", "okx")) == 1
    assert tape.venues("BTC") == ("bybit", "okx")
    tape.clear()
    assert len(tape) == 0


def test_a_range_is_half_open() -> None:
    tape = Tape()
    tape.add("bybit", "BTC", made([(START_MS + n, 1.0, 1.0, 1.0) for n in range(5)]))
    found = tape.of("BTC", start_ms=START_MS + 1, end_ms=START_MS + 3)
    assert list(found.time_ms) == [START_MS + 1, START_MS + 2]


def test_the_oldest_go_first() -> None:
    tape = Tape(most_rows=100)
    for n in range(300):
        tape.add("bybit" if n % 2 else "okx", "BTC", made([(START_MS + n, 1.0, 1.0, 1.0)]))
        assert len(tape) <= 100
    times = tape.of("BTC").time_ms
    assert len(times) >= 90
    assert list(times) == list(range(START_MS + 300 - len(times), START_MS + 300))


@given(batches)
def test_what_is_stored_comes_back(seen: list[list[tuple[float, ...]]]) -> None:
    tape = Tape()
    for n, one in enumerate(seen):
        rows = made([(float(t), s, p, q) for t, s, p, q in one])
        tape.add("bybit" if n % 2 else "okx", "BTC-USDT-PERP", rows)
    again = Tape.load(tape.dump())
    assert again.csv() == tape.csv()
    assert again.dump() == tape.dump()


def test_what_is_damaged_is_refused() -> None:
    tape = Tape()
    tape.add("bybit", "BTC", made([(START_MS + n, 1.0, 84000.0, 1.0) for n in range(50)]))
    stored = tape.dump()
    for at in range(0, len(stored), 7):
        bent = stored[:at] + bytes([stored[at] ^ 1]) + stored[at + 1 :]
        with pytest.raises(InputError, match="cannot be read") as caught:
            Tape.load(bent)
        assert caught.value.hint == "The tape begins anew."
    for broken in (b"", stored[:-9], b"\n"):
        with pytest.raises(InputError):
            Tape.load(broken)


def test_damage_can_be_said_in_another_language() -> None:
    with pseudo(), pytest.raises(InputError) as caught:
        Tape.load(b"")
    assert "⟦" in caught.value.sentence
    assert english_in(str(caught.value)) == []


def test_csv() -> None:
    tape = Tape()
    tape.add("bybit", "BTC-USDT-PERP", made([(START_MS + 5, 1.0, 84000.1, 0.5)]))
    tape.add("okx", "BTC-USDT-PERP", made([(START_MS, -1.0, 84100.0, 2.0)]))
    assert tape.csv().splitlines() == [
        "time,venue,symbol,position_side,price,quantity_base,notional_quote",
        "2026-02-02T00:00:00.005Z,bybit,BTC-USDT-PERP,long,84000.1,0.5,42000.05",
        "2026-02-02T00:00:00.000Z,okx,BTC-USDT-PERP,short,84100,2,168200",
    ]


def test_a_tape_of_another_age_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("liqmap.feed.tape._VERSION", "liqmap tape 0")
    stored = Tape().dump()
    monkeypatch.undo()
    with pytest.raises(InputError, match="cannot be read"):
        Tape.load(stored)
