"""Going back: by keys, by a finger, by a link; the page says what the package says."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Page, expect

from liqmap import simulation
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.session.desk_messages import TimeMachine
from liqmap.session.messages import Situation
from liqmap.view import View
from liqmap.words import clock
from tests.browser.conftest import SECONDS, Visit
from tests.support import session_page
from tests.support.clock import run

WAIT_MS = 1000 * SECONDS
_CARDS = """name => [...document.querySelectorAll(`${name} div`)]
  .map(card => [...card.children].map(line => line.textContent))"""


def simulate() -> tuple[Market, Liquidations]:
    made = simulation.simulate()
    return made.market, made.liquidations


def of_the_package(query: str) -> session_page.Page:
    """What a session in CPython says of the view."""
    said = session_page.Page()
    said.doubts = True
    with ThreadPoolExecutor() as pool:  # Playwright's own loop runs in this thread
        visit = pool.submit(session_page.session, said, simulate=simulate).result()
        pool.submit(lambda: run(visit.show(query))).result()
    return said


def same_as_the_package(page: Page, query: str) -> None:
    said = of_the_package(query)
    message, after = said.of(Situation)[-1], said.of(TimeMachine)[-1]
    last = message.cards[0][-1]
    assert last.startswith("P10–P90")
    expect(page.locator("#situation")).to_contain_text(last, timeout=WAIT_MS)
    cards: Any = page.evaluate(_CARDS, "#situation")
    assert tuple(map(tuple, cards)) == message.cards
    cards = page.evaluate(_CARDS, "#after-cards")
    assert tuple(map(tuple, cards)) == after.cards
    rows: Any = page.evaluate(
        "[...document.querySelectorAll('#passed tbody tr')]"
        ".map(row => [...row.cells].map(cell => cell.textContent))"
    )
    assert tuple(map(tuple, rows)) == after.rows


def test_keys_go_back_and_a_link_opens_the_same(visit: Visit) -> None:
    page = visit("?venue=demo")
    page.click("#tabs [aria-controls=desk-time]")
    page.focus("#as-of")
    for _ in range(20):
        page.keyboard.press("ArrowLeft")
    at = page.inner_text("#as-of-at")
    assert at != "now"
    expect(page.locator("#age")).to_have_text(f"as of {at}, not live", timeout=WAIT_MS)
    query = page.evaluate("location.search")[1:]
    instant_ms = View.from_query(query).asof_ms
    assert instant_ms is not None
    assert clock(instant_ms) + " UTC" == at
    same_as_the_package(page, query)
    expect(page.locator("#levels-title")).to_have_text(f"Largest clusters, as of {at}")

    visit("?" + query)
    expect(page.locator("#age")).to_have_text(f"as of {at}, not live", timeout=WAIT_MS)
    same_as_the_package(page, query)
    line = "(one => [one.visible, one.location])(liqmap.named('as_of_line'))"
    assert page.evaluate(line) == [True, instant_ms]
    page.click("#as-of-back")
    expect(page.locator("#title")).not_to_contain_text("as of", timeout=WAIT_MS)
    assert "asof" not in page.evaluate("location.search")
    assert page.evaluate(line)[0] is False
    expect(page.locator("#after")).to_be_hidden()


def test_a_finger_goes_back_to_the_column_that_it_taps(visit: Visit, phone: Page) -> None:
    page = visit("?venue=demo", on=phone)
    box: Any = page.locator("#plot").bounding_box()
    page.touchscreen.tap(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    here = page.locator("#as-of-here")
    found = re.fullmatch(r"As of (\d\d \w{3} \d\d:\d\d) ▸", here.inner_text())
    assert found is not None
    over: Any = page.locator("#readout").bounding_box()
    box = here.bounding_box()
    assert box["y"] + box["height"] < over["y"] or over["y"] + over["height"] < box["y"]
    here.tap()
    expect(page.locator("#age")).to_have_text(f"as of {found[1]} UTC, not live", timeout=WAIT_MS)
    expect(page.locator("#after")).to_be_visible()
    expect(here).to_be_hidden()
