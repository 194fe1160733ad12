"""From navigation to the painted heatmap, first visit and second, against a bare worker.

Each pair of visits has a browser profile of its own, so that the second finds what a
browser keeps: files, compiled code, service worker, snapshot.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, sync_playwright

from bench._worker import bare_site
from tests.conftest import ROOT
from tools.build import browsers, site
from tools.build.console import DIST
from tools.build.server import on_bybit
from tools.replay.market_file import MarketFile

MARKET = MarketFile.read(ROOT / "tests" / "market.csv.gz")
_ROUNDS = 3
Seconds = tuple[float, float]
_SQUEEZED = {".css", ".html", ".js", ".json", ".mjs", ".py", ".svg", ".wasm", ".webmanifest"}
# Two frames after the state changes, what it stands for is on the screen.
# The first picture is of the newest data; a page without one is ready first.
_PAINTED = """new Promise((done) => {
  const root = document.documentElement;
  let first = null;
  const look = () => {
    if (globalThis.liqmap?.picture) first = performance.now() / 1000;
    else if (root.dataset.state !== "ready") requestAnimationFrame(look);
  };
  look();
  const painted = () => requestAnimationFrame(() => requestAnimationFrame(() => {
    const now = performance.now() / 1000;
    done([first ?? now, now]);
  }));
  if (root.dataset.state === "ready") return painted();
  new MutationObserver((_, me) => {
    if (root.dataset.state === "ready") { me.disconnect(); painted(); }
  }).observe(root, {attributes: true});
})"""


def figures() -> Iterator[tuple[str, float]]:
    """Bytes, seconds, and the ratios to the bare worker of the same round."""
    site.build()
    requested: set[str] = set()
    ours: list[tuple[Seconds, Seconds]] = []
    bare: list[tuple[Seconds, Seconds]] = []
    with on_bybit(MARKET) as page_site, bare_site() as yardstick:
        for _ in range(_ROUNDS):
            bare.append(_visits(yardstick.address, set()))
            ours.append(_visits(page_site.address, requested))
    yield "first_visit_gzip_bytes", sum(_sent(path) for path in requested)
    yield "first_visit_requests", len(requested)
    for number, name in enumerate(("cold", "warm")):
        yardstick_s = median([one[number][1] for one in bare])
        for which, what in ((0, "first_picture"), (1, "all")):
            seconds = median([visit[number][which] for visit in ours])
            yield f"start_{name}_{what}_s", seconds
            yield f"start_{name}_{what}_over_bare_ratio", seconds / yardstick_s


def _visits(address: str, requested: set[str]) -> tuple[Seconds, Seconds]:
    """Seconds of a first and a second visit; the first one's paths are added."""
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        with _profile(profile) as context:
            base = urlsplit(address)

            def note(path: str) -> None:
                parts = urlsplit(path)
                if parts.netloc == base.netloc:
                    requested.add(parts.path.removeprefix(base.path) or "index.html")

            context.on("request", lambda request: note(request.url))
            cold = _visit(context, address)
        with _profile(profile) as context:
            warm = _visit(context, address)
    return cold, warm


def _visit(context: BrowserContext, address: str) -> Seconds:
    """Until the first picture, and until all is there."""
    page = context.new_page()
    page.goto(address, wait_until="commit")
    page.wait_for_selector("html[data-state]", state="attached")
    first, ready = page.evaluate(_PAINTED)
    # What the page does when it is idle (keeping files, a snapshot) belongs to this visit.
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.documentElement.dataset.keeping")
    return float(first), float(ready)


@contextmanager
def _profile(folder: str) -> Iterator[BrowserContext]:
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder, executable_path=browsers.find("chromium"), args=arguments
        )
        context.set_default_timeout(180_000)
        try:
            yield context
        finally:
            context.close()


def _sent(path: str) -> int:
    """Bytes of a file as a static host sends it: text and wasm gzipped."""
    file = DIST / path
    if not file.is_file():
        return 0
    content = file.read_bytes()
    return len(gzip.compress(content, 6)) if file.suffix in _SQUEEZED else len(content)


def median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
