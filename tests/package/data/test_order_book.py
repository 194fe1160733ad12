"""An order book is checked once, where it is made."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.data.order_book import OrderBook
from liqmap.errors import InputError


def test_columns_are_kept_as_numbers_that_nobody_changes() -> None:
    book = OrderBook(1.0, [99, 98], [1, 2], [101], [3])  # type: ignore[arg-type]
    assert book.bid_price.tolist() == [99.0, 98.0]
    assert not book.ask_base.flags.writeable


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([99, 98], [1], [101], [3]), "bid_base: not of the length of bid_price"),
        (([98, 99], [1, 2], [101], [3]), "bid_price: not from the best outward"),
        (([99], [1], [101, 101], [3, 4]), "ask_price: not from the best outward"),
        (([99], [1], [101], [0]), "ask_base: not a positive number"),
        (([np.inf], [1], [101], [1]), "bid_price: not a positive number"),
    ],
)
def test_what_no_book_can_be_is_refused(columns: tuple[list[float], ...], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        OrderBook(1.0, *columns)  # type: ignore[arg-type]
