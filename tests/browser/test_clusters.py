"""The table of clusters: sorted by keyboard, chosen both ways, explained as the package does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap.session.desk_messages import ClusterDetail
from liqmap.session.messages import Clusters
from liqmap.session.session import Session
from tests.browser.conftest import Visit
from tests.support.computed import last
from tests.support.shown import await_state
from tests.support.small_page import at
from tests.support.worker import await_listener, say
from tools.build.server import Site
from tools.replay.exchanges import Replay

ROWS = tuple(
    (price, side, amount, "–", away, "untouched 5 h")
    for price, side, amount, away in (
        ("99.0", "long", "$2M", "−1.00%"),
        ("95.0", "long", "$9M", "−5.00%"),
        ("102.0", "short", "$5M", "+2.00%"),
        ("97.0", "long", "$7M", "−3.00%"),
    )
)
TABLE = Clusters(
    unit="Exposure",
    pain="Max pain: longs at 95.0 ($9M), shorts at 102.0 ($5M)",
    rows=ROWS,
    sides=tuple(row[1] for row in ROWS),
    waiting=3,
    orders={
        "distance": (0, 2, 3, 1),
        "size": (0, 2, 3, 1),
        "age": (2, 1, 0, 3),
        "side": (0, 3, 1, 2),
    },
    prices=(99.0, 95.0, 102.0, 97.0),
    bands={name: np.array([1.0, 2, 3, 4]) for name in ("left", "right", "bottom", "top")},
)


def prices(page: Page) -> list[str]:
    return page.locator("#levels tbody tr td:first-child").all_inner_texts()


def test_a_header_sorts_by_keyboard_and_ticks_leave_it(unspoken: Page, served: Site) -> None:
    """What was swept stays below what waits; the focus stays where it is."""
    page = unspoken
    page.goto(served.address + "#desk-clusters")
    await_listener(page)
    say(page, TABLE)
    assert prices(page) == ["99.0", "102.0", "95.0", "97.0"]
    assert page.inner_text("#pain") == TABLE.pain
    sorted_by = page.locator("#levels th[aria-sort]")
    expect(sorted_by).to_have_attribute("aria-sort", "ascending")
    page.focus("#levels-unit")
    page.keyboard.press("Enter")
    assert prices(page) == ["95.0", "102.0", "99.0", "97.0"]
    expect(sorted_by).to_have_attribute("aria-sort", "descending")
    expect(sorted_by).to_have_text("Exposure")
    grown = (("99.0", "long", "$99M", *ROWS[0][3:]), *ROWS[1:])
    say(page, replace(TABLE, rows=grown, orders={**TABLE.orders, "size": (2, 3, 1, 0)}))
    assert prices(page) == ["99.0", "95.0", "102.0", "97.0"]
    page.keyboard.press("Enter")
    assert prices(page) == ["102.0", "95.0", "99.0", "97.0"]
    page.focus("#levels [data-sort=side]")
    page.keyboard.press("Space")
    assert prices(page) == ["99.0", "95.0", "102.0", "97.0"]


def outlined(page: Page) -> list[float]:
    found: list[float] = page.evaluate(
        """(({left, right, bottom, top}) => [left, right, bottom, top].flatMap(one => [...one]))(
          liqmap.named("selection").data)"""
    )
    return found


def words(page: Page, table: str) -> list[list[str]]:
    rows: list[list[str]] = page.locator(f"{table} tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    return rows


def test_a_cluster_is_chosen_in_the_table_and_on_the_picture(visit: Visit, replay: Replay) -> None:
    page = visit("#desk-clusters")
    message = last(Clusters, "", replay.origin)
    first, second = [row for row in message.orders["distance"] if row < message.waiting][:2]
    page.focus("#levels tbody button")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#cluster-facts').innerText.includes('chance')")
    expected = last(ClusterDetail, "", replay.origin, then=choosing(message, first))
    assert page.inner_text("#cluster-title") == expected.title
    for name in ("facts", "leverages", "venues"):
        assert words(page, f"#cluster-{name}") == [*map(list, getattr(expected, name))]
    assert expected.leverages
    assert outlined(page) == pytest.approx([ends[first] for ends in message.bands.values()])
    page.keyboard.press("Escape")
    expect(page.locator("#cluster")).to_be_hidden()
    expect(page.locator("#desk-clusters")).to_be_visible()
    assert outlined(page) == []

    ends = {name: float(column[second]) for name, column in message.bands.items()}
    middle = (ends["left"] + ends["right"]) / 2, (ends["bottom"] + ends["top"]) / 2
    page.mouse.click(*at(page, "heat", *middle))
    chosen = page.locator("#levels [aria-pressed=true]")
    expect(chosen).to_have_text(message.rows[second][0])
    assert outlined(page) == pytest.approx([*ends.values()])
    row = message.rows[second]
    assert f"cluster={row[1]}_{message.prices[second]:.7g}" in page.url

    page.reload()  # the link opens the same
    await_state(page, "ready")
    expect(chosen).to_have_text(row[0])
    expect(page.locator("#cluster-facts")).to_contain_text("chance")
    assert outlined(page) == pytest.approx([*ends.values()])
    page.click("#cluster-close")
    expect(page.locator("#cluster")).to_be_hidden()
    assert "cluster=" not in page.url


def choosing(message: Clusters, row: int) -> Any:
    """What the worker is told of a row."""
    side = 1 if message.rows[row][1] == "long" else -1

    async def choose(session: Session) -> None:
        await session.desk.selection.choose(side, message.prices[row])

    return choose
