"""Symbols: canonical names, what a visitor typed, and which contracts mean the same coin.

A canonical name is `BTC-USDT-PERP`: base, quote, type; it needs no escaping in a link. A
contract on 1000 PEPE is called 1000PEPE everywhere; its prices and quantities stay those of
the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from liqmap.data.market import Instrument, Market
from liqmap.errors import InputError
from liqmap.words import usd

DOLLARS = ("USDT", "USDC", "USD")
"""Quotes that are taken for one, the most traded first."""
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


def in_units_of(market: Market, coin: str) -> Market:
    """The market with prices and quantities per `coin`: PEPE as 1000PEPE.

    Raises
    ------
    InputError
        It is another coin's.
    """
    have, want = market.instrument.base_coin, coin
    if scale_of(have)[1] != scale_of(want)[1]:
        raise InputError(f"{market.instrument.name}: not a market of {coin}.")
    factor = factor_of(have, want)
    return market if factor == 1 else market.scaled(factor)


def factor_of(have: str, want: str) -> float:
    """How many of the coin `have` one of `want` is: a thousand PEPE are one 1000PEPE."""
    return scale_of(want)[0] / scale_of(have)[0]


def canonical_name(text: str) -> str:
    """The name that a link means: `eth` is `ETH-USDT-PERP`; raises `InputError`."""
    if text.isascii() and text.isalnum() and len(text) <= 20:
        return f"{text.upper()}-USDT-PERP"
    if not re.fullmatch(r"[A-Za-z0-9]{1,20}-[A-Z]{3,6}-PERP", text):
        raise InputError("expected a name such as BTC-USDT-PERP")
    return text


def find_instrument(instruments: tuple[Instrument, ...], name: str) -> Instrument:
    """The instrument of that canonical or native name; raises `InputError`."""
    wanted = name.upper()
    for one in instruments:
        if wanted in (one.name, one.native.upper()):
            return one
    names = [one.name for one in instruments]
    coin = wanted.split("-")[0]
    near = [one for one in names if coin in one][:3] or get_close_matches(wanted, names, 3)
    raise InputError(
        f"There is no contract “{name}” here.",
        hint=f"Did you mean {' or '.join(near)}?" if near else "Choose one from the list.",
    )


def counterpart(name: str, listed: Iterable[Instrument]) -> Instrument | None:
    """What another venue trades of the same coin: linear first, then by quote."""
    coin, quote, _ = name.split("-")
    plain = scale_of(coin)[1]
    quotes = (quote, *(one for one in DOLLARS if quote in DOLLARS and one != quote))
    found = [
        one for one in listed if scale_of(one.base_coin)[1] == plain and one.quote_coin in quotes
    ]
    rank = {one: (one.kind != "linear", quotes.index(one.quote_coin)) for one in found}
    return min(found, key=rank.__getitem__, default=None)


def in_order(instruments: Iterable[Instrument]) -> list[Instrument]:
    """Largest 24 h volume first; those without one after, by name."""
    return sorted(instruments, key=lambda one: (-one.volume_24h_quote, one.name))


def choices(instruments: Iterable[Instrument]) -> list[tuple[str, str]]:
    """Canonical name and label of each, in `in_order`.

    `("1000PEPE-USDT-PERP", "PEPE ×1000 · USDT perpetual · $310M a day")`
    """
    return [(one.name, label(one)) for one in in_order(instruments)]


def label(instrument: Instrument) -> str:
    """Coin, contract and turnover of a day, as far as the venue gives it."""
    scale, coin = scale_of(instrument.base_coin)
    kind = "inverse perpetual" if instrument.kind == "inverse" else "perpetual"
    parts = [f"{coin} ×{scale:.0f}" if scale > 1 else coin, f"{instrument.quote_coin} {kind}"]
    if instrument.volume_24h_quote > 0:
        parts.append(f"{_turnover(instrument)} a day")
    return " · ".join(parts)


def search(instruments: Iterable[Instrument], text: str) -> list[Instrument]:
    """The contracts that the text may mean, the likeliest first; all for no text.

    First those whose coin, pair or name it is, then those of which many make a contract (`pepe`
    finds `1000PEPE-USDT-PERP`), those whose coin begins with it, whose coin holds it, and whose
    pair holds it (`usdc`); each in `in_order`.
    """
    typed = text.strip()
    sought = {_plain(one) for one in (typed, canonical_coin(typed), canonical_coin(typed.upper()))}
    found: list[list[Instrument]] = [[], [], [], [], []]
    for one in in_order(instruments):
        single = scale_of(one.base_coin)[1]
        coins = {_plain(single), _plain(one.base_coin)}
        ranks = (
            sought & {*_names(one.base_coin, one), *_contract_names(one)},
            sought & {*_names(single, one)},
            any(coin.startswith(word) for coin in coins for word in sought),
            any(word in coin for coin in coins for word in sought),
            any(word in _plain(one.base_coin + one.quote_coin) for word in sought),
        )
        for rank, fits in zip(found, ranks, strict=True):
            if fits:
                rank.append(one)
                break
    return [one for rank in found for one in rank]


def choose(listed: Iterable[Instrument], typed: str) -> str:
    """Name of the contract that somebody means who types this; what was typed where none is."""
    found = search(listed, typed) if typed.strip() else []
    return found[0].name if found else typed.strip()


def _names(coin: str, instrument: Instrument) -> tuple[str, str]:
    """A coin, and its pair with the contract's quote coin, plainly."""
    return _plain(coin), _plain(coin + instrument.quote_coin)


def _contract_names(instrument: Instrument) -> Iterator[str]:
    """What a trader calls the contract beside its pair, plainly."""
    yield _plain(instrument.name)
    if not instrument.native.isdecimal():  # Lighter numbers its markets
        yield _plain(instrument.native)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _turnover(instrument: Instrument) -> str:
    if instrument.quote_coin in DOLLARS:
        return usd(instrument.volume_24h_quote)
    return f"{instrument.volume_24h_quote:,.0f} {instrument.quote_coin}"
