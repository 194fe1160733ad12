"""What is drawn but may be wrong is said."""

from __future__ import annotations

import pytest

from liqmap.picture.viewport import Frame
from liqmap.session.cautions import AHEAD_MS, cautions
from liqmap.view import View
from tests.support.markets import market
from tests.support.session_page import Page, shown

MARKET = market()
BEGIN_MS = float(MARKET.candles.time_ms[-1])
MINUTE_MS = 60_000.0


def said(view: View, *, ahead_ms: float = 0.0, simulated: bool = False) -> list[str]:
    one = market(simulated=simulated)
    frame = Frame.around([one], view)
    return list(cautions({one.venue: one}, frame, view, BEGIN_MS - ahead_ms))


@pytest.mark.parametrize(
    ("ahead_ms", "words"),
    [
        (AHEAD_MS + 1, "5 minutes"),
        (119 * MINUTE_MS, "119 minutes"),
        (150 * MINUTE_MS, "2 hours"),
        (3 * 86_400_000.0, "3 days"),
    ],
)
def test_bars_ahead_of_the_visitor_s_clock_are_said(ahead_ms: float, words: str) -> None:
    (sentence,) = said(View(), ahead_ms=ahead_ms)
    assert sentence.startswith(f"The newest bar of Bybit begins {words} ahead of this device’s")
    assert said(View(), ahead_ms=ahead_ms, simulated=True) == []


def test_a_bar_that_has_just_begun_and_a_late_one_are_nothing_odd() -> None:
    assert said(View(), ahead_ms=AHEAD_MS) == said(View(), ahead_ms=-1e12) == []


@pytest.mark.parametrize(
    ("low", "high", "empty"),
    [(1.0, 2.0, True), (500.0, 600.0, True), (100.0, 200.0, False), (99.0, 99.1, False)],
)
def test_a_range_without_any_price_is_said(low: float, high: float, empty: bool) -> None:
    sentences = said(View(low=low, high=high))
    assert len(sentences) == empty
    if empty:
        assert f"No price of this time is between {low:g} and {high:g}: clear" in sentences[0]


def test_it_stands_among_the_notices() -> None:
    page = Page()
    shown(page, "?low=1&high=2")
    assert page.notices[0].startswith("No price of this time is between 1 and 2")
