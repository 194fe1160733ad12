"""The public record of accuracy: shown where the site has one, asked for by who wants to know."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Page, Route, expect

SUMMARY = {"contracts": 2, "days": 58, "claims": 0.613, "best_rule": 0.402}


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (
            SUMMARY,
            "Over 58 days, claims made before the day ranked what was then liquidated by 0.61",
        ),
        ({"days": 0}, "it is too early to say"),
    ],
)
def test_a_record_is_said_under_how_good(shown: Page, record: dict[str, float], says: str) -> None:
    page = shown
    asked = []

    def site(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch().json() | {"record": record}
        route.fulfill(body=json.dumps(answer), content_type="application/json")

    page.route("**/site.json", site)
    expect(page.locator("#record")).to_be_hidden()
    assert asked == []
    good = page.get_by_role("button", name="How good?")
    good.click()
    expect(page.locator("#record-words")).to_contain_text(says)
    link = page.get_by_role("link", name="Every day of it")
    expect(link).to_have_attribute("href", "accuracy.html")
    good.click()
    good.click()
    assert len(asked) == 1


def test_a_site_without_a_record_says_nothing_of_one(shown: Page) -> None:
    with shown.expect_response("**/site.json"):
        shown.get_by_role("button", name="How good?").click()
    expect(shown.locator("#desk-score")).to_be_visible()
    expect(shown.locator("#record")).to_be_hidden()
