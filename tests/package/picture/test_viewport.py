"""What a picture shows of time and price, and when that must change."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.picture.viewport import (
    EDGE,
    GROWTH,
    LEAST_MARGIN,
    MARGIN,
    PRICE_BINS,
    Frame,
    Screen,
    Window,
    price_range,
)
from liqmap.view import HOUR_MS, STEP_MS, View

DAYS = 3


def market(low: float = 90.0, high: float = 110.0, last: float = 100.0, bars: int = 0) -> Market:
    """Three days and some bars: one touches low, one high, both within the last day."""
    n = DAYS * 288 + bars
    close = np.full(n, 100.0)
    close[-1] = last
    lows, highs = np.minimum(close, 100) - 1, np.maximum(close, 100) + 1
    lows[DAYS * 288 - 100], highs[DAYS * 288 - 50] = low, high
    times = STEP_MS * np.arange(float(n))
    candles = Candles(times, np.full(n, 100.0), highs, lows, close, np.ones(n))
    one = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    return Market("bybit", one, candles, OpenInterest(candles.end_ms, np.ones(n)))


def test_the_window_ends_with_the_newest_bar() -> None:
    frame = Frame.around([market()], View(range="24h"))
    assert frame.end_ms == DAYS * 288 * STEP_MS
    assert frame.first_ms == (DAYS - 1) * 288 * STEP_MS
    assert (frame.every, frame.columns) == (1, 288)


def past(days: int, step_ms: float) -> Market:
    """So many days of bars."""
    one = market()
    n = int(days * 24 * HOUR_MS / step_ms)
    flat = np.full(n, 100.0)
    times = step_ms * np.arange(float(n))
    return replace(one, candles=Candles(times, flat, flat, flat, flat, flat, step_ms=step_ms))


@pytest.mark.parametrize(
    ("span", "step_ms", "every", "columns"),
    [
        ("30d", STEP_MS, 6, 1440),
        ("90d", HOUR_MS, 2, 1080),
        ("180d", HOUR_MS, 3, 1440),
        ("1y", HOUR_MS, 8, 1095),
    ],
)
def test_a_long_window_has_as_many_columns_as_a_screen(
    span: str, step_ms: int, every: int, columns: int
) -> None:
    frame = Frame.around([past(400, step_ms)], View(range=span))
    assert (frame.every, frame.columns) == (every, columns)
    assert frame.end_ms - frame.first_ms == every * columns * step_ms == View(range=span).window_ms


def test_columns_are_of_the_time_that_the_venue_keeps() -> None:
    """Not of the year that was asked for."""
    frame = Frame.around([past(30, HOUR_MS)], View(range="1y"))
    assert (frame.first_ms, frame.every, frame.columns) == (0.0, 1, 720)


def test_the_price_axis_holds_all_markets_of_the_window_with_a_margin() -> None:
    both = [market(low=80.0), market(high=130.0)]
    low, high = price_range(both, (DAYS - 1) * 288.0 * STEP_MS, View())
    assert (low, high) == (80 - MARGIN * 50, 130 + MARGIN * 50)
    quiet = market(low=99.9, high=100.1)
    low, high = price_range([quiet], (DAYS * 288.0 - 3) * STEP_MS, View())
    assert (low, high) == (99 - LEAST_MARGIN * 101, 101 + LEAST_MARGIN * 101)


def test_what_the_visitor_fixed_is_the_axis() -> None:
    assert price_range([market()], 0.0, View(low=90.0, high=110.0)) == (90.0, 110.0)
    low, high = price_range([market()], 0.0, View(low=500.0))
    assert low < 100 < high


@pytest.mark.parametrize("side", [-1, 1])
def test_a_price_that_nears_the_end_of_the_axis_asks_for_another(side: int) -> None:
    view = View()
    frame = Frame.around([market()], view)
    span = frame.high_price - frame.low_price
    end = frame.high_price if side > 0 else frame.low_price
    inside, outside = end - side * (EDGE + 0.01) * span, end - side * (EDGE - 0.01) * span
    assert frame.holds([market(last=inside)], view)
    assert not frame.holds([market(last=outside)], view)
    assert not frame.holds([market(last=inside), market(last=outside)], view)
    assert frame.holds([market(last=outside)], replace(view, low=1.0))  # the visitor's own axis


def test_after_a_part_of_the_window_it_is_framed_anew() -> None:
    view = View(range="24h")
    frame = Frame.around([market()], view)
    assert frame.holds([market(bars=int(GROWTH * 288))], view)
    assert not frame.holds([market(bars=int(GROWTH * 288) + 1)], view)


@pytest.mark.parametrize("height_px", [210, 300, 400, 480, 600, 760, 1_000])
def test_rows_are_about_two_pixels_high_and_hold_as_many_bins_each(height_px: float) -> None:
    bins = Screen(1_000, height_px).bins_a_row()
    assert PRICE_BINS % bins == 0
    assert 1.5 <= height_px / (PRICE_BINS / bins) <= 3


@pytest.mark.parametrize("width_px", [210, 600, 1_054, 1_900])
@pytest.mark.parametrize("hours", [24, 72, 168, 720])
def test_columns_are_about_three_pixels_wide(width_px: float, hours: int) -> None:
    span_ms = hours * 12 * STEP_MS
    column_ms = Screen(width_px, 600).column_ms(span_ms)
    assert column_ms % STEP_MS == 0
    px = width_px * column_ms / span_ms
    assert 2.1 <= px <= 4.3 or column_ms == STEP_MS, "no column is shorter than a bar"


def test_a_column_is_a_whole_number_of_what_it_is_made_of() -> None:
    screen = Screen(1_000, 600)
    for bars in (1, 2, 3, 4, 6, 8):
        assert screen.column_ms(25 * 288 * STEP_MS, bars * STEP_MS) % (bars * STEP_MS) == 0
    assert screen.column_ms(STEP_MS, 6 * STEP_MS) == 6 * STEP_MS


def test_columns_begin_at_multiples_of_their_length() -> None:
    every_bar = past(40, STEP_MS)
    late = replace(every_bar, candles=every_bar.candles.rows(slice(0, -1)))
    frame = Frame.around([late], View(range="30d"))
    assert frame.every == 6
    assert frame.first_ms % (6 * STEP_MS) == 0
    window_ms = View(range="30d").window_ms
    assert frame.end_ms - window_ms - 6 * STEP_MS < frame.first_ms < frame.end_ms - window_ms
    assert frame.columns == 1441


def test_a_window_is_framed_with_a_little_more_and_within_the_bars() -> None:
    day_ms = 288.0 * STEP_MS
    frame = Frame.within(Window(day_ms, 2 * day_ms, 90.0, 110.0), [market()])
    assert frame is not None
    assert frame.low_price == pytest.approx(90 - 0.4)
    assert frame.high_price == pytest.approx(110 + 0.4)
    assert frame.first_ms == day_ms - 6 * STEP_MS
    assert frame.end_ms == pytest.approx(2 * day_ms + 0.02 * day_ms)
    wide = Frame.within(Window(-day_ms, 99 * day_ms, -5.0, 110.0), [market()])
    assert wide is not None
    assert (wide.low_price, wide.first_ms, wide.end_ms) == (0, 0, DAYS * day_ms)
    assert Frame.within(Window(-3 * day_ms, -2 * day_ms, 90.0, 110.0), [market()]) is None
    assert Frame.within(Window(0, day_ms, -20.0, -10.0), [market()]) is None


def test_a_system_theme_is_the_screens() -> None:
    assert [Screen(system_light=True).light(theme) for theme in ("dark", "light", "auto")] == [
        False,
        True,
        True,
    ]
    assert not Screen().light("auto")
