"""The situation on the page: its cards are those of the package, its age is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from liqmap.session.messages import Situation
from tests.browser.conftest import Visit
from tests.support.worker import await_listener, say
from tools.build.server import Site

CARDS = (("Above", "$2M shorts at 110", "+10%"), ("Below", "$1M longs at 90", "-10%", "P10–P90"))


@pytest.fixture
def told(unspoken: Page, served: Site) -> Callable[..., Page]:
    """The page with these cards, so many seconds later."""

    def tell(seconds: int = 0, *, live: bool = True) -> Page:
        unspoken.clock.install(time=1_000_000)
        unspoken.goto(served.address)
        await_listener(unspoken)
        say(unspoken, Situation(CARDS, step_ms=300_000.0, live=live))
        unspoken.clock.fast_forward(1000 * seconds)
        return unspoken

    return tell


def test_each_card_has_its_lines(told: Callable[..., Page]) -> None:
    page = told()
    cards: Any = page.evaluate(
        """[...document.querySelectorAll("#situation div")]
          .map(card => [...card.children].map(line => line.textContent))"""
    )
    assert tuple(map(tuple, cards)) == CARDS


@pytest.mark.parametrize(
    ("seconds", "words", "state"),
    [
        (12, "live · 12 s ago", "live"),
        (601, "late · 10 min ago", "late"),
        (7300, "old · 2 h ago", "old"),
    ],
)
def test_the_age_is_late_after_two_bars_and_old_after_five(
    told: Callable[..., Page], seconds: int, words: str, state: str
) -> None:
    age = told(seconds).locator("#age")
    expect(age).to_have_text(words)
    expect(age).to_have_class(state)


def test_a_simulation_has_no_age(told: Callable[..., Page]) -> None:
    expect(told(12, live=False).locator("#age")).to_have_text("")


def test_a_phone_shows_two_heads_and_all_cards_on_a_tap(visit: Visit, phone: Page) -> None:
    page = visit("?venue=demo", on=phone)
    cards, opener = page.locator("#situation"), page.locator("#situation-open")
    expect(cards).to_be_hidden()
    above, below = opener.inner_text().split("\n")
    assert re.fullmatch(r"Above: \$\S+ shorts at [\d,.]+", above)
    assert re.fullmatch(r"Below: \$\S+ longs at [\d,.]+", below)
    opener.tap()
    expect(cards).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.tap()
    expect(cards).to_be_hidden()
