"""The contracts that a visitor may mean by what he types, and their labels in a list."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import NamedTuple

from liqmap.data.market import Instrument
from liqmap.data.symbols import (
    canonical_coin,
    canonical_name,
    is_dollar,
    pair_of,
    plain_letters,
    scale_of,
)
from liqmap.errors import InputError
from liqmap.language import say
from liqmap.words import number, usd


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
    quote = instrument.quote_coin
    parts = [
        f"{coin} ×{scale:.0f}" if scale > 1 else coin,
        say("{coin} inverse perpetual", coin=quote)
        if instrument.kind == "inverse"
        else say("{coin} perpetual", coin=quote),
    ]
    if instrument.volume_24h_quote > 0:
        parts.append(say("{turnover} a day", turnover=turnover(instrument)))
    return " · ".join(parts)


def search(instruments: Iterable[Instrument], text: str) -> list[Instrument]:
    """The contracts that the text may mean, the likeliest first; all for no text.

    First those whose coin, pair or name it is, then those of which many make a contract (`pepe`
    finds `1000PEPE-USDT-PERP`), those whose coin begins with it, whose coin holds it, and whose
    pair holds it (`usdc`); each in `in_order`.
    """
    return [one for _, one in search_all({"": tuple(instruments)}, text)]


def search_all(
    listed: Mapping[str, Sequence[Instrument]], text: str
) -> list[tuple[str, Instrument]]:
    """The same among the contracts of several venues, each with its venue."""
    every = [(venue, one) for venue, several in listed.items() for one in several]
    every.sort(key=lambda pair: (-_dollars_a_day(pair[1]), pair[1].name))
    typed = plain_letters(text)
    found: list[tuple[str, Instrument]] = []
    for sought in (_readings(typed), _readings("k" + typed[1:].upper())):
        ranks = [_rank(one, sought) for _, one in every]
        found = [every[row] for rank in range(5) for row, at in enumerate(ranks) if at == rank]
        if found or typed[:1] != "k":  # who types kpepe means kPEPE where there is no KPEPE
            break
    return found if typed else every


def choose(listed: Iterable[Instrument], typed: str) -> str:
    """Name of the contract that somebody means who types this; what was typed where none is."""
    found = search(listed, typed) if typed.strip() else []
    return found[0].name if found else typed.strip()


def _readings(typed: str) -> set[str]:
    """Coins, pairs and names that a text may stand for, plainly; none without a letter or digit."""
    pair = pair_of(typed)
    texts = [typed, pair, canonical_coin(pair), canonical_coin(pair.upper())]
    with suppress(InputError):
        texts.append(canonical_name(typed))
    return {_plain(one) for one in texts} - {""}


def _rank(one: Instrument, sought: set[str]) -> int | None:
    """How well a contract fits, 0 best; None: not at all."""
    names = _plain_names(one.base_coin, one.quote_coin, one.name, one.native)
    fits = (
        bool(sought & names.contract),
        bool(sought & names.single),
        any(coin.startswith(word) for coin in names.coins for word in sought),
        any(word in coin for coin in names.coins for word in sought),
        any(word in names.pair for word in sought),
    )
    return fits.index(True) if True in fits else None


class _Names(NamedTuple):
    """Names of a contract in plain capitals: its own, those of a single coin, coins, pair."""

    contract: frozenset[str]
    single: frozenset[str]
    coins: frozenset[str]
    pair: str


@lru_cache(maxsize=16_384)  # thousands of contracts are looked through at each letter typed
def _plain_names(base_coin: str, quote_coin: str, name: str, native: str) -> _Names:
    single = scale_of(base_coin)[1]
    others = [name] if native.isdecimal() else [name, native]  # Lighter numbers its markets
    return _Names(
        frozenset([*_of_pair(base_coin, quote_coin), *map(_plain, others)]),
        frozenset(_of_pair(single, quote_coin)),
        frozenset([_plain(single), _plain(base_coin)]),
        _plain(base_coin + quote_coin),
    )


def _of_pair(coin: str, quote_coin: str) -> tuple[str, ...]:
    """A coin, its pair, and the pair's contract, plainly."""
    pair = coin + quote_coin
    return _plain(coin), _plain(pair), _plain(pair + "PERP")


def _plain(text: str) -> str:
    return re.sub(r"[\W_]", "", text.upper())


def _dollars_a_day(instrument: Instrument) -> float:
    return instrument.volume_24h_quote if is_dollar(instrument.quote_coin) else 0.0


def turnover(instrument: Instrument) -> str:
    """Turnover of 24 h: `$310M`, or an amount of a quote coin that is no dollar."""
    if is_dollar(instrument.quote_coin):
        return usd(instrument.volume_24h_quote)
    return f"{number(instrument.volume_24h_quote)} {instrument.quote_coin}"
