"""Amounts, rates and times in words, the same in the worker and on the page.

The page runs in MicroPython and reads this very file, so it imports nothing that MicroPython
has not. Numbers and dates are written in English until `use` is called with the forms of another
locale, which a browser reads from its `Intl` (`www/start/locale.js`).
"""

import time

from liqmap.language import say

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TypedDict

    class Forms(TypedDict):
        """How a locale writes numbers and dates; `{}` is the place of the number."""

        decimal: str
        group: str
        percent: str
        usd: str
        sizes: Sequence[tuple[float, str]]
        """What an amount of USD from so much on is divided by, largest first, and its form."""
        months: Sequence[str]
        """A day of January, of February, …"""


_SIZES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_FIGURES = "0123456789"
ENGLISH: "Forms" = {
    "decimal": ".",
    "group": ",",
    "percent": "{}%",
    "usd": "${}",
    "sizes": [(size, "${}" + letter) for size, letter in _SIZES],
    "months": ["{} " + month for month in _MONTHS],
}


class _Used:
    """The locale's forms, and whether times are of the visitor's zone."""

    forms: "Forms" = ENGLISH
    here = False


def use(forms: "Forms", *, here: bool = False) -> None:
    """Write what follows as a locale does, and times of the visitor's own zone or of UTC."""
    _Used.forms = forms
    _Used.here = here


def usd(amount: float) -> str:
    """`$1.25M`, `−$3.00K`, `$12`: three figures and a size, whole dollars below a thousand."""
    sign, amount = ("−" if amount < 0 else ""), abs(amount)
    for size, form in _Used.forms["sizes"]:
        if amount >= 0.9995 * size:
            return sign + form.format(_local(_three_figures(amount / size)))
    return (sign if amount >= 0.5 else "") + _Used.forms["usd"].format(f"{amount:.0f}")


def usd_round(amount: float) -> str:
    """The same of a round amount: `$5M`, `$2.5B`."""
    decimal = _Used.forms["decimal"]
    whole, point, rest = usd(amount).partition(decimal)
    if not point:
        return whole
    unit = rest.lstrip(_FIGURES)
    fraction = rest[: len(rest) - len(unit)].rstrip("0")
    return whole + (decimal + fraction if fraction else "") + unit


def number(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """`78,706.8`, `+3`, `−0.25`: grouped, with so many digits after the decimal point."""
    text = "{:.{}f}".format(abs(value), digits)
    return _sign(value, text, signed) + _local(text)


def percent(rate: float, digits: int = 0, *, signed: bool = False) -> str:
    """`17%`, `+8.3%`, `−3.3%` of a rate."""
    text = "{:.{}f}".format(abs(100 * rate), digits)
    return _sign(rate, text, signed) + _Used.forms["percent"].format(_local(text))


def _sign(value: float, text: str, signed: bool) -> str:
    """The sign before a number whose figures are `text`; a rounded nought has no minus."""
    if value < 0 and text.strip("0."):
        return "−"
    return "+" if signed else ""


def _local(text: str) -> str:
    """Figures and a decimal point with the locale's marks."""
    whole, point, fraction = text.partition(".")
    groups = [whole[max(0, end - 3) : end] for end in range(len(whole), 0, -3)]
    grouped = _Used.forms["group"].join(reversed(groups))
    return grouped + (_Used.forms["decimal"] + fraction if point else "")


def amount(words: str) -> float:
    """USD of what somebody typed: `1.5M`, `$1,500,000`, `2b`; also as the locale writes it.

    Raises
    ------
    ValueError
        It is not an amount.
    """
    text, size = _figures(words), 1.0
    written = [(size, _figures(form.format(""))) for size, form in _Used.forms["sizes"]]
    for one, unit in written + list(_SIZES):  # MicroPython knows no [*a, *b]
        if unit and text.endswith(unit):
            text, size = text[: -len(unit)], one
            break
    decimal, group = _Used.forms["decimal"], _Used.forms["group"]
    if decimal != "." and decimal not in text and not _groups(text, group):
        decimal, group = ".", ","
    return float(text.replace(group, "").replace(decimal, ".")) * size


def _figures(words: str) -> str:
    """What was typed without currency and spaces."""
    text = words.strip().upper()
    for sign in ("US$", "$", " ", "\u00a0", "\u202f"):
        text = text.replace(sign, "")
    return text


def _groups(text: str, mark: str) -> bool:
    """Whether the mark parts a number into thousands."""
    first, *rest = text.split(mark)
    return bool(rest) and 0 < len(first) <= 3 and all(len(one) == 3 for one in rest)


def digits_of(value: float, figures: int = 6) -> int:
    """So many digits after the decimal point a number needs: 0 of 12, 1 of 0.5."""
    return len("{:.{}g}".format(value, figures).partition(".")[2])


def side_of(position_side: float) -> str:
    """`long` of +1, `short` of −1."""
    return "long" if position_side > 0 else "short"


def clock(instant_ms: float) -> str:
    """`20 Jan 14:35`, of UTC or of the visitor's zone."""
    at = time.localtime if _Used.here else time.gmtime
    return _clock(at(int(instant_ms // 1000)))


def clock_here(instant_ms: float) -> str:
    """`20 Jan 16:35 your time`, by the zone of whoever reads it."""
    return say("{time} your time", time=_clock(time.localtime(int(instant_ms // 1000))))


def zoned(instant_ms: float) -> str:
    """`20 Jan 14:35 UTC`, or `20 Jan 16:35 your time`: as `clock`, and of which zone it is."""
    if _Used.here:
        return clock_here(instant_ms)
    return say("{time} UTC", time=clock(instant_ms))


def _clock(at: time.struct_time) -> str:
    day = _Used.forms["months"][at[1] - 1].format(f"{at[2]:02d}")
    return f"{day} {at[3]:02d}:{at[4]:02d}"


def _three_figures(number: float) -> str:
    """`1.25`, `12.5`, `125`."""
    for digits in (2, 1):
        text = "{:.{}f}".format(number, digits)
        if len(text) <= 4:
            return text
    return f"{number:.0f}"
