"""Fingers on the picture, as a browser hears of them: the page scrolls, a press reads, two zoom."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.support.small_page import at
from tests.support.small_picture import STEP

Place = tuple[float, float]
_SEEN = """["time_range", "price_range"].flatMap(
  name => [liqmap.named(name).start, liqmap.named(name).end])"""


class Fingers:
    """Touches of a page by the browser's own input, so that scrolling is the browser's, too."""

    def __init__(self, page: Page) -> None:
        self.session = page.context.new_cdp_session(page)

    def say(self, kind: str, *places: Place) -> None:
        points = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(places)]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    def move(self, begin: tuple[Place, ...], end: tuple[Place, ...], steps: int = 8) -> None:
        """All fingers from where they are put down to where they are lifted."""
        for count in range(1, len(begin) + 1):
            self.say("touchStart", *begin[:count])
        for part in np.linspace(0, 1, steps + 1)[1:]:
            self.say("touchMove", *(_between(*pair, part) for pair in zip(begin, end, strict=True)))
        self.say("touchEnd")


def _between(begin: Place, end: Place, part: float) -> Place:
    return begin[0] + (end[0] - begin[0]) * part, begin[1] + (end[1] - begin[1]) * part


def seen(page: Page) -> list[float]:
    found: list[float] = page.evaluate(_SEEN)
    return found


def here(page: Page, bar: float, price: float) -> Place:
    """A place of the heatmap, once it is in the middle of the screen."""
    page.evaluate(
        "document.querySelector('#plot').scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    return at(page, "heat", bar * STEP, price)


def test_one_finger_scrolls_the_page_and_leaves_the_picture(small_phone: Page) -> None:
    page = small_phone
    x, y = here(page, 1.5, 100)
    scrolled, before = page.evaluate("scrollY"), seen(page)
    Fingers(page).move(((x, y),), ((x, y - 150),))
    page.wait_for_function(f"scrollY > {scrolled} + 60")
    assert seen(page) == before
    assert page.is_hidden("#readout")
    assert page.is_hidden("#refit")


def test_two_fingers_zoom_about_their_middle_and_the_page_stays(small_phone: Page) -> None:
    page = small_phone
    x, y = here(page, 1.5, 100)
    scrolled, before = page.evaluate("[scrollY, visualViewport.scale]"), seen(page)
    Fingers(page).move(((x - 20, y - 30), (x + 20, y + 30)), ((x - 40, y - 60), (x + 40, y + 60)))
    begin, end, low, high = seen(page)
    np.testing.assert_allclose([low, high], [90, 110], atol=0.05)
    np.testing.assert_allclose(end - begin, (before[1] - before[0]) / 2, rtol=2e-3)
    np.testing.assert_allclose(at(page, "heat", 1.5 * STEP, 100), (x, y), atol=0.5)
    assert page.evaluate("[scrollY, visualViewport.scale]") == scrolled
    assert page.is_hidden("#readout")

    Fingers(page).move(((x - 20, y), (x + 20, y)), ((x - 20, y + 40), (x + 20, y + 40)))
    np.testing.assert_allclose(at(page, "heat", 1.5 * STEP, 100), (x, y + 40), atol=0.5)
    assert page.evaluate("[scrollY, visualViewport.scale]") == scrolled
    page.wait_for_function("location.search.includes('zoom=')")
    page.tap("#refit")
    assert seen(page) == before
    assert page.is_hidden("#refit")


def test_two_fingers_on_a_side_chart_move_what_it_shares(small_phone: Page) -> None:
    page = small_phone
    page.tap("#charts [value=map]")
    page.wait_for_function("liqmap.named('map').inner_height > 100")
    page.locator("#plot").scroll_into_view_if_needed()
    x, y = at(page, "map", page.evaluate("liqmap.named('map_range').end") / 2, 100)
    before = seen(page)
    Fingers(page).move(((x, y - 30), (x, y + 30)), ((x, y - 60), (x, y + 60)))
    begin, end, low, high = seen(page)
    assert [begin, end] == before[:2]
    np.testing.assert_allclose([low, high], [90, 110], atol=0.05)


def test_a_long_press_reads_and_goes_on_reading(small_phone: Page) -> None:
    page = small_phone
    x, y = here(page, 1.5, 115)
    scrolled = page.evaluate("scrollY")
    fingers = Fingers(page)
    fingers.say("touchStart", (x, y))
    expect(page.locator("#readout :first-child")).to_have_text("$920 of shorts")
    expect(page.locator("#at-price")).to_have_text("115.0")
    x, y = at(page, "heat", 2.5 * STEP, 105)
    fingers.say("touchMove", (x - 2, y))
    fingers.say("touchMove", (x, y))
    expect(page.locator("#readout :first-child")).to_have_text("$315 of shorts")
    fingers.say("touchEnd")
    assert page.evaluate("scrollY") == scrolled
    expect(page.locator("#readout")).to_be_visible()
    crossed = page.evaluate(
        "['cross_time', 'cross_price'].map(name => liqmap.named(name).location)"
    )
    np.testing.assert_allclose(crossed, [2.5 * STEP, 105], rtol=2e-3)


def test_a_tap_reads_at_once_and_two_refit(small_phone: Page) -> None:
    page = small_phone
    before = seen(page)
    page.evaluate("liqmap.named('price_range').setv({start: 90, end: 110})")
    x, y = here(page, 2.5, 105)
    expect(page.locator("#refit")).to_be_visible()
    page.touchscreen.tap(x, y)
    expect(page.locator("#readout :first-child")).to_have_text("$315 of shorts")
    assert seen(page)[2:] == [90, 110]
    page.touchscreen.tap(x, y)
    assert seen(page) == before


def test_an_axis_is_scaled_by_one_finger_and_the_page_stays(small_phone: Page) -> None:
    page = small_phone
    here(page, 1.5, 100)
    box: Any = page.locator("#price-axis").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    scrolled = page.evaluate("scrollY")
    Fingers(page).move(((x, y),), ((x, y + 90),))
    low, high = seen(page)[2:]
    np.testing.assert_allclose(
        [low, high], [100 - 20 * math.e**0.5, 100 + 20 * math.e**0.5], rtol=0.05
    )
    assert page.evaluate("scrollY") == scrolled


@pytest.mark.parametrize(
    ("name", "ends", "expected"),
    [
        ("price_range", [400, 440], [112, 152]),  # away from all prices
        ("price_range", [-90, -50], [48, 88]),
        ("price_range", [0, 500], [80, 120]),  # too wide: as it was
        ("price_range", [100, 100.001], [80, 120]),
        ("time_range", [9 * STEP, 11 * STEP], [2.636 * STEP, 4.636 * STEP]),
        ("time_range", [-9 * STEP, -7 * STEP], [-1.6 * STEP, 0.4 * STEP]),
    ],
)
def test_nobody_gets_lost(shown: Page, name: str, ends: list[float], expected: list[float]) -> None:
    """Whoever moves the range, a wheel, a finger or a link: a fifth of the picture is in sight."""
    start, end = ends
    found = shown.evaluate(
        f"""(() => {{ const range = liqmap.named('{name}');
          range.setv({{start: {start}, end: {end}}}); return [range.start, range.end]; }})()"""
    )
    np.testing.assert_allclose(found, expected)


def test_a_finger_meets_every_control(small_phone: Page) -> None:
    """44 px at least, of what is not a word in a sentence; letters of 16 px in fields."""
    page = small_phone
    page.evaluate("document.querySelector('#settings').open = true")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, select, input, summary, textarea")]
          .filter(one => one.checkVisibility({visibilityProperty: true}))
          .filter(one => {
            const box = one.matches("[type=checkbox], [type=radio]"), slides = one.type === "range";
            const {height} = (box ? one.closest("label") : one).getBoundingClientRect();
            const typed = one.matches("input, select, textarea") && !box && !slides;
            return height < 43.5 || typed && parseFloat(getComputedStyle(one).fontSize) < 16;
          })
          .map(one => one.outerHTML.slice(0, 80))"""
    )
    assert small == []
