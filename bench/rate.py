"""Whether the page moves at the screen's rate, with software drawing, and what changes cost.

All is of a week of five-minute bars. `week` is the picture that the page makes of it, in columns
of about three pixels; `cells` is one of 2,016 × 800 cells and as many candles as columns, more than
the page makes for any screen, put on it by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.support.engines import launched
from tools.build import site
from tools.build.server import on_bybit
from tools.replay import SIMULATED
from tools.replay.market_file import MarketFile

Figures = Iterator[tuple[str, float]]
_SCRIPT = Path(__file__).with_suffix(".js").read_text()
_NEVER_S = 1e6
_QUIET = {"poll_s": _NEVER_S, "snapshot_s": _NEVER_S, "offline_s": _NEVER_S}
"""Nothing comes and nothing is kept while something else is measured."""
_LEG_PX, _LEG_FRAMES, _LEGS = 160, 40, 6
_TURNS_PX = (-240, 240) * 3
_STEPS = 16
_CHANGES = 200
_TICKS, _TICK_MS = 240, 60_000
_CONTROLS = (
    *(("[name=palette]", palette) for palette in ("viridis", "inferno", "cividis", "thermal")),
    *(("#view [name=positions]", side) for side in ("long", "short", "both")),
    *(("[name=range]", window) for window in ("24h", "3d", "7d")),
)
_HANDLE = "[name=ceiling]"


def figures() -> Figures:
    """Milliseconds of frames, repaints, changes and ticks; how much of memory stays."""
    site.build()
    market = MarketFile.read(SIMULATED)
    with sync_playwright() as playwright, launched(playwright) as browser:
        with on_bybit(market, timers=_QUIET) as served:
            page = _opened(browser, served.address)
            yield from _moves(page, "week")
            yield from _handle(page)
            yield from _changes(page)
            yield from _long_tasks(page, "changes")
            page.evaluate("rate.fill()")
            yield from _moves(page, "cells")
            page.close()
        now = [market.end_ms - _TICKS * _TICK_MS]
        timers = {**_QUIET, "poll_s": 0.2}
        with on_bybit(market, timers=timers, clock=lambda: now[0]) as served:
            page = _opened(browser, served.address)
            yield from _ticks(page, now)
            yield from _long_tasks(page, "ticks")


def _opened(browser: Browser, address: str) -> Page:
    """The page with its picture and all that it computes after it."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.add_init_script(_SCRIPT)
    page.goto(f"{address}?range=7d")
    page.wait_for_selector("html[data-state=ready]", state="attached", timeout=180_000)
    page.wait_for_function("document.querySelector('#levels tbody').textContent.includes('–$')")
    page.evaluate("rate.painted(() => true)")
    page.evaluate("rate.tasks.length = 0")
    return page


# ---------------------------------------------------------------- frames


def _moves(page: Page, name: str) -> Figures:
    """Frames while a mouse drags the picture and while its wheel scales it.

    `cpu_ms` is what a frame takes of the page's thread, whatever else the computer does.
    """
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    for what, move in (("pan", _pan), ("zoom", _zoom)):
        began_ms = _busy_ms(session)
        page.evaluate("rate.begin()")
        move(page, session)
        frames = page.evaluate("rate.end()")
        busy_ms = _busy_ms(session) - began_ms
        yield from _spread(f"rate_{name}_{what}", frames)
        yield f"rate_{name}_{what}_cpu_ms", busy_ms / len(frames)
        page.evaluate("rate.settled()")


def _pan(page: Page, _: CDPSession) -> None:
    x, y = _middle(page, "#plot")
    page.mouse.move(x, y)
    page.mouse.down()
    for leg in range(_LEGS):
        along = _LEG_PX * (-1) ** leg
        page.mouse.move(x + along, y + along / 3, steps=_LEG_FRAMES)
    page.mouse.up()


def _zoom(page: Page, session: CDPSession) -> None:
    x, y = _middle(page, "#plot")
    page.mouse.move(x, y)
    for turn_px in _TURNS_PX:
        gesture = {"yDistance": turn_px, "speed": 400, "gestureSourceType": "mouse"}
        session.send("Input.synthesizeScrollGesture", {"x": x, "y": y, **gesture})


def _busy_ms(session: CDPSession) -> float:
    metrics = session.send("Performance.getMetrics")["metrics"]
    (busy_s,) = (float(one["value"]) for one in metrics if one["name"] == "TaskDuration")
    return 1000 * busy_s


