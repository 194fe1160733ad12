"""The algebra of columns: what it makes is what a checked construction makes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from tests.support.random_markets import Drawn, markets

COLUMNS = [column.name for column in fields(Candles)]


def checked(bars: Candles) -> Candles:
    """The same bars through the public constructor."""
    return Candles(**{name: getattr(bars, name) for name in COLUMNS})


def assert_sound(bars: Candles) -> None:
    """The border would let them in as they are, and nobody can change them."""
    again = checked(bars)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(bars, name), getattr(again, name), err_msg=name)
    assert not bars.close.flags.writeable
    assert not bars.end_ms.flags.writeable


@given(markets(), st.floats(1e-3, 1e3), st.integers(1, 70), st.data())
def test_rows_scales_and_samples_of_sound_bars_are_sound(
    market: Drawn, factor: float, most: int, data: st.DataObject
) -> None:
    bars, _, _ = market
    size = len(bars)
    keep = np.array(data.draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    few = bars.gathered(most * bars.step_ms)
    for made in (bars.rows(keep), bars.rows(slice(size // 2)), few):
        assert_sound(made)
    np.testing.assert_array_equal(bars.rows(keep).close, bars.close[keep])
    assert (few.time_ms % few.step_ms == 0).all()
    assert set(few.time_ms) == set(bars.time_ms // few.step_ms * few.step_ms)
    assert (few.high.max(), few.low.min()) == (bars.high.max(), bars.low.min())
    assert few.end_ms[-1] == bars.end_ms[-1]
    assert few.volume_base.sum() == pytest.approx(bars.volume_base.sum())
    scaled = bars.scaled(factor)
    np.testing.assert_allclose(
        scaled.close * scaled.volume_base, bars.close * bars.volume_base, rtol=1e-9
    )
    np.testing.assert_allclose(scaled.scaled(1 / factor).high, bars.high, rtol=1e-12)


@given(markets(), st.integers(0, 60))
def test_bars_cut_in_two_and_joined_are_the_same(market: Drawn, at: int) -> None:
    bars, held, _ = market
    at = min(at, len(bars))
    whole = Candles.joined(bars.rows(slice(at)), bars.rows(slice(at, None)))
    assert_sound(whole)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(whole, name), getattr(bars, name), err_msg=name)
    newer = held.rows(slice(min(at, len(held) - 1), None))
    samples = OpenInterest.joined(held, newer)
    np.testing.assert_array_equal(samples.open_interest_base, held.open_interest_base)
    np.testing.assert_array_equal(samples.time_ms, held.time_ms)


def hour_then_minutes() -> Candles:
    """One hour, then two bars of five minutes."""
    start, opened, high, low, close, volume = np.array([[0.0], [9], [12], [8], [10], [120]])
    hour = Candles(start, opened, high, low, close, volume, step_ms=3_600_000)
    opens = [3_600_000.0, 3_900_000]
    short = Candles(*np.array([opens, [10, 11], [12, 12], [9, 10], [11, 10], [7, 8]]))
    return Candles.joined(hour, short)


def test_longer_bars_say_where_they_end() -> None:
    bars = hour_then_minutes()
    assert list(bars.time_ms) == [0, 3_600_000, 3_900_000]
    assert list(bars.end_ms) == [3_600_000, 3_900_000, 4_200_000]
    assert bars.step_ms == 300_000
    assert_sound(bars)
    assert list(bars.rows(slice(1)).end_ms) == [3_600_000]


def test_a_bar_that_ends_before_it_begins_is_refused() -> None:
    time_ms, flat = np.array([0.0, 5.0]), np.ones(2)
    with pytest.raises(InputError, match="end_ms: not after the opening at row 1"):
        Candles(time_ms, flat, flat, flat, flat, flat, end_ms=np.array([5.0, 5.0]))


def test_a_bar_that_ends_after_the_next_begins_is_refused() -> None:
    time_ms, flat = np.array([0.0, 5.0, 10.0]), np.ones(3)
    with pytest.raises(InputError, match="end_ms: after the next opening at row 1"):
        Candles(time_ms, flat, flat, flat, flat, flat, end_ms=np.array([5.0, 11.0, 15.0]))


@given(markets(), st.integers(0, 60), st.integers(0, 60))
def test_newer_bars_take_the_place_of_older_ones(market: Drawn, first: int, end: int) -> None:
    """Bars of the same time are those of the newer page, each of them once."""
    bars, _, _ = market
    first = min(first, len(bars) - 1)
    older = bars.scaled(2).rows(slice(max(first, end)))
    whole = Candles.joined(older, bars.rows(slice(first, None)))
    assert_sound(whole)
    np.testing.assert_array_equal(whole.time_ms, bars.time_ms)
    np.testing.assert_array_equal(whole.close[first:], bars.close[first:])
    np.testing.assert_array_equal(whole.close[:first], 2 * bars.close[:first])


def test_a_long_bar_that_reaches_into_the_short_ones_is_left_out() -> None:
    bars = hour_then_minutes()
    hour, short = bars.rows(slice(1)), bars.rows(slice(2, None))
    within = Candles(*np.array([[1_800_000.0], [1], [1], [1], [1], [1]]))
    assert list(Candles.joined(hour, within).time_ms) == [1_800_000]
    assert list(Candles.joined(hour, short).time_ms) == [0, 3_900_000]


def test_slices_are_views() -> None:
    bars = hour_then_minutes()
    assert np.shares_memory(bars.rows(slice(1, None)).close, bars.close)


def test_what_callers_keep_is_not_what_is_kept() -> None:
    """The border copies: a caller may go on with his arrays."""
    close = np.array([10.0, 11.0])
    bars = Candles(np.array([0.0, 300_000.0]), close, close, close, close, np.ones(2))
    close[0] = 99.0
    assert list(bars.close) == [10.0, 11.0]
