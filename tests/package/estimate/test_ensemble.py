"""The ensemble: every member is a book, and what is known is certain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate import ensemble
from liqmap.estimate.api import spread
from liqmap.estimate.ensemble import WIDER, Members, Spread, merged
from liqmap.estimate.options import bars_of
from tests.support.random_markets import STEP_MS, Drawn, bars_at, held_at_ends, markets


@settings(deadline=None, max_examples=10)
@given(markets())
def test_every_member_obeys_the_law(market: Drawn) -> None:
    candles, samples, mark = market
    found = spread(candles, samples, mark=mark, members=5, price_bins=100, price_range=(0, 4_000))
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


def test_the_seed_decides() -> None:
    market = wave()
    one, same, other = (spread(*market, seed=seed, members=4) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.short_base, same.short_base)
    assert (one.short_base != other.short_base).any()


def test_an_interval_by_hand() -> None:
    """Of eleven members with 1 … 11 in a window the tenths are 2, 6 and 10."""
    longs = np.zeros((11, 3))
    longs[:, 1] = np.arange(1.0, 12.0)
    longs[:, 2] = 12 - longs[:, 1]  # what a book has less here, it has more next door
    members = Members(longs, np.zeros((11, 3)))
    amount = np.array([60.0, 60.0, 60.0, 0.0])
    found = members.interval(amount, np.array([0, 1, 0, 0]), np.array([2, 3, 1, 2]), 1)
    low, high = 60 * (2 / 6) ** WIDER, 60 * (10 / 6) ** WIDER
    np.testing.assert_allclose(found, [[low, 60, 0, 0], [high, 60, 60, 0]])
    nothing = members.interval(amount[:1], np.array([1]), np.array([2]), -1)
    np.testing.assert_array_equal(nothing, [[0], [60]])


windows = st.tuples(st.integers(0, 49), st.integers(1, 30))


@given(st.integers(0, 2**32 - 1), st.lists(windows, min_size=1), st.sampled_from([1, -1]))
def test_an_interval_holds_the_estimate_in_any_unit(
    seed: int, pairs: list[tuple[int, int]], side: int
) -> None:
    """Of estimates that are the median of the members the ends are the quantiles, but wider."""
    random = np.random.default_rng(seed)
    longs, shorts = random.exponential(1, (2, 12, 50)) * (random.random((2, 12, 50)) < 0.3)
    members = Members(longs, shorts)
    first, length = np.array(pairs).T
    end = np.minimum(first + length, 50)
    held = np.array(
        [
            (longs if side > 0 else shorts)[:, a:b].sum(axis=1)
            for a, b in zip(first, end, strict=True)
        ]
    )
    tenth, median, ninth = np.quantile(held, (0.1, 0.5, 0.9), axis=1)
    low, high = members.interval(median, first, end, side)
    tiny = 1e-9
    assert (low <= median + tiny).all()
    assert (median <= high + tiny).all()
    assert (low <= tenth + tiny).all()
    assert (high >= ninth - tiny)[median > tiny].all()
    again = members.scaled(8.0, 8.0).interval(4.0 * median, first, end, side)
    np.testing.assert_allclose(again, [4 * low, 4 * high], atol=1e-9)


def test_leverages_shown_are_parts_of_the_same_books() -> None:
    market = wave()
    whole, few, rest = (
        spread(*market, members=3, price_bins=50, only_leverages=only)
        for only in (None, [2, 3, 5, 10], [30, 50, 100])
    )
    np.testing.assert_allclose(few.long_base + rest.long_base, whole.long_base, rtol=1e-6)
    assert (few.long_base.sum(axis=1) > 0).all()
    assert (rest.long_base.sum(axis=1) > 0).all()


def still(*held: float, **options: Any) -> Spread:
    """Everybody enters at 100; longs of 10× rest at 90, without maintenance."""
    candles = bars_at(*[100.0] * len(held))
    options = {"price_range": (50.5, 150.5), "price_bins": 100, "maintenance": 1e-12, **options}
    return spread(candles, held_at_ends(*held, before=0), **options)


@pytest.fixture
def _in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every leverage is liquidated where it is said to be."""
    monkeypatch.setattr(ensemble, "SHIFT", 0.0)


@pytest.mark.usefixtures("_in_place")
def test_where_nothing_is_in_doubt_all_books_agree() -> None:
    found = still(0, 8, leverages={10.0: 1.0})
    for members, row in ((found.long_base, 39), (found.short_base, 59)):
        expected = np.zeros(100)
        expected[row] = 8
        np.testing.assert_allclose(members, np.tile(expected, (24, 1)))


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


def test_a_leverage_is_liquidated_nearer_or_farther_than_said() -> None:
    """Up to e^±0.25 times, each leverage for itself, both sides of a book alike."""
    leverages = {5.0: 0.2, 10.0: 0.5, 40.0: 0.3}
    away = []
    for only in (10, 40):
        found = still(
            0, 1, leverages=leverages, members=50, only_leverages=[only], price_bins=20_000
        )
        price = 50.5 + (np.argmax(found.long_base, axis=1) + 0.5) / 200
        shorts = 50.5 + (np.argmax(found.short_base, axis=1) + 0.5) / 200
        np.testing.assert_allclose(shorts - 100, 100 - price, atol=0.006)
        away.append(np.log((100 - price) / 100 * only))
        expected = np.linspace(-0.25, 0.25, 51)
        assert (np.sort(away[-1]) >= expected[:-1] - 0.003).all()
        assert (np.sort(away[-1]) <= expected[1:] + 0.003).all()
    assert abs(np.corrcoef(away)[0, 1]) < 0.5


@pytest.mark.usefixtures("_in_place")
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
    assert np.diff(candles.end_ms[last]).tolist() == 3 * [2 * candles.step_ms]
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
