"""The order book out of a venue's rows, in whatever order these come.

A row that cannot be read is left out and counted, see `parse.kept`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.data.plausible import FAR
from liqmap.data.series import Array
from liqmap.errors import NoData
from liqmap.language import say
from liqmap.venues.parse import Malformed, instant_ms, kept, not_negative, positive

ROUNDING = 1e-9
"""What is left of a level by rounding alone, as a part of it, is no level."""
Row = tuple[object, object, object]
"""What tells a row from others, its price, its quantity; the last two as JSON has them."""


class Sides(NamedTuple):
    """The rows of one answer."""

    bids: object
    asks: object


class _Levels(NamedTuple):
    """One side: prices [quote/base], the best first, and what rests at each [base]."""

    price: Array
    base: Array


def pair(row: Any) -> Row:
    """A row that begins with its price and its quantity; there is one of a price."""
    return row[0], row[0], row[1]


def order_book(
    instrument: Instrument,
    time_ms: object,
    *answers: Sides,
    read: Callable[[Any], Row] = pair,
    contract_size: float = 1.0,
) -> OrderBook:
    """The book of an instant, one side of which may be empty.

    Levels without a quantity are left out, and so is a price more than `FAR` times from the
    middle of its answer: no forced order reaches it.

    Parameters
    ----------
    instrument : Instrument
        Quantities of an inverse one are quote coin, and are divided by their price.
    time_ms : object
        UTC, from a JSON number or string.
    *answers : Sides
        The first is the finest. Each further one has coarser prices and reaches farther; it
        gives what lies beyond those before it, see `_joined`.
    read : callable
        Reads a row. Of rows that are told to be the same the last counts; others of one price
        are added up.
    contract_size : float
        What a quantity of 1 stands for [base; quote of an inverse instrument].

    Raises
    ------
    Malformed
        The best bid is not below the best ask.
    NoData
        There are no orders.
    """
    bids, asks = (_Levels(np.zeros(0), np.zeros(0)) for _ in range(2))
    for answer in answers:
        near = _near([_rows(side, read, contract_size) for side in answer])
        bid, ask = (_levels(rows, instrument) for rows in near)
        bids = _joined(bids, _Levels(bid.price[::-1], bid.base[::-1]), -1)
        asks = _joined(asks, ask, 1)
    if not bids.price.size + asks.price.size:
        raise NoData(
            say("There are no orders in the book."), hint=say("Choose another contract or venue.")
        )
    if bids.price.size and asks.price.size and bids.price[0] >= asks.price[0]:
        raise Malformed(f"a bid of {bids.price[0]:g} is not below an ask of {asks.price[0]:g}")
    return OrderBook(instant_ms(time_ms), *bids, *asks)


def _rows(table: object, read: Callable[[Any], Row], contract_size: float) -> Array:
    """Price and quantity [base or quote] of each row, shape (n, 2)."""

    def read_row(row: Any) -> tuple[object, tuple[float, float]]:
        same, price, quantity = read(row)
        return same, (positive(price), not_negative(quantity) * contract_size)

    return np.array([*dict(kept(table, read_row)).values()]).reshape(-1, 2)


def _near(sides: list[Array]) -> list[Array]:
    """Rows with a quantity, at a price within `FAR` times the middle of all."""
    prices = np.concatenate([side[:, 0] for side in sides])
    middle = float(np.median(prices)) if prices.size else 0.0
    return [
        side[(side[:, 1] > 0) & (side[:, 0] < FAR * middle) & (side[:, 0] * FAR > middle)]
        for side in sides
    ]


def _levels(rows: Array, instrument: Instrument) -> _Levels:
    """Rows of one price added up, prices rising."""
    price, level = np.unique(rows[:, 0], return_inverse=True)
    quantity = np.bincount(level, weights=rows[:, 1], minlength=price.size)
    return _Levels(price, quantity / (price if instrument.kind == "inverse" else 1.0))


def _joined(finer: _Levels, coarser: _Levels, direction: int) -> _Levels:
    """The finer levels, and what the coarser have beyond them; prices fall if `direction` is -1.

    A coarse level holds what rests from the one before it up to its own price, so the finer may
    end within one: what they hold beyond the coarse levels inside is taken off the next.
    """
    if not finer.price.size:
        return coarser
    beyond = (coarser.price - finer.price[-1]) * direction > 0
    base = coarser.base[beyond]
    counted = max(finer.base.sum() - coarser.base[~beyond].sum(), 0.0)
    left = base - np.clip(counted - (np.cumsum(base) - base), 0.0, base)
    more = left > ROUNDING * base
    price = np.concatenate([finer.price, coarser.price[beyond][more]])
    return _Levels(price, np.concatenate([finer.base, left[more]]))
