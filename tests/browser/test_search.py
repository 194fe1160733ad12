"""The search over all venues: opened by keys, answered as lists come, a row opens its contract."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tools.replay.exchanges import Replay

FIRST = "document.querySelector('#found [aria-selected=true]')?.dataset.value"
VENUES = "[...document.querySelectorAll('#found li span:nth-child(2)')].map(one => one.textContent)"


@pytest.mark.parametrize("keys", ["Control+k", "Meta+k", "/"])
def test_keys_open_it_and_enter_opens_a_contract_at_its_venue(visit: Visit, keys: str) -> None:
    page = visit("?range=12h")
    page.keyboard.press(keys)
    page.keyboard.type("eth")
    page.wait_for_function(f"{VENUES}.length === 10")
    assert page.inner_text("#search p") == "10 contracts."
    first, second, *_ = page.evaluate(VENUES)
    page.keyboard.press("ArrowDown")
    page.wait_for_function(f"({FIRST}).startsWith('{second.split()[0].lower()}:ETH-')")
    page.keyboard.press("ArrowUp")
    page.wait_for_function(f"({FIRST}).startsWith('{first.split()[0].lower()}:ETH-')")
    page.keyboard.press("Enter")
    page.wait_for_function(f"document.title.includes('{first}')")
    assert page.evaluate("document.title").startswith("ETH-")
    assert page.evaluate("new URLSearchParams(location.search).get('range')") == "12h"
    assert not page.is_visible("#search")


def test_a_slash_in_a_field_is_a_slash_and_escape_closes(visit: Visit) -> None:
    page = visit()
    page.click("[name=symbol]")
    page.keyboard.type("/")
    assert not page.is_visible("#search")
    page.click("#search-open")
    assert page.evaluate("document.activeElement.getAttribute('role')") == "combobox"
    page.keyboard.press("Escape")
    assert not page.is_visible("#search")
    page.click("#search-open")
    page.mouse.click(5, 5)  # the ground around it
    assert not page.is_visible("#search")


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_a_venue_without_its_list_is_named(visit: Visit, replays: dict[str, Replay]) -> None:
    replays["okx"].fail("blocked")
    page = visit()
    page.click("#search-open")
    page.fill("#search input", "nothing like it")
    page.wait_for_function("document.querySelector('#search p').textContent.includes('Without')")
    page.wait_for_function("!document.querySelector('#search p').textContent.includes('Waiting')")
    words = page.inner_text("#search p")
    assert words == "0 contracts. Without OKX, which cannot be read from here now."
    assert page.locator("#found li").count() == 0


def test_a_click_on_a_phone_opens_a_contract(visit: Visit, phone: Page) -> None:
    page = visit(on=phone)
    page.click("#search-open")
    page.fill("#search input", "btc")
    page.wait_for_selector("#found [data-value='okx:BTC-USDT-PERP']")
    page.click("#found [data-value='okx:BTC-USDT-PERP']")
    page.wait_for_function("document.title.includes('OKX')")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
