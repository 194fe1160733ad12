"""The law of mass balance, over random markets and by hand (see docs/explanation/model.md)."""

from __future__ import annotations

import math
from dataclasses import fields, replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import liqmap
from liqmap.data.market import MaintenanceTiers
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.assumptions import Assumptions
from liqmap.estimate.balance import book, model
from liqmap.estimate.density import Density
from liqmap.estimate.leverage import RANGES
from liqmap.estimate.options import Options, inputs_of
from tests.support.random_markets import STEP_MS, Drawn, bars_at, held_at_ends, markets

DAY_MS = 24 * 3_600_000.0


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
    for name in {field.name for field in fields(density)} - {"ranges", "settled"}:
        assert np.isfinite(getattr(density, name)).all(), name
        assert (getattr(density, name) >= 0).all(), name
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
@given(markets(), st.sampled_from([1, 6]))
def test_a_new_bar_never_changes_earlier_columns(market: Drawn, every: int) -> None:
    candles, samples, mark = market
    n = len(candles) - 1
    if not n:
        return

    def estimated(bars: Candles) -> Density:
        return liqmap.estimate(
            bars, samples, mark=mark, price_bins=400, price_range=(50, 200), every=every
        )

    more, fewer, whole = estimated(candles), estimated(candles.rows(slice(n))), n // every
    for name in ("{}_base", "beyond_{}_base", "swept_{}_base", "swept_{}_quote"):
        for side in ("long", "short"):
            mine, its = (getattr(one, name.format(side)) for one in (more, fewer))
            np.testing.assert_array_equal(mine[..., :whole], its[..., :whole])
    np.testing.assert_array_equal(more.prior_share[:whole], fewer.prior_share[:whole])


@settings(deadline=None, max_examples=40)
@given(markets(), st.sampled_from([-40, -3, 5, 60]))
def test_another_currency_shows_the_same_dollars(market: Drawn, power: int) -> None:
    """By powers of two, so that no digit is lost: every cell is the same to the last bit."""
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
    one = liqmap.estimate(candles, samples, price_bins=500, price_range=(60.1, 170.3))
    two = liqmap.estimate(other, held, price_bins=500, price_range=(60.1 * times, 170.3 * times))
    for name in ("long_quote", "short_quote", "swept_long_quote", "swept_short_quote"):
        cells = getattr(one, name)
        np.testing.assert_allclose(getattr(two, name), cells, rtol=0, atol=1e-18, err_msg=name)
    for mine, its in zip(sides(one), sides(two), strict=True):
        np.testing.assert_allclose(its[1] * times, mine[1], rtol=0, atol=1e-18)


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


@settings(deadline=None, max_examples=40)
@given(markets())
def test_a_position_is_drawn_over_a_few_rows_away_from_the_market(market: Drawn) -> None:
    """On rows of 0.03 over four, the first of them its own; what was swept is exact.

    That is a half of a percent of the grid, or 0.12 % of the first price where that is more.
    """
    candles, samples, mark = market
    span = (85.0, 115.0)
    drawn = liqmap.estimate(candles, samples, mark=mark, price_bins=1_000, price_range=span)
    with mock.patch.multiple(model, BREADTH_RATE=0.0, BREADTH_OF_GRID=0.0):
        sharp = liqmap.estimate(candles, samples, mark=mark, price_bins=1_000, price_range=span)
    broad = max(0.005 * 30, 0.0012 * candles.close[0])
    rows = int(2 ** np.round(np.log2(broad / 0.03)))
    atol = 1e-6 * float(samples.open_interest_base.max())
    for mine, its in zip(sides(drawn), sides(sharp), strict=True):
        away = slice(None) if mine[2] < 0 else slice(None, None, -1)  # in the order of distance
        # So much lies no farther than each row, and so much of it is not moved beyond it.
        nearer, near = (np.cumsum(one[0][away], axis=0) for one in (mine, its))
        assert (nearer <= near + atol).all()
        assert (nearer[rows - 1 :] >= near[: near.shape[0] + 1 - rows] - atol).all()
        total, expected = (one[0].sum(axis=0) + one[1] for one in (mine, its))
        np.testing.assert_allclose(total, expected, atol=atol)
    np.testing.assert_array_equal(drawn.swept_long_base, sharp.swept_long_base)
    np.testing.assert_array_equal(drawn.swept_short_quote, sharp.swept_short_quote)


