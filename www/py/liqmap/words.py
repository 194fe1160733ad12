"""Amounts and times in words, the same in the worker and on the page.

The page runs in MicroPython and reads this very file, so it imports nothing that MicroPython
has not.
"""

import time

_SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def usd(amount: float) -> str:
    """`$1.25M`, `−$3.00K`, `$12`: three figures and a size, whole dollars below a thousand."""
    sign, amount = ("−" if amount < 0 else ""), abs(amount)
    for size, letter in _SIZES:
        if amount >= 0.9995 * size:
            return sign + "$" + _three_figures(amount / size) + letter
    return f"{sign}${amount:.0f}" if amount >= 0.5 else "$0"


def usd_round(amount: float) -> str:
    """The same of a round amount: `$5M`, `$2.5B`."""
    words = usd(amount)
    return words[:-1].rstrip("0").rstrip(".") + words[-1] if "." in words else words


def amount(words: str) -> float:
    """USD of what somebody typed: `1.5M`, `$1,500,000`, `2b`.

    Raises
    ------
    ValueError
        It is not an amount.
    """
    text = words.strip().upper()
    for sign in "$, ":
        text = text.replace(sign, "")
    for size, letter in _SIZES:
        if text.endswith(letter):
            return float(text[:-1]) * size
    return float(text)


def side_of(position_side: float) -> str:
    """`long` of +1, `short` of −1."""
    return "long" if position_side > 0 else "short"


def clock(instant_ms: float) -> str:
    """`20 Jan 14:35`, UTC."""
    return _clock(time.gmtime(int(instant_ms // 1000)))


def clock_here(instant_ms: float) -> str:
    """`20 Jan 16:35 your time`, by the zone of whoever reads it."""
    return _clock(time.localtime(int(instant_ms // 1000))) + " your time"


def _clock(at: time.struct_time) -> str:
    return f"{at[2]:02d} {_MONTHS[at[1] - 1]} {at[3]:02d}:{at[4]:02d}"


def _three_figures(number: float) -> str:
    """`1.25`, `12.5`, `125`."""
    for digits in (2, 1):
        text = "{:.{}f}".format(number, digits)
        if len(text) <= 4:
            return text
    return f"{number:.0f}"
