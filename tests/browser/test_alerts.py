"""Alerts on the page: a rule is added, comes true, is kept and deleted."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit


def test_a_rule_comes_true_and_is_kept_until_it_is_deleted(visit: Visit, page: Page) -> None:
    page.add_init_script("Notification.requestPermission = async () => 'denied'")
    visit("?venue=demo#desk-alerts")
    page.fill("#alert-amount", "much")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#alert-words")).to_contain_text("An amount is like 5M")
    page.fill("#alert-amount", "$1")
    page.fill("#alert-rate", "50")
    page.check("#alert-notify")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#alert-words")).to_contain_text("allows this page no notifications")
    expect(page.locator("#alerts-rules li")).to_contain_text(
        "price within 50% of a cluster of $1 or more"
    )
    line = page.locator("#alerts-fired li")
    expect(line).to_contain_text("SIMULATED-USDT-PERP, simulated: price ")
    assert " your time: " in line.inner_text()
    page.click("#desk-close")

    visit("?venue=demo", on=page)
    tab = page.locator("#tab-alerts")
    expect(tab).to_have_class("fired")
    tab.click()
    expect(tab).to_have_class("")
    expect(line).to_have_count(1)
    page.check("#alert-sound")
    page.get_by_role("button", name="Delete: price within").click()
    expect(page.locator("#alerts-rules li")).to_have_count(0)
    assert page.evaluate("localStorage.getItem('liqmap-alerts')") == "[]"
    page.select_option("#alert-kind", "swept")
    expect(page.locator("#alert-distance")).to_be_hidden()
