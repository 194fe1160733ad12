"""From navigation to the painted heatmap, first visit and second, against a bare worker.

Each pair of visits has a browser profile of its own, so that the second finds what a
browser keeps: files, compiled code, service worker, snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from playwright.sync_api import BrowserContext, sync_playwright

from bench._worker import bare_site
from tests.support import engines
from tools.build import budgets, site
from tools.build.server import Site, on_bybit
from tools.replay import SIMULATED
from tools.replay.market_file import MarketFile

_ROUNDS = 3
_TIMERS = {"snapshot_s": 5.0}
"""Long enough for the first visit to be measured, short enough to wait for."""
Seconds = tuple[float, float, float, float]
"""Until something true is on screen (the last picture, or the example), the controls are heard, a
picture is there, all of it."""
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


# What stands for the picture meanwhile: an example once it has arrived, or the last picture. The
# controls are heard once the page's Python listens to the form.
_SHOWN = """(() => {
  const listen = EventTarget.prototype.addEventListener;
  EventTarget.prototype.addEventListener = function (name, ...rest) {
    if (name === "change" && this.id === "view") globalThis.heard_s = performance.now() / 1000;
    return listen.call(this, name, ...rest);
  };
  const arrived = () => performance.getEntriesByType("resource")
    .some(one => one.name.includes("/example-") && one.responseEnd);
  const look = () => {
    const last = document.getElementById("last");
    if (last?.className === "kept" || (last && arrived()))
      globalThis.shown_s = performance.now() / 1000;
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
})()"""


def figures() -> Iterator[tuple[str, float]]:
    """Bytes, seconds, and the ratios to the bare worker of the same round."""
    site.build()
    ours: list[tuple[Seconds, Seconds]] = []
    bare: list[tuple[Seconds, Seconds]] = []
    market = MarketFile.read(SIMULATED)
    with on_bybit(market, timers=_TIMERS) as page_site, bare_site() as yardstick:
        for _ in range(_ROUNDS):
            cold, warm, _ = _visits(yardstick, keeps=False)
            bare.append((cold, warm))
            cold, warm, requests = _visits(page_site, keeps=True)
            ours.append((cold, warm))
    yield from budgets.of_visit(requests, site.files()).items()
    for number, name in enumerate(("cold", "warm")):
        yardstick_s = median([one[number][3] for one in bare])
        meanwhile = ("example", "last_picture")[number]
        for which, what in enumerate((meanwhile, "controls", "first_picture", "all")):
            seconds = median([visit[number][which] for visit in ours])
            yield f"start_{name}_{what}_s", seconds
            yield f"start_{name}_{what}_over_bare_ratio", seconds / yardstick_s


def _visits(site: Site, *, keeps: bool) -> tuple[Seconds, Seconds, list[str]]:
    """Seconds of a first and a second visit, and what the first one asked for.

    A page that `keeps` an image of Python has it when it is visited again.
    """
    with TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        with _profile(profile) as context:
            site.requests.clear()
            cold = _visit(context, site.address)
            requests = site.requests.copy()
            if keeps:
                page = context.pages[-1]
                page.wait_for_function("document.documentElement.dataset.keeping === ''")
                page.wait_for_function("document.documentElement.dataset.keeping === undefined")
        with _profile(profile) as context:
            warm = _visit(context, site.address)
    return cold, warm, requests


def _visit(context: BrowserContext, address: str) -> Seconds:
    """When what stands for the picture was there, the first picture, and all of it."""
    page = context.new_page()
    page.add_init_script(_SHOWN)
    page.goto(address, wait_until="commit")
    page.wait_for_selector("html[data-state]", state="attached")
    first, ready = page.evaluate(_PAINTED)
    page.wait_for_load_state("networkidle")
    shown, heard = page.evaluate("[globalThis.shown_s ?? 0, globalThis.heard_s ?? 0]")
    return float(shown), float(heard), float(first), float(ready)


@contextmanager
def _profile(folder: str) -> Iterator[BrowserContext]:
    with sync_playwright() as playwright, engines.profile(playwright, Path(folder)) as context:
        context.set_default_timeout(180_000)
        yield context