# ---------------------------------------------------------------- changes


def _handle(page: Page) -> Figures:
    """From a moved handle of the legend to the painted picture, while it is dragged."""
    box: Any = page.locator(_HANDLE).bounding_box()
    x, y = box["x"] + box["width"] - 7, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    taken = []
    for step in range(1, _STEPS + 1):
        page.evaluate(f"rate.await('{_HANDLE}', 'input')")
        page.mouse.move(x - 0.04 * step * box["width"], y)
        taken.append(page.evaluate("rate.awaited"))
    page.mouse.up()
    page.evaluate("rate.settled()")
    yield from _spread("rate_handle_to_painted", taken)


def _changes(page: Page) -> Figures:
    """From a control to the painted picture; and what 200 changes leave in memory."""
    page.evaluate("document.querySelector('#settings').open = true")
    symbols = (("[name=symbol]", coin) for coin in cycle(("ETH-USDT-PERP", "BTC-USDT-PERP")))
    windows = (("[name=range]", window) for window in cycle(("24h", "7d")))
    for name, several in (("symbol", symbols), ("window", windows)):
        taken = [_changed(page, *change) for change in islice(several, 10)]
        yield f"rate_{name}_to_painted_ms", median(taken[2:])  # the first are asked for
    for change in islice(cycle(_CONTROLS), 2 * len(_CONTROLS)):
        _changed(page, *change)
    yield from _grown(page, f"{_CHANGES}_changes", lambda: _change_often(page))


def _change_often(page: Page) -> None:
    for change in islice(cycle(_CONTROLS), _CHANGES):
        _changed(page, *change)


def _changed(page: Page, selector: str, value: str) -> float:
    taken: float = page.evaluate("change => rate.change(...change)", [selector, value])
    return taken


# ---------------------------------------------------------------- ticks


def _ticks(page: Page, now: list[int]) -> Figures:
    """News of the market: from the last answer to the last message, and to the painted picture."""
    (worker,) = (one for one in page.workers if one.evaluate("'pyodide' in self || !self.document"))
    worker.evaluate(f"({_IN_WORKER})()")
    page.evaluate("rate.follow()")
    _tick(page, now, 8)
    page.evaluate("rate.ticks.length = 0")
    yield from _grown(page, "4_hours", lambda: _tick(page, now, _TICKS - 8))
    computed = worker.evaluate("self.computed_ms")
    yield from _spread("rate_tick_in_worker", computed)
    yield from _spread("rate_tick_to_painted", page.evaluate("rate.ticks"))


def _tick(page: Page, now: list[int], times: int) -> None:
    for _ in range(times):
        now[0] += _TICK_MS
        page.evaluate("rate.tick()")


_IN_WORKER = """() => {
  self.computed_ms = [];
  let heard_ms = 0;
  for (const name of ["text", "json", "arrayBuffer"]) {
    const read = Response.prototype[name];
    Response.prototype[name] = async function () {
      const body = await read.call(this);
      heard_ms = performance.now();
      return body;
    };
  }
  const post = self.postMessage;
  self.postMessage = (message, ...more) => {
    if (message?.kind === "heatmap")
      message.heard_ms = performance.timeOrigin + heard_ms;
    post.call(self, message, ...more);
    if (message?.kind === "status") computed_ms.push(performance.now() - heard_ms);
  };
}"""


# ---------------------------------------------------------------- what is common


def _spread(name: str, taken_ms: list[float]) -> Figures:
    yield f"{name}_median_ms", median(taken_ms)
    yield f"{name}_p95_ms", quantiles(taken_ms, n=20)[-1]


def _grown(page: Page, name: str, work: Callable[[], None]) -> Figures:
    """The page's heap after `work` over the one before, both after collection."""
    session = page.context.new_cdp_session(page)

    def heap_bytes() -> float:
        for _ in range(2):
            session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"])

    before = heap_bytes()
    work()
    after = heap_bytes()
    yield f"rate_heap_before_{name}_bytes", before
    yield f"rate_heap_after_{name}_ratio", after / before


def _long_tasks(page: Page, name: str) -> Figures:
    """The longest task of the page's thread since the last time."""
    yield f"rate_longest_task_{name}_ms", page.evaluate("Math.max(0, ...rate.tasks.splice(0))")


def _middle(page: Page, selector: str) -> tuple[float, float]:
    box: Any = page.locator(selector).bounding_box()
    return box["x"] + 0.4 * box["width"], box["y"] + 0.4 * box["height"]
