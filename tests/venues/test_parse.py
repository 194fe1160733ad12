"""From answers to columns: numbers, rows, times, names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.market import Instrument
from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.errors import BadResponse, InputError, NoData
from liqmap.venues import parse, requests


@pytest.mark.parametrize("value", ["", "x", None, True, [], {}, "nan", "inf", 1e999, "1e999"])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(parse.Malformed):
        parse.number(value)


def test_what_is_a_number() -> None:
    assert [parse.number(value) for value in ("1.5", 2, "-3e2", 0)] == [1.5, 2.0, -300.0, 0.0]
    for wrong in (parse.positive, parse.not_negative):
        with pytest.raises(parse.Malformed):
            wrong("-1")
    with pytest.raises(parse.Malformed):
        parse.positive(0)


def test_a_column_says_which_row_and_field() -> None:
    with pytest.raises(parse.Malformed, match="row 1, field 2: expected a number, found 'x'"):
        parse.column([[0, 0, 1], [0, 0, "x"]], 2)
    with pytest.raises(parse.Malformed, match="row 1 has no field px"):
        parse.column([{"px": 1}, {}], "px")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=40))
def test_order_keeps_the_last_received_of_each_instant(rows: list[tuple[int, int]]) -> None:
    step, base = 300_000, 1_769_990_400_000
    stamps = np.array([base + step * n for n, _ in rows], dtype=float)
    order = parse.in_order(stamps, base + 2 * step, base + 18 * step, step)
    last = {n: row for row, (n, _) in enumerate(rows)}
    assert list(order) == [last[n] for n in sorted(last) if 2 <= n < 18]


@pytest.mark.parametrize(
    "stamp",
    [1_769_990_400.0, 1_769_990_400_000_000.0, 0.0, -1.0],
    ids=["seconds", "microseconds", "zero", "negative"],
)
def test_a_time_in_another_unit_is_refused(stamp: float) -> None:
    with pytest.raises(parse.Malformed, match="milliseconds"):
        parse.in_order(np.array([stamp]), None, None)


def test_a_day_of_another_zone_is_refused() -> None:
    """Daily bars of UTC+8 open at 16:00 UTC."""
    utc = np.array([1_769_990_400_000.0])
    assert list(parse.in_order(utc, None, None, requests.DAY_MS)) == [0]
    with pytest.raises(parse.Malformed, match="multiple of its length"):
        parse.in_order(utc - 8 * requests.HOUR_MS, None, None, requests.DAY_MS)


def test_impossible_bars_are_refused() -> None:
    row = [1_769_990_400_000, 100, 99, 98, 98.5, 1]
    with pytest.raises(InputError, match="high: below open"):
        parse.candles([row], range(6), 300_000, None, None)
    with pytest.raises(NoData):
        parse.candles([row], range(6), 300_000, 1_769_990_400_001, None)


def test_tiers_are_continuous() -> None:
    """At each border the margin of both tiers is the same (Binance's table of 2024-10)."""
    caps = np.array([5e4, 6e5, 3e6, 1.2e7, 7e7])
    rates = np.array([0.004, 0.005, 0.0065, 0.01, 0.02])
    found = parse.tiers(caps, rates)
    np.testing.assert_allclose(found.deduction_quote, [0, 50, 950, 11_450, 131_450])
    margin = rates * caps - found.deduction_quote
    np.testing.assert_allclose(margin[:-1], rates[1:] * caps[:-1] - found.deduction_quote[1:])
    with pytest.raises(NoData):
        parse.tiers(np.array([]), np.array([]))


def test_iso_times() -> None:
    for text in (
        "2026-02-02T00:00:01.500Z",
        "2026-02-02T00:00:01.5",
        "2026-02-02T01:00:01.5+01:00",
    ):
        assert parse.iso_ms(text) == 1_769_990_401_500


def test_a_side_is_one_of_two_words() -> None:
    assert parse.position_side("Buy", long="Buy", short="Sell") == 1.0
    assert parse.position_side("Sell", long="Buy", short="Sell") == -1.0
    for other in ("buy", "", None, 1):
        with pytest.raises(parse.Malformed):
            parse.position_side(other, long="Buy", short="Sell")


def test_reading_names_venue_series_and_symbol() -> None:
    with (
        pytest.raises(BadResponse, match=r"Toy answered in a way .*: bars, row 3") as caught,
        parse.reading("Toy", "bars", "BTCUSDT"),
    ):
        raise parse.Malformed("row 3 is odd")
    assert caught.value.where == "Toy · bars · BTCUSDT"


@pytest.mark.parametrize(
    ("native", "canonical"),
    [
        ("BTC", "BTC"),
        ("XBT", "BTC"),
        ("kPEPE", "1000PEPE"),
        ("1000PEPE", "1000PEPE"),
        ("SHIB1000", "1000SHIB"),
        ("10000SATS", "10000SATS"),
        ("1MBABYDOGE", "1000000BABYDOGE"),
        ("1INCH", "1INCH"),
        ("KAS", "KAS"),
        ("kBONK", "1000BONK"),
        ("MOG1000000", "1000000MOG"),
        ("wif", "WIF"),
        ("币安1000", "1000币安"),
        ("pepe1000", "1000PEPE"),
        ("1000", "1000"),
        ("0G", "0G"),
    ],
)
def test_coins(native: str, canonical: str) -> None:
    assert canonical_coin(native) == canonical
    assert canonical_coin(canonical) == canonical
    assert perpetual_name(native, "USDT") == f"{canonical}-USDT-PERP"


def test_of_contracts_with_the_same_name_the_first_counts() -> None:
    def contract(name: str, native: str, volume_24h_quote: float) -> Instrument:
        return Instrument(name, native, "BTC", "USDT", volume_24h_quote=volume_24h_quote)

    listed = [contract("B", "b", 1.0), contract("A", "a", 1.0), contract("A", "z", 9.0)]
    largest = contract("C", "c", 2.0)
    assert [each.native for each in parse.by_volume([*listed, largest])] == ["c", "a", "b"]
    with pytest.raises(NoData):
        parse.by_volume([])


def test_an_instant_is_in_milliseconds() -> None:
    assert parse.instant_ms("1769990400000") == 1_769_990_400_000
    with pytest.raises(parse.Malformed, match="milliseconds"):
        parse.instant_ms(1_769_990_400)


def test_a_message_that_is_no_object_is_empty() -> None:
    assert parse.json_object('{"a":1}', "Toy") == {"a": 1}
    assert parse.json_object("pong", "Toy") == parse.json_object("[1]", "Toy") == {}
    with pytest.raises(BadResponse, match="Toy"):
        parse.json_object('{"a":', "Toy")
