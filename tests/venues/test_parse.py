"""From answers to values: numbers, rows, times, names."""

from __future__ import annotations

import pytest

from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.errors import BadResponse
from liqmap.venues import parse


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
