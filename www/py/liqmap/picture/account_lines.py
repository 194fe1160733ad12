"""Real positions of known accounts as a layer of the picture: no estimate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from liqmap.data.market import Instrument
from liqmap.data.positions import Positions, short_address
from liqmap.data.series import Array
from liqmap.language import count, mark, say
from liqmap.picture.heatmap import decimals_of
from liqmap.picture.palettes import LONG_COLOR, SHORT_COLOR
from liqmap.words import digits_of, number, percent, side_of, usd

SOURCES = {"accounts": ("x0", "x1", "y", "width", "color", "words")}
"""Column names of each source of the Bokeh document."""
MOST_LINES = 300
_REACH = (0.02, 0.15)
"""Length of the shortest and the longest line, parts of the picture's time."""
_WIDTH_PX = (1.5, 5.0)
_HELD = {
    "long": mark(
        "long {quantity} {coin} at {leverage}×, entered at {entry}, liquidated at {price} "
        "({amount})"
    ),
    "short": mark(
        "short {quantity} {coin} at {leverage}×, entered at {entry}, liquidated at {price} "
        "({amount})"
    ),
}
_SIDES = {"both": (1, -1), "long": (1,), "short": (-1,)}


@dataclass(frozen=True, eq=False, slots=True)
class AccountLines:
    """Lines for the page, and a sentence about them; without sources, what is drawn stays."""

    kind: ClassVar[str] = "accounts"
    sources: Mapping[str, Mapping[str, Any]]
    words: str


def layer(
    positions: Positions,
    instrument: Instrument,
    time_edges_ms: Array,
    price_edges: Array,
    *,
    side: str = "both",
) -> dict[str, Any]:
    """Columns of one line a position, at its liquidation price, the largest first.

    A line ends at the picture's end, which is now, and is the longer and the thicker the
    more is liquidated there: roughly, its area goes with the notional. When a position was
    opened is not known, so no line says it.

    Parameters
    ----------
    time_edges_ms, price_edges : array
        The picture's; a position outside of its prices is left out.
    side : "both", "long" or "short"
        What the picture shows.

    Returns
    -------
    dict
        `x0`, `x1` [ms], `y` [quote/base], `width` [px] as arrays; `color`, `words` as lists;
        at most `MOST_LINES` rows.
    """
    notional_quote = positions.quantity_base * positions.liquidation_price
    price = positions.liquidation_price
    inside = (price >= price_edges[0]) & (price < price_edges[-1])
    chosen = np.flatnonzero(inside & np.isin(positions.position_side, _SIDES[side]))
    chosen = chosen[np.argsort(-notional_quote[chosen], kind="stable")][:MOST_LINES]
    share = notional_quote[chosen] / notional_quote[chosen].max(initial=1e-9)
    root = np.sqrt(share)
    begin, end = float(time_edges_ms[0]), float(time_edges_ms[-1])
    return {
        "x0": end - (end - begin) * np.interp(root, (0, 1), _REACH),
        "x1": np.full(chosen.size, end),
        "y": price[chosen],
        "width": np.interp(root, (0, 1), _WIDTH_PX),
        "color": [
            LONG_COLOR if one > 0 else SHORT_COLOR for one in positions.position_side[chosen]
        ],
        "words": [_words(positions, instrument, int(row)) for row in chosen],
    }


def sentence(
    positions: Positions, open_interest_base: float, *, asked: int, shown: int, venue: str
) -> str:
    """How much of the venue these positions are, and that they are no estimate.

    Parameters
    ----------
    open_interest_base : float
        One-sided [base]; 0 where it is not known.
    asked, shown : int
        Accounts that were asked for; positions that the picture shows.
    venue : str
        Its title.
    """
    if not asked:
        return say(
            "No account of {venue} is known yet: paste addresses, or wait for trades.", venue=venue
        )
    if not positions.holders:
        return say(
            "No known account of {venue} holds this coin ({asked} asked).", venue=venue, asked=asked
        )
    if open_interest_base > 0:
        whole = count(
            "Real positions of {n} account: {share} of {venue}'s open interest; no estimate.",
            "Real positions of {n} accounts: {share} of {venue}'s open interest; no estimate.",
            positions.holders,
            share=_share(positions.share_of(open_interest_base)),
            venue=venue,
        )
    else:
        whole = count(
            "Real positions of {n} account; no estimate.",
            "Real positions of {n} accounts; no estimate.",
            positions.holders,
        )
    away = positions.holders - shown
    if away > 0:
        whole += " " + count(
            "{n} of them would be liquidated at no price of this picture.",
            "{n} of them would be liquidated at no price of this picture.",
            away,
        )
    return whole


def _words(positions: Positions, instrument: Instrument, row: int) -> str:
    entry, price = positions.entry_price[row], positions.liquidation_price[row]
    decimals = decimals_of(instrument.tick_size, float(price))
    quantity = positions.quantity_base[row]
    leverage = positions.leverage[row]
    said = say(
        _HELD[side_of(positions.position_side[row])],
        quantity=number(quantity, digits_of(quantity)),
        coin=instrument.base_coin,
        leverage=number(leverage, digits_of(leverage)),
        entry=number(entry, decimals),
        price=number(price, decimals),
        amount=usd(float(quantity * price)),
    )
    return f"{said} · {short_address(positions.account[row])}"


def _share(rate: float) -> str:
    """`12.3%`, `less than 0.1%`."""
    if rate >= 0.0005:
        return percent(rate, 1)
    return say("less than {share}", share=percent(0.001, 1))