@settings(deadline=None, max_examples=25)
@given(markets())
def test_what_some_leverages_show_adds_up_to_the_whole(market: Drawn) -> None:
    candles, samples, mark = market
    parts = [
        liqmap.estimate(
            candles, samples, mark=mark, price_bins=50, price_range=(70, 130), only_leverages=only
        )
        for only in (None, [2, 3, 50], [5, 10, 20], [30, 100])
    ]
    whole = parts.pop(0)
    atol = 1e-6 * float(samples.open_interest_base.max())
    for side in ("long", "short"):
        for name in ("{}_base", "beyond_{}_base", "swept_{}_base", "{}_by_leverage_base"):
            total = np.sum([getattr(part, name.format(side)) for part in parts], axis=0)
            np.testing.assert_allclose(total, getattr(whole, name.format(side)), atol=atol)
        by_leverage = getattr(whole, f"{side}_by_leverage_base").sum(axis=0)
        np.testing.assert_allclose(by_leverage, getattr(whole, f"{side}_base")[:, -1], atol=atol)
    assert parts[1].long_by_leverage_base[[0, 1, 4, 5, 6]].sum() == 0  # only 5 … 25 are shown


@settings(deadline=None, max_examples=25)
@given(markets(), st.integers(2, 9), st.integers(0, 20))
def test_columns_of_several_bars_are_those_of_single_bars(
    market: Drawn, every: int, first: int
) -> None:
    """But for rounding: what happens within a column is added at once."""
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
    atol = 1e-6 * float(samples.open_interest_base.max())
    np.testing.assert_allclose(several.long_base, single.long_base[:, ends], atol=atol)
    np.testing.assert_allclose(several.beyond_short_base, single.beyond_short_base[ends], atol=atol)
    np.testing.assert_array_equal(several.prior_share, single.prior_share[ends])
    swept = [single.swept_long_quote[a : b + 1].sum() for a, b in zip(starts, ends, strict=True)]
    np.testing.assert_allclose(several.swept_long_quote, swept)
    edges = np.append(candles.time_ms[starts], candles.end_ms[-1])
    np.testing.assert_array_equal(several.time_edges_ms, edges)


HALF_HELD = Assumptions(
    churn_rate=0.5,
    holder_share=0.5 * 2**0.4,  # at 5×; half of what opens at 10× is held
    holder_exit_ratio=1 / 3,
    prior_gain_spread=0.0,
    prior_loss_spread=0.0,
)


def test_by_hand_three_bars_five_bins() -> None:
    """docs/explanation/model.md explains each number.

    At rest 6 of 8 are held. Then 3.5 of them stay: 6 / (1 + 3/3) + 2 / (1 + 3), and of 7 shorts
    that are held and 4.5 that are not 5 stay: 7 / (1 + 2.6/3) + 4.5 / (1 + 2.6).
    """
    candles = replace(bars_at(105, 95, 90), volume_base=np.array([0.0, 12.5, 8.0]))
    held = held_at_ends(8, 11.5, 10, before=8)
    density = by_ten(candles, held, price_bins=5, price_range=(70, 120), assumptions=HALF_HELD)
    oldest, older = 3 * 15 / 28 + 0.5 * 5 / 18, 4 * 15 / 28 + 4 * 5 / 18
    longs = np.array([[0, 0, 8, 0, 0], [0, 8, 3.5, 0, 0], [0, 10, 0, 0, 0]])
    shorts = np.array([[0, 0, 0, 0, 8], [0, 0, 0, 8, 3.5], [0, 0, 5, older, oldest]])
    np.testing.assert_allclose(density.long_base.T, longs, rtol=1e-6)
    np.testing.assert_allclose(density.short_base.T, shorts, rtol=1e-6)
    np.testing.assert_allclose(density.swept_long_base, [0, 0, 3.5])
    np.testing.assert_allclose(density.swept_long_quote, [0, 0, 3.5 * 94.5])
    np.testing.assert_array_equal(density.swept_short_base, [0, 0, 0])
    np.testing.assert_allclose(density.prior_share, [1, 3.5 / 11.5, oldest / 20])
    narrow = by_ten(candles, held, price_bins=1, price_range=(90, 100), assumptions=HALF_HELD)
    np.testing.assert_allclose(narrow.long_base, [[8, 3.5, 0]])
    np.testing.assert_allclose(narrow.beyond_long_base, [0, 8, 10])
    np.testing.assert_allclose(narrow.beyond_short_base, [8, 11.5, 5])


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


