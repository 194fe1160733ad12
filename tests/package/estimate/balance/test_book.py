"""The book against the same law said plainly, and its parts."""

from __future__ import annotations

from dataclasses import fields, replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.balance import book, raster
from liqmap.estimate.balance import model as balance
from liqmap.estimate.cohorts import first_reached
from liqmap.estimate.entries import entries_along
from liqmap.estimate.inputs import Inputs
from liqmap.estimate.options import Options, inputs_of
from tests.support.plain_book import path, plain
from tests.support.random_markets import STEP_MS, Drawn, markets

MIXES = [{3.0: 0.5, 25.0: 0.3, 80.0: 0.2}, {150.0: 1.0}]
"""Of 150× alone nobody outlives a very wide bar, except who comes at its close."""


@settings(deadline=None, max_examples=80)
@given(
    markets(24),
    st.sampled_from(MIXES),
    st.booleans(),
    st.sampled_from([(30.13, 330.7), (95.21, 104.9)]),
)
def test_every_cell_is_that_of_the_plain_book(
    market: Drawn, leverages: dict[float, float], some: bool, span: tuple[float, float]
) -> None:
    candles, samples, mark = market
    only = list(leverages)[:2] if some else None
    options = Options(price_bins=20, price_range=span, leverages=leverages, only_leverages=only)
    inputs = inputs_of(candles, samples, mark, options)
    with mock.patch.object(book, "PRIOR_ENTRIES", 61):  # the plain book takes its time
        found, expected = balance.estimate(inputs), plain(inputs)
    largest = float(samples.open_interest_base.max())
    for name, values in expected.items():
        scale = {"quote": largest * float(candles.high.max()), "share": 1.0}
        atol = 1e-6 * scale.get(name.rpartition("_")[2], largest)
        np.testing.assert_allclose(getattr(found, name), values, atol=atol, err_msg=name)


@settings(max_examples=40)
@given(markets(), st.integers(0, 10_000))
def test_entries_lie_evenly_along_the_bar_and_know_what_is_to_come(
    market: Drawn, first: int
) -> None:
    candles, _, _ = market
    found = entries_along(candles.open, candles.high, candles.low, candles.close, first)
    rows = zip(candles.open, candles.high, candles.low, candles.close, strict=True)
    expected = [(t, *one) for t, row in enumerate(rows) for one in path(*row, first + t)]
    np.testing.assert_allclose(np.array(found).T, expected, rtol=1e-9)
    assert (found.rest_low <= found.price).all()
    assert (found.rest_high >= found.price).all()


@given(st.integers(1, 70), st.integers(0, 2**32 - 1))
def test_first_reached_is_the_first(n: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    level = random.integers(0, 20, n).astype(np.float64)
    threshold, start = random.integers(-1, 20, 30).astype(float), random.integers(0, n + 1, 30)
    found = first_reached(level, threshold, start)
    for at, limit, begin in zip(found, threshold, start, strict=True):
        later = [t for t in range(begin, n) if level[t] <= limit]
        assert at == (later[0] if later else n)


def assert_no_bit_depends_on(step: int, block: int, inputs: Inputs) -> None:
    """`step` bars lived through, `block` bars drawn at once."""
    one = balance.estimate(inputs)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(book, "STEP", step)
        patch.setattr(raster, "BLOCK", block)
        other = balance.estimate(inputs)
    for field in fields(one):
        mine, its = getattr(one, field.name), getattr(other, field.name)
        np.testing.assert_array_equal(mine, its, err_msg=field.name)


@settings(deadline=None, max_examples=25)
@given(market=markets(90))
@pytest.mark.parametrize(("step", "block"), [(1, 1), (7, 3), (50, 64)])
def test_how_many_bars_are_taken_at_once_changes_no_bit(
    step: int, block: int, market: Drawn
) -> None:
    assert_no_bit_depends_on(step, block, inputs_of(*market, Options(price_bins=50)))


@pytest.mark.parametrize("seed", [1, 2, 6, 40])
def test_a_gap_leaves_no_rounding_behind(seed: int) -> None:
    """Bins that price has left in a leap hold nothing, however many bars are drawn at once."""
    random, bars = np.random.default_rng(seed), 80
    wild = random.choice([0.003, 0.01, 0.05])
    close = 100 * np.exp(np.cumsum(wild * random.standard_normal(bars)))
    open_ = np.append(100, close[:-1]) * np.exp(3 * wild * random.standard_normal(bars))
    high = np.maximum(open_, close) * np.exp(wild * random.random(bars))
    low = np.minimum(open_, close) * np.exp(-wild * random.random(bars))
    volume = random.exponential(500, bars)
    candles = Candles(STEP_MS * np.arange(float(bars)), open_, high, low, close, volume)
    held = 1_000 * np.exp(np.cumsum(0.1 * random.standard_normal(bars)))
    options = Options(price_bins=50, price_range=(60.0, 160.0))
    samples = OpenInterest(candles.end_ms, held)
    assert_no_bit_depends_on(1, 1, inputs_of(candles, samples, None, options))


@settings(deadline=None, max_examples=40)
@given(markets())
def test_long_and_short_mirror_each_other(market: Drawn) -> None:
    """Prices p and 10⁴ / p, and liquidation at f times or 1 / f times the entry.

    Bars of one price each: between prices the path is even in price, not in its logarithm.
    """
    candles, samples, _ = market
    sides = []
    for price in (candles.close, 10_000 / candles.close):
        still = replace(candles, open=price, high=price, low=price, close=price)
        ends = np.sort([price[0] * 0.93, price[0] / 0.93])
        options = Options(price_bins=1, price_range=(float(ends[0]), float(ends[1])))
        inputs = inputs_of(still, samples, None, options)
        factor = np.array([[0.71, 0.9, 0.95, 0.98, 0.99, 0.995, 0.997]])
        setup = inputs.setup._replace(factor=np.concatenate([factor, 1 / factor]))
        sides.append(balance.estimate(replace(inputs, setup=setup)))
    one, other = sides
    atol = 1e-6 * float(samples.open_interest_base.max())
    for name in ("{}_base", "beyond_{}_base", "swept_{}_base"):
        for this, that in (("long", "short"), ("short", "long")):
            np.testing.assert_allclose(
                getattr(one, name.format(this)), getattr(other, name.format(that)), atol=atol
            )
