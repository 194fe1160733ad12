"""What stands around the picture: axes that can be scaled, the price's tag, the way back."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap.picture.heatmap import Heatmap
from tests.browser.conftest import Visit
from tests.support.small_page import at, picture, show_small
from tests.support.small_picture import STEP
from tests.support.worker import say
from tools.build.server import Site

PRICE, TIME = "price_range", "time_range"


def ends(page: Page, name: str) -> list[float]:
    found: list[float] = page.evaluate(
        f"[liqmap.named('{name}').start, liqmap.named('{name}').end]"
    )
    return found


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page: Page, start: tuple[float, float], by: tuple[float, float]) -> None:
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + by[0], start[1] + by[1], steps=4)
    page.mouse.up()


def labels(page: Page, axis: str) -> list[str]:
    found: list[str] = page.evaluate(f"[...liqmap.named('{axis}').major_label_overrides.values()]")
    return found


def test_dragging_the_price_axis_scales_it_and_a_double_click_refits(shown: Page) -> None:
    drag(shown, middle(shown, "#price-axis"), (0, 180))
    np.testing.assert_allclose(ends(shown, PRICE), [100 - 20 * math.e, 100 + 20 * math.e])
    drag(shown, middle(shown, "#price-axis"), (0, -360))
    np.testing.assert_allclose(ends(shown, PRICE), [100 - 20 / math.e, 100 + 20 / math.e])
    assert ends(shown, TIME)[0] == 0, "the time stays"
    shown.mouse.dblclick(*middle(shown, "#price-axis"))
    assert ends(shown, PRICE) == [80, 120]


def test_dragging_the_time_axis_scales_it_about_the_newest_bar(shown: Page) -> None:
    begin, end = ends(shown, TIME)
    drag(shown, middle(shown, "#time-axis"), (180, 0))
    np.testing.assert_allclose(ends(shown, TIME), [end - (end - begin) / math.e, end])
    shown.mouse.dblclick(*middle(shown, "#time-axis"))
    assert ends(shown, TIME) == [begin, end]


def test_a_wheel_with_shift_goes_along_the_time(shown: Page) -> None:
    begin, end = ends(shown, TIME)
    width = shown.evaluate("liqmap.named('heat').inner_width")
    shown.mouse.move(*at(shown, "heat", 1.5 * STEP, 100))
    shown.keyboard.down("Shift")
    shown.mouse.wheel(0, -200)
    shown.keyboard.up("Shift")
    shown.wait_for_function(f"liqmap.named('time_range').end < {end}")
    moved = 200 * (end - begin) / width
    np.testing.assert_allclose(ends(shown, TIME), [begin - moved, end - moved])
    assert ends(shown, PRICE) == [80, 120]


def test_live_is_offered_away_from_the_newest_bar_and_leads_back(shown: Page) -> None:
    begin, end = ends(shown, TIME)
    assert shown.is_hidden("#live")
    shown.evaluate(f"liqmap.named('time_range').setv({{start: {begin - STEP}, end: {end - STEP}}})")
    expect(shown.locator("#live")).to_be_visible()
    shown.click("#live")
    np.testing.assert_allclose(ends(shown, TIME), [begin, end])
    assert shown.is_hidden("#live")
    shown.evaluate("liqmap.named('price_range').setv({start: 101, end: 105})")
    shown.click("#live")
    assert ends(shown, PRICE) == [98, 102], "the price again, at the same scale"
    assert shown.is_hidden("#live")


@pytest.mark.parametrize(("follow", "expected"), [("on", [98.25, 101.75]), ("off", [96, 99.5])])
def test_a_zoomed_picture_follows_the_price_unless_told_not_to(
    shown: Page, follow: str, expected: list[float]
) -> None:
    """The price was 99 and in sight; with the next picture it is 100, and would not be."""
    (view,) = (message for message in picture() if isinstance(message, Heatmap))
    one = replace(view, query=f"follow={follow}")
    say(shown, replace(one, spot=99.0))
    shown.evaluate("liqmap.named('price_range').setv({start: 96, end: 99.5})")
    say(shown, one)
    assert ends(shown, PRICE) == expected


def test_prices_are_few_and_round_and_never_rounded(shown: Page) -> None:
    assert labels(shown, "price_axis") == [
        "80",
        "85",
        "90",
        "95",
        "105",
        "110",
        "115",
        "120",
    ]  # 100 is the tag's
    shown.evaluate("liqmap.named('price_range').setv({start: 100.1, end: 100.3})")
    assert labels(shown, "price_axis") == [f"{100 + at / 100:.2f}" for at in range(10, 31, 2)]


def test_an_axis_may_count_per_cent_from_the_price(shown: Page) -> None:
    shown.evaluate("liqmap.picture.query = 'axis=percent'; liqmap.moved()")
    assert labels(shown, "price_axis") == [
        *("−20%", "−15%", "−10%", "−5%"),
        *("+5%", "+10%", "+15%", "+20%"),
    ]
    places = shown.evaluate("liqmap.named('price_axis').ticker.ticks")
    np.testing.assert_allclose(places, [80, 85, 90, 95, 105, 110, 115, 120])


def test_on_a_logarithmic_axis_equal_parts_are_equal_lengths(visit: Visit) -> None:
    page = visit("?axis=log&low=40000&high=160000")
    (_, low), (_, half), (_, high) = (
        at(page, "heat", 0.0, price) for price in (40_000, 80_000, 160_000)
    )
    assert half == pytest.approx((low + high) / 2, abs=0.5)
    _, beside = at(page, "map", 0.0, 80_000)
    assert beside == pytest.approx(half, abs=0.5)


def test_the_price_stands_in_the_gutter_of_its_axis(shown: Page) -> None:
    tag, axis = shown.locator("#spot").bounding_box(), shown.locator("#price-axis").bounding_box()
    assert tag
    assert axis
    assert shown.inner_text("#spot b") == "100.0"
    assert tag["x"] >= axis["x"]
    assert tag["x"] + tag["width"] <= axis["x"] + axis["width"]
    _, y = at(shown, "heat", STEP, 100)
    assert tag["y"] + tag["height"] / 2 == pytest.approx(y, abs=1)
    shown.evaluate("liqmap.named('price_range').setv({start: 101, end: 105})")
    assert shown.is_hidden("#spot")


def test_the_tag_counts_down_to_the_end_of_the_bar(page: Page, served: Site) -> None:
    page.clock.install(time=3.0 * STEP / 1000 + 10)
    shown = show_small(page, served.address)
    shown.clock.set_fixed_time((3 * STEP + 10_000) / 1000)
    shown.evaluate("liqmap.count()")
    assert shown.inner_text("#countdown") == "4:50"
    shown.clock.set_fixed_time((4 * STEP - 1_000) / 1000)
    shown.evaluate("liqmap.count()")
    assert shown.inner_text("#countdown") == "0:01"
    shown.clock.set_fixed_time((7 * STEP) / 1000)
    shown.evaluate("liqmap.count()")
    assert shown.is_hidden("#countdown"), "no bar has come for long"


def test_the_crosshair_is_labelled_on_both_axes(shown: Page) -> None:
    x, y = at(shown, "heat", 1.5 * STEP, 115)
    shown.mouse.move(x - 5, y)
    shown.mouse.move(x, y)
    expect(shown.locator("#at-price")).to_have_text("115.0")
    assert shown.inner_text("#at-time") == "01 Jan 00:05"
    assert middle(shown, "#at-price")[1] == pytest.approx(y, abs=1)
    assert middle(shown, "#at-time")[0] == pytest.approx(x, abs=1)
    shown.mouse.move(5, 5)
    expect(shown.locator("#at-price")).to_be_hidden()
    assert shown.is_hidden("#at-time")


def test_a_pointer_that_moves_repaints_the_crosshair_alone(shown: Page) -> None:
    x, y = at(shown, "heat", 1.5 * STEP, 115)
    shown.mouse.move(x - 5, y)
    shown.evaluate(
        """() => {
          window.painted = [];
          const heat = liqmap.chart("heat");
          for (const part of ["_paint_primary", "_paint_overlays", "compute_layout"]) {
            const before = heat[part].bind(heat);
            heat[part] = (...given) => { painted.push(part); before(...given); };
          }
        }"""
    )
    shown.mouse.move(x, y)
    shown.wait_for_function("painted.length")
    assert set(shown.evaluate("painted")) == {"_paint_overlays"}


def test_a_picture_is_painted_once_a_frame_and_hidden_charts_are_not(shown: Page) -> None:
    counted = shown.evaluate(
        """async () => {
          const frame = () => new Promise(requestAnimationFrame);
          const painted = {heat: 0, strip: 0};
          for (const name in painted) {
            const plot = liqmap.chart(name), before = plot.repaint.bind(plot);
            plot.repaint = () => { painted[name] += 1; before(); };
          }
          for (let seen = -1; seen !== painted.heat; await frame()) seen = painted.heat;  // at rest
          painted.heat = 0;
          for (let moved = 0; moved < 5; moved++) {
            for (const part of [1, 2, 3]) liqmap.named("price_range").start -= part / 100;
            await frame();
          }
          await frame();
          return [painted.heat, painted.strip, liqmap.named("strip").visible];
        }"""
    )
    assert counted == [5, 0, False]


def test_the_map_says_how_much_there_is_on_the_way(shown: Page) -> None:
    for price, words in (
        (110, "up to 110.0, +10.0%: $315 of shorts"),
        (117, "up to 117.0, +17.0%: $1.24K of shorts"),
        (82, "down to 82.0, −18.0%: $340 of longs"),
    ):
        shown.mouse.move(*at(shown, "map", 300.0, 100))
        shown.mouse.move(*at(shown, "map", 300.0, price))
        expect(shown.locator("#readout :first-child")).to_have_text(words)
        assert shown.inner_text("#at-price") == f"{price}.0"
        assert shown.is_hidden("#at-time")


@pytest.mark.parametrize("where", [(0.2, 117), (2.8, 117), (0.2, 82), (2.8, 82)])
def test_the_readout_never_covers_what_it_describes(
    small_phone: Page, where: tuple[float, float]
) -> None:
    page = small_phone
    x, y = at(page, "heat", where[0] * STEP, where[1])
    page.touchscreen.tap(x, y)
    page.wait_for_selector("#readout:not([hidden])")
    box: Any = page.locator("#readout").bounding_box()
    inside = box["x"] <= x <= box["x"] + box["width"] and box["y"] <= y <= box["y"] + box["height"]
    assert not inside


def test_a_tap_draws_no_frame_around_the_chart(small_phone: Page) -> None:
    page = small_phone
    page.touchscreen.tap(*at(page, "heat", STEP, 110))
    page.wait_for_selector("#readout:not([hidden])")
    style = "getComputedStyle(liqmap.chart('heat').canvas.events_el).outlineStyle"
    assert page.evaluate(style) == "none"
    assert page.evaluate(
        "getComputedStyle(liqmap.chart('heat').canvas.events_el).outlineStyle"
    ) in ("none",)
