"""A phone: one chart at a time, all words whole at any size of them, targets that a finger hits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.support.clipped import TABS, clipped, full, open_tab
from tests.support.small_page import at, picture, show_small
from tests.support.small_picture import STEP
from tests.support.tables import CLUSTERS
from tests.support.worker import say
from tools.build.server import Site

SIZES = ((320, 640), (360, 740), (740, 360), (768, 1024), (1440, 900))
# Targets smaller than a finger; a box to tick is hit by its label.
SMALL = """() => [...document.querySelectorAll(
    "button, summary, select, textarea, "
    + "input:not([type=range], [type=checkbox], [type=radio], [type=hidden]), "
    + ".segments label, label:has(> [type=checkbox])")]
  .filter(one => one.checkVisibility() && !one.closest("#last"))
  .map(one => [one.id || one.textContent.trim() || one.ariaLabel, one.getBoundingClientRect()])
  .filter(([, {width, height}]) => width < 43.9 || height < 43.9)
  .map(([name, {width, height}]) => `${name}: ${width} × ${height}`)"""
VISIBLE = "name => liqmap.named(name).visible"


@pytest.fixture
def told(small_phone: Page) -> Page:
    """A small phone whose tables have rows."""
    return full(small_phone)


@pytest.mark.parametrize("percent", [100, 200])
def test_nothing_is_cut_or_scrolls_sideways_at_any_width(told: Page, percent: int) -> None:
    told.evaluate(f"document.documentElement.style.fontSize = '{percent}%'")
    cut: dict[str, list[str]] = {}
    for width, height in SIZES:
        told.set_viewport_size({"width": width, "height": height})
        cut |= {f"{width} {name}": found for name, found in clipped(told)}
    assert cut == {}, json.dumps(cut, indent=1)


def test_the_browsers_own_font_size_counts(shown: Page) -> None:
    sizes = """() => ["#status", "#tabs button", "#key", "#share"].map(
      one => parseFloat(getComputedStyle(document.querySelector(one)).fontSize))"""
    before = shown.evaluate(sizes)
    shown.evaluate("document.documentElement.style.fontSize = '200%'")
    assert shown.evaluate(sizes) == [2 * one for one in before]


def test_on_its_side_a_phone_leaves_something_to_scroll_by(told: Page) -> None:
    told.set_viewport_size({"width": 740, "height": 360})
    box: Any = told.locator("#plot").bounding_box()
    assert box["height"] <= 0.8 * 360
    assert box["y"] < 180


def test_a_switch_leads_to_the_map_and_back(told: Page) -> None:
    page = told
    assert page.evaluate(VISIBLE, "heat")
    assert not page.evaluate(VISIBLE, "map")
    assert page.evaluate("liqmap.named('heat').inner_width") > 0.75 * 360
    page.touchscreen.tap(*at(page, "heat", 2.5 * STEP, 115))
    expect(page.locator("#readout")).to_be_visible()
    page.get_by_role("button", name="Map", exact=True).tap()
    expect(page.locator("#readout")).to_be_hidden()  # it was of the other chart
    expect(page.locator("#read-at")).to_be_hidden()
    page.wait_for_function("liqmap.named('map').inner_width > 180")
    for name in ("heat", "strip"):
        assert not page.evaluate(VISIBLE, name)
    for name in ("map", "past", "map_price_axis"):
        assert page.evaluate(VISIBLE, name)
    spot: Any = page.locator("#spot").bounding_box()
    price = page.evaluate("liqmap.picture.spot")
    assert spot["y"] + spot["height"] / 2 == pytest.approx(at(page, "map", 0, price)[1], abs=1)
    page.touchscreen.tap(*at(page, "map", 300.0, 110))
    expect(page.locator("#readout :first-child")).to_contain_text("up to 110.0")
    say(page, *picture())  # the next picture leaves it as it was chosen
    assert not page.evaluate(VISIBLE, "heat")
    switch = page.get_by_role("group", name="Chart").get_by_role("button")
    assert [one.get_attribute("aria-pressed") for one in switch.all()] == ["false", "true"]
    switch.first.tap()
    page.wait_for_function("liqmap.named('heat').inner_width > 250")
    assert page.evaluate(VISIBLE, "strip")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.wait_for_function("liqmap.named('map').visible && liqmap.named('heat').visible")
    expect(page.locator("#charts")).to_be_hidden()


def test_the_readout_stands_below_the_plot_and_marks_its_place(told: Page) -> None:
    place = at(told, "heat", 2.5 * STEP, 115)
    told.touchscreen.tap(*place)
    expect(told.locator("#readout")).to_be_visible()
    ring, plot, readout = (
        told.locator(one).bounding_box() for one in ("#read-at", "#plot", "#readout")
    )
    assert ring
    assert plot
    assert readout
    place = at(told, "heat", 2.5 * STEP, 115)
    assert ring["x"] + ring["width"] / 2 == pytest.approx(place[0], abs=2)
    assert ring["y"] + ring["height"] / 2 == pytest.approx(place[1], abs=2)
    assert readout["y"] >= plot["y"] + plot["height"]
    bar: Any = told.locator("#tabs").bounding_box()
    assert readout["y"] + readout["height"] <= bar["y"], "it is behind the bar"
    told.evaluate(f"liqmap.named('time_range').setv({{start: 0, end: {STEP}}})")
    expect(told.locator("#read-at")).to_be_hidden()  # its place is out of sight


def test_settings_are_a_sheet_below_a_picture_that_is_seen(told: Page) -> None:
    summary = told.locator("#settings summary")
    summary.tap()
    sheet: Any = told.locator(".settings").bounding_box()
    assert sheet["height"] <= 740 / 2 + 1
    assert sheet["y"] + sheet["height"] == pytest.approx(740, abs=1)
    plot: Any = told.locator("#plot").bounding_box()
    seen = min(sheet["y"], plot["y"] + plot["height"]) - max(plot["y"], 0)
    assert seen >= 0.4 * plot["height"]
    assert seen >= 0.4 * 740
    last = told.locator("#reset")
    last.scroll_into_view_if_needed()
    box: Any = last.bounding_box()
    assert sheet["y"] < box["y"]
    assert box["y"] + box["height"] <= 740
    told.keyboard.press("Escape")
    expect(told.locator(".settings")).to_be_hidden()
    expect(summary).to_be_focused()
    summary.tap()
    told.get_by_role("button", name="Done").tap()
    expect(told.locator(".settings")).to_be_hidden()
    expect(summary).to_be_focused()


@pytest.mark.parametrize(
    ("panel", "table", "columns", "label"),
    [
        ("desk-clusters", "#levels", 4, "P10–P90"),
        ("desk-history", "#history", 3, "Events"),
        ("desk-board", "#board", 3, "±5%"),
        ("desk-cascade", "#cascade-steps", 4, "Book takes"),
    ],
)
def test_a_row_shows_its_first_figures_and_opens(
    told: Page, panel: str, table: str, columns: int, label: str
) -> None:
    open_tab(told, panel)
    row = told.locator(f"{table} tbody tr").first
    shown = "row => [...row.cells].filter(one => one.checkVisibility()).length"
    assert row.evaluate(shown) == columns
    more = row.get_by_role("button", name="More of")
    more.tap()
    expect(more).to_have_attribute("aria-expanded", "true")
    assert row.evaluate(shown) == row.evaluate("row => row.cells.length") > columns
    rest = row.locator(".rest").first
    assert rest.evaluate("one => getComputedStyle(one, '::before').content").strip('"') == label
    full(told)  # the same table anew
    expect(more).to_have_attribute("aria-expanded", "true")
    assert row.evaluate(shown) > columns
    more.tap()
    expect(more).to_have_attribute("aria-expanded", "false")
    assert row.evaluate(shown) == columns
    told.set_viewport_size({"width": 1440, "height": 900})
    expect(told.locator(".more")).to_have_count(0)
    assert row.evaluate(shown) == row.evaluate("row => row.cells.length")


def test_an_opened_row_is_found_by_its_words_wherever_it_stands(told: Page) -> None:
    open_tab(told, "desk-clusters")
    told.locator("#levels tr", has_text="95.0").get_by_role("button", name="More of").tap()
    say(told, replace(CLUSTERS, orders={**CLUSTERS.orders, "distance": (1, 0, 2)}))
    rows = told.locator("#levels tbody tr")
    opened = rows.evaluate_all("rows => rows.map(one => one.classList.contains('open'))")
    assert opened == [True, False, False]
    expect(told.locator("#cluster")).to_be_hidden()  # to open a row does not choose it


@pytest.mark.parametrize("width", [320, 360, 740, 1024])
def test_targets_are_as_large_as_a_finger(told: Page, width: int) -> None:
    told.set_viewport_size({"width": width, "height": 360 if width == 740 else 740})
    small = {"page": told.evaluate(SMALL)}
    for name in told.evaluate(TABS):
        open_tab(told, name)
        small[name] = told.evaluate(SMALL)
    told.click("#desk-close")
    told.locator("#settings summary").tap()
    small["settings"] = told.evaluate(SMALL)
    assert {name: found for name, found in small.items() if found} == {}


def test_the_way_back_is_as_large_as_a_finger(told: Page) -> None:
    expect(told.locator("#refit")).to_be_hidden()
    told.evaluate("liqmap.zoomBy(2)")
    button: Any = told.locator("#refit").bounding_box()
    assert min(button["width"], button["height"]) >= 44
    told.locator("#refit").tap()
    expect(told.locator("#refit")).to_be_hidden()


def test_the_switch_covers_nothing_of_the_picture(told: Page) -> None:
    switch: Any = told.locator("#charts").bounding_box()
    frame = told.evaluate(
        """(({el, frame}) => el.getBoundingClientRect().top + frame.bbox.top)(
          liqmap.chart("heat"))"""
    )
    assert switch["y"] + switch["height"] <= frame + 1


def test_fields_do_not_make_a_phone_zoom_in(told: Page) -> None:
    sizes = told.eval_on_selector_all(
        "input, select, textarea",
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))",
    )
    assert min(sizes) >= 16


def test_a_handle_of_the_legend_is_hit_beside_it(told: Page) -> None:
    """Over 44 px, and outward: near to each other, both can still be taken."""
    told.locator("#legend").scroll_into_view_if_needed()
    hit = """([name, x, y]) => Array.from({length: 90}, (_, at) => at - 45).filter(
      by => document.elementFromPoint(x + by, y)?.name === name).length"""
    bar: Any = told.locator("#color-bar").bounding_box()
    y = bar["y"] + bar["height"] / 2
    assert told.evaluate(hit, ["floor", bar["x"], y]) >= 44
    assert told.evaluate(hit, ["ceiling", bar["x"] + bar["width"], y]) >= 44
    told.evaluate("for (const one of document.querySelectorAll('#color-bar input')) one.value = 50")
    middle = bar["x"] + bar["width"] / 2
    for name in ("floor", "ceiling"):
        assert told.evaluate(hit, [name, middle, y]) >= 30


def test_nothing_ends_behind_the_bar(told: Page) -> None:
    for panel in (None, "desk-clusters"):
        if panel:
            open_tab(told, panel)
        told.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        last: Any = told.locator(".about a").bounding_box()
        over: Any = told.locator("#desk" if panel else "#tabs").bounding_box()
        assert last["y"] + last["height"] <= over["y"]


def test_sides_have_a_shape(shown: Page) -> None:
    """Marks, bars and candles say their side without a colour."""
    shapes = shown.evaluate(
        """["events_marks", "sweep_marks"].map(name => liqmap.named(name).glyph.marker.transform)
          .map(({factors, markers}) => [factors, markers])"""
    )
    assert shapes == [
        [["long", "short"], ["inverted_triangle", "triangle"]],
        [["long", "short"], ["diamond", "diamond_dot"]],
    ]
    hatch = shown.evaluate("liqmap.named('past_bars').glyph.hatch_pattern.transform.patterns")
    assert len(set(hatch)) == 2
    fills = shown.evaluate(
        """["rising", "falling"].map(name => liqmap.named(`${name}_fill`).glyph.fill_color.value)"""
    )
    ground = shown.evaluate(
        "getComputedStyle(document.documentElement).getPropertyValue('--ground')"
    )
    assert fills[0] == ground != fills[1]


def test_forced_colours_leave_the_picture_its_own_and_show_what_is_chosen(
    opened: Callable[..., Page], served: Site
) -> None:
    page = show_small(opened(**PHONE, forced_colors="active"), served.address)
    style = "([one, name]) => getComputedStyle(document.querySelector(one))[name]"
    chosen, other = (
        page.evaluate(style, [f"#view .segments input{one} + span", "backgroundColor"])
        for one in (":checked", ":not(:checked)")
    )
    assert chosen != other
    assert page.evaluate(style, ["#picture", "backgroundColor"]) == "rgb(13, 16, 24)"
    colors = page.evaluate("Array.from(liqmap.named('sides').palette)")
    assert len(set(colors)) == 2
    assert page.evaluate(style, ["body", "backgroundColor"]) != "rgb(13, 16, 24)"


def test_more_contrast_and_less_motion_are_heard(shown: Page) -> None:
    color = "getComputedStyle(document.querySelector('#status')).color"
    quiet = shown.evaluate(color)
    shown.emulate_media(contrast="more", reduced_motion="reduce")
    assert shown.evaluate(color) != quiet
    assert shown.evaluate(color) == shown.evaluate("getComputedStyle(document.body).color")
    shown.evaluate("document.querySelector('#share').style.transition = 'opacity 2s'")
    still = "getComputedStyle(document.querySelector('#share')).transitionDuration"
    assert shown.evaluate(still) == "0s"
