"""The life of a cluster: by hand, a band that the price nears, enters, passes and leaves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.analysis.cluster_life import Life, Path, life, swept_clusters
from liqmap.analysis.clusters import Cluster
from liqmap.data.series import Candles
from liqmap.estimate.density import Density
from tests.support.random_markets import bars_at
from tests.support.small_picture import STEP, density

Bar = tuple[float, float, float, float]
LONGS = Cluster(91.0, 90.0, 92.0, 1, 1.0, -0.05, (), 0.0)
SHORTS = Cluster(109.0, 108.0, 110.0, -1, 1.0, 0.09, (), 0.0)
FAR = (95.0, 96.0, 93.0, 95.0)
NEAR = (95.0, 96.0, 92.4, 95.0)  # half a per cent above 92 is 92.46
INSIDE = (95.0, 96.0, 91.5, 93.0)
EDGE = (95.0, 96.0, 92.0, 93.0)
THROUGH = (93.0, 93.0, 90.9, 91.5)
WICK = (93.0, 94.0, 90.9, 92.1)


def lived(*bars: Bar, cluster: Cluster = LONGS, from_ms: float = 0.0) -> Life:
    return life(cluster, Path.of(bars_at(*bars), None, cluster.position_side), from_ms)


@pytest.mark.parametrize(
    ("bars", "expected"),
    [
        ((FAR, FAR), Life("untouched", 0, STEP)),
        ((FAR, NEAR, FAR), Life("approached", 0, 2 * STEP)),
        ((EDGE, FAR, INSIDE, FAR), Life("held", 2, 3 * STEP)),
        ((INSIDE, THROUGH, FAR), Life("reclaimed", 2, 3 * STEP, 2 * STEP)),
        ((FAR, THROUGH, THROUGH), Life("swept", 2, 2 * STEP, 2 * STEP)),
        ((FAR, WICK, THROUGH), Life("reclaimed", 2, 2 * STEP, 2 * STEP)),
    ],
)
def test_a_state_is_the_first_that_is_true_from_below(
    bars: tuple[Bar, ...], expected: Life
) -> None:
    assert lived(*bars) == expected


def test_bars_before_the_cluster_do_not_count() -> None:
    assert lived(THROUGH, NEAR, FAR, from_ms=STEP) == Life("approached", 0, 2 * STEP)
    assert lived(THROUGH, from_ms=STEP) == Life("untouched", 0, STEP)


@pytest.mark.parametrize(
    ("high", "close", "state"),
    [
        (107.4, 105.0, "untouched"),  # half a per cent below 108 is 107.46
        (107.5, 105.0, "approached"),
        (108.0, 105.0, "held"),
        (109.0, 108.5, "swept"),
        (109.0, 107.9, "reclaimed"),
    ],
)
def test_shorts_are_met_from_below(high: float, close: float, state: str) -> None:
    assert lived((105.0, high, 100.0, close), cluster=SHORTS).state == state


def test_the_mark_price_decides_where_it_is_known() -> None:
    last, mark = bars_at(THROUGH, THROUGH), bars_at(FAR)
    found = life(LONGS, Path.of(last, mark, 1), 0.0)
    assert found == Life("swept", 1, 2 * STEP, 2 * STEP)


# ---------------------------------------------------------------- swept clusters


def book(columns: list[dict[int, float]], side: str = "long") -> Density:
    """Twenty bins of a dollar from 90; a column is what bins hold [base]."""
    base = np.zeros((20, len(columns)), np.float32)
    for column, held in enumerate(columns):
        for row, amount in held.items():
            base[row, column] = amount
    empty = np.zeros_like(base)
    return replace(
        density(),
        time_edges_ms=STEP * np.arange(len(columns) + 1.0),
        price_edges=np.arange(90.0, 111.0),
        long_base=base if side == "long" else empty,
        short_base=empty if side == "long" else base,
    )


FULL = {4: 4.0, 5: 10.0, 6: 2.0}
FELL = bars_at(
    (100, 101, 99, 100), (100, 101, 99, 100), (100, 100, 94.5, 95), (95, 100, 95, 99), (99,) * 4
)


def test_a_swept_cluster_says_when_how_much_and_what_is_left() -> None:
    """The low of 94.50 empties two bins and half of the third; the next bar closes above 97."""
    one = book([FULL, FULL, {4: 2.0}, {4: 2.0}, {4: 2.0, 5: 4.0}])
    (found,) = swept_clusters(one, Path.of(FELL, None, 1), 99.0, 2, 1_000.0)
    before = 4 * 94.5 + 10 * 95.5 + 2 * 96.5
    lost = 2 * 94.5 + 10 * 95.5 + 2 * 96.5
    cluster = found.cluster
    assert (cluster.price, cluster.low_price, cluster.high_price) == (95.5, 94.0, 97.0)
    assert cluster.amount_quote == pytest.approx(lost)
    assert found.part == pytest.approx(lost / before)
    assert found.left == pytest.approx((2 * 94.5 + 4 * 95.5) / before)
    assert cluster.distance_rate == pytest.approx(95.5 / 99 - 1)
    assert cluster.since_ms == 0.0
    assert found.visit_ms == 2 * STEP
    assert found.life == Life("reclaimed", 2, 4 * STEP, 3 * STEP)


def test_what_was_closed_before_the_price_came_was_not_swept() -> None:
    one = book([FULL, {5: 4.0}, {}, {}, {}])
    (found,) = swept_clusters(one, Path.of(FELL, None, 1), 99.0, 2, 0.0)
    assert found.cluster.amount_quote == pytest.approx(4 * 95.5)
    assert found.part == pytest.approx(1.0)
    assert swept_clusters(one, Path.of(FELL, None, 1), 99.0, 2, 383.0) == ()


def test_nothing_is_swept_that_the_price_did_not_reach() -> None:
    one = book([{2: 9.0}, {2: 9.0}, {}, {}, {}])
    assert swept_clusters(one, Path.of(FELL, None, 1), 99.0, 2, 0.0) == ()


def test_a_price_that_turns_within_a_bin_has_swept_it_from_its_middle_on() -> None:
    """Of the bin from 95 to 96 the low of 95.60 takes some, and 95.50 is its price."""
    for low, count in ((95.6, 0), (95.5, 1)):
        bars = bars_at((99,) * 4, (99, 99, low, 99), (99,) * 4)
        one = book([{5: 9.0}, {5: 3.0}, {5: 3.0}])
        found = swept_clusters(one, Path.of(bars, None, 1), 99.0, 2, 0.0)
        assert [swept.life.swept_ms for swept in found] == [2 * STEP] * count


def test_shorts_are_swept_from_below_and_the_larger_is_first() -> None:
    """The price rises to 102, falls below the band and rises to 106."""
    rise = bars_at((100,) * 4, (100, 102, 99, 101), (101, 101, 99, 99.5), (100, 106, 100, 106))
    held = [{11: 3.0, 15: 5.0}, {15: 5.0}, {15: 5.0}, {}]
    path = Path.of(rise, None, -1)
    found = swept_clusters(book(held, "short"), path, 106.0, 2, 0.0)
    assert [(one.cluster.price, one.life) for one in found] == [
        (105.5, Life("swept", 1, 4 * STEP, 4 * STEP)),
        (101.5, Life("reclaimed", 3, 3 * STEP, 2 * STEP)),
    ]
    assert [one.part for one in found] == [1.0, 1.0]
    assert swept_clusters(book(held, "short"), path, 106.0, 1, 0.0) == found[:1]


def test_a_column_without_a_bar_sweeps_nothing() -> None:
    one = book([FULL, FULL, {}, {}, {}])
    gap: Candles = FELL.rows(np.array([0, 1, 4]))
    assert swept_clusters(one, Path.of(gap, None, 1), 99.0, 2, 0.0) == ()
