"""Cells are sums over price and means over time: nothing is sampled, and history stays."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.series import Array, Candles
from liqmap.estimate.density import Density, Matrix
from liqmap.picture.cells import amounts_quote, cells, reached_later
from liqmap.picture.viewport import Screen
from liqmap.view import View
from tests.support.small_picture import STEP, density, market

HOUR_MS = 12 * STEP
SCREEN = Screen(width_px=72.0, height_px=600.0)
"""Two bins a row; a day has columns of an hour, and half a day those of half an hour."""


def of_longs(density: Density) -> Matrix:
    return density.long_base


def many(bars: int, first: int = 0, rows: int = 600) -> Density:
    """Random amounts over many bins and bars; the first opens `first` bars after an hour began."""
    amounts = (
        np.random.default_rng(4).random((rows, 400)).astype(np.float32)[:, first : first + bars]
    )
    nothing = np.zeros(bars)
    return replace(
        density(),
        time_edges_ms=STEP * (first + np.arange(bars + 1.0)),
        price_edges=np.linspace(100.0, 160.0, rows + 1),
        long_base=amounts,
        short_base=np.zeros_like(amounts),
        beyond_long_base=nothing,
    )


def test_rows_are_sums_of_bins_and_columns_means_of_bars() -> None:
    one = many(288)
    made = cells(one, of_longs, SCREEN, 24 * HOUR_MS)
    assert made.quote.shape == (300, 24)
    assert (made.begin_ms, made.column_ms) == (0, HOUR_MS)
    assert made.low_price == 100
    assert made.row_price == pytest.approx(0.2)
    expected = one.long_base.reshape(300, 2, 24, 12).sum(axis=1).mean(axis=2)
    np.testing.assert_allclose(made.quote, expected, rtol=1e-5)
    held = one.long_base.sum(axis=0).reshape(24, 12).mean(axis=1)
    np.testing.assert_allclose(made.quote.sum(axis=0), held, rtol=1e-5)


def test_history_does_not_change_when_a_bar_comes() -> None:
    for bars in range(277, 288):
        fewer, more = many(bars), many(bars + 1)
        before = cells(fewer, of_longs, SCREEN, 24 * HOUR_MS)
        after = cells(more, of_longs, SCREEN, 24 * HOUR_MS)
        ended = bars // 12
        np.testing.assert_array_equal(before.quote[:, :ended], after.quote[:, :ended])


def test_columns_begin_at_whole_hours_and_a_cut_one_is_left_out() -> None:
    one = many(200, first=5)
    made = cells(one, of_longs, SCREEN, 24 * HOUR_MS)
    assert made.begin_ms == HOUR_MS
    np.testing.assert_allclose(
        made.quote[0, 0], one.long_base[:2, 7:19].sum(axis=0).mean(), rtol=1e-5
    )
    moved = many(199, first=6)  # the window has moved on by a bar
    again = cells(moved, of_longs, SCREEN, 24 * HOUR_MS)
    np.testing.assert_array_equal(again.quote, made.quote)


def test_a_gap_is_a_gap_and_an_unfinished_column_none() -> None:
    one = many(288)
    there = np.ones(288, bool)
    there[30:60] = False  # half of two hours, and one whole
    edges = np.append(one.time_edges_ms[:-1][there], one.time_edges_ms[-1])
    holed = replace(one, time_edges_ms=edges, long_base=one.long_base[:, there])
    made = cells(holed, of_longs, SCREEN, 24 * HOUR_MS)
    gaps = np.isnan(made.quote).all(axis=0)
    assert np.flatnonzero(gaps).tolist() == [3, 4]
    np.testing.assert_allclose(
        made.quote[0, 2], one.long_base[:2, 24:30].sum(axis=0).mean(), rtol=1e-5
    )
    long_columns = replace(
        one, time_edges_ms=np.array([0, 6, 12, 13.0]) * STEP, long_base=one.long_base[:, :3]
    )
    assert not np.isnan(cells(long_columns, of_longs, SCREEN, HOUR_MS).quote).any()


def reached_market(lows: Array, highs: Array) -> Candles:
    middle = 0.5 * (lows + highs)
    return Candles(
        STEP * np.arange(float(lows.size)), middle, highs, lows, middle, np.ones(lows.size)
    )


def test_what_the_price_reached_later() -> None:
    bars = reached_market(np.array([99.0, 85, 97]), np.array([103.0, 101, 112]))
    one = replace(market(), candles=bars, mark=None)
    ends = STEP * np.arange(1.0, 4.0)
    np.testing.assert_array_equal(reached_later(ends, one, 1), [85, 97, np.inf])
    np.testing.assert_array_equal(reached_later(ends, one, -1), [112, 112, -np.inf])
    calmer = reached_market(bars.low + 1, bars.high - 1)
    marked = replace(one, mark=calmer)
    np.testing.assert_array_equal(reached_later(ends, marked, 1), [86, 98, np.inf])


def test_bands_that_stand_and_bands_that_were_reached() -> None:
    """Longs wait at 85, 95 and below them 95 was reached by the last bar; shorts at 105, 115."""
    bars = reached_market(np.array([99.0, 99, 94]), np.array([101.0, 106, 101]))
    one = replace(market(), candles=bars, mark=None)
    both = amounts_quote(density(), View(), one)
    live = amounts_quote(density(), View(bands="live"), one)
    cleared = amounts_quote(density(), View(bands="cleared"), one)
    np.testing.assert_array_equal(live + cleared, both)
    np.testing.assert_array_equal(live[:, -1], both[:, -1], "now all of it stands")
    assert live[1].tolist() == [0, 0, 0]
    np.testing.assert_array_equal(cleared[1], both[1])
    np.testing.assert_array_equal(live[0], both[0])
    np.testing.assert_array_equal(cleared[2], [0, 0, 0])
    np.testing.assert_array_equal(live[3], both[3])
    only = amounts_quote(density(), View(bands="cleared", positions="short"), one)
    assert not only.any()
