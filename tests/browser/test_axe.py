"""No serious complaint of axe in any panel, dialog, theme or language: names, roles, contrast."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.clipped import TABS, full, open_tab
from tests.support.small_page import show_small
from tools.build import languages
from tools.build.server import Site

DIALOGS = {"search": "#search-open", "embed": "#embed-open", "keys": "#keys-open"}


def complaints(page: Page) -> list[tuple[str, list[str]]]:
    """What is wrong, and where."""
    found = Axe().run(page).response["violations"]
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    return [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in serious]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_in_every_panel_and_dialog(page: Page, served: Site, theme: str) -> None:
    full(show_small(page, served.address + f"?theme={theme}"))
    found = {}
    for name in page.evaluate(TABS):
        open_tab(page, name)
        found[name] = complaints(page)
    page.click("#desk-close")
    page.evaluate("document.querySelector('#settings').open = true")
    found["settings"] = complaints(page)
    for name, opener in DIALOGS.items():
        page.click(opener)
        found[name] = complaints(page)
        page.keyboard.press("Escape")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_in_every_language(opened: Callable[..., Page], served: Site) -> None:
    page = opened()
    for tag in languages.tags():
        show_small(page, served.address + f"?lang={tag}")
        page.evaluate("liqmap.spoken")
        assert page.evaluate("document.documentElement.lang") == tag
        assert complaints(page) == [], tag
