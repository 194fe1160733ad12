"""Choosing a contract: what the list shows, and what a few typed letters mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from liqmap.exchanges.coins import canonical_coin, scale_of
from liqmap.market import Instrument
from liqmap.palettes import usd

_DOLLARS = {"USD", "USDT", "USDC"}


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

    First those whose coin, pair or name it is, then those whose coin begins with it, then
    those whose coin holds it; each in `in_order`. `pepe` finds `1000PEPE-USDT-PERP`.
    """
    typed = text.strip()
    sought = {_plain(one) for one in (typed, canonical_coin(typed), canonical_coin(typed.upper()))}
    found: list[list[Instrument]] = [[], [], []]
    for one in in_order(instruments):
        names = set(_names(one))
        coins = {_plain(scale_of(one.base_coin)[1]), _plain(one.base_coin)}
        if sought & names:
            found[0].append(one)
        elif any(coin.startswith(word) for coin in coins for word in sought):
            found[1].append(one)
        elif any(word in coin for coin in coins for word in sought):
            found[2].append(one)
    return [one for rank in found for one in rank]


def _names(instrument: Instrument) -> Iterator[str]:
    """Everything a trader calls it, plainly."""
    for base in (instrument.base_coin, scale_of(instrument.base_coin)[1]):
        yield from (_plain(base), _plain(base + instrument.quote_coin))
    yield _plain(instrument.name)
    if not instrument.native.isdecimal():  # Lighter numbers its markets
        yield _plain(instrument.native)


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _turnover(instrument: Instrument) -> str:
    if instrument.quote_coin in _DOLLARS:
        return usd(instrument.volume_24h_quote)
    return f"{instrument.volume_24h_quote:,.0f} {instrument.quote_coin}"
