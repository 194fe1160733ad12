"""The desk: one question at a time, beside the picture or over it; and the words of the field."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Page, expect

from liqmap.session.messages import Heading
from tests.browser.conftest import Visit
from tests.support.worker import say
from tools.build.screenshot import ANSWERED, ASKED


def test_a_tab_opens_its_panel_beside_the_picture_and_escape_gives_the_room_back(
    shown: Page,
) -> None:
    whole = shown.locator("#plot").bounding_box()
    clusters = shown.get_by_role("button", name="Clusters")
    clusters.focus()
    shown.keyboard.press("Enter")
    expect(shown.locator("#levels")).to_be_visible()
    expect(clusters).to_have_attribute("aria-expanded", "true")
    desk, plot = (shown.locator(one).bounding_box() for one in ("#desk", "#plot"))
    assert whole
    assert desk
    assert plot
    assert plot["x"] + plot["width"] <= desk["x"]
    assert plot["width"] < whole["width"]
    good = shown.get_by_role("button", name="How good?")
    good.click()
    expect(shown.locator("#levels")).to_be_hidden()
    shown.keyboard.press("Escape")
    expect(shown.locator("#desk")).to_be_hidden()
    expect(good).to_be_focused()
    clusters.click()
    shown.reload()
    expect(shown.locator("#levels")).to_be_visible()
    shown.goto(f"{shown.url.split('#')[0]}#desk-score")
    shown.reload()
    expect(shown.locator("#desk-score")).to_be_visible()
    expect(shown.locator("#levels")).to_be_hidden()


def test_each_word_is_explained_on_a_tap(shown: Page) -> None:
    words = shown.locator("#terms button")
    assert words.count() == 6
    for at in range(words.count()):
        words.nth(at).click()
        opened = shown.locator("#terms p:popover-open")
        expect(opened).to_have_count(1)
        said = opened.inner_text().lower()
        assert said.startswith(words.nth(at).inner_text().lower() + ". ")


def test_many_notices_are_one_line_and_few_are_read_at_once(shown: Page) -> None:
    few = Heading(title="BTC", notices=("one", "two"))
    say(shown, few)
    expect(shown.locator("#notices")).to_be_visible()
    say(shown, replace(few, notices=("one", "two", "three", "four")))
    expect(shown.locator("#notices")).to_be_hidden()
    line = shown.locator("#notices-box summary")
    expect(line).to_have_text("4 notices on this picture")
    line.click()
    expect(shown.locator("#notices li")).to_have_text(["one", "two", "three", "four"])
    say(shown, few)
    expect(shown.locator("#notices")).to_be_visible()


def test_every_panel_is_accessible(visit: Visit) -> None:
    """No serious complaint of axe in any panel, dark or light: names, roles, contrast."""
    from axe_playwright_python.sync_playwright import Axe

    page = visit("?venue=demo")
    panels = page.eval_on_selector_all(
        "#tabs button", "tabs => tabs.map(tab => tab.getAttribute('aria-controls'))"
    )
    serious = []
    for panel in panels:
        page.click(f"#tabs [aria-controls={panel}]")
        if panel in ASKED and panel != "desk-board":  # a simulation has none
            page.evaluate(ASKED[panel])
            page.wait_for_function(ANSWERED.get(panel, "true"))
        for theme in ("dark", "light"):
            page.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
            found = Axe().run(page, context={"include": [["#tabs"], ["#desk"]]})
            serious += [
                (panel, theme, one["id"], [node["html"][:120] for node in one["nodes"]])
                for one in found.response["violations"]
                if one["impact"] in ("serious", "critical")
            ]
    assert serious == []
