"""Pictures of the page on a market file: the documents', or every panel on every screen.

python3 build.py screenshot [FILE.csv[.gz]] [--all DIR]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tools.build import browsers, site
from tools.build.console import ROOT, say
from tools.build.server import on_all

VIEWS = {
    "picture": "",
    "clusters": "desk-clusters",
    "cleared": "desk-cleared",
    "history": "desk-history",
    "cascade": "desk-cascade",
    "position": "desk-position",
    "board": "desk-board",
    "alerts": "desk-alerts",
    "score": "desk-score",
    "time": "desk-time",
}
"""Each panel, by its id; the last one leaves the present."""
SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}
NARROW = {"narrow": (1120, 800)}
"""The smallest desktop that has a desk beside the picture: the explanations show parts of it."""
THEMES = ("dark", "light")
README = {
    "screenshot": ("picture", "desktop"),
    "clusters": ("clusters", "desktop"),
    "cascade": ("cascade", "desktop"),
    "phone": ("clusters", "phone"),
}
"""Files of docs/: view and screen."""
PICTURES = {
    "": {
        "model": ("picture", "#picture"),
        "situation": ("picture", "#situation"),
        "uncertainty": ("clusters", "#desk"),
        "cleared": ("cleared", "#desk"),
        "history-levels": ("history", "#desk"),
        "accuracy": ("score", "#desk"),
        "position": ("position", "#desk"),
    },
    "?scale=log&palette=viridis&theme=light": {"picture": ("picture", "#picture")},
    "?versus=survivor&comparison=side": {"peers": ("picture", "#picture")},
    "?reading=expected": {"limits": ("picture", "#situation")},
    "?range=2w&scale=loud": {"reliability": ("picture", "#notices-box")},
}
"""Files of docs/explanation/ by the link that shows them: view, and the part of it that is kept."""
ASKED = {
    "desk-position": """() => {
      const form = document.querySelector("#position");
      form.elements.amount.value = "1000";
      form.elements.leverage.value = "20";
      form.elements.amount.dispatchEvent(new Event("change", {bubbles: true}));
    }""",
    "desk-board": "document.querySelector('#board-load').click()",
    "desk-score": "document.querySelector('#score-numbers').open = true",
    "desk-time": """() => {
      const slider = document.querySelector("#as-of");
      slider.value = slider.max - 36;
      slider.dispatchEvent(new Event("change", {bubbles: true}));
    }""",
}
"""What is done in a panel before it is kept."""
ANSWERED = {
    "desk-cleared": "document.querySelector('#cleared tbody tr')",
    "desk-cascade": "document.querySelector('#cascade-words').innerText.includes('P10')",
    "desk-position": "document.querySelector('#position-figures tr')",
    "desk-board": "document.querySelector('#board-load').textContent !== 'Stop'"
    " && document.querySelector('#board tbody tr')",
    "desk-time": "document.querySelector('#after-cards div')",
}
"""When it has its answer."""
COLORS = 255
"""Of a picture of a document."""


def make(market: Path) -> None:
    """Keep what a visitor sees, as the README shows it, and parts of it for the explanations."""
    with _opened(market) as (browser, address):
        for name, (view, size) in README.items():
            with _page(browser, size) as page:
                _show(page, address)
                _keep(page, view, ROOT / "docs" / f"{name}.png")
                _lighten(ROOT / "docs" / f"{name}.png")
        explain(browser, address)


def explain(browser: Browser, address: str) -> None:
    """The pictures of the explanations."""
    for query, parts in PICTURES.items():
        with _page(browser, "narrow") as page:
            _show(page, address + query)
            for name, (view, part) in parts.items():
                path = ROOT / "docs" / "explanation" / f"{name}.png"
                _keep(page, view, path, part)
                _lighten(path)


def make_all(market: Path, folder: Path) -> None:
    """Every view on every screen in every theme, as `<view>-<size>-<theme>.png`."""
    folder.mkdir(parents=True, exist_ok=True)
    with _opened(market) as (browser, address):
        for size in SIZES:
            for theme in THEMES:
                with _page(browser, size) as page:
                    _show(page, f"{address}?theme={theme}")
                    for view in VIEWS:
                        _keep(page, view, folder / f"{view}-{size}-{theme}.png")


@contextmanager
def _opened(market: Path) -> Iterator[tuple[Browser, str]]:
    """A browser, and where the page is."""
    site.build()
    with sync_playwright() as playwright, on_all(market) as served:
        browser = playwright.chromium.launch(
            executable_path=browsers.find("chromium"), args=["--no-sandbox"]
        )
        yield browser, served.address
        browser.close()


@contextmanager
def _page(browser: Browser, size: str) -> Iterator[Page]:
    """An empty page of a visitor who was never here."""
    width, height = (SIZES | NARROW)[size]
    with browser.new_context(
        viewport={"width": width, "height": height}, has_touch=size in ("tablet", "phone")
    ) as context:
        context.set_default_timeout(120_000)
        yield context.new_page()


def _show(page: Page, address: str) -> None:
    """Wait for the picture and its intervals."""
    page.goto(address)
    page.wait_for_selector("html[data-state=ready]", state="attached")
    page.wait_for_function(
        "/[0-9]/.test(document.querySelector('#levels tbody tr td:nth-child(4)')?.textContent)"
    )


def _keep(page: Page, view: str, path: Path, part: str = "") -> None:
    """Open a panel, have it answer, and keep what is seen, or the element that is a part of it."""
    panel = VIEWS[view]
    if panel:
        page.evaluate("id => document.querySelector(`#tabs [aria-controls=${id}]`).click()", panel)
        if panel in ASKED:
            page.evaluate(ASKED[panel])
        if panel in ANSWERED:
            page.wait_for_function(ANSWERED[panel])
    page.mouse.move(0, 0)
    page.wait_for_timeout(500)  # the plot takes its new width
    if part:
        page.locator(part).screenshot(path=path)
    else:
        page.screenshot(path=path)
    say(f"made {path}")


def _lighten(path: Path) -> None:
    """Make a picture a third of its size, by a palette."""
    with Image.open(path) as whole:
        few = whole.convert("RGB").quantize(COLORS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
