"""Survivorship anchored to open interest: its rules, by hand."""

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


def estimated(
    bars: Mapping[float, tuple[float, ...]], held: list[float], **options: Any
) -> Density:
    """Bars of (open, high, low, close, volume) by the day on which they open.

    Leverages of 10 and 25, alike, without maintenance: longs rest at 0.9 and 0.96 of the
    entry, shorts at 1.1 and 1.04, blurred by up to 0.8 %. Bins of 5 from 58.
    """
    open_, high, low, close, volume = np.array(list(bars.values())).T
    time = DAY * np.array(list(bars))
    candles = Candles(time, open_, high, low, close, volume, step_ms=STEP)
    samples = OpenInterest(np.append(candles.time_ms[0] - 1, candles.end_ms), np.array(held))
    usual: dict[str, Any] = {
        "leverages": {10.0: 0.5, 25.0: 0.5},
        "maintenance": 1e-12,
        "price_bins": 14,
        "price_range": (58, 128),
    }
    return liqmap.estimate(candles, samples, model="survivor", **(usual | options))


def cells(column: Any) -> Any:
    """What is not empty, by the lower edge of its bin."""
    return {58 + 5 * int(row): float(column[row]) for row in np.flatnonzero(column)}


def approx(**expected: float) -> Any:
    return pytest.approx({int(name[1:]): mass for name, mass in expected.items()}, rel=1e-6)


FIRST = (100.0, 100.0, 100.0, 100.0, 0.0)
FALL = (100.0, 100.0, 94.0, 100.0, 0.0)
LATER = (105.0, 105.0, 105.0, 105.0, 0.0)


def test_each_leverage_has_its_share_of_open_interest() -> None:
    density = estimated({0.0: FIRST}, [0, 10])
    assert cells(density.long_base[:, 0]) == approx(p88=5, p93=5)
    assert cells(density.short_base[:, 0]) == approx(p103=5, p108=5)


def test_who_was_reached_later_is_gone_and_the_share_rests_on_the_survivors() -> None:
    """The fall to 94 takes the longs at 96; nobody is left of 25×, so its share is nowhere."""
    density = estimated({0.0: FIRST, 0.1: FALL}, [0, 10, 10])
    assert cells(density.long_base[:, 1]) == approx(p88=5)
    assert cells(density.short_base[:, 1]) == approx(p103=5, p108=5)
    np.testing.assert_allclose(density.swept_long_base, [0, 5])
    np.testing.assert_allclose(density.swept_long_quote, [0, 5 * 96])


def test_new_positions_open_where_open_interest_rose_and_old_ones_fade() -> None:
    """Ten days on, at 105, ten more: of 10× a half of the old is left beside the new."""
    density = estimated({0.0: FIRST, 0.1: FALL, 10.0: LATER}, [0, 10, 10, 20])
    assert cells(density.long_base[:, 2]) == approx(p88=10 / 3, p93=20 / 3, p98=10)
    # The rise swept the shorts at 104; the new ones are at 109.2 (25×) and 115.5.
    assert cells(density.short_base[:, 2]) == approx(p108=10 + 10 / 3, p113=20 / 3)
    np.testing.assert_allclose(density.swept_short_base, [0, 0, 5])
    np.testing.assert_allclose(density.swept_short_quote, [0, 0, 5 * 104])


def test_the_entry_is_the_bar_s_typical_price() -> None:
    """(103 + 97 + 100) / 3 is 100, so the levels are those of a still bar at 100."""
    moved = estimated({0.0: (98.0, 103.0, 97.0, 100.0, 0.0)}, [0, 10])
    still = estimated({0.0: FIRST}, [0, 10])
    np.testing.assert_allclose(moved.long_base, still.long_base)


def test_falling_open_interest_opens_nothing() -> None:
    density = estimated({0.0: FIRST, 0.1: LATER}, [0, 10, 4], leverages={10.0: 1.0})
    assert cells(density.long_base[:, 1]) == approx(p88=4)


def test_volume_decides_only_where_open_interest_says_nothing() -> None:
    one, two = (100.0,) * 4 + (30.0,), (105.0,) * 4 + (10.0,)
    flat = estimated({0.0: one, 1e-9: two}, [10, 10, 10], leverages={10.0: 1.0})
    assert cells(flat.long_base[:, 1]) == approx(p88=7.5, p93=2.5)
    risen = estimated({0.0: one, 1e-9: two}, [10, 10, 20], leverages={10.0: 1.0})
    assert risen.long_base[7, 1] == pytest.approx(20)


def test_a_level_is_blurred_by_a_quarter_of_a_percent() -> None:
    density = estimated({0.0: FIRST}, [0, 10], price_bins=14_000, leverages={10.0: 1.0})
    price, column = density.prices, density.long_base[:, 0]
    mean = float(price @ column) / 10
    assert mean == pytest.approx(90, abs=0.01)
    assert np.sqrt(float((price - mean) ** 2 @ column) / 10) == pytest.approx(0.225, rel=0.01)


def test_its_own_leverages_up_to_what_the_venue_offers() -> None:
    density = estimated({0.0: FIRST}, [0, 10], leverages=None, maintenance=0.004)
    assert [one.name for one in density.ranges] == ["10×", "25×", "50×", "100×"]
    by_leverage = density.long_by_leverage_base.sum(axis=1)
    np.testing.assert_allclose(by_leverage, [3.5, 3.0, 2.0, 1.5], rtol=1e-6)
    density = estimated({0.0: FIRST}, [0, 10], leverages=None, maintenance=0.015)
    by_leverage = density.long_by_leverage_base.sum(axis=1)
    np.testing.assert_allclose(by_leverage, [3.5, 6.5, 0, 0], rtol=1e-6)


def test_its_leverages_are_shown_with_the_ranges_that_hold_them() -> None:
    for only, there in (([10], [0]), ([30], [1]), ([20], [0]), ([50, 100], [2, 3]), ([3], [])):
        density = estimated({0.0: FIRST}, [0, 10], leverages=None, only_leverages=only)
        np.testing.assert_array_equal(
            np.flatnonzero(density.long_by_leverage_base.sum(axis=1)), there
        )
