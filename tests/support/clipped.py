"""Words that a screen cuts, in every panel of the desk and in the settings."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Page, expect

from tests.support.small_page import happened
from tests.support.tables import TABLES
from tests.support.worker import say

# What is beside the screen, or has words that its box cuts; the bar of tabs scrolls by design,
# and on a wide screen a table that is wider than the desk.
CUT = """() => {
  const width = document.documentElement.clientWidth, found = [], wide = !liqmap.narrow.matches;
  if (document.documentElement.scrollWidth > width) found.push("the page is wider");
  for (const one of document.querySelectorAll("body *")) {
    const box = one.getBoundingClientRect(), name = `${one.tagName}#${one.id}.${one.className}`;
    if (!one.checkVisibility() || box.width < 2) continue;
    if (one.closest("svg, #plot, #last, .unseen")) continue;
    const beside = box.left < -0.5 || box.right > width + 0.5;
    if (beside && !one.closest(wide ? "#tabs, .scroll" : "#tabs")) found.push(`${name} is beside`);
    if (one.matches("[type=range]")) continue;
    const own = [...one.childNodes].map(({nodeType, data}) => nodeType === 3 ? data.trim() : "");
    const words = one.matches("input, select") ? one.value : own.join("");
    if (words && one.scrollWidth > one.clientWidth + 1 && one.clientWidth)
      found.push(`${name} cuts ${words.slice(0, 40)}`);
  }
  return found;
}"""
TABS = (
    "[...document.querySelectorAll('#tabs button')].map(one => one.getAttribute('aria-controls'))"
)


def full(page: Page) -> Page:
    """Every table has rows."""
    say(page, happened((0.5, 1, 95, 1e4), (1.5, -1, 105, 2e4)), *TABLES)
    return page


def open_tab(page: Page, name: str) -> None:
    page.locator(f"#tabs [aria-controls={name}]").click()
    expect(page.locator(f"#{name}")).to_be_visible()


def clipped(page: Page) -> Iterator[tuple[str, list[str]]]:
    """What is cut or beside the screen while each panel and the settings are open."""
    for name in page.evaluate(TABS):
        open_tab(page, name)
        page.evaluate("for (const one of document.querySelectorAll('.more')) one.click()")
        if found := page.evaluate(CUT):
            yield name, found
    page.evaluate("document.querySelector('#settings').open = true")
    if found := page.evaluate(CUT):
        yield "settings", found
    page.evaluate("document.querySelector('#settings').open = false")
    page.click("#desk-close")
