"""The ensemble: every member is a book, and what is known is certain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.api import spread
from liqmap.estimate.ensemble import Spread, merged
from liqmap.estimate.options import bars_of
from tests.support.random_markets import STEP_MS, Drawn, bars_at, held_at_ends, markets


@settings(deadline=None, max_examples=10)
@given(markets())
def test_every_member_obeys_the_law(market: Drawn) -> None:
    candles, samples, mark = market
    found = spread(candles, samples, mark=mark, members=5, price_bins=400, price_range=(0, 4_000))
    held, close = samples.at(candles.end_ms)[-1], candles.close[-1]
    for members in (found.long_base, found.short_base):
        assert (members >= 0).all()
        np.testing.assert_allclose(members.sum(axis=1), held, rtol=1e-6, atol=1e-6)
    assert not found.long_base[:, found.price_edges[:-1] >= close].any()
    assert not found.short_base[:, found.price_edges[1:] <= close].any()


def wave(size: int = 700) -> tuple[Candles, OpenInterest]:
    random = np.random.default_rng(5)
    close = 100 * np.exp(np.cumsum(0.003 * random.standard_normal(size)))
    volume = random.exponential(50, size)
    candles = Candles(
        STEP_MS * np.arange(float(size)), close, close * 1.002, close * 0.998, close, volume
    )
    return candles, OpenInterest(candles.end_ms, 1_000 + 200 * np.sin(np.arange(size) / 20))


def test_the_seed_decides_and_the_rest_is_quantiles() -> None:
    market = wave()
    close = float(market[0].close[-1])
    one, same, other = (
        spread(*market, seed=seed, members=12, price_range=(0.8 * close, 1.2 * close))
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one.short_base, same.short_base)
    assert (one.short_base != other.short_base).any()
    np.testing.assert_allclose(one.low_long_base, np.quantile(one.long_base, 0.1, axis=0))
    np.testing.assert_allclose(one.high_short_base, np.quantile(one.short_base, 0.9, axis=0))
    low, high = one.within(np.array([0, 200]), np.array([800, 400]), 1)
    sums = np.stack([one.long_base.sum(axis=1), one.long_base[:, 200:400].sum(axis=1)])
    np.testing.assert_allclose(low, np.quantile(sums, 0.1, axis=1))
    np.testing.assert_allclose(high, np.quantile(sums, 0.9, axis=1))
    # A window is surer than its rows: what one book has less here, it has more next door.
    assert high[1] - low[1] < (one.high_long_base - one.low_long_base)[200:400].sum()


def test_leverages_shown_are_parts_of_the_same_books() -> None:
    market = wave()
    whole, few, rest = (
        spread(*market, members=3, price_bins=50, only_leverages=only)
        for only in (None, [3, 5, 10], [20, 30, 50, 100])
    )
    np.testing.assert_allclose(few.long_base + rest.long_base, whole.long_base, atol=1e-9)
    assert (few.long_base.sum(axis=1) > 0).all()
    assert (rest.long_base.sum(axis=1) > 0).all()


def still(*held: float, **options: Any) -> Spread:
    """Everybody enters at 100; longs of 10× rest at 90, without maintenance."""
    candles = bars_at(*[100.0] * len(held))
    options = {"price_range": (50.5, 150.5), "price_bins": 100, "maintenance": 1e-12, **options}
    return spread(candles, held_at_ends(*held, before=0), **options)


def test_where_nothing_is_in_doubt_all_books_agree() -> None:
    found = still(0, 8, leverages={10.0: 1.0})
    for low, high, row in (
        (found.low_long_base, found.high_long_base, 39),
        (found.low_short_base, found.high_short_base, 59),
    ):
        np.testing.assert_allclose(low, high)
        np.testing.assert_allclose(np.flatnonzero(low), [row])
        np.testing.assert_allclose(low[row], 8)


def test_the_mix_is_tilted_on_each_side_for_itself() -> None:
    """Of 10× and 40×, alike as assumed, the second has 4^−0.7 … 4^0.7 times the first."""
    found = still(0, 1, leverages={10.0: 0.5, 40.0: 0.5}, members=100)
    tilts = []
    for members in (found.long_base[:, 44:50], found.short_base[:, 50:56]):
        nearer = members.sum(axis=1)
        tilts.append(np.log(nearer / (1 - nearer)) / np.log(4))
        expected = np.linspace(-0.7, 0.7, 101)
        assert (np.sort(tilts[-1]) >= expected[:-1] - 1e-9).all()
        assert (np.sort(tilts[-1]) <= expected[1:] + 1e-9).all()
    assert abs(np.corrcoef(tilts)[0, 1]) < 0.5


def test_a_leverage_stands_for_its_neighbourhood() -> None:
    """10× has its borders at 7.1× and 20×; the middle half is 8.4× … 14.1×."""
    leverages = {5.0: 0.2, 10.0: 0.5, 40.0: 0.3}
    found = still(0, 1, leverages=leverages, members=100, only_leverages=[10], price_bins=100_000)
    price = 50.5 + (np.argmax(found.long_base, axis=1) + 0.5) / 1_000
    leverage = 100 / (100 - price)
    assert leverage.min() == pytest.approx(10 * 2**-0.25, rel=0.02)
    assert leverage.max() == pytest.approx(10 * 4**0.25, rel=0.02)
    assert np.median(leverage) == pytest.approx(10, rel=0.02)


def test_churn_is_a_sixth_to_two_thirds_of_the_volume() -> None:
    price, volume = np.array([100.0, 100.0, 104.0]), np.array([0.0, 0.0, 30.0])
    moved = Candles(STEP_MS * np.arange(3.0), price, price, price, price, volume)
    found = spread(
        moved,
        held_at_ends(0, 90, 90, before=0),
        leverages={10.0: 1.0},
        maintenance=1e-12,
        members=60,
        price_bins=100,
        price_range=(50, 150),
    )
    new = found.long_base[:, 43]
    assert new.min() == pytest.approx(30 / 6, rel=0.03)
    assert new.max() == pytest.approx(30 * 2 / 3, rel=0.03)
    assert np.median(new) == pytest.approx(30 / 3, rel=0.03)


def test_neighbouring_bars_become_one_from_the_last_back() -> None:
    candles, samples = wave(7)
    bars = bars_of(candles, samples, None)
    together, last = merged(bars, 3)
    assert together.span_ms[1:].tolist() == 3 * [2 * bars.span_ms[1]]
    assert last.tolist() == [0, 2, 4, 6]
    np.testing.assert_allclose(together.open, bars.open[[0, 1, 3, 5]])
    np.testing.assert_allclose(together.close, bars.close[[0, 2, 4, 6]])
    np.testing.assert_allclose(together.open_interest_base, bars.open_interest_base[[0, 2, 4, 6]])
    for whole, parts, of in (
        (together.high[1:], bars.high, np.max),
        (together.low[1:], bars.low, np.min),
        (together.volume_base[1:], bars.volume_base, np.sum),
        (together.reach[1, 1:], bars.reach[1], np.min),
    ):
        np.testing.assert_allclose(whole, of(parts[1:].reshape(3, 2), axis=1))
    alone, _ = merged(bars, 4)
    np.testing.assert_array_equal(alone.close, bars.close)


def test_one_book_is_no_spread() -> None:
    with pytest.raises(InputError, match="members"):
        spread(*wave(3), members=1)
