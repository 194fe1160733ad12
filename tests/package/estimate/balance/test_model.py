"""The law of mass balance, over random markets and by hand (see docs/explanation/model.md)."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap
from liqmap.data.market import MaintenanceTiers
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.balance import book
from liqmap.estimate.density import Density
from tests.support.random_markets import STEP_MS, Drawn, bars_at, held_at_ends, markets


def by_ten(
    candles: Candles,
    samples: OpenInterest,
    *,
    price_range: tuple[float, float] = (50, 150),
    price_bins: int = 100,
    mark: Candles | None = None,
    assumptions: Assumptions | None = None,
) -> Density:
    """One leverage of 10×, no maintenance: longs rest at 0.9 of their entry, shorts at 1.1."""
    return liqmap.estimate(
        candles,
        samples,
        leverages={10.0: 1.0},
        maintenance=0.0,
        price_range=price_range,
        price_bins=price_bins,
        mark=mark,
        assumptions=assumptions,
    )


def sides(density: Density) -> list[tuple[Array, Array, int]]:
    """Inside the grid and beyond it, (B, T) and (T,); longs, then shorts."""
    return [
        (density.long_base.astype(np.float64), density.beyond_long_base, 1),
        (density.short_base.astype(np.float64), density.beyond_short_base, -1),
    ]


@settings(deadline=None, max_examples=100)
@given(markets(extreme=True), st.sampled_from([None, 0.02]))
def test_each_side_equals_open_interest_and_rests_on_its_side(
    market: Drawn, narrow: float | None
) -> None:
    candles, samples, mark = market
    close, held = candles.close, samples.at(candles.end_ms)
    span = None if narrow is None else (close[0] * (1 - narrow), close[0] * (1 + narrow))
    density = liqmap.estimate(candles, samples, mark=mark, price_bins=64, price_range=span)
    for field in fields(density):
        assert np.isfinite(getattr(density, field.name)).all(), field.name
        assert (getattr(density, field.name) >= 0).all(), field.name
    for inside, beyond, _ in sides(density):
        total = inside.sum(axis=0) + beyond
        np.testing.assert_allclose(
            total, held, rtol=1e-5, atol=1e-9 * samples.open_interest_base.max()
        )
    lower, upper = density.price_edges[:-1, None], density.price_edges[1:, None]
    assert density.long_base[lower >= close].sum() == 0
    assert density.short_base[upper <= close].sum() == 0
    assert density.long_by_leverage_base[:, lower[:, 0] >= close[-1]].sum() == 0
    assert density.short_by_leverage_base[:, upper[:, 0] <= close[-1]].sum() == 0
    assert (density.prior_share <= 1).all()


@settings(deadline=None, max_examples=40)
@given(markets())
def test_a_new_bar_never_changes_earlier_columns(market: Drawn) -> None:
    candles, samples, mark = market
    n = len(candles) - 1
    if not n:
        return
    every = liqmap.estimate(candles, samples, mark=mark, price_bins=40, price_range=(50, 200))
    fewer = liqmap.estimate(
        candles.rows(slice(n)), samples, mark=mark, price_bins=40, price_range=(50, 200)
    )
    for name in ("{}_base", "beyond_{}_base", "swept_{}_base", "swept_{}_quote"):
        for side in ("long", "short"):
            field = name.format(side)
            np.testing.assert_array_equal(getattr(every, field)[..., :n], getattr(fewer, field))
    np.testing.assert_array_equal(every.prior_share[:n], fewer.prior_share)


@settings(deadline=None, max_examples=40)
@given(markets(), st.sampled_from([-40, -3, 5, 60]))
def test_another_currency_shows_the_same_dollars(market: Drawn, power: int) -> None:
    """By powers of two, so that no digit is lost and every cell is the same."""
    times = 2.0**power
    candles, samples, _ = market
    other = Candles(
        candles.time_ms,
        candles.open * times,
        candles.high * times,
        candles.low * times,
        candles.close * times,
        candles.volume_base / times,
        None,
        STEP_MS,
    )
    held = OpenInterest(samples.time_ms, samples.open_interest_base / times)
    one = liqmap.estimate(candles, samples, price_bins=32, price_range=(60.1, 170.3))
    two = liqmap.estimate(other, held, price_bins=32, price_range=(60.1 * times, 170.3 * times))
    for name in ("long_quote", "short_quote", "swept_long_quote", "swept_short_quote"):
        cells = getattr(one, name)
        np.testing.assert_allclose(getattr(two, name), cells, rtol=1e-7, atol=1e-18, err_msg=name)
    for mine, its in zip(sides(one), sides(two), strict=True):
        np.testing.assert_allclose(its[1] * times, mine[1], rtol=1e-12, atol=1e-18)


@settings(deadline=None, max_examples=40)
@given(markets())
def test_fewer_rows_hold_the_same(market: Drawn) -> None:
    candles, samples, mark = market
    fine = liqmap.estimate(candles, samples, mark=mark, price_bins=64, price_range=(48, 240))
    rough = liqmap.estimate(candles, samples, mark=mark, price_bins=16, price_range=(48, 240))
    atol = 1e-6 * float(samples.open_interest_base.max())
    for one, other in zip(sides(fine), sides(rough), strict=True):
        np.testing.assert_allclose(one[0].reshape(16, 4, -1).sum(axis=1), other[0], atol=atol)
        np.testing.assert_allclose(one[1], other[1], atol=atol)
    np.testing.assert_array_equal(fine.swept_long_quote, rough.swept_long_quote)


@settings(deadline=None, max_examples=25)
@given(markets())
def test_what_some_leverages_show_adds_up_to_the_whole(market: Drawn) -> None:
    candles, samples, mark = market
    parts = [
        liqmap.estimate(
            candles, samples, mark=mark, price_bins=50, price_range=(70, 130), only_leverages=only
        )
        for only in (None, [3, 50], [5, 10, 20], [30, 100])
    ]
    whole = parts.pop(0)
    atol = 1e-6 * float(samples.open_interest_base.max())
    for side in ("long", "short"):
        for name in ("{}_base", "beyond_{}_base", "swept_{}_base", "{}_by_leverage_base"):
            total = np.sum([getattr(part, name.format(side)) for part in parts], axis=0)
            np.testing.assert_allclose(total, getattr(whole, name.format(side)), atol=atol)
        by_leverage = getattr(whole, f"{side}_by_leverage_base").sum(axis=0)
        np.testing.assert_allclose(by_leverage, getattr(whole, f"{side}_base")[:, -1], atol=atol)
    only_five = parts[1].long_by_leverage_base
    assert only_five[[0, 4, 5, 6]].sum() == 0  # 3, 30, 50 and 100 are not shown


@settings(deadline=None, max_examples=25)
@given(markets(), st.integers(2, 9), st.integers(0, 20))
def test_columns_of_several_bars_are_those_of_single_bars(
    market: Drawn, every: int, first: int
) -> None:
    candles, samples, mark = market
    first = min(first, len(candles) - 1)
    single = liqmap.estimate(candles, samples, mark=mark, price_bins=40, price_range=(50, 200))
    several = liqmap.estimate(
        candles,
        samples,
        mark=mark,
        price_bins=40,
        price_range=(50, 200),
        every=every,
        first_ms=float(candles.time_ms[first]),
    )
    starts = np.arange(first, len(candles), every)
    ends = np.append(starts[1:], len(candles)) - 1
    np.testing.assert_array_equal(several.long_base, single.long_base[:, ends])
    np.testing.assert_array_equal(several.beyond_short_base, single.beyond_short_base[ends])
    np.testing.assert_array_equal(several.prior_share, single.prior_share[ends])
    swept = [single.swept_long_quote[a : b + 1].sum() for a, b in zip(starts, ends, strict=True)]
    np.testing.assert_allclose(several.swept_long_quote, swept)
    edges = np.append(candles.time_ms[starts], candles.end_ms[-1])
    np.testing.assert_array_equal(several.time_edges_ms, edges)


def test_by_hand_three_bars_five_bins() -> None:
    """docs/explanation/model.md explains each number."""
    say = Assumptions(
        churn_rate=0.5,
        holder_share=0.5,
        holder_exit_rate=12 * math.log(2),  # half of the holders leave in a bar
        prior_spread=0.0,
    )
    candles = replace(bars_at(105, 95, 90), volume_base=np.array([0.0, 10.0, 6.0]))
    held = held_at_ends(8, 12, 10, before=8)
    density = by_ten(candles, held, price_bins=5, price_range=(70, 120), assumptions=say)
    longs = np.array([[0, 0, 8, 0, 0], [0, 7, 5, 0, 0], [0, 10, 0, 0, 0]])
    shorts = np.array([[0, 0, 0, 0, 8], [0, 0, 0, 7, 5], [0, 0, 4.5, 3, 2.5]])
    np.testing.assert_allclose(density.long_base.T, longs, rtol=1e-6)
    np.testing.assert_allclose(density.short_base.T, shorts, rtol=1e-6)
    np.testing.assert_allclose(density.swept_long_base, [0, 0, 5])
    np.testing.assert_allclose(density.swept_long_quote, [0, 0, 5 * 94.5])
    np.testing.assert_array_equal(density.swept_short_base, [0, 0, 0])
    np.testing.assert_allclose(density.prior_share, [1, 5 / 12, 1 / 8])
    narrow = by_ten(candles, held, price_bins=1, price_range=(90, 100), assumptions=say)
    np.testing.assert_allclose(narrow.long_base, [[8, 5, 0]])
    np.testing.assert_allclose(narrow.beyond_long_base, [0, 7, 10])
    np.testing.assert_allclose(narrow.beyond_short_base, [8, 12, 5.5])


def test_by_hand_a_bar_seen_from_inside() -> None:
    """100 → 88 → 96, a way of 20: who enters above 97.78 would be liquidated at 88.

    Evenly over the rest of the way, 9.78 down and 8 up, longs rest at 0.9 of it.
    """
    density = by_ten(
        bars_at((100, 100, 88, 96)),
        held_at_ends(1_000, before=0),
        price_bins=4,
        price_range=(78, 94),
    )
    down, up = 88 / 0.9 - 88, 8.0
    bins = [82 / 0.9 - 88, 4 / 0.9, 88 / 0.9 - 86 / 0.9, 0.0]  # of the way down, by bin
    again = [82 / 0.9 - 88, 4 / 0.9, 96 - 86 / 0.9, 0.0]
    expected = 1_000 * (np.array(bins) + again) / (down + up)
    np.testing.assert_allclose(density.long_base[:, 0], expected, atol=1_000 * 2 / 64)
    assert density.long_base[3, 0] == 0
    assert density.swept_long_base[0] == 0


@pytest.mark.parametrize("step", [1, book.STEP])
@pytest.mark.parametrize("low", [89, 90])
def test_what_the_range_reached_is_swept_to_the_coin(
    low: float, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 90 exactly as well."""
    monkeypatch.setattr(book, "STEP", step)
    density = by_ten(bars_at(100, (100, 100, low, 100)), held_at_ends(10, 10, before=0))
    np.testing.assert_allclose(density.swept_long_base, [0, 10])
    np.testing.assert_allclose(density.swept_long_quote, [0, 900])
    np.testing.assert_allclose(density.swept_short_base, [0, 0])


