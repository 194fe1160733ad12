"""Pictures of the page on a market file: the README's, or all kinds of view.

python3 build.py screenshot [FILE.csv[.gz]] [--all DIR]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.build import browsers, site
from tools.build.console import ROOT, say
from tools.build.server import on_all, on_bybit
from tools.replay.market_file import MarketFile

OUT = ROOT / "docs" / "screenshot.png"
VIEWS = {"24h": "range=24h", "7d": "range=7d", "30d": "range=30d", "sum": "venue=all&range=7d"}
THEMES = ("dark", "light")


def make(market: Path) -> None:
    """Open the default view on a market file and keep what a visitor sees."""
    site.build()
    with on_bybit(MarketFile.read(market)) as served, _page() as page:
        _keep(page, served.address, OUT)


def make_all(market: Path, folder: Path) -> None:
    """Every view of `VIEWS` in every theme, as `<view>-<theme>.png`."""
    site.build()
    folder.mkdir(parents=True, exist_ok=True)
    with on_all(market) as served, _page() as page:
        for name, query in VIEWS.items():
            for theme in THEMES:
                address = f"{served.address}?{query}&theme={theme}"
                _keep(page, address, folder / f"{name}-{theme}.png")


@contextmanager
def _page() -> Iterator[Page]:
    """An empty page on a desktop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.find("chromium"), args=["--no-sandbox"]
        )
        yield browser.new_page(viewport={"width": 1440, "height": 900})
        browser.close()


def _keep(page: Page, address: str, path: Path) -> None:
    """Wait for the picture and its intervals, then keep what is seen."""
    page.goto(address)
    page.wait_for_selector("html[data-state=ready]", state="attached", timeout=120_000)
    page.wait_for_function(
        "/[0-9]/.test(document.querySelector('#levels tbody tr td:nth-child(4)')?.textContent)",
        timeout=120_000,
    )
    page.screenshot(path=path)
    say(f"made {path}")
