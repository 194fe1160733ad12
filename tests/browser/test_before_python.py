"""What is on screen, and what is asked of the exchange, before any Python is there."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.support.shown import await_state
from tools.build.server import Site
from tools.replay.exchanges import Replay

CAPTION = "document.querySelector('#last figcaption').textContent"
KEPT = """(async () => {
  for (;;) {
    const keys = await (await caches.open("liqmap-last")).keys();
    if (keys.length) return keys.map(one => new URL(one.url).search);
    await new Promise(requestAnimationFrame);
  }
})()"""
HELD_BACK = "**/py/worker.py"


def test_a_first_visit_shows_an_example_and_says_so(
    visit: Visit, opened: Callable[..., Page], served: Site
) -> None:
    page = opened()
    with page.expect_request("**/example-dark.png"):
        page.goto(served.address)
    assert page.is_visible("#last")
    assert page.evaluate(CAPTION) == "An example, of a simulated market. Yours is on its way."
    await_state(page, "ready")
    assert not page.is_visible("#last")
    assert page.is_visible("#plot")


def test_the_last_picture_is_there_with_its_age_until_a_new_one_is(
    visit: Visit, opened: Callable[..., Page], served: Site
) -> None:
    page = visit("?range=12h", on=opened())
    assert page.evaluate(KEPT) == ["?range=12h"]
    rows = page.locator("#levels tbody tr").all_inner_texts()
    quiet = page.evaluate("getComputedStyle(document.querySelector('#messages')).color")
    page.route(HELD_BACK, lambda _: None)  # Python never comes
    page.goto(served.address + "?range=12h")
    page.wait_for_selector("#last.kept")
    await_state(page, "stale")
    assert page.is_visible("#progress")
    assert page.evaluate("getComputedStyle(document.querySelector('#status')).color") == quiet
    title = "BTC-USDT-PERP · Bybit · exposure"
    assert page.evaluate(CAPTION) == f"Last picture: {title}, 12 Mar 23:55 UTC, 1 minute ago"
    width, height = page.evaluate(
        "(one => [one.naturalWidth, one.naturalHeight])(document.querySelector('#last img'))"
    )
    box = page.locator("#plot").bounding_box()
    assert box
    assert (width, height) == (round(box["width"]), round(box["height"]))
    assert page.locator("#levels tbody tr").all_inner_texts() == rows != []
    page.goto(served.address + "?range=24h&symbol=ETH")  # which was never seen
    assert not page.is_visible("#last.kept")
    await_state(page, "booting")
    page.unroute(HELD_BACK)
    page.add_init_script(
        """globalThis.states = [];
        const note = ({state, drawn}) => states.push([state, drawn === ""]);
        new MutationObserver(() => note(document.documentElement.dataset))
          .observe(document, {subtree: true, attributeFilter: ["data-state"]});"""
    )
    visit("?range=12h", on=page)
    states = page.evaluate("states")
    assert {state for state, drawn in states if not drawn} == {"stale"}
    assert not page.is_visible("#last")


def test_a_simulation_is_not_kept(visit: Visit, opened: Callable[..., Page]) -> None:
    page = opened()
    for query in ("?venue=demo", "?range=12h"):
        visit(query, on=page)
        page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.evaluate(KEPT) == ["?range=12h"]


def test_the_exchange_is_asked_once_and_before_python(
    visit: Visit, opened: Callable[..., Page], served: Site, replay: Replay
) -> None:
    """By the document, of which Python takes the answers; the same at a second visit."""
    page = opened()
    for query in ("", ""):
        replay.requests.clear()
        page.route(HELD_BACK, lambda _: None)
        page.goto(served.address + query)
        page.wait_for_function("globalThis.liqmapStart?.answers.length >= 2")
        page.unroute(HELD_BACK)
        early = set(replay.requests)
        assert any("kline" in path for path in early)
        replay.requests.clear()
        visit(query, on=page)
        times = Counter(replay.requests)
        assert {path: times[path] for path in early if times[path] != 1} == {}


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_after_a_failure_nothing_is_asked_before_python(
    visit: Visit, opened: Callable[..., Page], replay: Replay
) -> None:
    page = opened()
    replay.fail("banned", seconds=3_600)
    visit("?venue=bybit", on=page, state="failed")
    page.wait_for_function("localStorage.getItem('liqmap-plan') !== null")
    assert json.loads(page.evaluate("localStorage.getItem('liqmap-plan')"))[1] == []
    asked = len(replay.requests)
    visit("?venue=bybit", on=page, state="failed")
    assert len(replay.requests) == asked
