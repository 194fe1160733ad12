"""Scores: ranks, intervals, the baselines, and the verdict they lead to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

import liqmap
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import InputError
from liqmap.estimate.density import Density
from liqmap.evaluate import baselines
from liqmap.evaluate import scorecard as score
from liqmap.evaluate.bootstrap import (
    DAY_MS,
    HOUR_MS,
    Ranked,
    blocks,
    drawn,
    interval,
    partial_rank_correlation,
    rank_correlation,
    weighted_rank_correlations,
)
from liqmap.evaluate.by_price import Crossed, _ranks_within, by_price, crossed
from liqmap.simulation import Simulation, simulate

START_MS = 1_772_323_200_000.0  # a midnight

small = st.integers(0, 6).map(float)


def numbers(n: int) -> st.SearchStrategy[Array]:
    return arrays(np.float64, n, elements=small)


# ---------------------------------------------------------------- correlation


def test_rank_correlation_by_hand() -> None:
    # Ranks 1, 2½, 2½, 4 and 1, 3, 2, 4: less 2½, the products sum to 4½ of √(4½ · 5).
    one, other = np.array([10.0, 20, 20, 90]), np.array([1.0, 3, 2, 4])
    assert rank_correlation(one, other) == pytest.approx(4.5 / np.sqrt(4.5 * 5))
    assert rank_correlation(one, -other) == pytest.approx(-4.5 / np.sqrt(4.5 * 5))
    assert rank_correlation(one, np.ones(4)) == 0
    with pytest.raises(InputError, match="one length"):
        rank_correlation(one, other[:3])


@given(numbers(9), numbers(9))
def test_only_the_order_counts(one: Array, other: Array) -> None:
    assert rank_correlation(np.exp(one), other**3 - 5) == rank_correlation(one, other)


@given(numbers(7), numbers(7), arrays(np.intp, 7, elements=st.integers(0, 3)))
def test_a_weight_is_a_value_so_many_times(
    one: Array, other: Array, times: NDArray[np.intp]
) -> None:
    weight = times.astype(np.float64)[None]
    if times.sum() < 2:
        return
    found = weighted_rank_correlations(Ranked.of(one), Ranked.of(other), weight)
    repeated = rank_correlation(np.repeat(one, times), np.repeat(other, times))
    assert found[0] == pytest.approx(repeated, abs=1e-12)


def test_partial_rank_correlation_is_that_of_what_is_left() -> None:
    draw = np.random.default_rng(2)
    given_ = draw.permutation(40).astype(np.float64)
    one, other = given_ + draw.normal(0, 9, 40), given_ + draw.normal(0, 9, 40)
    rank = [np.argsort(np.argsort(values)) - 19.5 for values in (one, other, given_)]
    left = [values - rank[2] * (values @ rank[2]) / (rank[2] @ rank[2]) for values in rank[:2]]
    expected = left[0] @ left[1] / np.sqrt((left[0] @ left[0]) * (left[1] @ left[1]))
    assert partial_rank_correlation(one, other, given_) == pytest.approx(expected)
    assert abs(expected) < 0.5 < rank_correlation(one, other)
    assert partial_rank_correlation(given_, other, given_) == 0
    assert partial_rank_correlation(one, other, np.ones(40)) == pytest.approx(
        rank_correlation(one, other)
    )


def test_blocks_are_days_or_of_few_days_three_hours() -> None:
    hours: Array = START_MS + HOUR_MS * np.arange(24.0 * 5)
    assert blocks(hours).tolist() == np.repeat(np.arange(5), 24).tolist()
    assert blocks(hours[:48]).tolist() == np.repeat(np.arange(16), 3).tolist()


def test_a_resample_draws_as_many_blocks_as_there_are() -> None:
    weight = drawn(np.array([0, 0, 1, 2]), 50, seed=4)
    assert weight.shape == (51, 3)
    assert weight[0].tolist() == [1, 1, 1]
    assert (weight.sum(axis=1) == 3).all()
    assert (weight == drawn(np.array([0, 1, 2]), 50, seed=4)).all()
    assert (weight != drawn(np.array([0, 1, 2]), 50, seed=5)).any()


def test_an_interval_holds_nine_tenths() -> None:
    found = interval(np.concatenate([[7.0], np.arange(101.0)]))
    assert found == pytest.approx((7.0, 5.0, 95.0))


# ---------------------------------------------------------------- baselines


def bars(rows: list[tuple[float, float, float, float]], volume: float = 10.0) -> Candles:
    open_, high, low, close = np.array(rows).T
    time_ms: Array = START_MS + HOUR_MS * np.arange(0.0, len(rows))
    return Candles(time_ms, open_, high, low, close, np.full(len(rows), volume), step_ms=HOUR_MS)


FOUR = bars([(100, 104, 99, 101), (101, 102, 98, 99), (99.2, 101, 98.5, 100), (100, 110, 96, 108)])
HELD = np.array([5.0, 6.0, 7.0, 8.0])
TWO = np.array([0, 0, 1, 1])


def test_range_times_open_interest() -> None:
    found = baselines.range_times_open_interest(FOUR, HELD, TWO)
    assert found.tolist() == [[5 * 5 + 4 * 6, 2.5 * 7 + 14 * 8]] * 2


def test_return_times_volume() -> None:
    found = baselines.return_times_volume(FOUR, HELD, TWO)
    first = 10 * (np.log(1.01) * 101 + np.log(101 / 99) * 99)
    second = 10 * (np.log(100 / 99) * 100 + np.log(1.08) * 108)
    assert found == pytest.approx(np.array([[first, second]] * 2))


def test_near_spot_counts_from_the_start_of_the_span() -> None:
    found = baselines.near_spot(FOUR, HELD, TWO)
    assert found[0, 0] == pytest.approx(500 * (1 - (98 / 100) ** 100))
    assert found[1, 1] == pytest.approx(7 * 99.2 * (1 - (99.2 / 110) ** 100))


def test_fresh_lows_by_hand() -> None:
    found = baselines.fresh_extremes(FOUR, HELD, np.arange(4))
    hours = np.maximum(1, np.round(baselines.LOOKBACKS_H))
    assert found[0, 0] == 0
    assert found[0, 1] == pytest.approx(10 * np.log(99 / 98))
    assert found[0, 2] == 0
    # An hour back the low was 98½, longer back 98.
    one = int((hours == 1).sum())
    assert found[0, 3] == pytest.approx(one * np.log(98.5 / 96) + (10 - one) * np.log(98 / 96))
    assert found[1, 1] == 0
    # The bar before went to 101, the one before that to 102, the first to 104.
    two = int((hours == 2).sum())
    expected = one * np.log(110 / 101) + two * np.log(110 / 102)
    assert found[1, 3] == pytest.approx(expected + (10 - one - two) * np.log(110 / 104))


@given(arrays(np.float64, (2, 23), elements=small), st.integers(1, 30))
def test_the_highest_before_is_that_of_the_bars_before(values: Array, bars_: int) -> None:
    found = baselines._highest_before(values, bars_)
    for row in range(1, 23):
        before = values[:, max(0, row - bars_) : row]
        assert (found[:, row] == before.max(axis=1)).all()


@pytest.mark.parametrize("name", baselines.BASELINES)
def test_in_a_mirror_longs_are_shorts(name: str) -> None:
    mirrored = bars(
        [
            (1e4 / o, 1e4 / low, 1e4 / high, 1e4 / c)
            for o, high, low, c in zip(FOUR.open, FOUR.high, FOUR.low, FOUR.close, strict=True)
        ]
    )
    # Value, not quantity, is what stays the same in a mirror of log prices.
    mirrored = replace(mirrored, volume_base=10.0 * FOUR.close / mirrored.close)
    held = HELD * FOUR.open / mirrored.open
    ours, theirs = (
        baselines.BASELINES[name](FOUR, HELD, TWO),
        baselines.BASELINES[name](mirrored, held, TWO),
    )
    if name == "range × open interest":  # in price, not in its logarithm: nearly
        assert ours == pytest.approx(theirs[::-1], rel=0.1)
    else:
        assert ours == pytest.approx(theirs[::-1])


def test_bars_before_the_first_edge_are_looked_back_to_and_not_counted() -> None:
    edges = FOUR.time_ms[[2, 3]]
    held = OpenInterest(FOUR.end_ms, HELD)
    found = score.baseline_totals(FOUR, held, edges)
    assert found["range × open interest"].tolist() == [[2.5 * 7], [2.5 * 7]]
    assert found["fresh lows and highs"][0].tolist() == [0.0]
    late = score.baseline_totals(FOUR, held, np.append(FOUR.time_ms[3:], FOUR.end_ms[-1]))
    assert late["fresh lows and highs"][0, 0] > 0


# ---------------------------------------------------------------- by time


def test_the_lift_is_over_the_best_baseline_of_each_side() -> None:
    days: Array = START_MS + DAY_MS * np.arange(40.0)
    draw = np.random.default_rng(1)
    actual = draw.random((2, 40))
    found = score.compare(
        "ours",
        actual + draw.normal(0, 0.1, (2, 40)),
        {
            "of longs": np.stack([actual[0] + draw.normal(0, 0.3, 40), draw.random(40)]),
            "of shorts": np.stack([draw.random(40), actual[1] + draw.normal(0, 0.3, 40)]),
        },
        actual,
        days,
    )
    assert found.best == ("of longs", "of shorts")
    assert found.lift.long.value == found.model.long.value - found.baselines[0].long.value
    assert found.lift.short.value == found.model.short.value - found.baselines[1].short.value
    mean = 0.5 * (found.lift.long.value + found.lift.short.value)
    assert found.lift_both.value == pytest.approx(mean)
    assert 0 < found.lift_both.low < found.lift_both.value < found.lift_both.high
    assert found.model.long.low < found.model.long.value < found.model.long.high < 1


def test_a_perfect_prediction_and_a_perfect_baseline() -> None:
    days: Array = START_MS + DAY_MS * np.arange(10.0)
    actual = np.stack([np.arange(10.0), np.arange(10.0)[::-1]])
    found = score.compare("ours", actual**2, {"baseline": actual + 1}, actual, days)
    assert found.model.long == pytest.approx((1.0, 1.0, 1.0))
    assert found.lift.short == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)


def test_totals_by_span_and_side() -> None:
    seen = Liquidations.sorted(
        [START_MS - 1, START_MS, START_MS + 5, START_MS + 10, START_MS + 20],
        [1, 1, -1, 1, 1],
        [100.0, 100, 50, 10, 7],
        [1.0, 2, 3, 4, 5],
    )
    edges = START_MS + np.array([0.0, 10, 20])
    assert score.actual_totals(seen, edges).tolist() == [[200, 40], [150, 0]]


def test_columns_count_where_they_start() -> None:
    density = painted(np.zeros((4, 3)), np.array([90.0, 95, 100, 105, 110]))
    density = replace(density, swept_long_quote=np.array([1.0, 2, 4]))
    edges = density.time_edges_ms[[1, 2, 3]]
    assert score.swept_totals(density, edges)[0].tolist() == [2, 4]
    assert score.swept_totals(density, density.time_edges_ms[[0, 2]])[0].tolist() == [3]


# ---------------------------------------------------------------- by price


def painted(long_base: Array, price_edges: Array) -> Density:
    """A density of hourly columns, longs only."""
    columns = long_base.shape[1]
    none = np.zeros(columns)
    return Density(
        START_MS + HOUR_MS * np.arange(columns + 1.0),
        price_edges,
        long_base.astype(np.float32),
        np.zeros(long_base.shape, np.float32),
        beyond_long_base=none,
        beyond_short_base=none,
        swept_long_base=none,
        swept_short_base=none,
        swept_long_quote=none,
        swept_short_quote=none,
    )


def test_crossed_bins_by_hand() -> None:
    """Bins of one: price opens the second hour at 99.5 and falls to 95.2.

    The bins 95 … 98 are crossed; in the first hour price was in 98, 99 and 100. In the
    third it falls on, and nobody is liquidated: that hour teaches nothing.
    """
    candles = bars([(100, 100.5, 98.5, 99.5), (99.5, 99.5, 95.2, 96.5), (96.5, 97, 92, 93)])
    lines = np.arange(90.0, 111)
    held = np.stack([lines[:-1], lines[:-1] + 1000, lines[:-1] + 2000], axis=1)
    seen = Liquidations.sorted(
        START_MS + HOUR_MS * np.array([0.5, 1.1, 1.2, 1.3, 1.4]),
        [1, 1, 1, -1, 1],
        [98.7, 97.5, 97.9, 96.5, 91.0],
        [1.0, 1, 2, 9, 9],
    )
    found = crossed(painted(held, lines), candles, seen, START_MS + HOUR_MS * np.arange(4.0), 1)
    assert found.span.tolist() == [1, 1, 1, 1]
    assert found.density_base.tolist() == [95, 96, 97, 98]
    assert found.age_ms.tolist() == [HOUR_MS, HOUR_MS, HOUR_MS, 0]
    assert found.actual_quote == pytest.approx([0, 0, 97.5 + 2 * 97.9, 0])


def test_shorts_are_crossed_upwards() -> None:
    candles = bars([(100, 100.5, 98.5, 99.5), (99.5, 102.5, 99.2, 101)])
    lines = np.arange(90.0, 111)
    density = painted(np.zeros((20, 2)), lines)
    held = np.tile(lines[:-1, None], 2).astype(np.float32)
    seen = Liquidations.sorted([START_MS + 1.5 * HOUR_MS], [-1], [101.5], [2.0])
    edges = START_MS + HOUR_MS * np.arange(3.0)
    found = crossed(replace(density, short_base=held), candles, seen, edges, -1)
    assert found.density_base.tolist() == [100, 101, 102]
    assert found.actual_quote.tolist() == [0, 203, 0]
    assert found.age_ms.tolist() == [0, HOUR_MS, HOUR_MS]


def test_density_that_only_repeats_age_says_nothing_beyond_it() -> None:
    draw = np.random.default_rng(3)
    span = np.repeat(np.arange(60), 8)
    age = draw.random(480)
    actual = draw.random(480) + age
    block = np.arange(60) // 6
    density, by_age, beyond = by_price(Crossed(span, age**3, age, actual), block)
    assert density.value == pytest.approx(by_age.value)
    assert by_age.low > 0.3
    assert beyond == (0, 0, 0)
    informed = Crossed(span, age + 0.5 * actual, age, actual)
    assert by_price(informed, block)[2].low > 0.5


def test_ranks_are_within_a_span() -> None:
    """Across spans more density goes with less; within each, with more."""
    span = np.repeat([0, 1, 2], 3)
    density = np.array([1.0, 2, 3, 11, 12, 13, 21, 22, 23])
    actual = np.array([21.0, 22, 23, 11, 12, 13, 1, 2, 3])
    found = by_price(Crossed(span, density, np.zeros(9), actual), np.arange(3))
    assert found[0].value == pytest.approx(1)
    assert found[2].value == pytest.approx(1)


def test_ranks_within_are_parts_of_the_span() -> None:
    """A span with more bins has no larger ranks: 1½, 1½, 3 of three, 2, 1 of two."""
    found = _ranks_within(np.array([5.0, 9, 5, 7, 8]), np.array([0, 1, 0, 0, 1]))
    assert found == pytest.approx([-0.5 / 3, 0.25, -0.5 / 3, 1 / 3, -0.25])


# ---------------------------------------------------------------- against a true density


def test_earth_movers_distance_is_the_way_in_log_price() -> None:
    lines = np.exp(np.arange(11) * 0.1)
    lines = np.append(lines, lines[-1])[:11]
    one = np.zeros(10)
    one[2] = 5.0
    other = np.zeros(10)
    other[[3, 6]] = 1.0
    middle = np.log(0.5 * (lines[1:] + lines[:-1]))
    expected = 0.5 * (middle[3] - middle[2]) + 0.5 * (middle[6] - middle[2])
    assert score.earth_movers_distance(lines, one, other) == pytest.approx(expected)
    assert score.earth_movers_distance(lines, other, one) == pytest.approx(expected)
    assert score.earth_movers_distance(lines, one, 3 * one) == 0
    with pytest.raises(InputError, match="without mass"):
        score.earth_movers_distance(lines, one, np.zeros(10))


def test_bins_without_mass_are_no_agreement() -> None:
    one = np.array([0.0, 0, 0, 0, 1, 2, 3])
    other = np.array([0.0, 0, 0, 0, 3, 2, 1])
    assert score.density_rank_correlation(one, other) == pytest.approx(-1)
    assert score.density_rank_correlation(np.zeros(7), np.zeros(7)) == 0


# ---------------------------------------------------------------- for the page


@pytest.fixture(scope="module")
def world() -> Simulation:
    return simulate(5, bars=2 * 2016)


@pytest.fixture(scope="module")
def density(world: Simulation) -> Density:
    market = world.market
    shown = float(market.candles.time_ms[2016])
    return liqmap.estimate(market.candles, market.open_interest, price_bins=300, first_ms=shown)


def card(
    world: Simulation, density: Density, seen: Liquidations | None = None, hours: float = 1e9
) -> score.Scorecard:
    start_ms = float(density.time_edges_ms[0])
    return score.scorecard(
        world.market.candles,
        world.market.open_interest,
        density,
        world.liquidations if seen is None else seen,
        start_ms=start_ms,
        end_ms=start_ms + hours * HOUR_MS,
    )


def test_a_book_beats_the_baselines_where_liquidations_come_from_positions(
    world: Simulation, density: Density
) -> None:
    found = card(world, density)
    assert [row.name for row in found.rows] == ["balance", *baselines.BASELINES]
    assert found.lift is not None
    assert found.rows[0].long.value > max(row.long.value for row in found.rows[1:])
    assert found.beats
    own, lift = found.rows[0], found.lift
    assert found.verdict == "It beats every rule here."
    ranks = (own.long.value + own.short.value) / 2
    rule = ranks - (lift.long.value + lift.short.value) / 2
    assert f"ranked the hours of liquidations by {ranks:.2f} (1 is perfect)" in found.words
    assert f"counting fresh lows and highs, by {rule:.2f} (+0.0" in found.words
    assert [row.name for row in found.by_price] == ["density", "age", "density beyond age"]
    assert found.by_price[0].long.value > 0.05


def test_liquidations_at_other_times_are_not_predicted(world: Simulation, density: Density) -> None:
    """The same liquidations, a week of hours in another order."""
    seen = world.liquidations
    first = density.time_edges_ms[0]
    hour = np.floor((seen.time_ms - first) / HOUR_MS)
    other = np.random.default_rng(0).permutation(168)
    inside = (hour >= 0) & (hour < 168)
    moved = np.where(inside, other[np.clip(hour, 0, 167).astype(int)] - hour, 0.0)
    shuffled = Liquidations.sorted(
        seen.time_ms + moved * HOUR_MS, seen.position_side, seen.price, seen.quantity_base
    )
    found = card(world, density, shuffled)
    assert not found.beats
    assert abs(found.rows[0].long.value) < 0.2
    assert found.verdict == "Not proven here."
    assert "Use the map for where, not for when." in found.words


def test_a_few_hours_are_too_little_and_it_says_how_little(
    world: Simulation, density: Density
) -> None:
    found = card(world, density, hours=5.5)
    assert found == score.Scorecard((), None, (), False, "Too early to say.", found.words)
    assert found.words.startswith("Watched 5.0 hours: ")
    assert "It takes 24 hours and 20 of each: leave this page open" in found.words
    wide = replace(density, time_edges_ms=72 * density.time_edges_ms).last(20)  # of six hours
    assert "It takes 144 hours and 20 of each:" in card(world, wide).words
    one_side = world.liquidations.rows(world.liquidations.position_side > 0)
    assert card(world, density, one_side).verdict == "Too early to say."
    nothing = card(world, density, Liquidations.joined([]))
    assert nothing.words.startswith("Watched 7.0 days: 0 liquidations of longs, 0 of shorts.")


def test_under_five_days_the_interval_is_called_too_narrow(
    world: Simulation, density: Density
) -> None:
    twice = Liquidations.joined([world.liquidations, world.liquidations])
    assert "too narrow" in card(world, density, twice, hours=100).words
    assert "too narrow" not in card(world, density).words


def test_spans_are_hours_of_whole_columns_within_the_watch() -> None:
    hourly = painted(np.zeros((4, 6)), np.arange(5.0) + 90)
    start = START_MS + 0.5 * HOUR_MS
    found = score.spans_of(hourly, start, START_MS + 4.5 * HOUR_MS)
    assert found.tolist() == hourly.time_edges_ms[1:5].tolist()
    wide = replace(hourly, time_edges_ms=START_MS + 4 * HOUR_MS * np.arange(7.0))
    assert score.spans_of(wide, 0, np.inf).tolist() == wide.time_edges_ms.tolist()
