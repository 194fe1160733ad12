"""The cascade on the page: its curve is drawn from arrays; it is played while its tab is open."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap import simulation
from liqmap.analysis.cascade import THINNED, Impact
from liqmap.session.desk_messages import Cascade
from liqmap.session.messages import Message
from liqmap.session.session import Session
from tests.browser.conftest import SECONDS, Visit
from tests.support.clock import run
from tests.support.venue import MARKET, NOW, sending
from tests.support.worker import await_listener, say
from tools.build.server import Site
from tools.replay.exchanges import Replay
from tools.replay.registry import VENUES

LONG_MS = SECONDS * 1000
RATES = np.array([-0.2, -0.1, 0.1, 0.2])
PLAYED = Cascade(
    words=("If price falls 10% …", "Amplification 1.20×."),
    notes=("Nobody answers.",),
    steps=(("shock", "90", "−10.00%", "$1M", "$0"), ("all", "88", "−12.00%", "$1M", "$1M")),
    book_ms=940_000.0,
    shock_rate=-0.1,
    final_rate=-0.12,
    shock_rates=RATES,
    final_rates=np.array([np.nan, -0.12, 0.1, 0.2]),
    low_rates=np.array([-0.2, -0.1, 0.1, 0.2]),
    high_rates=np.array([-0.3, -0.15, 0.1, 0.2]),
)


def test_words_steps_and_curve_are_those_of_the_message(unspoken: Page, served: Site) -> None:
    """A plot of 308 × 188 px from (38, 8): −10 % of ±20 is at a quarter, −12 % of ±30 at 0.7."""
    page = unspoken
    page.clock.install(time=1_000)
    page.goto(served.address + "#desk-cascade")
    await_listener(page)
    say(page, PLAYED)
    expect(page.locator("#cascade-words p")).to_have_text(list(PLAYED.words))
    expect(page.locator("#cascade-notes li")).to_have_text(list(PLAYED.notes))
    expect(page.locator("#cascade-steps tbody tr").last).to_have_text("all88−12.00%$1M$1M")
    expect(page.locator("#cascade-age")).to_have_text("Order book read 1 min ago.")
    point = page.locator("#cascade-plot circle")
    assert float(point.get_attribute("cx") or 0) == pytest.approx(38 + 308 / 4, abs=0.1)
    assert float(point.get_attribute("cy") or 0) == pytest.approx(8 + 188 * 0.7, abs=0.1)
    fall = page.locator("#cascade-plot .final").first.get_attribute("points") or ""
    assert len(fall.split()) == 1  # the axis of the estimate ends before the other
    axes = page.locator("#cascade-plot text").all_text_contents()
    assert {"shock, % of the price", "final move, %", "−30", "+30", "+20"} <= set(axes)


def package_says(shock_rate: float, impact: Impact) -> tuple[str, ...]:
    """The sentences of CPython on the same market."""
    said: list[Message] = []

    async def main() -> None:
        send = sending(VENUES["bybit"](MARKET), NOW)
        session = Session(send, said.append, simulate=simulation.simulate)  # type: ignore[arg-type]
        await session.show("venue=bybit")
        await session.desk.scenarios.play(shock_rate, impact)

    with ThreadPoolExecutor() as aside:  # a loop of Playwright's runs in this thread
        aside.submit(run, main()).result()
    return [one for one in said if isinstance(one, Cascade)][-1].words


def test_a_scenario_is_played_with_the_venues_book(visit: Visit, replay: Replay) -> None:
    def books() -> int:
        return sum("/market/orderbook" in path for path in replay.requests)

    page = visit("?venue=bybit")
    assert not books()
    page.get_by_role("button", name="Cascade").press("Enter")
    words, shock = page.locator("#cascade-words p"), page.locator("#cascade-shock")
    expect(words.nth(1)).to_contain_text("The book of Bybit takes them down to", timeout=LONG_MS)
    shock.fill("2")
    shock.press("Enter")
    expect(words).to_have_text(list(package_says(0.02, Impact())), timeout=LONG_MS)
    page.get_by_label("thins to 0.63").check()
    expect(words).to_have_text(list(package_says(0.02, Impact(THINNED))), timeout=LONG_MS)
    assert books() == 1
    with page.context.expect_event("request", lambda request: "/orderbook" in request.url):
        page.get_by_role("button", name="Read it again").click()
