"""A position as a visitor typed it: what stands in the fields, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from liqmap import words
from liqmap.analysis.position import Position
from liqmap.data.numbers import typed_number
from liqmap.errors import InputError
from liqmap.language import say

MOST_LEVERAGE = 1000.0


@dataclass(frozen=True, slots=True)
class Typed:
    """A position, if there is one; the distance wanted to its liquidation; complaints by field."""

    position: Position | None
    wanted_rate: float | None
    complaints: Mapping[str, str]


def read(fields: Mapping[str, str], spot_price: float) -> Typed:
    """The position that somebody typed.

    Parameters
    ----------
    fields : mapping of str to str
        `side` (long, short), `entry`, `amount`, `unit` (margin, notional, base), `leverage`,
        `mode` (isolated, cross), `wallet`, `wanted` [percent]; missing ones are empty. Without an
        entry it is opened now; without an amount there is none.
    spot_price : float
        The newest price [quote/base].
    """
    complaints: dict[str, str] = {}

    def number(name: str, lowest: float, highest: float, what: str) -> float | None:
        text = fields.get(name, "").strip().removeprefix("$")
        if not text:
            return None
        try:
            found = typed_number(text)
        except InputError:
            found = -1.0
        if lowest < found <= highest:
            return found
        complaints[name] = what
        return None

    most = 1e15
    entry = number(
        "entry", 0.0, most, say("Type a price above zero, or nothing for the price now.")
    )
    amount = number("amount", 0.0, most, say("Type an amount above zero."))
    from_to = say("Type a leverage from 1 to {most}.", most=words.number(MOST_LEVERAGE))
    leverage = number("leverage", 0.999, MOST_LEVERAGE, from_to)
    wallet = None
    if fields.get("mode") == "cross":
        wallet = number("wallet", -1e-9, most, say("Type a balance in USD, or nothing."))
    wanted = number("wanted", 0.0, 99.0, say("Type a distance from above 0 to 99 %."))
    if not fields.get("leverage", "").strip():
        complaints["leverage"] = say("Type a leverage.")
    wanted_rate = None if wanted is None else wanted / 100
    if amount is None or leverage is None or complaints.keys() & {"entry", "wallet"}:
        return Typed(None, wanted_rate, complaints)
    entry = entry or spot_price
    times = {"margin": leverage, "base": entry}.get(fields.get("unit", ""), 1.0)
    side = -1 if fields.get("side") == "short" else 1
    position = Position(side, entry, amount * times, leverage, wallet or 0.0)
    return Typed(position, wanted_rate, complaints)
