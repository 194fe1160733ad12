"""Symbols: canonical names, what a link means, and which contracts mean the same coin.

A canonical name is `BTC-USDT-PERP`: base, quote, type, in capitals, of any letters. A
contract on 1000 PEPE is called 1000PEPE everywhere; its prices and quantities stay those of
the contract.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import reduce
from unicodedata import normalize

from liqmap.data.market import Instrument, Market
from liqmap.errors import InputError
from liqmap.language import mark, say

DOLLARS = ("USDT", "USDC", "USD")
"""The dollars that most is traded against, the most traded first; `is_dollar` knows others."""
SIMULATED = "SIMULATED-USDT-PERP"
"""The contract of the simulation, which is no coin's."""
_SAME = {"XBT": "BTC"}
_EXPECTED = mark("expected a name such as BTC-USDT-PERP")
_LONGEST = 120
"""Characters of a name: dYdX has coins that are named by their contracts."""


def is_dollar(quote_coin: str) -> bool:
    """Whether a quote coin is worth a dollar: `USDT`, `USD1`, `USD_UM`, `FDUSD`, `U`."""
    return re.fullmatch(r"U|USD\w*|\w*USD", quote_coin) is not None


def plain_letters(text: str) -> str:
    """Full-width letters and their like as the usual ones, without blanks at the ends."""
    return normalize("NFKC", text).strip()


def quoted(text: str, longest: int = 40) -> str:
    """A foreign text as it may be shown: no control signs, none that turn the writing round."""
    return "".join(sign for sign in text if sign.isprintable())[:longest]


def canonical_coin(coin: str) -> str:
    """`kPEPE`, `PEPE1000` and `1000PEPE` are one: `1000PEPE`; `XBT` is `BTC`.

    The prefixes are Hyperliquid's k and Binance's 1M, the suffix is Bybit's.
    """
    coin = plain_letters(coin)
    upper = normalize("NFKC", coin.upper())
    if coin[:1] == "k" and len(coin) > 2 and coin[1:].isalnum() and coin[1:] == upper[1:]:
        return "1000" + upper[1:]
    if match := re.fullmatch(r"1M([^\W\d_]{3,})", upper):
        return "1000000" + match[1]
    if match := re.fullmatch(r"([^\W\d_]{2,}?)(10{3,})", upper):
        return match[2] + match[1]
    return _SAME.get(upper, upper)


def perpetual_name(base_coin: str, quote_coin: str) -> str:
    """Canonical name of a perpetual contract."""
    return f"{canonical_coin(base_coin)}-{canonical_coin(quote_coin)}-PERP"


def coin_of(name: str) -> str:
    """The base coin of a canonical name."""
    return name.rsplit("-", 2)[0]


def scale_of(coin: str) -> tuple[float, str]:
    """`1000PEPE` is (1000, PEPE), `BTC` is (1, BTC), and so is a coin called 1000."""
    if match := re.fullmatch(r"(10{3,})([^\W\d_]\w*)", coin):
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
    """The name that a link means; raises `InputError`.

    `eth`, `ETHUSDT`, `eth/usdt`, `ETH-PERP` and `ETHUSDT.P` are `ETH-USDT-PERP`. Whatever is a
    canonical name stays as it is.
    """
    typed = plain_letters(text)
    if len(typed) > _LONGEST or not typed.isprintable():
        raise InputError(say(_EXPECTED))
    if match := re.fullmatch(r"(?i)(\S+)-([^\s-]+)-(?:PERP|SWAP)", typed):
        return perpetual_name(match[1], match[2])
    pair = pair_of(typed)
    if match := re.fullmatch(r"([^\W_]+)[-/_ ]+([^\W_]+)", pair):
        return perpetual_name(match[1], match[2])
    if match := re.fullmatch(r"(?i)([^\W_]+?)(USDT|USDC|USD1|USD|)", pair):
        return perpetual_name(match[1], match[2] or DOLLARS[0])
    raise InputError(say(_EXPECTED))


def find_instrument(instruments: tuple[Instrument, ...], name: str) -> Instrument:
    """The instrument of that canonical or native name; raises `InputError`."""
    wanted = name.upper()
    for one in instruments:
        if wanted in (one.name, one.native.upper()):
            return one
    names = [one.name for one in instruments]
    coin = coin_of(wanted)
    near = [one for one in names if coin in one][:3] or get_close_matches(wanted, names, 3)
    raise InputError(
        say("There is no contract “{name}” here.", name=name),
        hint=say("Did you mean {names}?", names=_either(near))
        if near
        else say("Choose one from the list."),
    )


def _either(names: Iterable[str]) -> str:
    """`one or another`."""
    return reduce(lambda one, other: say("{one} or {other}", one=one, other=other), names)


def counterpart(name: str, listed: Iterable[Instrument]) -> Instrument | None:
    """What another venue trades of the same coin: linear first, then by quote, then by unit."""
    coin, quote, _ = name.rsplit("-", 2)
    plain = scale_of(coin)[1]
    quotes = [quote, *(one for one in DOLLARS if one != quote)]

    def rank(one: Instrument) -> tuple[bool, int, bool]:
        known = one.quote_coin in quotes
        place = quotes.index(one.quote_coin) if known else len(quotes)
        return one.kind != "linear", place, one.base_coin != coin

    found = [
        one
        for one in listed
        if scale_of(one.base_coin)[1] == plain
        and (one.quote_coin == quote or (is_dollar(one.quote_coin) and is_dollar(quote)))
    ]
    return min(found, key=rank, default=None)


def pair_of(typed: str) -> str:
    """The typed text without a site's name before it and the contract's type behind it.

    `BINANCE:BTCUSDT.P`, `BTC/USDT:USDT` and `BTCUSDT_PERP` are of TradingView, ccxt and Binance.
    """
    pair = re.sub(r"^([^:/]+/[^:]+):.*|^[^:/]*:", r"\1", typed)
    return re.sub(r"(?i)(?<=.)(\.P|[-/_ ]*(PERP|SWAP|PERPETUAL))$", "", pair).strip()
