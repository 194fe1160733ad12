"""From a changed control to the repainted picture, with the data already there."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from playwright.sync_api import sync_playwright

from tests.support.engines import launched
from tools.build.server import on_bybit
from tools.replay import SIMULATED
from tools.replay.market_file import MarketFile

# The largest raster is the heatmap's; a change of a strip of it is a repaint. The frame after
# the one that draws is on the screen.
_REPAINTED = """([selector, act]) => new Promise((done) => {
  const canvases = [];
  const look = (root) => root.querySelectorAll("*").forEach((element) => {
    if (element.shadowRoot) look(element.shadowRoot);
    if (element.tagName === "CANVAS") canvases.push(element);
  });
  look(document.querySelector("#plot"));
  const raster = canvases.sort((a, b) => b.width * b.height - a.width * a.height)[0];
  const seen = () => raster.getContext("2d")
    .getImageData(raster.width / 2, 0, 32, raster.height).data.join();
  const before = seen();
  const control = document.querySelector(selector);
  const began = performance.now();
  if (act === "click") control.click();
  else {
    control.value = act;
    control.dispatchEvent(new Event("change", {bubbles: true}));
  }
  const frame = () => {
    if (seen() === before) requestAnimationFrame(frame);
    else requestAnimationFrame(() => done((performance.now() - began) / 1000));
  };
  requestAnimationFrame(frame);
})"""
_CHANGES = {
    "palette": [("[name=palette]", value) for value in ("inferno", "viridis", "cividis")],
    "positions": [("#view [name=positions]", value) for value in ("long", "short", "both")],
    "leverages": [("#view [name=leverages][value='10']", "click")] * 3,
}


def figures() -> Iterator[tuple[str, float]]:
    """Seconds, the median of several changes of one control."""
    market = MarketFile.read(SIMULATED)
    with on_bybit(market) as site, sync_playwright() as playwright, launched(playwright) as browser:
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(site.address)
        page.wait_for_selector("html[data-state=ready]", state="attached", timeout=180_000)
        page.evaluate("document.querySelector('#settings').open = true")
        for name, changes in _CHANGES.items():
            taken = [page.evaluate(_REPAINTED, change) for change in changes]
            yield f"repaint_{name}_s", median(taken)