def test_the_mark_price_decides_where_it_is_known() -> None:
    """Down to 95 nobody is reached; a mark that is missing at the bar changes nothing."""
    candles = bars_at(100, (100, 100, 89, 100), (100, 100, 89, 100))
    mark = bars_at(100, (100, 100, 95, 100))
    swept = [
        by_ten(
            candles, held_at_ends(10, 10, 10, before=0), price_range=(50, 150), mark=one
        ).swept_long_base
        for one in (None, mark, mark.rows(slice(0, 1)))
    ]
    np.testing.assert_allclose(swept[0][1], 10)
    np.testing.assert_allclose(swept[1][:2], 0)
    assert swept[1][2] > 9
    np.testing.assert_array_equal(swept[2], swept[0])


def test_churn_opens_a_third_of_the_volume_that_open_interest_does_not_need() -> None:
    candles = replace(bars_at(100, 104), volume_base=np.array([0.0, 36.0]))
    density = by_ten(candles, held_at_ends(90, 96, before=0), price_bins=100, price_range=(50, 150))
    opened = 6 + 30 * Assumptions().churn_rate
    np.testing.assert_allclose(density.long_base[[40, 43], 1], [96 - opened, opened])
    np.testing.assert_allclose(density.short_base[[59, 64], 1], [0, opened], atol=1e-9)


