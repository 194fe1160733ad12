"""The part of swept exposure that is liquidated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.series import Array
from liqmap.errors import InputError, NoData
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.bootstrap import DAY_MS, HOUR_MS
from liqmap.evaluate.realised_share import (
    ASSUMED,
    MARKET_SPREAD,
    Share,
    Shares,
    expected,
    measured_share,
)

DAYS: Array = 1_772_323_200_000.0 + DAY_MS * np.arange(30.0)
SWEPT: Array = np.linspace(1e6, 4e6, 30)


def test_the_share_is_total_over_total() -> None:
    """Not the mean of the days' shares, which quiet days would rule."""
    actual = np.where(np.arange(30) % 2, 0.0, 2e5)
    found = measured_share(SWEPT, actual, DAYS, source="a venue")
    assert found.value == pytest.approx(actual.sum() / SWEPT.sum())
    assert found.low < found.value < found.high
    assert found.source == "measured over 30 days, a venue"


def test_a_constant_share_is_known_exactly() -> None:
    found = measured_share(SWEPT, 0.04 * SWEPT, DAYS)
    assert found[:3] == pytest.approx((0.04, 0.04, 0.04))


def test_another_venue_s_totals_are_of_its_own_open_interest() -> None:
    found = measured_share(SWEPT, 0.04 * SWEPT, DAYS, open_interest_ratio=1 / 3)
    assert found.value == pytest.approx(0.12)


def test_hours_of_a_day_are_drawn_together() -> None:
    """Days that differ leave more doubt than as many hours would."""
    hours: Array = DAYS[0] + HOUR_MS * np.arange(240.0)
    by_day = np.repeat(np.where(np.arange(10) % 2, 0.01, 0.09), 24)
    by_hour = np.where(np.arange(240) % 2, 0.01, 0.09)
    even = np.full(240, 1e6)
    days = measured_share(even, by_day * even, hours)
    mixed = measured_share(even, by_hour * even, hours)
    assert days.value == pytest.approx(mixed.value) == pytest.approx(0.05)
    assert days.high - days.low > 5 * (mixed.high - mixed.low)


@pytest.mark.parametrize(
    ("swept", "actual", "start_ms"),
    [
        (SWEPT[:10], SWEPT[:10], DAYS[:10]),
        (SWEPT, 0 * SWEPT, DAYS),
        (0 * SWEPT, SWEPT, DAYS),
    ],
)
def test_what_tells_nothing(swept: Array, actual: Array, start_ms: Array) -> None:
    with pytest.raises(NoData, match="too few") as refused:
        measured_share(swept, actual, start_ms)
    assert "the share is assumed" in refused.value.hint


def test_what_cannot_be() -> None:
    with pytest.raises(InputError, match="one length"):
        measured_share(SWEPT, SWEPT[1:], DAYS)
    with pytest.raises(InputError, match="open_interest_ratio"):
        measured_share(SWEPT, SWEPT, DAYS, open_interest_ratio=0.0)


@given(st.floats(0.001, 0.9), st.floats(1.01, 5.0))
def test_a_measurement_moves_the_assumed_share_towards_it(value: float, factor: float) -> None:
    measured = Share(value, value / factor, value * factor, "measured")
    before = ASSUMED["all_exchanges"].long
    after = before.updated(measured)
    assert min(value, before.value) <= after.value * 1.0001
    assert after.value <= max(value, before.value) * 1.0001
    assert after.high / after.low < before.high / before.low
    assert after.source == "measured"


def test_a_sure_measurement_leaves_the_doubt_between_months() -> None:
    sure = Share(0.03, 0.0299, 0.0301, "measured")
    after = Share(0.03, 0.0003, 3.0, "a guess").updated(sure)
    assert after.value == pytest.approx(0.03)
    assert np.log(after.high / after.low) / (2 * 1.645) == pytest.approx(MARKET_SPREAD, rel=0.02)


REPORTED_BY_MONTH = {
    "long": [0.0066, 0.0115, 0.0088, 0.0105, 0.0073, 0.0096, 0.0094, 0.0126, 0.020, 0.030],
    "short": [0.0040, 0.0070, 0.0072, 0.0081, 0.0049, 0.0070, 0.0080, 0.0056, 0.016, 0.023],
}
"""What all exchanges reported over what was swept on their open interest: BTC and ETH, the
first four months of 2025, and the range from December 2025 to February 2026 …"""
SWEPT_LESS = 1.87
"""… by a mix of seven leverages, which sweeps so many times what the default mix sweeps."""


@pytest.mark.parametrize("side", ["long", "short"])
def test_what_all_exchanges_report_is_within_a_factor_of_three_of_each_month(side: str) -> None:
    share: Share = getattr(ASSUMED["all_exchanges"], side)
    assert share.low == pytest.approx(share.value / 3)
    assert share.high == pytest.approx(3 * share.value)
    for month in REPORTED_BY_MONTH[side]:
        assert share.low < SWEPT_LESS * month < share.high


def test_who_reports_all_is_assumed_to_report_more() -> None:
    reported, own = ASSUMED["all_exchanges"], ASSUMED["this_venue"]
    for share, measured in ((own.long, 0.328), (own.short, 0.096)):  # of Hyperliquid
        assert share.value == pytest.approx(measured, rel=0.03)
        assert share.source.startswith("assumed")
    assert own.long.value > own.short.value > reported.long.value > reported.short.value
    assert [(name, one.whose) for name, one in ASSUMED.items()] == [
        (name, name) for name in ASSUMED
    ]


def test_members_guess_the_share_within_its_interval() -> None:
    share = Share(0.03, 0.01, 0.09, "assumed")
    guesses = share.guesses(200)
    assert np.median(guesses) == pytest.approx(0.03, rel=0.02)
    assert np.mean((guesses > 0.01) & (guesses < 0.09)) == pytest.approx(0.9, abs=0.04)
    sure = Share(0.5, 0.5, 0.5, "measured")
    members = Members(np.ones((40, 3)), np.full((40, 3), 2.0))
    amounts = expected(members, Shares(share, sure, "this_venue"))
    np.testing.assert_allclose(amounts.long_base, np.outer(share.guesses(40), np.ones(3)))
    np.testing.assert_allclose(amounts.short_base, 1.0, rtol=0.01)
    one, many = np.array([0]), np.array([3])
    low, high = amounts.interval(np.array([9.0]), one, many, 1)[:, 0]
    assert 1.5 < low < 4
    assert 20 < high < 50
