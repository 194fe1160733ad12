"""Times of UTC, and of the visitor's own zone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from liqmap.session.desk_messages import Alerts
from tests.support.small_page import happened, picture
from tests.support.worker import await_listener, say, silence
from tools.build.server import Site

TICKS = """([start, end]) => {
  const {major} = liqmap.named("time_ticks").get_ticks_no_defaults(start, end, NaN, 8);
  return liqmap.named("time_clock").doFormat(major);
}"""
DAY_MS = 86_400_000
BEGIN_MS = 1_769_817_600_000  # 2026-01-31 00:00 UTC
NOW = "new Date().toLocaleTimeString('en-GB', {hour: '2-digit', minute: '2-digit'})"


@pytest.mark.parametrize(
    ("query", "days", "expected"),
    [
        ("", 1, ["31 Jan", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]),
        ("?clock=local", 1, ["06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "01 Feb"]),
        ("?clock=local", 6, ["01 Feb", "02 Feb", "03 Feb", "04 Feb", "05 Feb"]),
        ("?clock=local", 200, ["Feb 2026", "Mar 2026", "Apr 2026", "May 2026", "Jun 2026"]),
    ],
)
def test_the_axis_of_time_is_round_in_its_zone(
    opened: Callable[..., Page], served: Site, query: str, days: int, expected: list[str]
) -> None:
    page = opened(timezone_id="Asia/Kolkata")
    silence(page)
    page.goto(served.address + query)
    page.evaluate("liqmap.figure")
    seen = page.evaluate(TICKS, [BEGIN_MS, BEGIN_MS + days * DAY_MS])
    assert seen[: len(expected)] == expected


def test_an_alert_is_told_at_the_visitor_s_own_time(
    opened: Callable[..., Page], served: Site
) -> None:
    page = opened(timezone_id="America/St_Johns")
    silence(page)
    page.goto(served.address)
    await_listener(page)
    before = page.evaluate(NOW)
    say(page, happened(), *picture(), Alerts(fired=(("0", "A cluster was swept."),)))
    line = page.locator("#alerts-fired li").inner_text()
    assert line.split(" your time")[0][-5:] in (before, page.evaluate(NOW))