def test_holders_leave_at_their_rate_and_churners_at_the_balance_s() -> None:
    """Of 100 held before the data 60 stay when 40 open in their place; then they leave slowly."""
    say = Assumptions(prior_spread=0.0, holder_share=0.0)
    density = by_ten(
        replace(bars_at(100, *[103] * 50), volume_base=np.append(0.0, np.full(50, 120.0))),
        held_at_ends(*[100.0] * 51, before=100),
        price_bins=100,
        price_range=(50, 150),
        assumptions=say,
    )
    stay = math.exp(-say.holder_exit_rate / 12)
    expected = np.append(100, 60 * stay ** np.arange(50))
    np.testing.assert_allclose(density.long_base[40], expected, rtol=1e-6)
    np.testing.assert_allclose(density.long_base[42], 100 - expected, rtol=1e-6, atol=1e-9)


def test_the_book_before_the_data_is_log_normal_around_the_first_price() -> None:
    """Longs at 0.9: of entries of spread 5 % those above 100 / 0.9 are liquidated already."""
    density = by_ten(
        bars_at(100), held_at_ends(1.0, before=1.0), price_bins=400, price_range=(70, 140)
    )
    for inside, _, factor in ((density.long_base, 0, 0.9), (density.short_base, 0, 1.1)):
        entry = density.prices / factor
        held = inside[:, 0] / inside.sum()
        middle = np.exp((held * np.log(entry)).sum())
        spread = math.sqrt((held * np.log(entry / middle) ** 2).sum())
        assert middle == pytest.approx(100, rel=5e-3)
        assert spread == pytest.approx(0.05, rel=0.1)  # the tails are cut
    assert density.prior_share.tolist() == [1.0]


