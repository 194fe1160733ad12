"""Numbers as people type them."""

from __future__ import annotations

import math
import re

from liqmap.errors import InputError
from liqmap.language import say

_WIDE = str.maketrans("，．－＋＿", ",.-+_")
_GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[,._' ])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
_PLAIN = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+\.")


def typed_number(text: str) -> float:
    """The number that a text means: `60,000`, `60_000`, `60.000,5`, `1,5`, `６００００`, `6e4`.

    A point or comma that stands once is the decimal one, unless it is a comma with three
    digits after it, as in `60,000`. Raises `InputError` for what is no finite number.
    """
    digits = "".join(str(int(one)) if one.isdecimal() else one for one in text.strip())
    digits = digits.translate(_WIDE).replace("\N{NO-BREAK SPACE}", " ")
    body = digits.lstrip("+-")
    sign = digits[: len(digits) - len(body)]
    whole, fraction = _split(body)
    if _GROUPED.fullmatch(whole) and not whole.startswith("0"):
        whole = re.sub(r"[^0-9]", "", whole)
    plain = f"{whole}.{fraction}" if fraction else whole
    if sign not in ("", "+", "-") or not _PLAIN.fullmatch(plain):
        raise InputError(say("expected a number, such as 60000 or 0.05"))
    number = float(sign + plain)
    if not math.isfinite(number):
        raise InputError(say("expected a number that a price can be"))
    return number


def _split(body: str) -> tuple[str, str]:
    """Whole part, in groups or not, and the digits after the decimal mark."""
    marks = [one for one in body if one in ",."]
    last = max(body.rfind(","), body.rfind("."))
    if not marks or not body[last + 1 :].isdecimal():
        return body, ""
    alone = marks.count(body[last]) == 1
    thousands = _GROUPED.fullmatch(body) and body[last] == "," and body[0] != "0"
    return (body[:last], body[last + 1 :]) if alone and not thousands else (body, "")
