"""What breaks while the page is open: what the visitor reads, what he can do, what is kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, Route, expect

from liqmap.venues.registry import ADAPTERS, IN_BROWSER
from tests.browser.conftest import SECONDS, Timers, Visit
from tests.support.shown import STATUS, ask_health, await_state, image
from tests.support.venue import MARKET
from tools.build.server import Site
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

pytestmark = pytest.mark.allow_errors("Failed to load resource", "CORS", "net::", "portal.example")


def unresolved(route: Route) -> None:
    """The exchange's name is not found."""
    route.abort("namenotresolved")


def portal(route: Route) -> None:
    """A network that asks to sign in."""
    route.fulfill(status=302, headers={"Location": "http://portal.example/sign-in"})


# ---------------------------------------------------------------- nobody answers

SILENT = " cannot be reached."
UNREADABLE = (
    " answers, but not to this browser: blocked from your location or network, or asked too often."
)


@pytest.mark.parametrize(
    ("fault", "why"),
    [("down", SILENT), ("blocked", UNREADABLE), (unresolved, SILENT), (portal, SILENT)],
)
def test_without_any_exchange_the_plot_is_empty_and_an_example_is_offered(
    visit: Visit, page: Page, replays: dict[str, Replay], fault: Any, why: str
) -> None:
    for one in replays.values():
        if callable(fault):
            page.route(f"{one.origin}/**", fault)
        else:
            one.fail(fault)
    page = visit(state="failed")
    said = page.evaluate(STATUS)
    assert said.startswith("None of 10 exchanges can be read from here. Check your connection")
    told = page.evaluate("document.querySelector('#details pre').textContent").splitlines()
    titles = [adapter.title for adapter in IN_BROWSER.values()]
    assert [line.partition(": ")[0] for line in told] == titles
    assert [line for line in told if not line.endswith(why)] == []
    assert page.evaluate("liqmap.picture") is None
    assert page.is_visible("#retry")
    page.click("#example")
    await_state(page, "ready")
    assert page.is_hidden("#example")
    assert page.evaluate("location.search") == "?venue=demo&symbol=SIMULATED-USDT-PERP"
    assert page.evaluate("liqmap.named('watermark').text") == "SIMULATED MARKET"
    assert page.evaluate("liqmap.named('watermark').visible") is True
    assert page.input_value("[name=symbol]") == "SIMULATED-USDT-PERP"
    assert page.title().startswith("SIMULATED-USDT-PERP · simulated")
    for button in ("#export-png", "#export-csv"):
        if button == "#export-csv":
            page.click("#export-data")
        with page.expect_download() as got:
            page.click(button)
        assert "SIMULATED" in got.value.suggested_filename
    assert "# nature: SIMULATED" in got.value.path().read_text().splitlines()


def test_a_limit_says_the_wait_that_is_enforced(visit: Visit, replay: Replay) -> None:
    replay.fail("limited", seconds=20)
    page = visit("?venue=bybit", state="failed")
    assert "It is left alone for another 60 seconds" in page.evaluate(STATUS)
    asked = len(replay.requests)
    replay.heal()
    page.click("#retry")
    page.wait_for_function("document.documentElement.dataset.state === 'failed'")
    assert len(replay.requests) == asked


REFUSALS = {"binance": 403, "bitget": 451, "okx": 418, "kraken": 429, "deribit": 500, "dydx": 503}
"""By the venue that gives it."""
SAID = {
    "blocked": "Answers, but not to this browser: blocked in your region or network.",
    "limited": "Asks us to wait. Left alone ",
    "failing": " has trouble of its own: “no”.",
}
STATES = {403: "blocked", 451: "blocked", 418: "limited", 429: "limited"}


