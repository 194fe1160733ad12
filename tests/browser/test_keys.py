"""Everything without a mouse, and what a screen reader is told of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from playwright.sync_api import Page, expect

from liqmap.picture.heatmap import Heatmap
from liqmap.session.messages import Clusters, Status
from tests.browser.conftest import Visit
from tests.support.computed import last
from tests.support.small_page import picture
from tests.support.small_picture import STEP
from tests.support.worker import await_listener, say
from tools.build.server import Site
from tools.replay.exchanges import Replay

_SEEN = """["time_range", "price_range"].flatMap(
  name => [liqmap.named(name).start, liqmap.named(name).end])"""
_CROSS = "['cross_time', 'cross_price'].map(name => liqmap.named(name).location)"
_FOCUS = "document.activeElement.id"
FIRST = "#readout :first-child"


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_arrows_move_the_crosshair_by_bar_and_row(shown: Page) -> None:
    page = shown
    page.focus("#plot")
    scrolled = page.evaluate("scrollY")
    press(page, "ArrowUp")  # shows it at the newest bar, at the price
    expect(page.locator(FIRST)).to_have_text("$315 of shorts")
    np.testing.assert_allclose(page.evaluate(_CROSS), [2.5 * STEP, 105])
    press(page, "ArrowUp")
    expect(page.locator(FIRST)).to_have_text("$920 of shorts")
    assert page.inner_text("#at-price") == "115.0"
    assert page.inner_text("#at-time") == "01 Jan 00:10"
    press(page, "ArrowLeft")
    np.testing.assert_allclose(page.evaluate(_CROSS), [1.5 * STEP, 115])
    press(page, "Home", "Shift+ArrowDown")
    np.testing.assert_allclose(page.evaluate(_CROSS), [0.5 * STEP, 85])
    expect(page.locator(FIRST)).to_have_text("$170 of longs")
    press(page, "End")
    np.testing.assert_allclose(page.evaluate(_CROSS), [2.5 * STEP, 85])
    press(page, "Escape")
    expect(page.locator("#readout")).to_be_hidden()
    assert page.is_hidden("#at-price")
    assert page.evaluate("scrollY") == scrolled, "the page is not scrolled by it"


def test_keys_zoom_and_refit_and_the_crosshair_stays_in_sight(shown: Page) -> None:
    page = shown
    before = page.evaluate(_SEEN)
    page.focus("#plot")
    press(page, "ArrowUp", "+")
    begin, end, low, high = page.evaluate(_SEEN)
    np.testing.assert_allclose([low, high], [105 - 25 / 1.25, 105 + 15 / 1.25])
    np.testing.assert_allclose(end - begin, (before[1] - before[0]) / 1.25)
    expect(page.locator("#refit")).to_be_visible()
    press(page, "+", "+", "+", "Home")
    begin, end, *_ = page.evaluate(_SEEN)
    assert begin <= 0.5 * STEP <= end
    press(page, "-", "0")
    assert page.evaluate(_SEEN) == before
    expect(page.locator("#refit")).to_be_hidden()


_REST_IN_HAND = """() => {
  const {setTimeout, clearTimeout} = window, waiting = new Map();
  window.said = [];
  new MutationObserver(all => said.push(...all.map(one => one.addedNodes[0].textContent)))
    .observe(document.querySelector("#said-reading"), {childList: true});
  window.setTimeout = (run, ms, ...rest) => {
    if (ms !== 500) return setTimeout.call(window, run, ms, ...rest);
    waiting.set(-1 - waiting.size, run);
    return -waiting.size;
  };
  window.clearTimeout = id =>
    waiting.has(id) ? waiting.set(id, null) : clearTimeout.call(window, id);
  window.begun = () => waiting.size;
  window.rest = () => waiting.forEach(run => run?.());
}"""
"""The half second of rest is over when the test says so, however slow the computer is."""


def test_a_reading_is_spoken_once_it_rests(shown: Page) -> None:
    page = shown
    said = page.locator("#said-reading")
    expect(said).to_have_attribute("role", "status")
    page.evaluate(_REST_IN_HAND)
    page.focus("#plot")
    press(page, "ArrowUp", "ArrowUp", "ArrowDown", "ArrowDown", "ArrowUp")
    page.wait_for_function("begun() === 5")
    assert page.evaluate("said") == []
    page.evaluate("rest()")
    expect(said).to_contain_text("$315 of shorts. 01 Jan 00:10 UTC. 105.0")
    expect(said).to_contain_text("since")
    assert len(page.evaluate("said")) == 1, "the last of five alone"


def test_loading_is_three_sentences(unspoken: Page, served: Site) -> None:
    page = unspoken
    page.goto(served.address)
    await_listener(page)
    page.evaluate(
        """() => {
          const region = document.querySelector("#said-state"), watched = {childList: true};
          window.said = [];
          new MutationObserver(() => said.push(region.textContent)).observe(region, watched);
        }"""
    )
    say(page, Status("ready", "Before."), Status("loading", "Asking."))
    for done in range(20):
        say(page, Status("loading", f"Asking: {done} of 20.", done=done, total=20))
    drawn = [one for one in picture() if not isinstance(one, Status)]
    say(page, *drawn, Status("loading", "Estimating."), *drawn, Status("ready", "Bars to 12:00."))
    say(page, Status("ready", "Bars to 12:05."))
    expected = ["Before.", "Asking.", "The first picture is here.", "Bars to 12:00."]
    assert page.evaluate("said") == expected
    assert not page.locator("#status").get_attribute("role")
    say(page, Status("failed", "Nobody answers."))
    assert page.inner_text("#said-state") == "Nobody answers."


def test_a_new_bar_says_only_what_changed(shown: Page) -> None:
    page = shown
    (view,) = (one for one in picture() if isinstance(one, Heatmap))
    (table,) = (one for one in picture() if isinstance(one, Clusters))
    region = "document.querySelector('#said-state').textContent"
    page.evaluate("document.querySelector('#said-state').textContent = 'nothing'")
    say(page, replace(view, end_ms=view.end_ms + STEP), table)
    assert page.evaluate(region) == "nothing", "the same clusters"
    first = table.orders["distance"][0]
    price, side = table.rows[first][0], table.sides[first]
    others = [row for row in range(len(table.rows)) if row != first]
    rows, sides = [table.rows[row] for row in others], [table.sides[row] for row in others]
    gone = replace(
        table,
        rows=(*rows, table.rows[first]),
        sides=(*sides, table.sides[first]),
        waiting=len(rows),
        orders=dict.fromkeys(table.orders, tuple(range(len(table.rows)))),
    )
    say(page, replace(view, end_ms=view.end_ms + 2 * STEP), gone)
    said = page.evaluate(region)
    assert said.startswith(f"Swept: {side}s at {price}.")
    assert f"Nearest now: {sides[0]}s at {rows[0][0]}, {rows[0][4]}." in said
    page.evaluate("document.querySelector('#said-state').textContent = 'nothing'")
    say(page, table)
    assert page.evaluate(region) == "nothing", "the same bar"


def test_a_question_mark_lists_the_keys_and_escape_goes_back(shown: Page) -> None:
    page = shown
    page.focus("#plot")
    press(page, "?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    assert page.locator("#keys tbody tr").count() == 9
    press(page, "Escape")
    expect(page.locator("#keys")).to_be_hidden()
    assert page.evaluate(_FOCUS) == "plot"
    page.focus("[name=symbol]")
    press(page, "?")
    assert page.is_hidden("#keys"), "somebody types"


def test_a_band_is_read_and_opened_by_keys_alone(visit: Visit, replay: Replay) -> None:
    page = visit()
    message = last(Clusters, "", replay.origin)
    for _ in range(60):
        press(page, "Tab")
        if page.evaluate(_FOCUS) == "plot":
            break
    assert page.evaluate(_FOCUS) == "plot"
    row = next(one for one in message.orders["distance"] if one < message.waiting)
    bottom, top = (float(message.bands[name][row]) for name in ("bottom", "top"))
    up = message.rows[row][1] == "short"
    for _ in range(300):
        press(page, "ArrowUp" if up else "ArrowDown")
        if bottom <= page.evaluate(_CROSS)[1] <= top:
            break
    expect(page.locator(FIRST)).to_contain_text(f"of {message.rows[row][1]}s")
    press(page, "Enter")
    expect(page.locator("#cluster-title")).not_to_be_empty()
    assert page.evaluate(_FOCUS) == "cluster-close", "at once"
    chosen = page.locator("#levels tr.chosen td")
    assert chosen.first.inner_text() == message.rows[row][0]
    expect(page.locator("#levels-caption")).to_contain_text(", as of 13 Mar 00:00 UTC")
    press(page, "Escape")
    expect(page.locator("#cluster")).to_be_hidden()
    assert page.evaluate(_FOCUS) == "plot"
    press(page, "Escape", "Escape")
    expect(page.locator("#desk")).to_be_hidden()
    assert page.evaluate(_FOCUS) == "plot"


def test_where_no_cluster_is_listed_enter_says_so(shown: Page) -> None:
    page = shown
    (table,) = (one for one in picture() if isinstance(one, Clusters))
    say(page, replace(table, bands={name: 0 * ends for name, ends in table.bands.items()}))
    page.focus("#plot")
    press(page, "Home", "Enter")
    expect(page.locator("#readout :last-child")).to_have_text(
        "None of the largest clusters is here."
    )
    expect(page.locator("#said-reading")).to_have_text("None of the largest clusters is here.")
    assert page.is_hidden("#desk")


def test_landmarks_and_focus_stops_have_names(shown: Page) -> None:
    session = shown.context.new_cdp_session(shown)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    landmarks = {"banner", "form", "main", "navigation", "complementary", "contentinfo"}
    named: dict[str, list[str]] = {}
    nameless = []
    for node in (one for one in nodes if not one.get("ignored")):
        role, name = node["role"]["value"], node.get("name", {}).get("value", "")
        properties = {one["name"]: one["value"].get("value") for one in node.get("properties", [])}
        if role in landmarks:
            named.setdefault(role, []).append(name)
        if properties.get("focusable") and role != "RootWebArea" and not name:
            nameless.append((role, properties))
    assert nameless == []
    assert all(all(names) for names in named.values()), named
    assert named.keys() == landmarks - {"complementary"}, "the desk is closed"
    plot = shown.get_by_role("application", name="Heatmap of estimated liquidations")
    expect(plot).to_have_attribute("aria-details", "levels")
