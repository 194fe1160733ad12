"""Make docs/screenshot.png: the page itself, on a market file.

python3 build.py screenshot [FILE.csv[.gz]]
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.build import browsers, site
from tools.build.console import ROOT, say
from tools.build.server import on_bybit
from tools.replay.market_file import MarketFile

OUT = ROOT / "docs" / "screenshot.png"


def make(market: Path) -> None:
    """Open the default view on a market file and keep what a visitor sees."""
    site.build()
    with on_bybit(MarketFile.read(market)) as served, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browsers.find("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(served.address)
        page.wait_for_selector("html[data-state=ready]", state="attached", timeout=120_000)
        page.screenshot(path=OUT)
        browser.close()
    say(f"made {OUT.relative_to(ROOT)}")
