"""Canonical names: `BTC-USDT-PERP`, and coins that trade by the thousand.

A contract on 1000 PEPE is called 1000PEPE everywhere; its prices and quantities stay those
of the contract.
"""

from __future__ import annotations

import re

_SAME = {"XBT": "BTC"}


def canonical_coin(coin: str) -> str:
    """`kPEPE`, `PEPE1000` and `1000PEPE` are one: `1000PEPE`; `XBT` is `BTC`.

    The prefixes are Hyperliquid's k and Binance's 1M, the suffix is Bybit's.
    """
    if match := re.fullmatch(r"k([A-Z0-9]{2,})", coin):
        return "1000" + match[1]
    if match := re.fullmatch(r"1M([A-Z]{3,})", coin):
        return "1000000" + match[1]
    if match := re.fullmatch(r"([A-Z]{2,}?)(1000+)", coin):
        return match[2] + match[1]
    return _SAME.get(coin, coin.upper())


def perpetual_name(base_coin: str, quote_coin: str) -> str:
    """Canonical name of a perpetual contract."""
    return f"{canonical_coin(base_coin)}-{canonical_coin(quote_coin)}-PERP"


def scale_of(coin: str) -> tuple[float, str]:
    """`1000PEPE` is (1000, PEPE), `BTC` is (1, BTC)."""
    if match := re.fullmatch(r"(10{3,})([A-Z]\w+)", coin):
        return float(match[1]), match[2]
    return 1.0, coin
