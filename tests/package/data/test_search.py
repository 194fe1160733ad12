"""The list of contracts, and finding one by a few letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.market import Instrument, Kind
from liqmap.data.search import choices, choose, label, search, search_all
from liqmap.data.symbols import perpetual_name


def contract(
    native: str, base: str, quote: str, volume: float = 0.0, kind: Kind = "linear"
) -> Instrument:
    name = perpetual_name(base, quote)
    return Instrument(name, native, base, quote, kind, volume_24h_quote=volume)


LISTED = (
    contract("BTCUSDC", "BTC", "USDC", 400e6),
    contract("ZZZUSDT", "ZZZ", "USDT"),
    contract("1000PEPEUSDT", "1000PEPE", "USDT", 310e6),
    contract("BTCUSDT", "BTC", "USDT", 9.1e9),
    contract("PEOPLEUSDT", "PEOPLE", "USDT", 20e6),
    contract("BTCDOMUSDT", "BTCDOM", "USDT", 5e6),
    contract("AAAUSDT", "AAA", "USDT"),
    contract("WBTCUSDT", "WBTC", "USDT", 8e9),
)


def names(text: str) -> list[str]:
    return [one.name for one in search(LISTED, text)]


def test_choices_come_by_volume_then_by_name() -> None:
    assert choices(LISTED) == [
        ("BTC-USDT-PERP", "BTC · USDT perpetual · $9.10B a day"),
        ("WBTC-USDT-PERP", "WBTC · USDT perpetual · $8.00B a day"),
        ("BTC-USDC-PERP", "BTC · USDC perpetual · $400M a day"),
        ("1000PEPE-USDT-PERP", "PEPE ×1000 · USDT perpetual · $310M a day"),
        ("PEOPLE-USDT-PERP", "PEOPLE · USDT perpetual · $20.0M a day"),
        ("BTCDOM-USDT-PERP", "BTCDOM · USDT perpetual · $5.00M a day"),
        ("AAA-USDT-PERP", "AAA · USDT perpetual"),
        ("ZZZ-USDT-PERP", "ZZZ · USDT perpetual"),
    ]


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (contract("BTC-USD-SWAP", "BTC", "USD", 7e8, "inverse"), "BTC · USD inverse perpetual · $"),
        (contract("1MBABYDOGEUSDT", "1000000BABYDOGE", "USDT"), "BABYDOGE ×1000000 · USDT perp"),
        (contract("1INCHUSDT", "1INCH", "USDT"), "1INCH · USDT perpetual"),
        (contract("ETHBTC", "ETH", "BTC", 12_345.4), "ETH · BTC perpetual · 12,345 BTC a day"),
    ],
)
def test_labels(one: Instrument, words: str) -> None:
    assert label(one).startswith(words)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("pepe", ["1000PEPE-USDT-PERP"]),
        (" Pepe ", ["1000PEPE-USDT-PERP"]),
        ("kPEPE", ["1000PEPE-USDT-PERP"]),
        ("PEPE1000", ["1000PEPE-USDT-PERP"]),
        ("pepe/usdt", ["1000PEPE-USDT-PERP"]),
        ("1000pepeusdt", ["1000PEPE-USDT-PERP"]),
        ("pe", ["1000PEPE-USDT-PERP", "PEOPLE-USDT-PERP"]),
        ("btc-usdc-perp", ["BTC-USDC-PERP"]),
        ("BTCUSDC", ["BTC-USDC-PERP"]),
        # The coin itself, then what begins with it, then what holds it, whatever the volume.
        ("btc", ["BTC-USDT-PERP", "BTC-USDC-PERP", "BTCDOM-USDT-PERP", "WBTC-USDT-PERP"]),
        ("xbt", ["BTC-USDT-PERP", "BTC-USDC-PERP", "BTCDOM-USDT-PERP", "WBTC-USDT-PERP"]),
        ("doge", []),
    ],
)
def test_search_finds_by_coin(text: str, found: list[str]) -> None:
    assert names(text) == found


def test_no_text_finds_all() -> None:
    assert names(" ") == [name for name, _ in choices(LISTED)]


def test_a_venue_s_number_is_no_name() -> None:
    """Market 1 of Lighter is BTC; who types 1 means 1INCH."""
    listed = (contract("1", "BTC", "USDC", 9e8), contract("90", "1INCH", "USDC"))
    assert [one.name for one in search(listed, "1")] == ["1INCH-USDC-PERP"]


@given(st.sampled_from(LISTED), st.sampled_from(["name", "native", "base_coin"]), st.booleans())
def test_what_it_is_called_finds_it(one: Instrument, field: str, lower: bool) -> None:
    text = getattr(one, field)
    found = search(LISTED, text.lower() if lower else text)
    assert found[0].base_coin == one.base_coin
    assert one in found


@given(st.text(max_size=12))
def test_any_text_finds_each_at_most_once(text: str) -> None:
    found = names(text)
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("btc", "BTC-USDT-PERP"),
        ("pepe", "1000PEPE-USDT-PERP"),
        ("1000pepe", "1000PEPE-USDT-PERP"),
        ("btcd", "BTCDOM-USDT-PERP"),
        ("btc-usdc-perp", "BTC-USDC-PERP"),
        (" nothing ", "nothing"),
        ("", ""),
    ],
)
def test_a_coin_is_enough(typed: str, chosen: str) -> None:
    """The first that search finds; what was typed where that is none."""
    assert choose(LISTED, typed) == chosen


FEW = (
    contract("BTCUSDT", "BTC", "USDT"),
    contract("ETHUSDT", "ETH", "USDT"),
    contract("1000PEPEUSDT", "1000PEPE", "USDT"),
    contract("BTCDOMUSDT", "BTCDOM", "USDT"),
    contract("PEPEUSDC", "PEPE", "USDC"),
)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("btc", "BTC-USDT-PERP"),
        ("pepe", "PEPE-USDC-PERP"),
        ("1000pepe", "1000PEPE-USDT-PERP"),
        ("btcd", "BTCDOM-USDT-PERP"),
        ("eth-usdt-perp", "ETH-USDT-PERP"),
        ("usdc", "PEPE-USDC-PERP"),
        ("nothing", "nothing"),
    ],
)
def test_the_coin_itself_comes_before_many_of_it_and_a_quote_coin_last(
    typed: str, chosen: str
) -> None:
    assert choose(FEW, typed) == chosen


ODD = (
    contract("BTCUSDT", "BTC", "USDT", 9e9),
    contract("币安人生USDT", "币安人生", "USDT", 4e6),
    contract("BTCU", "BTC", "U", 3e6),
    contract("SNDKUSD1", "SNDK", "USD1", 2e6),
    contract("KASUSDT", "KAS", "USDT", 1e6),
    contract("ASUSDT", "1000AS", "USDT", 5e6),
    contract("1000USDT", "1000", "USDT"),
    contract("PEPE1000USDT", "1000PEPE", "USDT"),
    contract("BTC-USD-SWAP", "BTC", "USD", 0.0, "inverse"),
    contract("BTC-USD_UM-SWAP", "BTC", "USD_UM"),
)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("BTCUSDT", "BTC-USDT-PERP"),
        ("BTC/USDT", "BTC-USDT-PERP"),
        ("ＢＴＣ　ＵＳＤＴ", "BTC-USDT-PERP"),
        ("BINANCE:BTCUSDT.P", "BTC-USDT-PERP"),
        ("xbtusdt", "BTC-USDT-PERP"),
        ("BTC/USDT:USDT", "BTC-USDT-PERP"),
        ("btc/u", "BTC-U-PERP"),
        ("btc-usd-swap", "BTC-USD-PERP"),
        ("BTC-USD_UM-SWAP", "BTC-USD_UM-PERP"),
        ("sndk-usd1-perp", "SNDK-USD1-PERP"),
        ("币安", "币安人生-USDT-PERP"),
        ("kPEPE", "1000PEPE-USDT-PERP"),
        ("kpepe", "1000PEPE-USDT-PERP"),
        ("pepe1000usdt", "1000PEPE-USDT-PERP"),
        ("kas", "KAS-USDT-PERP"),
        ("1000", "1000-USDT-PERP"),
        ("!!", "!!"),
    ],
)
def test_as_traders_type_it(typed: str, chosen: str) -> None:
    assert choose(ODD, typed) == chosen


def test_several_venues_are_searched_at_once() -> None:
    listed = {
        "bybit": (contract("BTCUSDT", "BTC", "USDT", 2e9), contract("BTCEUR", "BTC", "EUR", 9e9)),
        "binance": (contract("BTCUSDT", "BTC", "USDT", 7e9), contract("WBTC", "WBTC", "USDT", 8e9)),
    }
    found = [(venue, one.name) for venue, one in search_all(listed, "btc")]
    assert found == [
        ("binance", "BTC-USDT-PERP"),
        ("bybit", "BTC-USDT-PERP"),
        ("bybit", "BTC-EUR-PERP"),  # its volume is in no dollars
        ("binance", "WBTC-USDT-PERP"),
    ]
    assert [one.native for _, one in search_all(listed, " ")][:2] == ["WBTC", "BTCUSDT"]
