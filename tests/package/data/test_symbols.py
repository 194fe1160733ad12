"""Which quote coins are dollars, and the contract of a name."""

from __future__ import annotations

import pytest

from liqmap.data.market import Instrument
from liqmap.data.search import label
from liqmap.data.symbols import find_instrument, is_dollar
from liqmap.errors import InputError


@pytest.mark.parametrize("quote", ["USDT", "USDC", "USD", "USD1", "U", "USD_UM", "USDE", "FDUSD"])
def test_dollars(quote: str) -> None:
    assert is_dollar(quote)
    one = Instrument("X", "X", "BTC", quote, volume_24h_quote=5e6)
    assert label(one).endswith("$5.00M a day")


def test_no_dollars() -> None:
    assert not any(map(is_dollar, ["BTC", "EUR", "UNI", "SUSDX", ""]))


def test_finding_an_instrument() -> None:
    btc = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    pepe = Instrument("1000PEPE-USDT-PERP", "1000PEPEUSDT", "1000PEPE", "USDT")
    assert find_instrument((btc, pepe), "btc-usdt-perp") is btc
    assert find_instrument((btc, pepe), "1000PEPEUSDT") is pepe
    with pytest.raises(InputError, match=r"Did you mean 1000PEPE-USDT-PERP\?"):
        find_instrument((btc, pepe), "PEPE-USDT-PERP")
    with pytest.raises(InputError, match="Did you mean BTC-USDT-PERP"):
        find_instrument((btc, pepe), "BTD-USDT-PERP")
    with pytest.raises(InputError, match="Choose one from the list"):
        find_instrument((btc, pepe), "ZZZ")
