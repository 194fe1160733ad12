"""Where new positions stand within their ranges, and who outlives the bar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.data.series import Array
from liqmap.estimate.balance.opening import opened_in, placed
from liqmap.estimate.cohorts import SIGN
from liqmap.estimate.inputs import Setup
from liqmap.estimate.leverage import RANGES
from liqmap.estimate.options import Options, bars_of, inputs_of
from liqmap.estimate.setup import POINTS
from tests.support.random_markets import bars_at, held_at_ends

GOLDEN = (5**0.5 - 1) / 2


def usual() -> Setup:
    """Of ranges up to 166×."""
    samples = held_at_ends(1.0, before=0.0)
    return inputs_of(bars_at(100), samples, None, Options(maintenance=0.004)).setup


SETUP = usual()


@settings(max_examples=100)
@given(
    st.integers(0, len(RANGES) - 1),
    st.sampled_from([0, 1]),
    st.sampled_from([8, 30, 150]),
    st.integers(0, 100_000),
    st.integers(0, 2**32 - 1),
)
def test_any_run_of_positions_fills_the_price_axis_evenly(
    of: int, side: int, count: int, first: int, seed: int
) -> None:
    """Wherever they entered: no gap is wider than 2.7 / count, but for the step."""
    entry = 100 * np.exp(0.2 * np.random.default_rng(seed).standard_normal(count))
    number, kind = first + np.arange(float(count)), np.full(count, of)
    golden: Array = GOLDEN * (number + of + 1)
    way = np.log(entry / SETUP.first_price)
    depth, weight = placed(SETUP, side, kind, entry, golden, way)
    factor = np.abs(depth) / entry
    low, high = SETUP.factor[side, of].min(), SETUP.factor[side, of].max()
    assert ((factor >= low * (1 - 1e-12)) & (factor <= high * (1 + 1e-12))).all()
    assert (np.sign(depth) == SIGN[side]).all()
    place = np.sort(np.log(np.abs(depth) / SETUP.first_price) / SETUP.width[side, of] % 1.0)
    gaps = np.append(np.diff(place), 1 + place[0] - place[-1])
    assert gaps.max() < 2.7 / count + 2 / POINTS
    assert gaps.min() > 0.3 / count - 2 / POINTS
    row = np.abs(np.log(SETUP.factor[side, of][:, None] / factor)).argmin(axis=0)
    np.testing.assert_array_equal(weight, SETUP.weight[side, of][row])


def test_few_entries_stand_for_the_lowest_ranges() -> None:
    """Of ten entries each fourth for <3×, each second for 3–5×; numbers go on."""
    candles = bars_at((100.0, 103.0, 100.0, 103.0), (103.0, 103.0, 100.0, 100.0))
    bars = bars_of(candles, held_at_ends(9, 9, before=9), None)
    numbers = np.array([0, 0, 5, 0, 0, 0, 7])
    births = opened_in(bars, SETUP, 0, numbers)
    who, at = births.outlived
    for bar in (0, 1):
        count = np.bincount(who.kind[at == bar], minlength=7)  # longs
        assert count[:4].tolist() == [3, 5, 10, 10]
    assert births.numbers.tolist() == [6, 10, 25, 20, 20, 20, 27]
    first = births.outlived.who.depth[(who.kind == 2) & (at == 0)]
    entry = 100 * (1 + 0.03 * ((GOLDEN % 1 + np.arange(10)) / 10))
    golden: Array = GOLDEN * (5 + np.arange(10.0) + 2 + 1)
    expected, _ = placed(SETUP, 0, np.full(10, 2), entry, golden, np.log(entry / 100))
    np.testing.assert_allclose(first, expected)


@pytest.mark.parametrize("volume", [0.0, 600.0])
def test_what_each_group_opens_is_parted_by_its_weights(volume: float) -> None:
    """Parts of holders and of churners sum to one for each side and bar, in any bar."""
    candles = bars_at((100, 130, 60, 90), 90, (90, 90, 50, 90), volume=volume)
    bars = bars_of(candles, held_at_ends(9, 9, 9, before=9), None)
    who, at = opened_in(bars, SETUP, 0, np.zeros(7, np.intp)).outlived
    for part in (who.held, who.churned):
        np.testing.assert_allclose(np.bincount(at, part, 6), 1)
    rate = SETUP.hold_rate[who.kind % 7]
    odds = who.held / who.churned / (rate / (1 - rate))
    for group in range(6):
        np.testing.assert_allclose(odds[at == group], odds[at == group][0])
    assert (who.birth == at % 3 + 1).all()
