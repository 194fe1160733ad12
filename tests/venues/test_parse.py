"""What all venues have in common: windows, numbers, words."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.symbols import canonical_coin, perpetual_name
from liqmap.errors import BadResponse, InputError, NoData, NotOffered
from liqmap.venues import parse as wire
from liqmap.venues.adapter import Reply

times = st.integers(1_500_000_000_000, 1_900_000_000_000)


@given(times, st.integers(1, 10**9), st.sampled_from([60_000_000, 300_000_000, 7_000]))
def test_windows_cover_the_range_once_on_the_grid(start: int, length: int, span: int) -> None:
    length = min(length, span * 1000)
    end = start + length
    found = wire.windows(start, end, span)
    assert found[-1].start_ms <= start < found[-1].end_ms
    assert found[0].start_ms < end <= found[0].end_ms
    for newer, older in pairwise(found):
        assert older.end_ms == newer.start_ms
    for one in found:
        assert one.start_ms % span == 0
        assert one.end_ms - one.start_ms == span


def test_the_same_history_asks_the_same_questions() -> None:
    """An hour later only the youngest window is new."""
    span, now = 200 * 300_000, 1_769_990_400_000
    before = wire.windows(now - 10**9, now, span)
    after = wire.windows(now - 10**9, now + 3_600_000, span)
    assert set(before) <= set(after)
    assert len(after) <= len(before) + 1


def test_no_range_no_windows_and_no_endless_range() -> None:
    assert wire.windows(7, 7, 5) == []
    with pytest.raises(InputError, match="more history than a venue will serve"):
        wire.windows(0, 10**12, 1000)


def test_parameters_that_are_none_are_left_out() -> None:
    assert wire.path("/a", b=None, c=1.0, d="x:y") == "/a?c=1&d=x%3Ay"
    assert wire.path("/a", b=None) == "/a"


@pytest.mark.parametrize("value", ["", "x", None, True, [], {}, "nan", "inf", 1e999, "1e999"])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(wire.Malformed):
        wire.number(value)


def test_what_is_a_number() -> None:
    assert [wire.number(one) for one in ("1.5", 2, "-3e2", 0)] == [1.5, 2.0, -300.0, 0.0]
    for wrong in (wire.positive, wire.not_negative):
        with pytest.raises(wire.Malformed):
            wrong("-1")
    with pytest.raises(wire.Malformed):
        wire.positive(0)


def test_a_column_says_which_row_and_field() -> None:
    with pytest.raises(wire.Malformed, match="row 1, field 2: expected a number, found 'x'"):
        wire.column([[0, 0, 1], [0, 0, "x"]], 2)
    with pytest.raises(wire.Malformed, match="row 1 has no field px"):
        wire.column([{"px": 1}, {}], "px")


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=40))
def test_order_keeps_the_last_received_of_each_instant(rows: list[tuple[int, int]]) -> None:
    step, base = 300_000, 1_769_990_400_000
    stamps = np.array([base + step * n for n, _ in rows], dtype=float)
    order = wire.in_order(stamps, base + 2 * step, base + 18 * step, step)
    last = {n: row for row, (n, _) in enumerate(rows)}
    assert list(order) == [last[n] for n in sorted(last) if 2 <= n < 18]


@pytest.mark.parametrize(
    "stamp",
    [1_769_990_400.0, 1_769_990_400_000_000.0, 0.0, -1.0],
    ids=["seconds", "microseconds", "zero", "negative"],
)
def test_a_time_in_another_unit_is_refused(stamp: float) -> None:
    with pytest.raises(wire.Malformed, match="milliseconds"):
        wire.in_order(np.array([stamp]), None, None)


def test_a_day_of_another_zone_is_refused() -> None:
    """Daily bars of UTC+8 open at 16:00 UTC."""
    utc = np.array([1_769_990_400_000.0])
    assert list(wire.in_order(utc, None, None, wire.DAY_MS)) == [0]
    with pytest.raises(wire.Malformed, match="multiple of its length"):
        wire.in_order(utc - 8 * wire.HOUR_MS, None, None, wire.DAY_MS)


def test_impossible_bars_are_refused() -> None:
    row = [1_769_990_400_000, 100, 99, 98, 98.5, 1]
    with pytest.raises(InputError, match="high: below open"):
        wire.candles([row], range(6), 300_000, None, None)
    with pytest.raises(NoData):
        wire.candles([row], range(6), 300_000, 1_769_990_400_001, None)


def test_tiers_are_continuous() -> None:
    """At each border the margin of both tiers is the same (Binance's table of 2024-10)."""
    caps = np.array([5e4, 6e5, 3e6, 1.2e7, 7e7])
    rates = np.array([0.004, 0.005, 0.0065, 0.01, 0.02])
    found = wire.tiers(caps, rates)
    np.testing.assert_allclose(found.deduction_quote, [0, 50, 950, 11_450, 131_450])
    margin = rates * caps - found.deduction_quote
    np.testing.assert_allclose(margin[:-1], rates[1:] * caps[:-1] - found.deduction_quote[1:])
    with pytest.raises(NoData):
        wire.tiers(np.array([]), np.array([]))


def test_steps() -> None:
    names = {60_000: "1m", 300_000: "5m", 3_600_000: "1h"}
    assert wire.step_name(names, 300_000, "Toy") == "5m"
    with pytest.raises(NotOffered, match=r"Toy has no bars of 2.5 minutes. It offers 1, 5, 60"):
        wire.step_name(names, 150_000, "Toy")
    assert wire.best_step(names, 400_000) == 300_000
    assert wire.best_step(names, 1000) == 60_000


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"retMsg":"symbol params err"}', "symbol params err"),
        (b'{"errors":[{"msg":"blocked","code":"GEOBLOCKED"}]}', "blocked"),
        (b'{"error":{"message":"Invalid","data":{"reason":"why"}}}', "Invalid: why"),
        (b"<html><style>p{}</style><p>Access <b>denied</b></p></html>", "Access denied"),
        (b"plain words", "plain words"),
        (b"{}", "{}"),
        (b"x" * 999, "x" * 200),
        (b'{"msg":' * 5000, '{"msg":' * 28 + '{"ms'),
    ],
)
def test_the_venues_own_words(body: bytes, said: str) -> None:
    assert wire.words(Reply(400, body)) == said


def test_iso_times() -> None:
    for text in (
        "2026-02-02T00:00:01.500Z",
        "2026-02-02T00:00:01.5",
        "2026-02-02T01:00:01.5+01:00",
    ):
        assert wire.iso_ms(text) == 1_769_990_401_500


def test_a_side_is_one_of_two_words() -> None:
    assert wire.position_side("Buy", long="Buy", short="Sell") == 1.0
    assert wire.position_side("Sell", long="Buy", short="Sell") == -1.0
    for other in ("buy", "", None, 1):
        with pytest.raises(wire.Malformed):
            wire.position_side(other, long="Buy", short="Sell")


def test_reading_names_venue_series_and_symbol() -> None:
    with (
        pytest.raises(BadResponse, match=r"Toy answered in a way .*: bars, row 3") as caught,
        wire.reading("Toy", "bars", "BTCUSDT"),
    ):
        raise wire.Malformed("row 3 is odd")
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