@pytest.mark.parametrize(
    ("holder_share", "left"),
    [
        (0.0, [100, 60, 36]),
        # 75 held of 100; then 50 and 10 are left, then of these, with 20 and 20 new ones:
        (0.5 * 2**0.4, [100, 60, 50 / (1 + 2**0.5 / 3) + 10 / (1 + 2**0.5)]),
    ],
)
def test_holders_leave_more_slowly_than_churners(holder_share: float, left: list[float]) -> None:
    """In each bar 40 of 100 open while 40 leave."""
    density = by_ten(
        replace(bars_at(100, 103, 103), volume_base=np.array([0.0, 80.0, 80.0])),
        held_at_ends(100, 100, 100, before=100),
        price_range=(50.5, 150.5),
        assumptions=replace(HALF_HELD, holder_share=holder_share),
    )
    np.testing.assert_allclose(density.long_base[39], left, rtol=1e-6)
    np.testing.assert_allclose(density.long_base[42], 100 - np.array(left), rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(("leverage", "near"), [(10.0, 1 / 3), (2.0, 1.0)])
def test_the_book_before_the_data_has_gained_more_than_lost(leverage: float, near: float) -> None:
    """Entries are half normals in log price: wider, and as much more of them, where they gained.

    In full where liquidation is 30 % away, of 10× a third of it. Cut at 2.5 deviations, which
    leaves 0.9546 of each.
    """
    density = liqmap.estimate(
        bars_at(100),
        held_at_ends(1.0, before=1.0),
        leverages={leverage: 1.0},
        maintenance=0.0,
        price_bins=14_500,
        price_range=(10, 300),
    )
    say = Assumptions()
    wide, narrow = near * say.prior_gain_spread, near * say.prior_loss_spread
    for inside, _, sign in sides(density):
        away = np.log(density.prices / (1 - sign / leverage) / 100)
        held = inside[:, 0] / inside.sum()
        gained = sign * away < 0
        assert held[gained].sum() == pytest.approx(wide / (wide + narrow), rel=0.01)
        for part, spread in ((gained, wide), (~gained, narrow)):
            found = math.sqrt((held * away**2)[part].sum() / held[part].sum())
            assert found == pytest.approx(0.9546 * spread, rel=0.02)
    assert density.prior_share.tolist() == [1.0]


def test_who_would_be_liquidated_already_was_not_there_before_the_data() -> None:
    """At 100× entries that lost more than a percent are gone, and the others are all there is."""
    density = liqmap.estimate(
        bars_at(100), held_at_ends(1.0, before=1.0), leverages={100.0: 1.0}, maintenance=0.0
    )
    np.testing.assert_allclose(density.long_base[density.price_edges[:-1] < 100].sum(), 1)
    np.testing.assert_allclose(density.short_base[density.price_edges[1:] > 100].sum(), 1)


def test_of_a_long_bar_what_opens_and_is_liquidated_in_it_was_swept() -> None:
    """A day 100 → 80 → 100, a way of 40: in it 1,000 longs and as many shorts open.

    Longs at 0.9 of their entry are liquidated who enter above 80 / 0.9 on the way down; shorts
    at 1.1 who enter below 100 / 1.1, on the way down or up. A bar of five minutes counts none.
    """
    daily = replace(bars_at((100, 100, 80, 100)), step_ms=DAY_MS, end_ms=np.array([DAY_MS]))
    for candles, share in ((daily, 1.0), (bars_at((100, 100, 80, 100)), 0.0)):
        density = by_ten(
            candles, OpenInterest(np.append(0.0, candles.end_ms), np.array([0.0, 1_000.0]))
        )
        longs, shorts = 100 - 80 / 0.9, 2 * (100 / 1.1 - 80)
        for base, quote, way, price in (
            (density.swept_long_base, density.swept_long_quote, longs, (80 + 90) / 2),
            (density.swept_short_base, density.swept_short_quote, shorts, (88 + 100) / 2),
        ):
            assert base[0] == pytest.approx(share * 1_000 * way / 40, rel=0.02)
            assert quote[0] == pytest.approx(share * 1_000 * way / 40 * price, rel=0.02)
        np.testing.assert_allclose(density.long_base.sum() + density.beyond_long_base, 1_000)


def test_of_a_long_bar_only_the_leverages_that_are_shown_count() -> None:
    """An inverse short of 1× is liquidated nowhere."""
    daily = replace(bars_at((100, 100, 80, 100)), step_ms=DAY_MS, end_ms=np.array([DAY_MS]))
    whole, *parts = (
        liqmap.estimate(
            daily,
            OpenInterest(np.array([0.0, DAY_MS]), np.array([0.0, 1_000.0])),
            leverages={1.0: 1.0, 10.0: 1.0, 50.0: 1.0},
            only_leverages=only,
            maintenance=0.0,
            kind="inverse",
        )
        for only in (None, [1], [10], [50])
    )
    for name in ("swept_long_quote", "swept_short_base"):
        each = [getattr(part, name)[0] for part in parts]
        assert each[0] == 0 < each[1] < each[2]
        assert sum(each) == pytest.approx(getattr(whole, name)[0])


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
    """At a maintenance rate of 2 % at most 33.3×: 25–50× ends there and takes what is above."""
    candles, samples = bars_at(100), held_at_ends(1.0, before=0.0)
    usual, few = (
        inputs_of(candles, samples, None, Options(maintenance=rate)).setup for rate in (0.004, 0.02)
    )
    np.testing.assert_allclose(few.share[:, :4], usual.share[:, :4])
    np.testing.assert_allclose(few.share[:, 4], usual.share[:, 4:].sum(axis=1))
    np.testing.assert_array_equal(few.share[:, 5:], 0)
    assert few.factor[0, 4].max() == pytest.approx((1 - 0.02 * 1.5) / (1 - 0.02), rel=1e-4)
    assert usual.factor[0, 6].max() == pytest.approx((1 - 0.004 * 1.5) / (1 - 0.004), rel=1e-4)
    assert few.ranges == usual.ranges == RANGES  # so that venues' densities can be added


def test_what_is_offered_is_decided_by_the_tier_of_a_typical_position() -> None:
    """1 % up to 5,000, above it 2 % less 50: of 50,000 that is 1.9 %, at most 35.1×."""
    tiers = MaintenanceTiers(
        np.array([5_000.0, np.inf]), np.array([0.01, 0.02]), np.array([0.0, 50.0])
    )
    options = Options(maintenance=tiers, assumptions=Assumptions(position_quote=50_000.0))
    setup = inputs_of(bars_at(100), held_at_ends(1.0, before=0.0), None, options).setup
    nearest = (100 * (1 - 0.019 * 1.5) - 50 / 500) / (1 - 0.02) / 100
    assert setup.factor[0, 4].max() == pytest.approx(nearest, rel=1e-4)
    np.testing.assert_array_equal(setup.share[:, 5:], 0)


def test_a_long_and_hectic_book_neither_overflows_nor_vanishes() -> None:
    """Thousands of bars that each turn most of the book over: scales pass many epochs."""
    n = 1_200
    close = 100 + np.sin(np.arange(n) / 30)
    volume = np.full(n, 2_900.0)
    volume[300:400] = 9_000.0  # everybody leaves, every bar
    candles = Candles(STEP_MS * np.arange(float(n)), close, close + 0.1, close - 0.1, close, volume)
    held = np.full(n, 1_000.0)
    held[600:700] = 0.0
    density = liqmap.estimate(
        candles,
        held_at_ends(*held, before=1_000),
        leverages={5.0: 0.5, 50.0: 0.5},
        every=10,
        price_bins=50,
        price_range=(20, 300),
    )
    total = density.long_base.sum(axis=0) + density.beyond_long_base
    np.testing.assert_allclose(total, held[9::10], rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("held", "before", "say"),
    [
        ([1.0, 1.0, 1.0], 1e-20, Assumptions(holder_share=0.0)),
        ([1e3, 5e-324, 1.0], 0.0, Assumptions(holder_share=0.0)),
        ([1.0, 1e15, 1e-12], 1.0, Assumptions(holder_exit_ratio=1e-6)),
        ([1e15, 1.0, 1e15], 0.0, Assumptions(holder_share=1.0, holder_exit_ratio=1e9)),
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
        ({"only_leverages": [5, 200]}, "only_leverages: 200× is in none of <3×, "),
        ({"only_leverages": [7], "leverages": {5: 1, 10: 1}}, "7× is in none of 5×, 10×"),
        ({"price_bins": 0}, "price_bins"),
        ({"price_range": (2, 1)}, "price_range"),
    ],
)
def test_a_wrong_option_is_named(options: dict[str, object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        liqmap.estimate(bars_at(100), held_at_ends(1, before=1), **options)  # type: ignore[arg-type]
