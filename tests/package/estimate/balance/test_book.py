"""The book against the same law said plainly, and its parts."""

from __future__ import annotations

from dataclasses import fields, replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.balance import book, opening, raster
from liqmap.estimate.balance import model as balance
from liqmap.estimate.cohorts import first_reached
from liqmap.estimate.inputs import Inputs
from liqmap.estimate.options import Options, inputs_of
from tests.support.plain_book import plain
from tests.support.random_markets import STEP_MS, Drawn, markets

POINTS: list[dict[float, float] | None] = [{3.0: 0.5, 25.0: 0.3, 80.0: 0.2}, {150.0: 1.0}]
"""Single leverages. Of 150× alone nobody outlives a very wide bar but who comes at its close."""
MIXES = [None, *POINTS]
SHOWN = {None: [4.0, 11.0, 120.0], 3.0: [3.0, 25.0], 150.0: [150.0]}
"""By the first leverage of the mix."""


@settings(deadline=None, max_examples=120)
@given(
    st.one_of(markets(16), markets(16, step_ms=12 * STEP_MS), markets(16, step_ms=48 * STEP_MS)),
    st.sampled_from(MIXES),
    st.booleans(),
    st.sampled_from([(30.13, 330.7, 20), (95.21, 104.9, 20), (99.1, 100.9, 60)]),
    st.sampled_from([1, 3]),
)
def test_every_cell_is_that_of_the_plain_book(
    market: Drawn,
    leverages: dict[float, float] | None,
    some: bool,
    grid: tuple[float, float, int],
    every: int,
) -> None:
    """Of short bars, and of those of an hour and of four, in which much opens and is liquidated.

    On the finest grid a position of a range is drawn over four rows.
    """
    candles, samples, mark = market
    options = Options(
        price_bins=grid[2],
        price_range=grid[:2],
        leverages=leverages,
        only_leverages=SHOWN[next(iter(leverages)) if leverages else None] if some else None,
        every=every,
        first_ms=float(candles.time_ms[len(candles) // 4]),
    )
    inputs = inputs_of(candles, samples, mark, options)
    inputs = replace(inputs, setup=inputs.setup._replace(most_entries=9))  # it takes its time
    with mock.patch.object(opening, "PRIOR_ENTRIES", 41):
        found, expected = balance.estimate(inputs), plain(inputs)
    largest = float(samples.open_interest_base.max())
    for name, values in expected.items():
        scale = {"quote": largest * float(candles.high.max()), "share": 1.0}
        atol = 1e-6 * scale.get(name.rpartition("_")[2], largest)
        np.testing.assert_allclose(getattr(found, name), values, atol=atol, err_msg=name)


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
@pytest.mark.parametrize(
    ("step", "block", "every"), [(1, 1, 1), (7, 3, 1), (50, 64, 1), (book.STEP, 3, 6)]
)
def test_how_many_bars_are_taken_at_once_changes_no_bit(
    step: int, block: int, every: int, market: Drawn
) -> None:
    """A column is added at once, so only within one a step that ends there tells."""
    options = Options(price_bins=1_000, price_range=(60.0, 160.0), every=every)
    assert_no_bit_depends_on(step, block, inputs_of(*market, options))


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
    Single leverages, and a book before the data that entered at one price.
    """
    candles, samples, _ = market
    sides = []
    say = Assumptions(prior_gain_spread=0.0, prior_loss_spread=0.0)
    for price in (candles.close, 10_000 / candles.close):
        still = replace(candles, open=price, high=price, low=price, close=price)
        ends = np.sort([price[0] * 0.93, price[0] / 0.93])
        options = Options(
            price_bins=1,
            price_range=(float(ends[0]), float(ends[1])),
            leverages=[3, 5, 10, 20, 30, 50, 100],
            assumptions=say,
        )
        inputs = inputs_of(still, samples, None, options)
        factor = np.array([[0.71, 0.9, 0.95, 0.98, 0.99, 0.995, 0.997]])
        factors = np.concatenate([factor, 1 / factor])[:, :, None]
        setup = inputs.setup._replace(factor=factors, weight=inputs.setup.weight[:, :, :1])
        sides.append(balance.estimate(replace(inputs, setup=setup)))
    one, other = sides
    atol = 1e-6 * float(samples.open_interest_base.max())
    for name in ("{}_base", "beyond_{}_base", "swept_{}_base"):
        for this, that in (("long", "short"), ("short", "long")):
            np.testing.assert_allclose(
                getattr(one, name.format(this)), getattr(other, name.format(that)), atol=atol
            )