@pytest.mark.parametrize("readable", [True, False])
def test_each_refusal_is_told_as_far_as_a_browser_may_read_it(
    visit: Visit, replays: dict[str, Replay], readable: bool
) -> None:
    page = visit("?venue=demo")
    for venue, status in REFUSALS.items():
        replays[venue].fail("refusing", status=status, readable=readable)
    ask_health(page)
    rows = page.locator("#health tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    said = {title: (state, words) for title, state, words in rows}
    for venue, status in REFUSALS.items():
        state, words = said[ADAPTERS[venue].title]
        assert state == (STATES.get(status, "failing") if readable else "blocked"), (status, words)
        assert SAID[state] in words, (status, words)
    assert said["Bybit"][0] == "ready"


# ---------------------------------------------------------------- another view


def test_a_view_that_cannot_be_loaded_leaves_the_picture_and_comes_by_itself(
    visit: Visit, replays: dict[str, Replay], timers: Timers
) -> None:
    timers["poll_s"] = 1.0
    page = visit("?venue=bybit&range=12h")
    before, *_ = image(page)
    replays["kraken"].fail("down")
    page.select_option("[name=venue]", "kraken")
    await_state(page, "stale")
    said = page.evaluate(STATUS)
    assert "Still showing BTC-USDT-PERP from Bybit, 12h to 13 Mar 00:00 UTC." in said
    assert page.is_hidden("#example")
    np.testing.assert_array_equal(image(page)[0], before)
    replays["kraken"].heal()
    await_state(page, "ready")
    assert "Kraken" in page.title()


def test_of_ten_views_in_a_second_the_last_is_shown(
    visit: Visit, replays: dict[str, Replay]
) -> None:
    page = visit("?venue=bybit&range=12h")
    for one in replays.values():
        one.requests.clear()
    page.evaluate(
        """venues => {
          globalThis.drawn = [];
          document.querySelector("script[name=liqmap]").xworker.addEventListener("message",
            ({data}) => { if (data.kind === "heatmap") drawn.push(data.query); });
          const control = document.querySelector("[name=venue]");
          venues.forEach((venue, at) => setTimeout(() => {
            control.value = venue;
            control.dispatchEvent(new Event("change", {bubbles: true}));
          }, 90 * at));
        }""",
        [
            *("okx", "bitget", "binance", "dydx", "aster", "lighter", "okx", "bitget", "aster"),
            "kraken",
        ],
    )
    page.wait_for_function("liqmap.picture.query.includes('venue=kraken')")
    await_state(page, "ready")
    assert page.evaluate("location.search") == "?venue=kraken&range=12h"
    assert set(page.evaluate("drawn")) == {"venue=kraken&range=12h"}
    asked = {venue: len(one.requests) for venue, one in replays.items()}
    assert max(asked, key=lambda venue: asked[venue]) == "kraken", "others were loaded, too"


# ---------------------------------------------------------------- what is kept


@pytest.mark.usefixtures("unlent")
def test_what_one_tab_deletes_another_does_not_bring_back(
    visit: Visit, opened: Callable[..., Page], streams: dict[str, ReplayStream]
) -> None:
    here = visit("?venue=bybit&range=12h")
    streams["bybit"].await_subscribers()
    streams["bybit"].push(1, here.evaluate("liqmap.picture.spot"), 2.0, MARKET.end_ms - 1)
    told = "document.querySelector('#tape').textContent.startsWith('{} liquidation')"
    here.wait_for_function(told.format(1))
    here.evaluate("liqmap.worker.seen(false)")  # a page that is left stores its tape
    there = visit("?venue=bybit&range=12h", on=opened())
    there.wait_for_function(told.format(1))
    there.on("dialog", lambda dialog: dialog.accept())
    there.click("#tape-delete")
    there.wait_for_function(told.format(0))
    here.evaluate("liqmap.worker.seen(false)")
    here.wait_for_function(told.format(0))
    there.reload()
    await_state(there, "ready")
    there.wait_for_function(told.format(0))


@pytest.mark.usefixtures("unlent")
def test_storage_that_fills_up_while_the_page_runs_is_said_and_nothing_else_stops(
    visit: Visit,
    opened: Callable[..., Page],
    streams: dict[str, ReplayStream],
    timers: Timers,
    served: Site,
) -> None:
    timers["save_s"] = 0.0
    page = visit("?venue=bybit&range=12h", on=opened(warm=False))
    devtools = page.context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": served.origin, "quotaSize": 1})
    page.evaluate(
        """() => {
          globalThis.keeping = [];
          const root = document.documentElement;
          new MutationObserver(() => keeping.push(root.dataset.keeping))
            .observe(root, {attributeFilter: ["data-keeping"]});
          const full = new DOMException("full", "QuotaExceededError");
          Storage.prototype.setItem = () => { throw full; };
        }"""
    )
    streams["bybit"].await_subscribers()
    spot = page.evaluate("liqmap.picture.spot")
    for number in (1, 2):
        streams["bybit"].push(1, spot, 2.0, MARKET.end_ms - number)
    full = "storage is off or full: the 2 liquidations here"
    expect(page.locator("#tape")).to_contain_text(full, timeout=SECONDS * 1000)
    page.select_option("[name=venue]", "okx")
    page.wait_for_function("liqmap.picture.query.includes('venue=okx')")
    await_state(page, "ready")
    page.wait_for_function("keeping.length === 2 && keeping[1] === undefined")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    visit("?venue=bybit&range=12h", on=page)


# ---------------------------------------------------------------- the worker


@pytest.mark.usefixtures("unlent")
def test_a_worker_that_is_gone_is_noticed_and_starts_anew_with_the_same_view(
    visit: Visit, streams: dict[str, ReplayStream]
) -> None:
    page = visit("?venue=bybit&range=12h")
    streams["bybit"].await_subscribers()
    streams["bybit"].push(1, page.evaluate("liqmap.picture.spot"), 2.0, MARKET.end_ms - 1)
    page.wait_for_function("document.querySelector('#tape').textContent.startsWith('1 ')")
    page.evaluate("liqmap.worker.seen(false)")
    before, *_ = image(page)
    page.evaluate("document.querySelector('script[name=liqmap]').xworker.terminate()")
    await_state(page, "failed")
    assert page.evaluate(STATUS).startswith("Python has stopped: nothing new comes, and the pic")
    np.testing.assert_array_equal(image(page)[0], before)
    page.select_option("[name=venue]", "okx")
    assert page.evaluate(STATUS).startswith("Python has stopped")
    with page.expect_navigation():
        page.click("#retry")
    await_state(page, "ready")
    assert page.evaluate("location.search") == "?venue=bybit&range=12h"
    page.wait_for_function("document.querySelector('#tape').textContent.startsWith('1 ')")


def test_a_worker_that_is_killed_while_it_loads_is_noticed(visit: Visit, replay: Replay) -> None:
    replay.fail("slow", "kline", seconds=300)
    page = visit("?venue=bybit", state="loading")
    page.wait_for_function("liqmap.worker")
    page.evaluate("document.querySelector('script[name=liqmap]').xworker.terminate()")
    await_state(page, "failed")
    assert page.evaluate(STATUS).startswith("Python has stopped")
    replay.heal()
    with page.expect_navigation():
        page.click("#retry")
    await_state(page, "ready")


def test_a_call_that_fails_is_told_and_the_worker_goes_on(visit: Visit) -> None:
    page = visit("?venue=demo")
    page.evaluate(
        """() => {
          const {worker} = liqmap;
          liqmap.worker = {show: () => Promise.reject(new Error("by hand")),
            ping: () => worker.ping()};
        }"""
    )
    page.select_option("[name=venue]", "bybit")
    page.wait_for_function(f"{STATUS}.startsWith('liqmap has a fault.')")
    assert "by hand" in page.evaluate("document.querySelector('#details pre').textContent")


def test_brackets_without_end_leave_the_worker_alive(visit: Visit, page: Page) -> None:
    """A hundred thousand of them would end it, beyond any `except`."""
    allowed = {"access-control-allow-origin": "*"}
    deep = "[" * 200_000 + "]" * 200_000
    page.route("**/v5/market/kline?**", lambda route: route.fulfill(body=deep, headers=allowed))
    visit("?venue=bybit", state="failed")
    assert "no JSON" in page.evaluate(STATUS)
    page.unroute_all()
    page.click("#retry")
    await_state(page, "ready")


# ---------------------------------------------------------------- drawn, but odd


def test_a_price_range_without_prices_is_said(visit: Visit) -> None:
    page = visit("?venue=bybit&range=12h&low=1&high=2")
    assert "No price of this time is between 1 and 2" in (page.text_content("#notices") or "")


def test_open_interest_of_0_is_no_picture_of_nothing(visit: Visit, page: Page) -> None:
    def nothing(route: Route) -> None:
        reply = route.fetch()
        body = re.sub(r'("\w*[oO]penInterest": ?)"[^"]*"', r'\1"0"', reply.text())
        route.fulfill(response=reply, body=body)

    for endpoint in ("open-interest", "tickers"):
        page.route(f"**/v5/market/{endpoint}?**", nothing)
    visit("?venue=bybit", state="failed")
    said = page.evaluate(STATUS)
    assert said.startswith("Bybit gives BTC-USDT-PERP an open interest of 0: there is nothing to")
    assert page.evaluate("liqmap.picture") is None
