"""Turnover with decay: its rules, by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

import liqmap
from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.density import Density

DAY = 86_400_000.0
STEP = 300_000.0
STILL = (101.0, 101.0, 101.0, 101.0, 10.0)


def estimated(
    bars: Mapping[float, tuple[float, ...]], held: list[float], **options: Any
) -> Density:
    """Bars of (open, high, low, close, volume) by the day on which they open.

    One leverage of 10, so longs rest at 0.9 and shorts at 1.1 of the entry; bins of 2.
    """
    open_, high, low, close, volume = np.array(list(bars.values())).T
    time = DAY * np.array(list(bars))
    candles = Candles(time, open_, high, low, close, volume, step_ms=STEP)
    samples = OpenInterest(
        np.append(candles.time_ms[0] - 1, candles.end_ms), np.array([held[0], *held])
    )
    options = {"leverages": {10.0: 1.0}, "price_bins": 25, "price_range": (70, 120), **options}
    return liqmap.estimate(candles, samples, model="turnover", **options)


def cells(column: Any) -> Any:
    """What is not empty, by the lower edge of its bin."""
    return {70 + 2 * int(row): float(column[row]) for row in np.flatnonzero(column)}


def approx(**expected: float) -> Any:
    return pytest.approx({int(name[1:]): mass for name, mass in expected.items()}, rel=1e-6)


def test_a_bar_adds_its_turnover_at_three_prices_and_the_side_is_scaled_to_open_interest() -> None:
    """Ten at 101; five days on half is left of them, and 10 × (1 + 8 × 25/125) = 26 are added."""
    bars = {0.0: STILL, 5.0: (101.0, 105.0, 101.0, 105.0, 10.0)}
    density = estimated(bars, [100, 125])
    assert cells(density.long_base[:, 0]) == approx(p90=100)
    assert cells(density.short_base[:, 0]) == approx(p110=100)
    # Close and high at 105: 0.725 of the 26 at 94.5 and 115.5; the low at 101: 0.275.
    new, old = 125 * 18.85 / 31, 125 * 12.15 / 31
    assert cells(density.long_base[:, 1]) == approx(p90=old, p94=new)
    assert cells(density.short_base[:, 1]) == approx(p110=old, p114=new)


def test_what_the_next_bar_reaches_is_swept_at_what_it_was_worth_before() -> None:
    bars = {
        0.0: STILL,
        5.0: (101.0, 105.0, 101.0, 105.0, 10.0),
        5.5: (105.0, 105.0, 91.0, 92.0, 0.0),
    }
    density = estimated(bars, [100, 125, 80])
    assert cells(density.long_base[:, 2]) == approx(p90=80)
    swept = 125 * 18.85 / 31
    np.testing.assert_allclose(density.swept_long_base, [0, 0, swept])
    np.testing.assert_allclose(density.swept_long_quote, [0, 0, swept * 94.5])
    np.testing.assert_allclose(density.swept_short_base, 0)


def test_a_new_level_on_the_wrong_side_of_the_close_does_not_stand() -> None:
    """Of a leverage of 50 the high of 104 would put longs at 101.9, above the close of 100."""
    bars = {0.0: (100.0, 104.0, 100.0, 100.0, 10.0)}
    density = estimated(bars, [40], leverages={50.0: 1.0}, price_range=(71, 121))
    assert {low + 1 for low in cells(density.long_base[:, 0])} == {97}
    assert density.long_base.sum() == pytest.approx(40)
    low, high = density.short_base[[15, 17], 0]  # 102 of entry 100, 106.08 of entry 104
    assert (low, high) == pytest.approx((40 * 0.725, 40 * 0.275))


def test_turnover_counts_three_times_at_most() -> None:
    bars = {0.0: (100.0, 100.0, 100.0, 100.0, 10.0), 1e-9: (110.0, 110.0, 110.0, 110.0, 10.0)}
    density = estimated(bars, [10, 1_000], price_range=(70.5, 120.5))
    np.testing.assert_allclose(density.long_base[[9, 14], 1], [250, 750])


def test_a_level_is_blurred_over_three_buckets() -> None:
    """Longs at 90, on the edge of a bin, and one bucket of 0.018 % to each side."""
    density = estimated({0.0: (100.0, 100.0, 100.0, 100.0, 10.0)}, [100])
    assert cells(density.long_base[:, 0]) == approx(p88=25, p90=75)


def test_its_own_leverages_are_added_by_share_and_half_life_and_fade_by_half_life() -> None:
    still, quiet = (100.0,) * 4 + (10.0,), (100.0,) * 4 + (0.0,)
    density = estimated({0.0: still}, [100], leverages=None)
    assert [one.name for one in density.ranges] == ["10×", "25×", "50×", "100×"]
    added = np.array([0.15 / 5, 0.20 / 2, 0.30 / 1, 0.35 / 0.5])
    by_leverage = density.long_by_leverage_base.sum(axis=1)
    np.testing.assert_allclose(by_leverage, 100 * added / added.sum(), rtol=1e-6)
    left = added * [2**-0.2, 2**-0.5, 0.5, 0.25]
    density = estimated({0.0: still, 1.0: quiet}, [100, 100], leverages=None)
    by_leverage = density.short_by_leverage_base.sum(axis=1)
    np.testing.assert_allclose(by_leverage, 100 * left / left.sum(), rtol=1e-6)


def test_slow_bars_are_those_of_swing_traders() -> None:
    price, at = np.array([100.0]), np.array([0.0])
    candles = Candles(at, price, price, price, price, np.array([9.0]), step_ms=4 * 3_600_000.0)
    samples = OpenInterest(at, np.array([100.0]))
    density = liqmap.estimate(candles, samples, model="turnover", price_range=(50, 200))
    assert [one.name for one in density.ranges] == ["3×", "5×", "10×", "25×"]
    added = np.array([0.15 / 60, 0.20 / 30, 0.30 / 14, 0.35 / 5])
    by_leverage = density.long_by_leverage_base.sum(axis=1)
    np.testing.assert_allclose(by_leverage, 100 * added / added.sum(), rtol=1e-6)


def test_nothing_traded_is_nothing_known() -> None:
    density = estimated({0.0: (100.0, 100.0, 100.0, 100.0, 0.0)}, [100])
    assert not density.long_base.any()
    assert not density.beyond_short_base.any()
