"""Real positions: typed addresses, lines of the picture, and how much of the venue they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.market import Instrument
from liqmap.data.positions import MOST_ACCOUNTS, Positions, typed_addresses
from liqmap.errors import InputError
from liqmap.picture.account_lines import MOST_LINES, layer, sentence
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR

BTC = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC", tick_size=1.0)
TIMES = np.array([1000.0, 1500.0, 2000.0])
PRICES = np.array([60_000.0, 80_000.0, 100_000.0])
ONE, TWO, THREE = ("0x" + digit * 40 for digit in "1aC")


def positions(**changed: Any) -> Positions:
    """A long of 36,000 and shorts of 9,000 (one of them beyond the picture) to lose."""
    columns: dict[str, Any] = {
        "position_side": [-1, 1, -1],
        "quantity_base": [0.1, 0.5, 0.1],
        "entry_price": [85_000, 80_000, 85_000],
        "liquidation_price": [90_000, 72_000, 100_000],
        "leverage": [10, 20, 40],
        "account": (TWO, ONE, THREE),
        "holders": 5,
        "held_long_base": 2.5,
        "held_short_base": 0.5,
    }
    return Positions(**{**columns, **changed})


def test_lines_are_at_the_liquidation_prices_the_largest_first() -> None:
    """Half the root of the notional: half the way from the shortest to the longest line."""
    lines = layer(positions(), BTC, TIMES, PRICES)
    assert list(lines["y"]) == [72_000, 90_000]
    assert list(lines["x1"]) == [2000, 2000]
    np.testing.assert_allclose(lines["x0"], [1850, 1915])
    np.testing.assert_allclose(lines["width"], [5.0, 3.25])
    assert lines["color"] == [LONG_COLOR, SHORT_COLOR]
    assert lines["words"] == [
        "long 0.5 BTC at 20×, entered at 80,000, liquidated at 72,000 ($36.0K) · 0x1111…1111",
        "short 0.1 BTC at 10×, entered at 85,000, liquidated at 90,000 ($9.00K) · 0xaaaa…aaaa",
    ]


@pytest.mark.parametrize(("side", "prices"), [("long", [72_000]), ("short", [90_000])])
def test_a_side_that_is_not_shown_has_no_lines(side: str, prices: list[float]) -> None:
    assert list(layer(positions(), BTC, TIMES, PRICES, side=side)["y"]) == prices


def test_the_picture_s_prices_are_half_open() -> None:
    edges = np.array([72_000.0, 100_000.0])
    assert sorted(layer(positions(), BTC, TIMES, edges)["y"]) == [72_000, 90_000]


def test_nothing_held_makes_empty_columns() -> None:
    nothing = positions(
        position_side=[],
        quantity_base=[],
        entry_price=[],
        liquidation_price=[],
        leverage=[],
        account=(),
    )
    lines = layer(nothing, BTC, TIMES, PRICES)
    assert {name: len(column) for name, column in lines.items()} == dict.fromkeys(
        ("x0", "x1", "y", "width", "color", "words"), 0
    )


def test_the_smallest_of_too_many_go() -> None:
    count = MOST_LINES + 7
    many = positions(
        position_side=np.ones(count),
        quantity_base=1.0 + np.arange(count),
        entry_price=np.full(count, 80_000),
        liquidation_price=np.full(count, 70_000),
        leverage=np.ones(count),
        account=(ONE,) * count,
    )
    lines = layer(many, BTC, TIMES, PRICES)
    assert len(lines["words"]) == MOST_LINES
    assert lines["words"][-1].startswith("long 8 BTC")


@pytest.mark.parametrize(
    ("open_interest_base", "asked", "shown", "words"),
    [
        (
            50.0,
            9,
            5,
            "Real positions of 5 accounts: 3.0% of Hyperliquid's open interest; no estimate.",
        ),
        (
            50_000.0,
            9,
            5,
            "Real positions of 5 accounts: less than 0.1% of Hyperliquid's open interest; "
            "no estimate.",
        ),
        (
            1.5,
            9,
            2,
            "Real positions of 5 accounts: 100.0% of Hyperliquid's open interest; no estimate."
            " 3 of them would be liquidated at no price of this picture.",
        ),
        (0.0, 9, 5, "Real positions of 5 accounts; no estimate."),
        (
            50.0,
            0,
            0,
            "No account of Hyperliquid is known yet: paste addresses, or wait for trades.",
        ),
    ],
)
def test_the_sentence(open_interest_base: float, asked: int, shown: int, words: str) -> None:
    found = sentence(positions(), open_interest_base, asked=asked, shown=shown, venue="Hyperliquid")
    assert found == words


def test_the_sentence_when_nobody_holds_the_coin() -> None:
    words = sentence(positions(holders=0), 50.0, asked=1, shown=0, venue="Hyperliquid")
    assert words == "No known account of Hyperliquid holds this coin (1 asked)."


def test_every_row_has_an_account() -> None:
    with pytest.raises(InputError, match=r"account: expected 3"):
        positions(account=(ONE,))


# ---------------------------------------------------------------- typed addresses


@pytest.mark.parametrize("between", [" ", "\n", ",", ";\t", " | ", "\r\n- "])
def test_anything_may_stand_between_addresses(between: str) -> None:
    assert typed_addresses(between.join([ONE, THREE, TWO, ONE])) == ((ONE, THREE.lower(), TWO), "")


def test_an_address_may_stand_in_a_link_or_beside_a_name() -> None:
    text = f"see/address/{ONE}?tab=1 whale:{TWO}"
    assert typed_addresses(text) == ((ONE, TWO), "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", ""),
        ("  ,; ", ""),
        ("0x12", "“0x12” is no address: "),
        (ONE + "0", "“0x1111111111111…” is no address: "),
        (ONE + TWO, "“0x1111111111111…” is no address: "),
        ("me you", "“me”, “you” are no addresses: "),
        ("a b c d e", "“a”, “b”, “c” and 2 more are no addresses: "),
    ],
)
def test_what_is_no_address_is_named(text: str, words: str) -> None:
    found, said = typed_addresses(text)
    assert found == ()
    assert said == (words + "an address is 0x and 40 hexadecimal digits." if words else "")


def test_addresses_are_bounded() -> None:
    text = " ".join(f"0x{n:040X}" for n in range(MOST_ACCOUNTS + 3))
    found, words = typed_addresses(text)
    assert found == tuple(f"0x{n:040x}" for n in range(MOST_ACCOUNTS))
    assert words == "Only the first 200 of 203 addresses are used."


@given(st.lists(st.integers(0, 2**160 - 1), max_size=20), st.text(alphabet=" ,;|\n", min_size=1))
def test_what_was_typed_is_found(numbers: list[int], between: str) -> None:
    addresses = [f"0x{n:040x}" for n in numbers]
    assert typed_addresses(between.join(addresses)) == (tuple(dict.fromkeys(addresses)), "")
