"""What a visitor zooms to is estimated for itself: sums are kept, detail appears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest

import liqmap
from liqmap.data.market import Instrument, Market
from liqmap.estimate.density import Matrix
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.feed.directory import Directory
from liqmap.feed.poller import POLL_S
from liqmap.picture.coloring import Colors
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.viewport import Window
from liqmap.session.estimates import Estimates
from liqmap.session.messages import Clusters, Message
from liqmap.session.panels.heatmap import HeatmapPanel
from liqmap.session.session import Session
from liqmap.session.state import Loaded, Shown, State
from liqmap.view import View
from tests.support.clock import run
from tests.support.markets import BARS, STEP_MS, market, send

END_MS = BARS * STEP_MS
HOUR_MS = 12 * STEP_MS
Step = Callable[[Session], Awaitable[None] | None]
NOW = Window(END_MS - 6 * HOUR_MS, END_MS + HOUR_MS, 96.0, 99.0)
PAST = Window(END_MS - 9 * HOUR_MS, END_MS - 3 * HOUR_MS, 96.0, 99.0)


class OneContract(Directory):
    """A venue that lists one contract."""

    async def listed(self, venue: str) -> tuple[Instrument, ...]:
        return (market(venue=venue).instrument,)

    _asked = listed


def shown(*steps: Step, query: str = "", seconds: float = 0.0) -> list[Message]:
    """What is said when a view is shown and then something done; a bar comes later."""

    async def load(*_: Any, **__: Any) -> AsyncIterator[Market]:
        yield market()

    async def refresh(*_: Any) -> Market:
        return market(more=1)

    async def doubts(_: Shown) -> None:
        return None

    said: list[Message] = []
    given = {"load": load, "refresh": refresh, "doubts": doubts, "directory": OneContract(send)}

    async def main() -> None:
        one = Session(send, said.append, simulate=never, **given)  # type: ignore[arg-type]
        await one.show(query)
        for step in steps:
            done = step(one)
            if done is not None:
                await done
        await asyncio.sleep(seconds)

    run(main())
    return said


def never() -> Any:
    raise AssertionError("the venue was there")


def pictures(said: list[Message]) -> list[Heatmap]:
    return [one for one in said if isinstance(one, Heatmap)]


def column(picture: Heatmap, at: int) -> Matrix:
    """The amounts of one column."""
    return picture.image.quote.reshape(picture.image.rows, -1)[:, at]


@pytest.mark.parametrize(("window", "behind"), [(NOW, 0), (PAST, 3 * 12 - 2)])
def test_a_window_has_the_sums_of_the_book_and_more_rows(window: Window, behind: int) -> None:
    said = shown(lambda one: one.zoom(window))
    whole, detail = pictures(said)
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
    assert sum(isinstance(one, Clusters) for one in said) == 1, (
        "the table stays that of the whole frame"
    )


def test_without_a_window_all_of_it_is_shown_again() -> None:
    said = shown(lambda one: one.zoom(NOW), lambda one: one.zoom(None), lambda one: one.zoom(None))
    whole, _, again = pictures(said)
    assert not again.detail
    np.testing.assert_array_equal(again.image.rgba, whole.image.rgba)


def test_a_new_bar_is_seen_in_the_window() -> None:
    said = shown(lambda one: one.zoom(NOW), seconds=POLL_S + 1)
    before, after = pictures(said)[1:3]
    assert after.detail
    assert after.image.x + after.image.dw == before.image.x + before.image.dw + STEP_MS
    np.testing.assert_allclose(column(after, -2), column(before, -1), rtol=1e-5)


def test_a_window_is_kept_in_the_same_frame_and_dropped_with_it() -> None:
    said = shown(
        lambda one: one.zoom(NOW),
        lambda one: one.show("?palette=grey"),
        lambda one: one.show("?range=12h"),
    )
    assert [one.detail for one in pictures(said)] == [False, True, False]
    (grey,) = [one for one in said if isinstance(one, Colors)]
    assert grey.rgba.size == pictures(said)[1].image.rgba.size, "of the window"


def test_a_window_without_bars_or_prices_shows_the_whole() -> None:
    said = shown(
        lambda one: one.zoom(NOW),
        lambda one: one.zoom(Window(END_MS + HOUR_MS, END_MS + 2 * HOUR_MS, 96.0, 99.0)),
    )
    assert [one.detail for one in pictures(said)] == [False, True, False]


def test_a_difference_is_zoomed_as_well() -> None:
    said = shown(lambda one: one.zoom(NOW), query="?versus=balance")
    detail = pictures(said)[-1]
    assert detail.detail
    assert detail.diverging
    assert not detail.image.quote.any()


def test_another_screen_draws_the_same_sums_in_other_rows() -> None:
    said = shown(
        lambda one: one.screen(1_100, 600, system_light=False),
        lambda one: one.screen(1_100, 300, system_light=False),
        lambda one: one.screen(0, 0, system_light=False),
        lambda one: one.screen(1_100, 310, system_light=False),
    )
    fine, coarse = pictures(said)
    assert (fine.image.rows, coarse.image.rows) == (300, 150)
    np.testing.assert_allclose(
        column(coarse, -1), column(fine, -1).reshape(150, 2).sum(axis=1), rtol=1e-5
    )


def test_colours_do_not_depend_on_what_was_drawn_while_loading() -> None:
    """The same market at once, and after a picture that is a little brighter."""

    def drawn(*loading: Market) -> list[Heatmap]:
        panel, pictures = HeatmapPanel(), []
        shares = partial(ASSUMED.__getitem__, "this_venue")
        for number, one in enumerate(loading):
            loaded = Loaded(View(), {"bybit": one})
            shown = Estimates().shown(loaded, View(), None, shares=shares, anew=True)
            state = State(loaded=loaded, shown=replace(shown, number=number))
            pictures.append(panel.update(state))
        return [one for one in pictures if isinstance(one, Heatmap)]

    one = market()
    held = one.open_interest
    more = replace(held, open_interest_base=1.001 * held.open_interest_base)
    (plain,) = drawn(one)
    _, after = drawn(replace(one, open_interest=more), one)
    np.testing.assert_array_equal(after.image.rgba, plain.image.rgba)
