"""Columns out of rows in any order, and without the rows that cannot be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.market import Instrument
from liqmap.errors import InputError, NoData
from liqmap.venues import columns, parse, requests


def test_a_column_says_which_row_and_field() -> None:
    with pytest.raises(parse.Malformed, match="row 1, field 2: expected a number, found 'x'"):
        columns.column([[0, 0, 1], [0, 0, "x"]], 2)
    with pytest.raises(parse.Malformed, match="row 1 has no field px"):
        columns.column([{"px": 1}, {}], "px")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=40))
def test_order_keeps_the_last_received_of_each_instant(rows: list[tuple[int, int]]) -> None:
    step, base = 300_000, 1_769_990_400_000
    stamps = np.array([base + step * n for n, _ in rows], dtype=float)
    order = columns.in_order(stamps, base + 2 * step, base + 18 * step, step)
    last = {n: row for row, (n, _) in enumerate(rows)}
    assert list(order) == [last[n] for n in sorted(last) if 2 <= n < 18]


@pytest.mark.parametrize(
    "stamp",
    [1_769_990_400.0, 1_769_990_400_000_000.0, 0.0, -1.0],
    ids=["seconds", "microseconds", "zero", "negative"],
)
def test_a_time_in_another_unit_is_refused(stamp: float) -> None:
    with pytest.raises(parse.Malformed, match="milliseconds"):
        columns.in_order(np.array([stamp]), None, None)


def test_a_day_of_another_zone_is_refused() -> None:
    """Daily bars of UTC+8 open at 16:00 UTC."""
    utc = np.array([1_769_990_400_000.0])
    assert list(columns.in_order(utc, None, None, requests.DAY_MS)) == [0]
    with pytest.raises(parse.Malformed, match="multiple of its length"):
        columns.in_order(utc - 8 * requests.HOUR_MS, None, None, requests.DAY_MS)


def test_impossible_bars_are_refused() -> None:
    row = [1_769_990_400_000, 100, 99, 98, 98.5, 1]
    with pytest.raises(InputError, match="high: below open"):
        columns.candles([row], range(6), 300_000, None, None)
    row[2] = 100
    with pytest.raises(NoData):
        columns.candles([row], range(6), 300_000, 1_769_990_400_001, None)


def test_tiers_are_continuous() -> None:
    """At each border the margin of both tiers is the same (Binance's table of 2024-10)."""
    caps = np.array([5e4, 6e5, 3e6, 1.2e7, 7e7])
    rates = np.array([0.004, 0.005, 0.0065, 0.01, 0.02])
    found = columns.tiers(
        np.transpose([caps, rates]).tolist(), lambda row: (float(row[0]), float(row[1]))
    )
    np.testing.assert_allclose(found.deduction_quote, [0, 50, 950, 11_450, 131_450])
    margin = rates * caps - found.deduction_quote
    np.testing.assert_allclose(margin[:-1], rates[1:] * caps[:-1] - found.deduction_quote[1:])
    with pytest.raises(NoData):
        columns.tiers([], lambda row: row)


def test_of_contracts_with_the_same_name_the_first_counts() -> None:
    def contract(name: str, native: str, volume_24h_quote: float) -> Instrument:
        return Instrument(name, native, "BTC", "USDT", volume_24h_quote=volume_24h_quote)

    listed = [contract("B", "b", 1.0), contract("A", "a", 1.0), contract("A", "z", 9.0)]
    largest = contract("C", "c", 2.0)
    assert [each.native for each in columns.by_volume([*listed, largest])] == ["c", "a", "b"]
    with pytest.raises(NoData):
        columns.by_volume([])


def bar(number: int, *cells: object) -> list[object]:
    return [1_769_990_400_000 + 300_000 * number, *(cells or (100, 101, 99, 100, 1))]


@pytest.mark.parametrize(
    "odd",
    [
        *(None, [], {}, "x", bar(1)[:4], bar(1, 100, 101, 99, None, 1), bar(1, 100, 101, 99, 0, 1)),
        *(bar(1, 100, 90, 99, 100, 1), bar(1, 100, 101, 99, 100, "NaN"), [7, *bar(1)[1:]]),
    ],
)
def test_an_odd_bar_is_a_gap(odd: object) -> None:
    with parse.reading("Toy", "bars") as tally:
        bars = columns.candles([bar(2), odd, bar(0)], range(6), 300_000, None, None)
    assert list(bars.time_ms) == [bar(0)[0], bar(2)[0]]
    assert list(bars.close) == [100, 100]
    assert (tally.rows, tally.left_out) == (3, 1)
    with pytest.raises(parse.FAULTS):
        columns.candles([odd], range(6), 300_000, None, None)


def test_a_last_bar_days_ahead_is_no_bar() -> None:
    """What is asked next depends on it; a venue that was down for a day begins with one, too."""
    for ahead, stays in ((2 * 288, True), (2 * 288 + 1, False), (300_000, False)):
        with parse.reading("Toy", "bars") as tally:
            rows = [bar(number) for number in (0, 1, 2, 2 + ahead)]
            bars = columns.candles(rows, range(6), 300_000, None, None)
        assert len(bars) == 3 + stays
        assert (tally.rows, tally.left_out) == ((0, 0) if stays else (4, 1))


@pytest.mark.parametrize("odd", [None, [], ["x", 5], [0, 5], [1_769_990_700_000, -1], [1e300, 5]])
def test_an_odd_sample_is_missing(odd: object) -> None:
    table = [[1_769_990_400_000, "7"], odd]
    samples = columns.open_interest(table, lambda row: (row[0], row[1]), 0, 4e12)
    assert list(samples.time_ms) == [1_769_990_400_000]
    assert list(samples.open_interest_base) == [7]


@pytest.mark.parametrize(
    "odd",
    [None, [], ["", 0.02], [300, None], [300, "0"], [300, 1], [300, 0.5], [50, 0.02], [0, 0.1]],
)
def test_an_odd_tier_does_not_lose_the_others(odd: object) -> None:
    """The third falls out of the order of the others, or cannot be read."""
    table = [[400, 0.03], [100, 0.01], odd, [200, "0.02"], [500, 0.04]]
    found = columns.tiers(table, lambda row: (row[0], row[1]))
    kept = [rate for rate in found.maintenance_rate if rate in (0.01, 0.02, 0.03, 0.04)]
    assert kept == [0.01, 0.02, 0.03, 0.04] or odd == [50, 0.02]
    assert list(found.notional_cap_quote[-2:]) == [400, 500]
    assert (np.diff(found.deduction_quote) >= 0).all()


def test_tiers_by_their_floor_end_where_the_next_begins() -> None:
    found = columns.tiers([[0, 0.01], [300, 0.02]], lambda row: (row[0], row[1]), by_floor=True)
    assert list(found.notional_cap_quote) == [300, np.inf]
    assert list(found.deduction_quote) == [0, 3]
