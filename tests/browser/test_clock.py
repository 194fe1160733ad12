"""The visitor's clock is wrong, or jumps, as that of a computer that slept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Timers, Visit
from tests.support.shown import STATUS, await_state, image
from tests.support.venue import MARKET
from tools.replay.exchanges import Replay

JUMPING = """
  const jumping = `for (const [clock, start_ms] of [[Date, START], [performance, 0]]) {
    const now = clock.now.bind(clock);
    let ahead_ms = start_ms;
    clock.now = () => now() + ahead_ms;
    new BroadcastChannel("clock").onmessage = ({data}) => { ahead_ms += data; };
  }`;
  eval(jumping);
  window.Blob = class extends Blob {
    constructor(parts, options) {
      super(options?.type === "text/javascript" ? [jumping, ...parts] : parts, options);
    }
  };
"""
"""The clocks of the page and of PyScript's worker, which is a blob, are ahead and may jump."""


def jumping(start_ms: float = 0.0) -> str:
    return JUMPING.replace("START", f"{start_ms:.0f}")


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_a_tab_that_slept_for_a_day_says_so_and_goes_on(
    visit: Visit, page: Page, replay: Replay, timers: Timers
) -> None:
    timers["poll_s"] = 1.0
    day_ms = 86_400_000
    replay.clock = lambda: MARKET.end_ms - day_ms
    page.add_init_script(jumping())
    visit("?venue=bybit&range=12h")
    page.evaluate(
        """() => {
          globalThis.said = [];
          const status = document.querySelector("#status");
          const note = () => said.push(status.textContent);
          new MutationObserver(note).observe(status, {childList: true});
        }"""
    )
    start_ms = page.evaluate("liqmap.picture.image.x")
    replay.fail("down")
    devtools = page.context.new_cdp_session(page)
    page.evaluate(f"new BroadcastChannel('clock').postMessage({day_ms})")
    devtools.send("Page.setWebLifecycleState", {"state": "frozen"})
    replay.clock = lambda: MARKET.end_ms
    devtools.send("Page.setWebLifecycleState", {"state": "active"})
    await_state(page, "stale")
    assert "Showing bars to 12 Mar 00:00 UTC; trying again" in page.evaluate(STATUS)
    replay.heal()
    page.wait_for_function(f"liqmap.picture.image.x === {start_ms + day_ms}")
    await_state(page, "ready")
    assert "bars to 13 Mar 00:00 UTC" in page.evaluate(STATUS)
    assert not [one for one in page.evaluate("said") if "Python" in one]
    slept = image(page)[1]
    anew = image(visit("?venue=bybit&range=12h", on=page))[1]
    # Nearly the same: a book that has grown for a day knows more of the time before it.
    assert np.corrcoef(slept, anew)[0, 1] > 0.98


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_an_hour_off_draws_the_same_picture(
    visit: Visit, opened: Callable[..., Page], hours: int
) -> None:
    plain, *_ = image(visit("?venue=bybit&range=12h"))
    page = opened()
    page.add_init_script(jumping(MARKET.end_ms + 3_600_000 * hours - 1000 * time.time()))
    visit("?venue=bybit&range=12h", on=page)
    np.testing.assert_array_equal(image(page)[0], plain)
    said = re.findall(
        "begins (.*) ahead of this device’s clock", (page.text_content("#notices") or "")
    )
    assert said in ([["55 minutes"], ["54 minutes"]] if hours < 0 else [[]])  # a start takes time
