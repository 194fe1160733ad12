"""Liquidations as columns."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.errors import InputError

START_MS = 1_769_990_400_000


def test_notional_and_order() -> None:
    rows = ((START_MS + 2, -1.0, 84000.0, 0.5), (START_MS, 1.0, 80000.0, 2.0))
    some = Liquidations.sorted(*zip(*rows, strict=True))
    assert list(some.quantity_quote) == [160_000.0, 42_000.0]
    assert list(some.position_side) == [1.0, -1.0]
    assert not some.price.flags.writeable
    assert len(Liquidations.joined([])) == 0


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([2.0, 1.0], [1, 1], [1, 1], [1, 1]), "time_ms: falling"),
        (([1.0], [0], [1], [1]), "position_side"),
        (([1.0], [1], [0], [1]), "price: not positive"),
        (([1.0], [1], [1], [0]), "quantity_base: not positive"),
        (([1.0], [1], [1, 1], [1]), "price: not of the length"),
        (([1.0], [1], [np.nan], [1]), "price: not a finite number"),
    ],
)
def test_what_cannot_be(columns: tuple[list[float], ...], complaint: str) -> None:
    with pytest.raises(InputError, match=complaint):
        Liquidations(*(np.array(one) for one in columns))
