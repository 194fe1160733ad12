"""The visitor's own position on the page: what it risks, where it is kept, where it is not."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from liqmap.analysis.position import STANDARD, Position, bankrupt_at, liquidated_at
from liqmap.picture.position_lines import lines
from liqmap.session.desk_messages import YourPosition
from tests.browser.conftest import Visit
from tests.support.shown import await_state
from tests.support.worker import await_listener, say
from tools.build.server import Site

LINES = "liqmap.named('position').data.words"
TITLE = "Liquidation, by mark price"


def figure(page: Page, title: str) -> Any:
    """What stands beside a title of the table."""
    return page.locator("#position-figures tr", has_text=title).locator("td")


def test_what_is_typed_is_the_package_s_and_stays_in_this_browser(visit: Visit) -> None:
    """By finger and by key; kept over a reload, in the link only while that is wanted."""
    page = visit("?venue=demo")
    page.click("#tabs [aria-controls=desk-position]")
    page.click("#position [name=side][value=short]")
    page.fill("#position [name=entry]", "60,000")
    page.fill("#position [name=leverage]", "20")
    page.fill("#position [name=amount]", "500")
    page.keyboard.press("Enter")
    short = Position(-1, 60_000.0, 10_000.0, 20.0)
    price, bankrupt = liquidated_at(short, STANDARD), bankrupt_at(short)
    expect(figure(page, TITLE)).to_have_text(f"{price:,.1f}")
    expect(figure(page, "Bankruptcy")).to_have_text(f"{bankrupt:,.1f}")
    words = ["entry 60,000.0", f"liquidation {price:,.1f}", f"bankruptcy {bankrupt:,.1f}"]
    assert page.evaluate(LINES) == words
    assert "500" not in page.url

    page.check("#position-link")
    page.wait_for_function("location.hash.includes('amount=500')")
    link = page.url
    page.uncheck("#position-link")
    page.wait_for_function("location.hash === '#desk-position'")
    page.reload()
    await_state(page, "ready")
    expect(figure(page, TITLE)).to_have_text(f"{price:,.1f}")
    page.click("#position-clear")
    expect(figure(page, TITLE)).to_have_count(0)
    assert page.evaluate(LINES) == []
    page.goto("about:blank")
    page.goto(link)
    await_state(page, "ready")
    expect(figure(page, TITLE)).to_have_text(f"{price:,.1f}")
    expect(page.locator("#position-link")).to_be_checked()


def test_complaints_stand_at_their_fields(unspoken: Page, served: Site) -> None:
    page = unspoken
    page.goto(served.address + "#desk-position")
    await_listener(page)
    columns = lines({"liquidation": 90.0}, 1, 0.0, 100.0, 1)
    told = YourPosition(
        "ETH", (), ("A note.",), (("entry", "Type a price."),), {"position": columns}
    )
    say(page, told)
    expect(page.locator("#wrong-entry")).to_have_text("Type a price.")
    expect(page.locator("#position [name=entry]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#position [name=amount]")).to_have_attribute("aria-invalid", "false")
    expect(page.locator("#position-notes li")).to_have_text(["A note."])
    expect(page.locator("#position [value=base]")).to_have_text("ETH")
    assert page.evaluate(LINES) == ["liquidation 90.0"]
    expect(page.locator("#position .wallet")).to_be_hidden()
    page.click("#position [value=cross]")
    expect(page.locator("#position .wallet")).to_be_visible()
