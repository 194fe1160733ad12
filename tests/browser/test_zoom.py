"""Zooming shows more of what is there; the way back is the picture that was."""

from __future__ import annotations

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.support.shown import image

_ZOOM = """([from, to, bottom, top]) => {
  const part = (range, a, b) => range.setv({
    start: range.reset_start + a * (range.reset_end - range.reset_start),
    end: range.reset_start + b * (range.reset_end - range.reset_start)});
  part(liqmap.named("time_range"), from, to);
  part(liqmap.named("price_range"), bottom, top);
}"""
_PLACE = "(() => { const {x, y, dw, dh} = liqmap.picture.image; return [x, y, dw, dh]; })()"
_SEEN = """["time_range", "price_range"].flatMap(
  name => [liqmap.named(name).start, liqmap.named(name).end])"""


def column_at(page: Page, instant_ms: float) -> tuple[np.ndarray, np.ndarray]:
    """Edges and amounts of the rows at an instant."""
    _, quote, (rows, columns) = image(page)
    x, y, dw, dh = page.evaluate(_PLACE)
    column = int((instant_ms - x) / dw * columns)
    return y + dh / rows * np.arange(rows + 1), quote.reshape(rows, columns)[:, column]


def test_a_zoomed_window_has_more_rows_and_the_same_sums(visit: Visit) -> None:
    page = visit("?range=24h")
    before, *_ = image(page)
    table = page.inner_text("#levels tbody tr td")
    instant_ms = page.evaluate(_PLACE)[0] + 0.5 * 86_400_000
    edges, amounts = column_at(page, instant_ms)
    colour = page.evaluate("liqmap.picture.colors.high_quote") / (edges[1] - edges[0])

    page.evaluate(_ZOOM, [0.3, 0.7, 0.05, 0.35])
    page.wait_for_function("liqmap.picture.detail")
    seen = page.evaluate(_SEEN)
    x, y, dw, dh = page.evaluate(_PLACE)
    assert x <= seen[0] < seen[1] <= x + dw
    assert y <= seen[2] < seen[3] <= y + dh
    fine_edges, fine_amounts = column_at(page, instant_ms)
    assert fine_edges[1] - fine_edges[0] < 0.4 * (edges[1] - edges[0])
    below = np.interp(fine_edges[[0, -1]], edges, np.append(0, np.cumsum(amounts)))
    largest = amounts.max()
    assert abs(fine_amounts.sum() - np.diff(below)[0]) < 2 * largest, "cut rows at both ends"
    assert fine_amounts.sum() > 20 * largest
    again = page.evaluate("liqmap.picture.colors.high_quote") / (fine_edges[1] - fine_edges[0])
    np.testing.assert_allclose(again, colour, rtol=1e-6)
    assert page.inner_text("#levels tbody tr td") == table
    expect(page.locator("#key .what")).to_contain_text("of price")

    page.evaluate(_ZOOM, [0, 1, 0, 1])
    page.wait_for_function("!liqmap.picture.detail")
    np.testing.assert_array_equal(image(page)[0], before)


def test_beyond_the_window_the_whole_is_seen_until_it_is_drawn(visit: Visit) -> None:
    page = visit()
    page.evaluate(_ZOOM, [0.4, 0.6, 0.3, 0.6])
    page.wait_for_function("liqmap.picture.detail")
    detail = page.evaluate(
        f"(() => {{ ({_ZOOM})([0.1, 0.3, 0.3, 0.6]); return liqmap.picture.detail; }})()"
    )
    assert detail is False
    page.wait_for_function("liqmap.picture.detail")
    x, _, dw, _ = page.evaluate(_PLACE)
    begin, end, *_ = page.evaluate(_SEEN)
    assert x <= begin < end <= x + dw


def test_another_range_is_seen_as_a_whole(visit: Visit) -> None:
    page = visit()
    page.evaluate(_ZOOM, [0.4, 0.6, 0.3, 0.6])
    page.wait_for_function("liqmap.picture.detail")
    page.check("[name=range][value='12h']", force=True)
    page.wait_for_function("liqmap.picture.query === 'range=12h' && !liqmap.picture.detail")
    begin, _end, low, high = page.evaluate(_SEEN)
    x, y, _dw, dh = page.evaluate(_PLACE)
    np.testing.assert_allclose([begin, low, high], [x, y, y + dh])


def test_a_smaller_plot_has_fewer_rows(visit: Visit) -> None:
    page = visit()
    assert image(page)[2][0] == 300
    page.set_viewport_size({"width": 1440, "height": 560})
    page.wait_for_function("liqmap.picture.image.rows < 250")
    rows = image(page)[2][0]
    assert 1.5 <= page.evaluate("liqmap.named('heat').inner_height") / rows <= 3


def test_a_zoom_is_in_the_link_and_back_leads_through_views(visit: Visit) -> None:
    page = visit("?range=24h")
    page.evaluate(_ZOOM, [0.3, 0.7, 0.05, 0.35])
    page.wait_for_function("liqmap.picture.detail && location.search.includes('zoom=')")
    seen, link = page.evaluate(_SEEN), page.evaluate("location.search")
    page.select_option("[name=palette]", "viridis")
    page.wait_for_function("location.search.includes('palette=viridis')")
    assert page.evaluate("location.search.includes('zoom=')")
    page.go_back()
    page.wait_for_function("liqmap.setting('palette') === null")
    assert page.evaluate("location.search") == link

    page = visit(link)
    page.wait_for_function("liqmap.picture.detail")
    np.testing.assert_allclose(page.evaluate(_SEEN), seen, rtol=1e-6)
    page.click("[name=range][value='12h']")
    page.wait_for_function("!location.search.includes('zoom') && !liqmap.picture.detail")
    expect(page.locator("[name=range][value='12h']")).to_be_checked()
