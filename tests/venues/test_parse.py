"""From answers to values: numbers, rows, times, names."""

from __future__ import annotations

import pytest

from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.errors import BadResponse
from liqmap.venues import parse


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", None, True, [], {}, "nan", "inf", 1e999, "1e999", 10**400),
        *(
            "1_000",
            "0x10",
            "1e400",
            "\uff11\uff12",
            "\u0663",
            "1,5",
            " 7 ",
            "+1",
            ".5",
            "5.",
            "007",
        ),
    ],
)
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(parse.Malformed):
        parse.number(value)


def test_what_is_a_number() -> None:
    assert [parse.number(value) for value in ("1.5", 2, "-3e2", 0, "0E-20")] == [
        *(1.5, 2.0, -300.0, 0.0, 0.0)
    ]
    for wrong in (parse.positive, parse.not_negative):
        with pytest.raises(parse.Malformed):
            wrong("-1")
    with pytest.raises(parse.Malformed):
        parse.positive(0)


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
        pytest.raises(BadResponse, match=r"Toy answered .*: bars cannot be read") as caught,
        parse.reading("Toy", "bars", "BTCUSDT"),
    ):
        raise parse.Malformed("row 3 is odd")
    assert caught.value.where == "Toy · bars · BTCUSDT"
    assert "row 3 is odd" in caught.value.detail


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


def test_an_instant_is_in_milliseconds() -> None:
    assert parse.instant_ms("1769990400000") == 1_769_990_400_000
    with pytest.raises(parse.Malformed, match="milliseconds"):
        parse.instant_ms(1_769_990_400)


def test_a_message_that_is_no_object_is_empty() -> None:
    assert parse.json_object('{"a":1}', "Toy") == {"a": 1}
    assert parse.json_object("pong", "Toy") == parse.json_object("[1]", "Toy") == {}
    with pytest.raises(BadResponse, match="Toy"):
        parse.json_object('{"a":', "Toy")


def half(value: float) -> float | None:
    """Half of an even number; nothing of zero; a fault of an odd one."""
    if value % 2:
        raise parse.Malformed(f"{value} is odd")
    return value / 2 if value else None


def test_rows_that_cannot_be_read_are_left_out_and_counted() -> None:
    with parse.reading("Toy", "rows") as tally:
        assert parse.kept([4, 1, 0, 6, 3], half) == [2, 3]
        assert parse.kept([], half) == parse.kept([0], half) == []
    assert (tally.rows, tally.left_out) == (6, 2)
    with pytest.raises(parse.Malformed, match="1 is odd"):
        parse.kept([1, 0, 3], half)
    with pytest.raises(parse.Malformed, match="expected a list"):
        parse.kept({"a": 2}, half)


def test_the_first_row_that_can_be_read() -> None:
    assert parse.first([1, 0, 6, 8], half) == 3
    with pytest.raises(parse.Malformed, match="1 is odd"):
        parse.first([0, 1], half)
    with pytest.raises(parse.Malformed, match="not what was asked for"):
        parse.first([0], half)


@pytest.mark.parametrize("value", ["", None, "0", "-1", "NaN", [], "absent"])
def test_decoration_may_be_missing(value: object) -> None:
    row = {} if value == "absent" else {"volume": value}
    assert parse.decoration(lambda: row["volume"]) == 0.0
    assert parse.turnovers([{"s": "A", **row}], lambda one: (one["s"], one["volume"])) == {}


def test_turnovers_are_of_rows_that_have_one() -> None:
    table = [{"s": "A", "v": "5"}, None, {"s": "B", "v": "NaN"}, {"v": "7"}]
    assert parse.turnovers(table, lambda row: (row["s"], row["v"])) == {"A": 5.0}
    assert parse.turnovers(None, lambda row: (row["s"], row["v"])) == {}


def test_the_earliest_of_the_times_that_can_be_read() -> None:
    stamps = ["1769990400002", 0, None, "1769990400001"]
    assert parse.earliest_ms(stamps, lambda row: row) == 1_769_990_400_001
    assert parse.earliest_ms([None], lambda row: row, 5.0) == 5.0
    assert parse.earliest_ms([None], lambda row: row) == -float("inf")
