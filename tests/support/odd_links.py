"""Random links: what anybody may put behind the question mark, mostly not what we meant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import fields
from urllib.parse import quote

from liqmap.view import FORMER_KEYS, View

SETTINGS = (*(one.name for one in fields(View)), *FORMER_KEYS)
FOREIGN_KEYS = (
    *("__proto__", "constructor", "toString", "hasOwnProperty", "innerHTML", "onload", "id"),
    *("", "a b", "Symbol", "symbol ", "symbol[]", "\x00symbol", "sym\u202ebol", "<b>", "é"),
)
VALUES = (
    *("", "0", "-1", "1e999", "NaN", "Infinity", "1_000", "٣٤", "²", "0x10", "9" * 400),
    *("<img src=x onerror=hit=1>", "<script>hit=1</script>", "javascript:hit=1", "'\"`>"),
    *("[[[[", "{}", "((()))", "%", "%s{0}", "${hit=1}", "\\", "a\x00b", "a\r\nb", "\t", "\x1b[31m"),
    *("\x7f\x9f", "\u202eCTB", "\u2066x\u2069", "\u200b", "\ufeff", "\u2028", "\ud800", "🙂"),
    *("\U000e0041", "Z̷̡a", "1,2,3.4", "__proto__", "constructor", "null", "undefined", "none"),
    *("all", "auto", "demo", "on", "dark", "7d", "balance", "3-10-50", "5-0", "60000", "x" * 3000),
    *("BTC-USDT-PERP", "eth", "BINANCE:BTCUSDT.P", "okx:", ":", "A:B:C", "-PERP", "--"),
    *("x-y-PERP", "<b>-<i>-PERP", "../..//etc", "//evil"),
)
BROKEN = (
    *("%", "%2", "%zz", "%00", "%ff", "%c3", "%ed%a0%80", "%f4%90%80%80", "%25%32%30"),
    *("+", "&", ";", "=", "?", "#"),
)
"""Percent-encodings and signs as they stand in an address, to be decoded by whoever reads it."""


def odd_links(number: int, seed: int) -> Iterator[str]:
    """So many query strings without a question mark, the same for the same seed."""
    rng = random.Random(f"links {seed}")
    for _ in range(number):
        yield "&".join(_pair(rng) for _ in range(rng.choice((1, 1, 2, 3, 5, 40))))


def odd_texts(number: int, seed: int) -> Iterator[str]:
    """What anybody may type into a field."""
    rng = random.Random(f"texts {seed}")
    for _ in range(number):
        yield _text(rng)


def _pair(rng: random.Random) -> str:
    key = rng.choice(FOREIGN_KEYS if rng.random() < 0.2 else SETTINGS)
    pair = rng.choice(("{}={}", "{}={}", "{}={}", "{}", "{}==={}", "={}"))
    return pair.format(_written(key, rng), _written(_text(rng), rng))


def _text(rng: random.Random) -> str:
    """A nasty value, two of them, or signs of all planes of Unicode."""
    kind = rng.randrange(4)
    if kind == 0:
        return rng.choice(VALUES) + rng.choice(VALUES)
    if kind == 1:
        most = rng.choice((0x80, 0x300, 0x3000, 0x110000))
        return "".join(chr(rng.randrange(most)) for _ in range(rng.randrange(1, 30)))
    return rng.choice(VALUES)


def _written(text: str, rng: random.Random) -> str:
    """As an address has it: escaped, as it is, or with an escape that is none."""
    if rng.random() < 0.2:
        at = rng.randrange(len(text) + 1)
        return quote(text[:at], errors="replace") + rng.choice(BROKEN) + text[at:]
    return quote(text, safe="", errors="surrogatepass") if rng.random() < 0.8 else text
