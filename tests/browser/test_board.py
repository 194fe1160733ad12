"""The board on the page: its rows are the package's, sorted and filtered, and open their maps."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from math import nan

from playwright.sync_api import Page, expect

from liqmap.feed.directory import Directory
from liqmap.session.board import BoardLoop
from liqmap.session.desk_messages import Board, BoardRow
from liqmap.session.state import State
from liqmap.view import View
from tests.browser.conftest import Visit
from tests.support.venue import MARKET, NOW, sending
from tests.support.worker import await_listener, say
from tools.build.server import Site
from tools.replay.exchanges import Replay
from tools.replay.registry import VENUES

ROWS = (
    BoardRow(
        "bybit:BTC-USDT-PERP", "BTC-USDT", ("9", "a", "b", "c", "d"), (1, 0.2, 5, 0.1, 0, 1), 0
    ),
    BoardRow(
        "bybit:ETH-USDT-PERP", "ETH-USDT", ("8", "a", "b", "c", "d"), (nan, nan, 6, 0.3, 0, 2), 0
    ),
    BoardRow("bybit:SOL-USDT-PERP", "SOL-USDT", ("Bybit has no bars.",), (), 0),
    BoardRow(
        "bybit:PEPE-USDT-PERP", "PEPE-USDT", ("7", "a", "b", "c", "d"), (3, 0.1, 4, 0.2, 0, 3), 0
    ),
)
NAMES = "[...document.querySelectorAll('#board tbody button')].map(one => one.textContent)"


def of_package(text: str) -> BoardRow:
    """The row that the package makes of the same answers."""
    said: list[Board] = []
    directory = Directory(sending(VENUES["bybit"](MARKET), NOW))
    loading = BoardLoop(directory, said.append).start(State(view=View(venue="bybit")), text)
    with ThreadPoolExecutor() as aside:  # a loop of Playwright's runs here
        aside.submit(lambda: asyncio.run(loading)).result()
    return said[-1].rows[0]


def test_it_asks_when_told_to_and_a_row_opens_its_map(visit: Visit, replay: Replay) -> None:
    page = visit("?venue=bybit#desk-board")
    expect(page.locator("#board")).to_be_hidden()
    assert not any("ETHUSDT" in path for path in replay.requests)
    page.fill("#board-filter", "eth")
    page.click("#board-load")
    row = page.locator("#board tbody tr")
    expect(row).to_have_count(1)
    asked = [path for path in replay.requests if "ETHUSDT" in path]
    assert 3 <= len(asked) <= 5
    expect(page.locator("#board-load")).to_have_text("Load the board")
    name, *cells, age = row.locator("td").all_inner_texts()
    made = of_package("eth")
    assert name.split() == [made.name, made.cells[0]]
    assert tuple(cells) == made.cells[1:]
    assert age.endswith(" s")
    row.get_by_role("button").press("Enter")
    page.wait_for_function("document.title.startsWith('ETH-')")


def names(page: Page) -> list[str]:
    """Of the rows, from above."""
    found: list[str] = page.evaluate(NAMES)
    return found


def test_heads_sort_and_a_filter_leaves_some(unspoken: Page, served: Site) -> None:
    unspoken.goto(served.address + "#desk-board")
    await_listener(unspoken)
    say(unspoken, Board(ROWS, "Bybit: 4 of 4.", running=True))
    assert names(unspoken) == ["BTC-USDT", "ETH-USDT", "SOL-USDT", "PEPE-USDT"]
    expect(unspoken.locator("#board-load")).to_have_text("Stop")
    expect(unspoken.locator("#board .failed")).to_have_text("Bybit has no bars.")
    above, away = unspoken.locator("#board th:nth-child(2) button").all()
    above.click()
    assert names(unspoken) == ["PEPE-USDT", "BTC-USDT", "ETH-USDT", "SOL-USDT"]
    above.click()
    assert names(unspoken) == ["BTC-USDT", "PEPE-USDT", "ETH-USDT", "SOL-USDT"]
    away.click()
    assert names(unspoken) == ["PEPE-USDT", "BTC-USDT", "ETH-USDT", "SOL-USDT"]
    unspoken.fill("#board-filter", "usdt")
    assert len(names(unspoken)) == 4
    unspoken.fill("#board-filter", "pe")
    assert names(unspoken) == ["PEPE-USDT"]
