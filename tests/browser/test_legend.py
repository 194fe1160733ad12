"""The legend is the control: its handles say from where and to where there is colour."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap.words import usd
from tests.browser.conftest import Visit
from tests.support.shown import image

FLOOR, CEILING = "[name=floor]", "[name=ceiling]"


def amounts(page: Page) -> list[float]:
    found: list[float] = page.evaluate("Array.from(liqmap.picture.colors.percentiles_quote)")
    return found


def painted(page: Page, query: str) -> None:
    page.wait_for_function(f"liqmap.picture.query === '{query}' && location.search === '?{query}'")


def test_keys_move_a_handle_and_repaint(visit: Visit) -> None:
    page = visit()
    lit = np.count_nonzero(image(page)[0])
    assert page.input_value("#legend-low") == usd(amounts(page)[0])
    page.focus(FLOOR)
    for _ in range(30):
        page.keyboard.press("ArrowRight")
    painted(page, "floor=30")
    assert np.count_nonzero(image(page)[0]) < 0.8 * lit
    low = usd(amounts(page)[30])
    assert page.input_value("#legend-low") == low
    assert page.get_attribute(FLOOR, "aria-valuetext") == low
    assert page.get_by_role("slider").count() == 2


def test_dragging_repaints_before_the_handle_is_let_go(visit: Visit) -> None:
    page = visit()
    box: Any = page.locator(CEILING).bounding_box()
    y, right = box["y"] + box["height"] / 2, box["x"] + box["width"] - 7
    page.mouse.move(right, y)
    page.mouse.down()
    page.mouse.move(right - 0.5 * (box["width"] - 14), y, steps=8)
    page.wait_for_function("liqmap.picture.query === 'ceiling=50'")
    assert page.evaluate("location.search") == "", "the address waits for the end"
    page.mouse.up()
    painted(page, "ceiling=50")
    assert page.input_value("#legend-high") == usd(amounts(page)[50])


def test_a_handle_stays_on_its_side(visit: Visit) -> None:
    page = visit("?ceiling=20")
    page.focus(FLOOR)
    page.keyboard.press("End")
    painted(page, "floor=19&ceiling=20")
    assert page.input_value(FLOOR) == "19"


@pytest.mark.parametrize("typed", ["percent", "amount"])
def test_amounts_may_be_typed(visit: Visit, typed: str) -> None:
    page = visit()
    wanted = amounts(page)[40]
    page.fill("#legend-low", "40%" if typed == "percent" else f"{wanted / 1e6:.3f}M")
    page.keyboard.press("Enter")
    painted(page, "floor=40")
    expect(page.locator("#legend-low")).to_have_value(usd(wanted))
    page.fill("#legend-low", "much")
    page.keyboard.press("Enter")
    expect(page.locator("#legend-low")).to_have_value(usd(wanted))
    assert page.input_value(FLOOR) == "40"


def test_the_bar_has_the_palette_that_is_chosen_beside_it(visit: Visit) -> None:
    page = visit()
    page.select_option("#legend [name=palette]", "viridis")
    painted(page, "palette=viridis")
    first, last = page.evaluate(
        "(colors => [colors[128], colors[248]])(liqmap.picture.colors.palette.split(','))"
    )
    shown = page.evaluate("document.querySelector('#color-bar').style.background")
    for color in (first, last):
        red, green, blue = (int(color[at : at + 2], 16) for at in (1, 3, 5))
        assert f"{red}, {green}, {blue}" in shown


def test_all_defaults_return_the_handles(visit: Visit) -> None:
    page = visit("?floor=30&ceiling=60")
    assert (page.input_value(FLOOR), page.input_value(CEILING)) == ("30", "60")
    page.focus(FLOOR)
    page.evaluate("document.querySelector('#settings').open = true")
    page.click("#reset")
    page.wait_for_function("liqmap.picture.query === ''")
    assert (page.input_value(FLOOR), page.input_value(CEILING)) == ("0", "100")
