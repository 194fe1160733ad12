"""What a visitor zooms to is estimated for itself: sums are kept, detail appears."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
import pytest

import liqmap
from liqmap.feed.poller import POLL_S
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.viewport import Window
from liqmap.session.messages import Clusters
from liqmap.session.session import Session
from tests.package.session.test_session import Page, session
from tests.support.clock import run
from tests.support.markets import BARS, STEP_MS, market

END_MS = BARS * STEP_MS
HOUR_MS = 12 * STEP_MS
NOW = Window(END_MS - 6 * HOUR_MS, END_MS + HOUR_MS, 96.0, 99.0)
PAST = Window(END_MS - 9 * HOUR_MS, END_MS - 3 * HOUR_MS, 96.0, 99.0)


def shown(*steps: Callable[[Session], object], query: str = "", seconds: float = 0.0) -> Page:
    """A page on which a view is shown, then something done."""
    page = Page()
    page.refreshed = [market(more=1)]

    async def main() -> None:
        one = session(page)
        await one.show(query)
        for step in steps:
            done = step(one)
            if asyncio.iscoroutine(done):
                await done
        await asyncio.sleep(seconds)

    run(main())
    return page


def column(picture: Heatmap, at: int) -> np.ndarray:
    return picture.image.quote.reshape(picture.image.rows, -1)[:, at]


@pytest.mark.parametrize(("window", "behind"), [(NOW, 0), (PAST, 3 * 12 - 2)])
def test_a_window_has_the_sums_of_the_book_and_more_rows(window: Window, behind: int) -> None:
    page = shown(lambda one: one.zoom(window))
    whole, detail = page.of(Heatmap)
    assert (whole.detail, detail.detail) == (False, True)
    image = detail.image
    assert image.y <= window.low_price
    assert image.y + image.dh >= window.high_price
    assert image.x <= window.begin_ms
    assert image.x + image.dw == pytest.approx(END_MS - behind * STEP_MS)
    assert image.dh / image.rows < whole.image.dh / whole.image.rows / 2
    one = market()
    bars = one.candles.rows(slice(0, BARS - behind))
    exact = liqmap.estimate(
        bars, one.open_interest, price_range=(image.y, image.y + image.dh), price_bins=600
    )
    total = float((exact.long_quote + exact.short_quote)[:, -1].sum())
    assert total > 0
    assert column(detail, -1).sum() == pytest.approx(total, rel=1e-4)
    assert (detail.ranges, detail.frame) == (whole.ranges, whole.frame)
    assert len(page.of(Clusters)) == 1, "the table stays that of the whole frame"


def test_without_a_window_all_of_it_is_shown_again() -> None:
    page = shown(lambda one: one.zoom(NOW), lambda one: one.zoom(None), lambda one: one.zoom(None))
    whole, _, again = page.of(Heatmap)
    assert not again.detail
    np.testing.assert_array_equal(again.image.rgba, whole.image.rgba)


def test_a_new_bar_is_seen_in_the_window() -> None:
    page = shown(lambda one: one.zoom(NOW), seconds=POLL_S + 1)
    before, after = page.of(Heatmap)[1:3]
    assert after.detail
    assert after.image.x + after.image.dw == before.image.x + before.image.dw + STEP_MS
    np.testing.assert_allclose(column(after, -2), column(before, -1), rtol=1e-5)


def test_a_window_is_kept_in_the_same_frame_and_dropped_with_it() -> None:
    page = shown(
        lambda one: one.zoom(NOW), lambda one: one.show("?palette=grey"), lambda one: one.show("?range=12h")
    )
    assert [one.detail for one in page.of(Heatmap)] == [False, True, True, False]


def test_a_window_without_bars_or_prices_shows_the_whole() -> None:
    page = shown(
        lambda one: one.zoom(NOW),
        lambda one: one.zoom(Window(END_MS + HOUR_MS, END_MS + 2 * HOUR_MS, 96.0, 99.0)),
    )
    assert [one.detail for one in page.of(Heatmap)] == [False, True, False]


def test_a_difference_is_zoomed_as_well() -> None:
    page = shown(lambda one: one.zoom(NOW), query="?versus=balance")
    detail = page.of(Heatmap)[-1]
    assert detail.detail
    assert detail.diverging
    assert not detail.image.quote.any()


def test_another_screen_draws_the_same_sums_in_other_rows() -> None:
    page = shown(
        lambda one: one.screen(1_100, 600, system_light=False),
        lambda one: one.screen(1_100, 300, system_light=False),
        lambda one: one.screen(0, 0, system_light=False),
        lambda one: one.screen(1_100, 310, system_light=False),
    )
    fine, coarse = page.of(Heatmap)
    assert (fine.image.rows, coarse.image.rows) == (300, 150)
    np.testing.assert_allclose(
        column(coarse, -1), column(fine, -1).reshape(150, 2).sum(axis=1), rtol=1e-5
    )
