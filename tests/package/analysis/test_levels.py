"""Levels of the history: events, touches, outcomes, controls, by hand and by law."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.analysis.levels import (
    GAP_MS,
    HORIZON_MS,
    History,
    Level,
    Trials,
    band_rate_of,
    history,
    wilson,
)
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Candles

HOUR = 3_600_000.0
RATE = 0.01
WIDTH = log(1 + RATE)


def price(bands: float) -> float:
    """So many widths above the price of 1; band k reaches from `price(k)` to `price(k + 1)`."""
    return float((1 + RATE) ** bands)


def bars(*closes: float, step_ms: float = HOUR) -> Candles:
    """Hourly bars that close at so many widths; each opens at the close before."""
    close = np.array([price(one) for one in closes])
    opened = np.concatenate([close[:1], close[:-1]])
    ends = np.sort([opened, close], axis=0)
    time_ms = step_ms * np.arange(float(close.size))
    return Candles(time_ms, opened, ends[1], ends[0], close, np.ones(close.size), step_ms=step_ms)


def seen(*rows: tuple[float, float, float, float]) -> Liquidations:
    """Rows of (hours since the start, side, price in widths, USD)."""
    hours, side, bands, usd = np.array(rows).reshape(-1, 4).T
    at = (1 + RATE) ** bands
    return Liquidations.sorted(HOUR * hours, side, at, usd / at)


def found(some: Liquidations, *closes: float) -> History:
    return history(some, bars(*closes), RATE)


def level(some: Liquidations, *closes: float) -> Level:
    """The only level."""
    (one,) = found(some, *closes).levels
    return one


DOWN = (0.5, 1, 10.5, 1000.0)
"""A long that is liquidated in band 10, half an hour after the start."""


def test_a_band_is_between_whole_powers_and_holds_its_liquidations() -> None:
    one = level(seen(DOWN, (0.6, 1, 10.01, 500)), 10.5, 10.5)
    assert (one.low_price, one.high_price) == pytest.approx((price(10), price(11)))
    assert one.amount_quote == pytest.approx(1500)
    assert (one.position_side, one.events, one.newest) == (1, 1, "open")
    assert one.first_ms == one.last_ms == pytest.approx(0.6 * HOUR)


def test_a_pause_of_more_than_an_hour_makes_two_events() -> None:
    closes = [10.5] * 5
    assert level(seen(DOWN, (1.5, 1, 10.5, 1000)), *closes).events == 1
    two = level(seen(DOWN, (1.51, 1, 10.5, 1000)), *closes)
    assert two.events == 2
    assert (two.first_ms, two.last_ms) == pytest.approx((0.5 * HOUR, 1.51 * HOUR))


def test_what_is_small_beside_its_side_is_no_event() -> None:
    """Two hundredths of its side count; the other side does not matter."""
    closes = [10.5] * 3
    some = seen((0, 1, 10.5, 96), (0, 1, 12.5, 2.1), (0, 1, 14.5, 1.9), (0, -1, 16.5, 1e6))
    assert {
        (one.position_side, round(one.amount_quote)) for one in found(some, *closes).levels
    } == {
        (1, 96),
        (1, 2),
        (-1, 1_000_000),
    }


def test_a_level_that_the_price_leaves_upward_held_and_downward_was_weak() -> None:
    """From 10.5, the way back ends at 12 = 11 + 1, the way through at 9 = 10 − 1."""
    assert level(seen(DOWN), 10.5, 11.9, 12.01).newest == "held"
    assert level(seen(DOWN), 10.5, 9.1, 8.99).newest == "broken"
    assert level(seen(DOWN), 10.5, 9.1, 11.9).newest == "open"
    assert level(seen(DOWN), 10.5, 8.9, 12.1).newest == "broken", "the first counts"


def test_only_what_comes_within_the_horizon_counts() -> None:
    late = [10.5] * 12 + [12.1]
    assert level(seen(DOWN), *late).newest == "open"  # the twelfth hour has ended, it is undecided
    assert level(seen(DOWN), *late[1:]).newest == "held"
    assert HORIZON_MS == 12 * HOUR


def test_a_touch_needs_an_approach_from_a_width_away() -> None:
    """After the event back to 12.1: touched at 10.9, held at 12.1; at 11.9 it is not away."""
    one = level(seen(DOWN), 10.5, 12.1, 10.9, 12.1, 10.9, 11.9, 10.9)
    assert one.trials == Trials(1, 0)
    two = level(seen(DOWN), 10.5, 12.1, 10.9, 12.1, 10.9, 8.9)
    assert (two.trials, two.newest) == (Trials(1, 1), "broken")
    none = level(seen(DOWN), 10.5, 11.9, 10.9, 11.9, 10.9, 8.9)
    assert (none.trials, none.newest) == (Trials(0, 0), "broken")


def test_a_low_is_a_touch_and_one_bar_may_hold() -> None:
    candles = bars(10.5, 12.5, 12.5, 12.5)
    low = candles.low.copy()
    low[2] = price(10.9)
    one = Candles(
        candles.time_ms, candles.open, candles.high, low, candles.close, candles.volume_base
    )
    (touched,) = history(seen(DOWN), one, RATE).levels
    assert touched.trials == Trials(1, 0)


def test_touches_within_an_hour_are_one() -> None:
    """Bars of ten minutes: in and out each twenty minutes; the fourth touch is an hour later."""
    closes = [10.5, *([12.1, 10.9] * 4), 12.1]
    some = seen((0, 1, 10.5, 100))
    (one,) = history(some, bars(*closes, step_ms=HOUR / 6), RATE).levels
    assert one.trials == Trials(2, 0)
    assert GAP_MS == HOUR


def test_a_touch_before_the_first_event_is_a_control_and_one_after_is_not() -> None:
    """Band 10 is touched at hour 1, its event is at hour 3, it is touched again at hour 5.

    The start of the time is an event in band 40, which no price reaches.
    """
    some = seen((0, 1, 40.5, 100), (3.5, 1, 10.5, 100))
    of = found(some, 12.5, 10.5, 12.5, 10.5, 12.5, 10.5, 12.5)
    one = next(one for one in of.levels if one.low_price == pytest.approx(price(10)))
    assert one.trials == Trials(1, 0)
    assert of.sides[1].trials == Trials(1, 0)
    # Before: band 10 at hours 1 and 3. No other band is touched from a width away.
    assert of.sides[1].base == Trials(2, 0)


def test_controls_are_all_bands_on_the_way_from_the_same_side() -> None:
    """From 20.5 down to 10.5 and back: bands 11 to 18 break (10.5 is a width below 11.5…).

    Bands whose upper end k + 1 is a width below 20.5: k ≤ 18. Of those, a close of 10.5 is one
    width below k for k ≥ 11.5, that is 12 … 18; bands 10 and 11 are left by the way back.
    """
    some = seen((0, -1, 40.5, 100))
    of = found(some, 20.5, 10.5, 20.5)
    assert of.sides[1].base == Trials(held=2, broken=7)
    # Upward from 10.5: bands of k ≥ 11.5, so 12 …; 20.5 is a width above k + 1 for k ≤ 18.
    assert of.sides[-1].base == Trials(held=0, broken=7)
    assert of.sides[1].trials.n == of.sides[-1].trials.n == 0


def test_touches_of_one_fall_count_once_together() -> None:
    """Two levels, of band 10 and of 12, both touched in the bar that falls to 8.5."""
    some = seen(DOWN, (0.5, 1, 12.5, 1000))
    of = found(some, 11, 15, 8.5)
    assert [one.trials for one in of.levels] == [Trials(0, 1)] * 2
    assert of.sides[1].trials == Trials(0, 1)


def test_nothing_before_the_first_liquidation_counts() -> None:
    of = found(seen((4.5, 1, 40.5, 100)), 12.5, 10.5, 12.5, 12.5, 12.5, 10.5, 12.5)
    assert of.since_ms == 4.5 * HOUR
    assert of.sides[1].base == Trials(1, 0)


def test_without_liquidations_or_bars_nothing_is_said() -> None:
    for of in (
        found(seen(), 10, 12),
        history(seen(DOWN), bars(), RATE),
        found(seen((99, 1, 9, 1)), 9),
    ):
        assert of.levels == ()
        assert of.sides[1].trials == of.sides[-1].base == Trials(0, 0)


def test_the_interval_is_that_of_wilson() -> None:
    """It solves (p̂ − p)² = z² p (1 − p) / n."""
    for held, n in ((0, 8), (3, 10), (10, 10), (40, 90)):
        for end in wilson(held, n):
            distance = abs(held / n - end)
            assert distance == pytest.approx(1.959964 * sqrt(end * (1 - end) / n), abs=1e-6)
    assert wilson(0, 0) == (0, 1)
    assert Trials(3, 1).share == 0.75


def test_a_level_proves_nothing_from_few_touches_or_beside_the_base_rate() -> None:
    """8 of 8 are 68 % or more."""
    base = Trials(60, 40)
    assert Trials(8, 0).differs(base)
    assert not Trials(7, 0).differs(base)
    assert not Trials(8, 0).differs(Trials(7, 3))  # 70 %
    assert not Trials(8, 0).differs(Trials(4, 3))
    assert Trials(0, 8).differs(base)


def test_the_width_follows_the_daily_range() -> None:
    def ranging(rate: float) -> Candles:
        close = np.full(49, 100.0)
        close[[10, 30]] = 100 * (1 + rate)
        time_ms = HOUR * np.arange(49.0)
        return Candles(time_ms, close, close, close, close, np.ones(49))

    assert band_rate_of(ranging(0.03)) == 0.002
    assert band_rate_of(ranging(0.055)) == 0.005
    assert band_rate_of(ranging(0.001)) == 0.0005
    assert band_rate_of(ranging(0.9)) == 0.02
    assert band_rate_of(bars(10, 11)) == 0.002  # less than a day


# ---------------------------------------------------------------- laws


def off_edges(low: int, high: int) -> st.SearchStrategy[float]:
    """Widths that lie on no edge of a band, nor do their mirror images."""
    return st.integers(100 * low, 100 * high - 2).map(lambda one: one / 100 + 0.0137)


walk = st.lists(st.integers(-300, 300), min_size=3, max_size=60).map(
    lambda steps: 50.0137 + np.cumsum(steps) / 100
)
some = st.lists(
    st.tuples(st.floats(0, 70), st.sampled_from([1.0, -1.0]), off_edges(30, 70), st.floats(1, 1e6)),
    max_size=30,
)


@given(walk, some)
def test_turning_the_price_around_swaps_the_sides(
    closes: Any, rows: list[tuple[float, float, float, float]]
) -> None:
    plain = found(seen(*rows), *closes)
    turned = found(
        seen(*((hour, -side, 100 - at, usd) for hour, side, at, usd in rows)), *(100 - closes)
    )

    def known(of: History, sign: int) -> list[tuple[Any, ...]]:
        return sorted(
            (sign * one.position_side, round(one.amount_quote, 3), one.events, one.newest,
             one.trials.held, one.trials.broken)
            for one in of.levels
        )  # fmt: skip

    assert known(plain, 1) == known(turned, -1)
    for side in (1, -1):
        assert plain.sides[side] == turned.sides[-side]


@given(walk, some, st.floats(0.1, 100))
def test_the_size_of_all_liquidations_changes_no_outcome(
    closes: Any, rows: list[tuple[float, float, float, float]], factor: float
) -> None:
    one = found(seen(*rows), *closes)
    other = found(seen(*((hour, side, at, usd * factor) for hour, side, at, usd in rows)), *closes)
    assert {level.trials for level in one.levels} == {level.trials for level in other.levels}
    assert one.sides == other.sides


@given(walk, some)
def test_bars_to_come_change_nothing_that_was_decided(
    closes: Any, rows: list[tuple[float, float, float, float]]
) -> None:
    """Of liquidations that were known before: counts only grow."""
    cut = len(closes) // 2 + 1
    early = [row for row in rows if row[0] < cut]
    before, after = found(seen(*early), *closes[:cut]), found(seen(*early), *closes)
    for old in before.levels:
        new = next(
            one
            for one in after.levels
            if (one.position_side, one.low_price) == (old.position_side, old.low_price)
        )
        assert new.amount_quote == old.amount_quote
        assert new.trials.held >= old.trials.held
        assert new.trials.broken >= old.trials.broken
    for side in (1, -1):
        assert after.sides[side].base.n >= before.sides[side].base.n


@given(st.integers(0, 50), st.integers(1, 50))
def test_an_interval_holds_its_share(held: int, more: int) -> None:
    low, high = wilson(held, held + more)
    assert 0 <= low <= held / (held + more) <= high <= 1
