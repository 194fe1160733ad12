"""Who stays: the balance of two groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.estimate.balance.settlement import _staying

amounts = st.sampled_from([0.0, 1e-100, 1e-12, 1.0, 7e14]) | st.floats(1e-9, 1e12)
ratios = st.sampled_from([1e-6, 0.05, 1 / 3, 1.0, 20.0, 1e9])


@given(amounts, amounts, st.floats(0, 1.2) | amounts, ratios)
def test_as_much_stays_as_is_to_be_left(
    hold: float, churn: float, part: float, ratio: float
) -> None:
    """To twelve digits of what was there; nobody comes, and both leave by one hazard."""
    left = part * (hold + churn) if part <= 1.2 else part
    stay, linger = _staying(hold, churn, left, ratio)
    assert 0 < stay <= 1
    assert 0 < linger <= 1
    assert hold * stay + churn * linger == pytest.approx(
        min(left, hold + churn), rel=1e-9, abs=1e-12 * (hold + churn)
    )
    if stay < 1 and linger < 1:
        rounding = 4e-16 * (1 + ratio)
        assert 1 / stay - 1 == pytest.approx(
            ratio * (1 / linger - 1), rel=1e-3, abs=1e-12 + rounding
        )


@pytest.mark.parametrize(
    ("hold", "churn", "left", "parts"),
    [
        (6.0, 2.0, 3.5, (1 / 2, 1 / 4)),  # a hazard of 3
        (4.0, 4.0, 5.0, (3 / 4, 1 / 2)),  # of 1
        (7.0, 4.5, 5.0, (15 / 28, 5 / 18)),  # of 2.6
        (6.0, 2.0, 8.0, (1.0, 1.0)),
        (6.0, 2.0, 9.0, (1.0, 1.0)),
        (0.0, 8.0, 2.0, (1 / 2, 1 / 4)),
        (8.0, 0.0, 4.0, (1 / 2, 1 / 4)),
    ],
)
def test_by_hand_at_a_third_of_the_hazard(
    hold: float, churn: float, left: float, parts: tuple[float, float]
) -> None:
    assert _staying(hold, churn, left, 1 / 3) == pytest.approx(parts)


@pytest.mark.parametrize(("hold", "churn"), [(6.0, 2.0), (0.0, 1.0), (1e-300, 1e12)])
@pytest.mark.parametrize("left", [0.0, 5e-324, 1e-300])
def test_where_nobody_is_to_stay_nothing_is_seen_of_them_but_no_scale_is_zero(
    hold: float, churn: float, left: float
) -> None:
    stay, linger = _staying(hold, churn, left, 0.05)
    assert 0 < stay < 1e-20
    assert 0 < linger < 1e-20
