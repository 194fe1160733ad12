"""The history on the page: its table, its lines, and how the liquidation chart is read."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from liqmap.data.liquidations import Liquidations
from liqmap.picture.level_lines import SOURCES
from liqmap.picture.liquidation_chart import LiquidationChart, chart
from liqmap.session.desk_messages import Levels
from tests.browser.conftest import Visit
from tests.support.small_page import picture
from tests.support.small_picture import STEP, density, market
from tests.support.worker import await_listener, say
from tools.build.server import Site

ROWS = (
    ("All bands", "$3.00M longs", "2", "", "9 of 9\n70–100%", "60%\nof 90"),
    ("94.9–95.1", "$2.00M longs", "1", "weak support", "1 of 2\n9–91%", "60%\nof 90"),
)


def levels() -> Levels:
    line = (0.0, 3 * STEP, 95.0, "long", 0.45, "weak support")
    columns = {
        name: np.array([one]) if isinstance(one, float) else [one]
        for name, one in zip(SOURCES["level_lines"], line, strict=True)
    }
    return Levels({"level_lines": columns}, rows=ROWS, proven=(True, False), words="Of one day.")


def happened() -> LiquidationChart:
    """$950K of longs in the first bar, which falls by 1/101; $2.1M of shorts in the second."""
    seen = Liquidations.sorted(
        STEP * np.array([0.5, 1.5, 1.6]), [1, -1, -1], [95, 105, 106], [1e4, 2e4, 1]
    )
    one = density()
    return chart(seen, one.time_edges_ms, one.price_edges, candles=market().candles)


@pytest.fixture
def told(unspoken: Page, served: Site) -> Page:
    """The page with these levels, its tab open."""
    unspoken.goto(served.address + "#desk-history")
    await_listener(unspoken)
    say(unspoken, *picture(), happened(), levels())
    return unspoken


def test_levels_are_a_table_and_lines_that_a_visitor_may_hide(told: Page, served: Site) -> None:
    rows = told.locator("#history tbody tr").evaluate_all(
        "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent))"
    )
    assert tuple(map(tuple, rows)) == ROWS
    expect(told.locator("#history tbody tr").nth(0)).not_to_have_class("grey")
    expect(told.locator("#history tbody tr").nth(1)).to_have_class("grey")
    expect(told.locator("#history-words")).to_have_text("Of one day.")
    visible = "['marks', 'words'].map(one => liqmap.named(`level_lines_${one}`).visible)"
    assert told.evaluate(visible) == [True, True]
    assert told.evaluate("Array.from(liqmap.named('level_lines').data.y)") == [95]
    told.uncheck("#history-lines")
    assert told.evaluate(visible) == [False, False]
    told.goto(served.address + "?range=12h#desk-history")
    await_listener(told)
    expect(told.locator("#history-lines")).not_to_be_checked()
    assert told.evaluate(visible) == [False, False]


def test_circles_have_a_least_size_and_bars_a_second_reading(told: Page) -> None:
    ends = """[liqmap.named("liq_long").data.top, liqmap.named("liq_short").data.bottom]
      .map(one => Array.from(one)).flat()"""
    words = "[liqmap.named('strip_axis').axis_label, liqmap.named('strip_caption').text]"
    prices = "Array.from(liqmap.named('events').data.price)"
    assert told.evaluate(ends) == pytest.approx([950_000, -2_100_106])
    assert told.evaluate(prices) == [105, 95, 106]
    told.select_option("#marks-from", label="$1M")
    assert told.evaluate(prices) == [105]
    told.select_option("#bars-in", "per_move")
    # The first bar falls from 101 to 100; the second rises from 102 to 103.
    assert told.evaluate(ends) == pytest.approx([950_000 * 1.01, -2_100_106 * 1.02])
    unit, caption = told.evaluate(words)
    assert unit == "USD per 1 %"
    assert caption.startswith("Liquidated, USD per 1 % of move")
    say(told, happened())  # what comes is read as it was chosen
    assert told.evaluate(prices) == [105]
    assert told.evaluate(ends) == pytest.approx([950_000 * 1.01, -2_100_106 * 1.02])
    labels = "[...liqmap.named('past_price_axis').major_label_overrides.values()]"
    assert "110" in told.evaluate(labels)


def test_sides_have_the_colours_of_the_theme_in_all_three_charts(visit: Visit) -> None:
    """Of a simulation, in light colours: what the package found is on the page."""
    page = visit("?venue=demo&theme=light#desk-history")
    assert page.get_attribute("meta[name=theme-color]", "content") == "#ffffff"
    page.wait_for_function("document.querySelector('#history tbody tr')")
    style = "getComputedStyle(document.documentElement).getPropertyValue"
    colors = [page.evaluate(f"{style}('--{side}')") for side in ("long", "short")]
    assert page.evaluate("Array.from(liqmap.named('sides').palette)") == colors
    bars = "['long', 'short'].map(one => liqmap.named(`liq_${one}_bars`).glyph.fill_color.value)"
    assert page.evaluate(bars) == colors
    mapper = "liqmap.named('events_marks').glyph.fill_color.transform"
    assert page.evaluate(f"{mapper} === liqmap.named('sides')")
    assert page.locator("#history tbody tr").first.inner_text().startswith("All bands")
    expect(page.locator("#history-words")).to_contain_text("no promise")
