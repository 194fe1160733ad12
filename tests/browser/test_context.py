"""The strip below the picture: off until it is chosen, then the package's values in their place."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap import simulation
from liqmap.picture.context import open_interest_change
from tests.browser.conftest import Visit
from tests.support.small_page import at

_FRAMES = """["heat", "context"].map(name => {
  const {x_range, inner_width} = liqmap.named(name);
  return [x_range.id, inner_width];
})"""


def chosen(page: Page, what: str) -> None:
    """Choose it in the settings."""
    page.evaluate("document.querySelector('#settings').open = true")
    page.select_option("[name=context]", what)


def test_open_interest_below_the_picture_is_the_package_s(visit: Visit) -> None:
    page = visit("?venue=demo&range=24h")
    assert not page.evaluate("liqmap.named('context').visible")
    tall: Any = page.evaluate("liqmap.named('heat').inner_height")
    chosen(page, "oi")
    page.wait_for_function("liqmap.named('context').visible && liqmap.chart('context').frame")
    expect(page).to_have_url(re.compile("context=oi"))
    first_ms, end_ms = page.evaluate("[liqmap.picture.image.x, liqmap.picture.end_ms]")
    expected = open_interest_change(simulation.simulate().market.open_interest, first_ms, end_ms)
    assert expected is not None
    drawn: Any = page.evaluate(
        "['time', 'value'].map(name => Array.from(liqmap.named('context_line').data[name]))"
    )
    np.testing.assert_allclose(drawn, [expected.time_ms, expected.value])
    words = page.evaluate("liqmap.named('context_caption').text")
    assert words == "Open interest, change since the left edge, SIMULATED"
    page.wait_for_function(f"(([a, b]) => a[0] === b[0] && a[1] === b[1])({_FRAMES})")
    middle = float(expected.time_ms[100])
    assert at(page, "context", middle, 0)[0] == pytest.approx(at(page, "heat", middle, 1)[0], abs=1)
    axes = "['time_axis', 'context_time_axis'].map(name => liqmap.named(name).visible)"
    assert page.evaluate(axes) == [False, True]
    page.mouse.move(*at(page, "context", middle + 60_000, 0))
    words = f"{expected.value[100]:+,.0f}".replace("-", "−")
    expect(page.locator("#readout")).to_contain_text(words)
    chosen(page, "funding")
    page.wait_for_function("liqmap.named('context_caption').text.endsWith('market has none')")
    chosen(page, "none")
    page.wait_for_function(f"liqmap.named('heat').inner_height === {tall}")
    assert page.evaluate(axes) == [not page.evaluate("liqmap.named('strip').visible"), False]
