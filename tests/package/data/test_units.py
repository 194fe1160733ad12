"""What another venue calls the same coin, and the same market per a thousand of it."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.data.symbols import counterpart, in_units_of, scale_of
from liqmap.errors import InputError


def contract(name: str, kind: str = "linear") -> Instrument:
    base, quote, _ = name.split("-")
    return Instrument(name, name, base, quote, kind)  # type: ignore[arg-type]


LISTED = [
    contract("BTC-USD-PERP", "inverse"),
    contract("BTC-USDC-PERP"),
    contract("BTC-USDT-PERP"),
    contract("1000PEPE-USDT-PERP"),
    contract("ETH-BTC-PERP"),
]

DOLLARS = [
    contract("SNDK-USD1-PERP"),
    contract("BTC-USD-PERP", "inverse"),
    contract("BTC-USD_UM-PERP"),
]
SCALES = [contract("1000000PEPE-USDT-PERP"), contract("PEPE-USDT-PERP"), LISTED[3]]


@pytest.mark.parametrize(
    ("name", "listed", "found"),
    [
        ("BTC-USDT-PERP", LISTED, "BTC-USDT-PERP"),
        ("BTC-USDC-PERP", LISTED, "BTC-USDC-PERP"),
        ("BTC-USD-PERP", LISTED, "BTC-USDT-PERP"),
        ("BTC-USD-PERP", LISTED[:1], "BTC-USD-PERP"),
        ("PEPE-USDT-PERP", LISTED, "1000PEPE-USDT-PERP"),
        ("1000000PEPE-USDC-PERP", LISTED, "1000PEPE-USDT-PERP"),
        ("SOL-USDT-PERP", LISTED, None),
        ("ETH-USDT-PERP", LISTED, None),
        ("SNDK-USDT-PERP", DOLLARS, "SNDK-USD1-PERP"),
        ("SNDK-U-PERP", DOLLARS, "SNDK-USD1-PERP"),
        ("BTC-USD1-PERP", DOLLARS, "BTC-USD_UM-PERP"),
        ("BTC-USD-PERP", DOLLARS, "BTC-USD_UM-PERP"),
        ("BTC-USD-PERP", DOLLARS[:2], "BTC-USD-PERP"),
        ("1000PEPE-USDT-PERP", SCALES, "1000PEPE-USDT-PERP"),
        ("PEPE-USDC-PERP", SCALES, "PEPE-USDT-PERP"),
    ],
)
def test_counterparts(name: str, listed: list[Instrument], found: str | None) -> None:
    one = counterpart(name, listed)
    assert (one.name if one else None) == found


def test_scaled_coins() -> None:
    assert scale_of("1000PEPE") == (1000.0, "PEPE")
    assert scale_of("1000000MOG") == (1e6, "MOG")
    assert scale_of("10000SATS") == (1e4, "SATS")
    assert scale_of("1000币安") == (1e3, "币安")
    assert scale_of("1000X") == (1e3, "X")
    for coin in ("BTC", "1INCH", "100X", "PEPE1000", "1000"):
        assert scale_of(coin) == (1.0, coin)


def market(coin: str, factor: float) -> Market:
    price = factor * np.array([7.0, 7.1, 6.9])
    time_ms = np.array([0.0, 300_000.0, 600_000.0])
    volume = np.array([5.0, 6.0, 7.0]) / factor
    bars = Candles(time_ms, price, price * 1.01, price * 0.99, price, volume, volume / 2, 300_000)
    held = OpenInterest(time_ms, np.array([50.0, 60.0, 55.0]) / factor)
    return Market("toy", contract(f"{coin}-USDT-PERP"), bars, held, mark=bars)


def test_a_scaled_coin_is_the_same_market_in_dollars() -> None:
    thousand, single = market("1000PEPE", 1000.0), market("PEPE", 1.0)
    turned = in_units_of(single, "1000PEPE")
    assert turned.mark is not None
    for name in ("open", "high", "low", "close", "volume_base", "taker_buy_base"):
        np.testing.assert_allclose(
            getattr(turned.candles, name), getattr(thousand.candles, name), err_msg=name
        )
    np.testing.assert_allclose(turned.mark.close, thousand.candles.close)
    np.testing.assert_allclose(
        turned.open_interest.open_interest_base, thousand.open_interest.open_interest_base
    )
    assert in_units_of(thousand, "1000PEPE") is thousand
    with pytest.raises(InputError, match="not a market of SHIB"):
        in_units_of(single, "SHIB")
