"""Real positions of known accounts, where a venue shows them: no estimate."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from liqmap.data.series import Array, unchecked
from liqmap.errors import InputError
from liqmap.language import count, say
from liqmap.words import number

MOST_ACCOUNTS = 200
"""So many are asked for: each costs the venue a request."""
ADDRESS = re.compile(r"(?<![0-9A-Za-z])0x[0-9a-fA-F]{40}(?![0-9A-Za-z])")
_QUOTED = 3


@dataclass(frozen=True, eq=False, slots=True)
class Positions:
    """One row a position that has a liquidation price.

    Parameters
    ----------
    position_side : array of shape (n,)
        +1 long, -1 short.
    quantity_base : array of shape (n,)
        [base], positive.
    entry_price, liquidation_price : array of shape (n,)
        [quote/base], positive.
    leverage : array of shape (n,)
    account : tuple of str, length n
        Address of the holder.
    holders : int
        Accounts that hold the coin, those without a liquidation price too.
    held_long_base, held_short_base : float
        [base] of all positions that were found, those without a liquidation price too.
    """

    position_side: Array
    quantity_base: Array
    entry_price: Array
    liquidation_price: Array
    leverage: Array
    account: tuple[str, ...]
    holders: int
    held_long_base: float
    held_short_base: float

    def __post_init__(self) -> None:
        size = len(self.position_side)
        names = ("position_side", "quantity_base", "entry_price", "liquidation_price", "leverage")
        for name in names:
            column = np.array(getattr(self, name), dtype=np.float64)
            column.flags.writeable = False
            object.__setattr__(self, name, column)
            if column.shape != (size,) or not np.isfinite(column).all():
                raise InputError(f"Positions.{name}: expected {size} finite numbers.")
            if name != "position_side" and (column <= 0).any():
                raise InputError(f"Positions.{name}: not positive.")
        if (np.abs(self.position_side) != 1).any():
            raise InputError("Positions.position_side: neither +1 nor -1.")
        if len(self.account) != size:
            raise InputError(f"Positions.account: expected {size} addresses.")

    def __len__(self) -> int:
        return int(self.position_side.size)

    def scaled(self, factor: float) -> Positions:
        """The same per `factor` coins: prices times it, quantities divided by it."""
        return unchecked(
            Positions,
            position_side=self.position_side,
            quantity_base=self.quantity_base / factor,
            entry_price=self.entry_price * factor,
            liquidation_price=self.liquidation_price * factor,
            leverage=self.leverage,
            account=self.account,
            holders=self.holders,
            held_long_base=self.held_long_base / factor,
            held_short_base=self.held_short_base / factor,
        )

    def share_of(self, open_interest_base: float) -> float:
        """Share of the one-sided open interest that these accounts hold, 0 … 1."""
        if open_interest_base <= 0:
            return 0.0
        held = 0.5 * (self.held_long_base + self.held_short_base)
        return min(1.0, held / open_interest_base)


def typed_addresses(text: str) -> tuple[tuple[str, ...], str]:
    """Addresses that a visitor typed, and a sentence about the rest of the text.

    Anything may stand between them. They come in small letters, each once, at most
    `MOST_ACCOUNTS`; the sentence is empty when nothing is wrong.
    """
    words = re.split(r"[\s,;|]+", text.strip())
    bad = [word for word in words if re.search(r"\w", word) and not ADDRESS.search(word)]
    found = tuple(dict.fromkeys(one.lower() for one in ADDRESS.findall(text)))
    complaints = []
    if bad:
        complaints.append(_no_addresses(bad))
    if len(found) > MOST_ACCOUNTS:
        complaints.append(
            say(
                "Only the first {most} of {all} addresses are used.",
                most=number(MOST_ACCOUNTS),
                all=number(len(found)),
            )
        )
    return found[:MOST_ACCOUNTS], " ".join(complaints)


def _no_addresses(bad: list[str]) -> str:
    quoted = ", ".join(f"“{_short(word)}”" for word in bad[:_QUOTED])
    if len(bad) > _QUOTED:
        return count(
            "{words} and {n} more are no addresses: an address is 0x and 40 hexadecimal digits.",
            "{words} and {n} more are no addresses: an address is 0x and 40 hexadecimal digits.",
            len(bad) - _QUOTED,
            words=quoted,
        )
    return count(
        "{words} is no address: an address is 0x and 40 hexadecimal digits.",
        "{words} are no addresses: an address is 0x and 40 hexadecimal digits.",
        len(bad),
        words=quoted,
    )


def short_address(address: str) -> str:
    """`0x1234…abcd`."""
    return f"{address[:6]}…{address[-4:]}"


def _short(word: str) -> str:
    return word if len(word) <= 16 else word[:15] + "…"
