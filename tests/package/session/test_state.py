"""What a page holds, and whether it is enough for another view."""

from __future__ import annotations

import pytest

from liqmap.session.state import Loaded
from liqmap.view import View
from tests.support.markets import market


@pytest.mark.parametrize(
    ("held", "asked", "enough"),
    [
        ("7d", "24h", True),
        ("24h", "7d", False),
        ("1y", "90d", True),
        ("90d", "1y", False),
        ("1y", "24h", False),  # five minutes cannot be made of hours
        ("30d", "90d", False),
    ],
)
def test_a_shorter_view_in_the_same_bars_needs_no_loading(
    held: str, asked: str, enough: bool
) -> None:
    loaded = Loaded(View(range=held), {"bybit": market()}, complete=True)
    assert loaded.covers(View(range=asked, palette="viridis")) == enough
    assert not loaded.covers(View(range=asked, symbol="ETH-USDT-PERP"))
    unfinished = Loaded(View(range=held), {"bybit": market()})
    assert not unfinished.covers(View(range=asked))
