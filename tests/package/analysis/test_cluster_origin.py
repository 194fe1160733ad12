"""Why a cluster is there: opening times, entry prices and what has left, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from liqmap.analysis.cluster_origin import Opened, entry_prices, gone, opened
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.inputs import Setup
from liqmap.estimate.leverage import RANGES, LeverageRange, mix_of
from liqmap.estimate.setup import setup_of
from liqmap.margin import liquidation_price
from tests.support.random_markets import bars_at
from tests.support.small_picture import STEP

EDGES_MS = STEP * np.arange(8.0)


def test_growth_says_when_positions_were_opened() -> None:
    """Of 60 that came, 15 were there in column 2 and 45 in column 5; 10 from before."""
    found = opened(np.array([10.0, 10, 30, 50, 40, 60]), EDGES_MS)
    assert found.before_part == pytest.approx(10 / 70)
    assert found.span_ms == (2 * STEP, 6 * STEP)


def test_what_only_shrinks_was_opened_before() -> None:
    assert opened(np.array([10.0, 8, 8]), EDGES_MS) == Opened(1.0, None)
    assert opened(np.zeros(3), EDGES_MS) == Opened(0.0, None)
    assert opened(np.arange(5.0), EDGES_MS) == Opened(0.0, (STEP, 4 * STEP))  # 1 and 3 of 4
    assert opened(np.array([0.0, 4]), EDGES_MS) == Opened(0.0, (STEP, 2 * STEP))


def test_what_has_left_is_a_part_of_the_most() -> None:
    assert gone(np.array([10.0, 40, 20])) == (0.5, 1)
    assert gone(np.array([10.0, 40])) == (0.0, 1)
    assert gone(np.zeros(2)) == (0.0, 0)


def setup(leverages: tuple[float, ...] | None) -> Setup:
    bars = bars_at(100.0)
    return setup_of(mix_of(leverages), 0.005, "linear", Assumptions(), bars, capped=False)


@pytest.mark.parametrize("position_side", [1, -1])
def test_entries_are_where_positions_of_that_leverage_are_liquidated_in_the_band(
    position_side: int,
) -> None:
    """10×: of longs the liquidation price is 0.9 / 0.995 of the entry, of shorts 1.1 / 1.005."""
    ten = LeverageRange.single(10.0)
    found = entry_prices(setup((10.0, 20.0)), ten, position_side, (90.0, 95.0), (1.0, 1e6))
    assert found is not None
    for entry, expected in zip(found, (90.0, 95.0), strict=True):
        liquidated = liquidation_price(entry, 10.0, position_side, 0.005)
        assert float(liquidated) == pytest.approx(expected)


def test_a_range_has_entries_from_its_nearest_to_its_farthest_leverage() -> None:
    """5–10× longs are liquidated at 0.8 / 0.995 to 0.9 / 0.995 of their entry."""
    found = entry_prices(setup(None), RANGES[2], 1, (90.0, 95.0), (1.0, 1e6))
    assert found == pytest.approx((90 * 0.995 / 0.9, 95 * 0.995 / 0.8), rel=1e-3)


def test_prices_that_never_traded_are_left_out() -> None:
    ten = LeverageRange.single(10.0)
    assert entry_prices(setup((10.0,)), ten, 1, (90.0, 95.0), (100.0, 104.0)) == (100.0, 104.0)
    assert entry_prices(setup((10.0,)), ten, 1, (90.0, 95.0), (106.0, 120.0)) is None