def test_inverse_contracts_rest_at_their_own_prices_or_nowhere() -> None:
    """10×: longs at 100 / 1.1, shorts at 100 / 0.9; a short of 1× is never liquidated."""
    density = liqmap.estimate(
        bars_at(100),
        held_at_ends(4.0, before=0.0),
        leverages={1.0: 1.0, 10.0: 3.0},
        maintenance=0.0,
        kind="inverse",
        price_bins=100,
        price_range=(50, 150),
    )
    assert np.flatnonzero(density.long_base).tolist() == [0, 40]
    np.testing.assert_allclose(density.long_base[[0, 40], 0], [1, 3])
    assert np.flatnonzero(density.short_base).tolist() == [61]
    np.testing.assert_allclose([density.short_base[61, 0], density.beyond_short_base[0]], [3, 1])


def test_maintenance_tiers_are_those_of_a_typical_position() -> None:
    """Two leverages: 1 % up to 20,000, above it 5 % less 800."""
    tiers = MaintenanceTiers(
        np.array([20_000.0, np.inf]), np.array([0.01, 0.05]), np.array([0.0, 800.0])
    )
    rows = []
    for size in (5_000.0, 40_000.0):
        density = liqmap.estimate(
            bars_at(100),
            held_at_ends(1.0, before=0.0),
            leverages={10.0: 1.0},
            maintenance=tiers,
            price_bins=1_000,
            price_range=(50, 150),
            assumptions=Assumptions(position_quote=size),
        )
        rows.append(density.prices[density.long_base[:, 0].argmax()])
    quantity = 40_000 / 100
    expected = [90 / 0.99, (90 - 800 / quantity) / 0.95]
    np.testing.assert_allclose(rows, expected, atol=0.06)


def test_leverage_that_the_venue_cannot_offer_goes_to_the_highest_it_can() -> None:
    """At a maintenance rate of 2 % at most 25×: 20 takes the share of 30, 50 and 100."""
    density = liqmap.estimate(
        bars_at(100), held_at_ends(1.0, before=0.0), maintenance=0.02, price_range=(30, 300)
    )
    by_leverage = density.long_by_leverage_base.sum(axis=1)
    np.testing.assert_array_equal(by_leverage[4:], 0)
    usual = liqmap.estimate(bars_at(100), held_at_ends(1.0, before=0.0), price_range=(30, 300))
    expected = usual.long_by_leverage_base.sum(axis=1)
    assert by_leverage[3] == pytest.approx(expected[3:].sum())


def test_a_long_and_hectic_book_neither_overflows_nor_vanishes() -> None:
    """Thousands of bars that each turn most of the book over: scales pass many epochs."""
    n = 4_000
    close = 100 + np.sin(np.arange(n) / 30)
    volume = np.full(n, 2_900.0)
    volume[1_000:1_200] = 9_000.0  # everybody leaves, every bar
    candles = Candles(STEP_MS * np.arange(float(n)), close, close + 0.1, close - 0.1, close, volume)
    held = np.full(n, 1_000.0)
    held[2_000:2_400] = 0.0
    density = liqmap.estimate(
        candles, held_at_ends(*held, before=1_000), every=10, price_bins=50, price_range=(20, 300)
    )
    total = density.long_base.sum(axis=0) + density.beyond_long_base
    np.testing.assert_allclose(total, held[9::10], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("held", "before", "say"),
    [
        ([1.0, 1.0, 1.0], 1e-20, Assumptions(holder_share=0.0)),
        ([1e3, 5e-324, 1.0], 0.0, Assumptions(holder_share=0.0)),
        ([1.0, 1e15, 1e-12], 1.0, Assumptions(holder_exit_rate=1e9)),
        ([1e15, 1.0, 1e15], 0.0, Assumptions(holder_share=1.0, holder_exit_rate=1e9)),
        ([0.0, 0.0, 0.0], 0.0, Assumptions()),
    ],
)
def test_a_group_of_next_to_nothing_divides_by_nothing(
    held: list[float], before: float, say: Assumptions
) -> None:
    density = by_ten(bars_at(100, 100, 100), held_at_ends(*held, before=before), assumptions=say)
    for inside, beyond, _ in sides(density):
        np.testing.assert_allclose(inside.sum(axis=0) + beyond, held, rtol=1e-6, atol=1e-2)
    assert np.isfinite(density.long_by_leverage_base).all()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"model": "best"}, "model"),
        ({"every": 0}, "every"),
        ({"first_ms": 1e15}, "first_ms"),
        ({"only_leverages": [7]}, "only_leverages"),
        ({"price_bins": 0}, "price_bins"),
        ({"price_range": (2, 1)}, "price_range"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        liqmap.estimate(bars_at(100), held_at_ends(1, before=1), **options)  # type: ignore[arg-type]
