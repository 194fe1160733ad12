"""What really happened, as arrays: sums, edges, marks; nothing lost, nothing twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Candles
from liqmap.picture.liquidation_chart import SOURCES, LiquidationChart, chart

STEP = 300_000.0
START = 1_772_323_200_000.0  # 2026-03-01 00:00 UTC
TIMES = START + STEP * np.arange(5.0)
PRICES = np.array([80.0, 90.0, 100.0, 110.0])


def seen(*rows: tuple[float, float, float, float]) -> Liquidations:
    """Rows of (bars since the start, side, price, quantity)."""
    bars, side, price, quantity = np.array(rows).reshape(-1, 4).T
    return Liquidations.sorted(START + STEP * bars, side, price, quantity)


def every(one: LiquidationChart) -> dict[str, Any]:
    """Its sources, the bars in USD."""
    return {**one.strips["usd"].sources, **one.sources}


def drawn(some: Liquidations, **options: Any) -> LiquidationChart:
    return chart(some, TIMES, PRICES, **options)


def test_bars_are_the_sums_of_their_side_and_bar() -> None:
    sources = every(
        drawn(seen((0.1, 1, 90, 2), (0.9, 1, 80, 1), (0.5, -1, 100, 3), (2.5, 1, 85, 1)))
    )
    longs, shorts = sources["liq_long"], sources["liq_short"]
    np.testing.assert_array_equal(longs["top"], [260, 85])
    np.testing.assert_array_equal(longs["time"], START + STEP * np.array([0.5, 2.5]))
    np.testing.assert_array_equal(longs["width"], 0.8 * STEP)
    np.testing.assert_array_equal(shorts["bottom"], [-300])
    for name, columns in SOURCES.items():
        assert tuple(sources[name]) == columns


def test_bars_are_half_open_and_the_window_too() -> None:
    """On an edge it belongs to the bar that opens; at the end it is outside."""
    sources = every(drawn(seen((0, 1, 90, 1), (1, 1, 90, 2), (4, 1, 90, 4), (-0.001, 1, 90, 8))))
    np.testing.assert_array_equal(sources["liq_long"]["top"], [90, 180])
    np.testing.assert_array_equal(sources["liq_long"]["time"], START + STEP * np.array([0.5, 1.5]))


def test_what_happened_in_a_gap_has_its_own_bar() -> None:
    edges = np.delete(TIMES, 2)  # no bar from 1 to 2: the edge of its end is missing
    one = chart(seen((1.5, -1, 100, 1), (2.5, -1, 100, 2)), edges, PRICES)
    np.testing.assert_array_equal(every(one)["liq_short"]["bottom"], [-100, -200])
    np.testing.assert_array_equal(
        every(one)["liq_short"]["time"], START + STEP * np.array([1.5, 2.5])
    )


def test_the_histogram_stacks_shorts_on_longs_by_price() -> None:
    rows = seen((0, 1, 90, 1), (1, 1, 99.9, 1), (2, -1, 90, 2), (3, -1, 110, 1), (3, 1, 79, 1))
    bars = drawn(rows).sources["liq_profile"]
    np.testing.assert_allclose(bars["bottom"], [90, 90])
    np.testing.assert_allclose(bars["top"], [100, 100])
    np.testing.assert_allclose(bars["left"], [0, 189.9])
    np.testing.assert_allclose(bars["right"], [189.9, 369.9])
    assert bars["side"] == ["long", "short"]
    assert drawn(rows).ranges["liq_profile_range"] == pytest.approx([0, 1.08 * 369.9])


def test_the_largest_are_marked_at_time_and_price() -> None:
    rows = seen((0.5, 1, 90, 1), (1.5, -1, 100, 40), (2.5, 1, 85, 10), (3, -1, 120, 999))
    marks = drawn(rows, most_events=2, decimals=1).sources["events"]
    np.testing.assert_array_equal(marks["price"], [100, 85])  # 120 is not on the price axis
    np.testing.assert_array_equal(marks["time"], START + STEP * np.array([1.5, 2.5]))
    assert marks["side"] == ["short", "long"]
    np.testing.assert_array_equal(marks["amount"], [4000, 850])
    assert marks["words"] == [
        "happened: $4.00K short liquidated at 100.0, 01 Mar 00:07",
        "happened: $850 long liquidated at 85.0, 01 Mar 00:12",
    ]
    assert marks["size"][0] == 18
    assert 3 < marks["size"][1] < 18


def test_it_says_what_was_seen_and_when_nothing_was() -> None:
    one = drawn(seen((0, 1, 80, 15_000), (1, -1, 100, 4_000)), words=["Bybit: all of them."])
    assert one.title == "Liquidations seen: $1.20M long, $400K short"
    assert one.words == ("Bybit: all of them.",)
    assert one.empty is False
    low, high = one.strips["usd"].ranges["liq_range"]
    assert low < -400_000
    assert high > 1_200_000
    none = drawn(seen((9, 1, 80, 1)))
    assert none.empty is True
    assert none.title == "No liquidation was seen in this window"
    assert none.strips["usd"].ranges["liq_range"][0] < 0 < none.strips["usd"].ranges["liq_range"][1]
    assert all(len(column) == 0 for source in every(none).values() for column in source.values())


def test_bars_per_move_are_over_the_fall_and_the_rise_from_their_opening() -> None:
    """Bars of 100: falls by 2 % and rises by 0.5 %; does not move; is missing; falls by 1 %."""
    candles = Candles(
        np.delete(TIMES[:4], 2),
        np.full(3, 100.0),
        np.array([100.5, 100, 100]),
        np.array([98.0, 100, 99]),
        np.array([99.0, 100, 99]),
        np.ones(3),
        step_ms=STEP,
    )
    some = seen((0.5, 1, 100, 4), (0.5, -1, 100, 3), (1.5, 1, 100, 2), (2.5, 1, 100, 9))
    one = drawn(some, candles=candles)
    longs, shorts = (one.strips["per_move"].sources[name] for name in ("liq_long", "liq_short"))
    np.testing.assert_allclose(longs["top"], [400 / 2, 200 / 0.1])
    np.testing.assert_allclose(longs["amount"], [400, 200])
    np.testing.assert_array_equal(longs["time"], START + STEP * np.array([0.5, 1.5]))
    np.testing.assert_allclose(shorts["bottom"], [-300 / 0.5])
    assert one.strips["per_move"].ranges["liq_range"][1] == pytest.approx(1.25 * 2000)
    np.testing.assert_allclose(every(one)["liq_long"]["top"], [400, 200, 900])
    assert (
        drawn(some).strips["per_move"].sources["liq_long"]["top"].size == 0
    )  # no candles, no moves


def test_a_bar_of_several_candles_moves_from_the_first_opening() -> None:
    """Two columns of two candles: 100 → 90 … 101, then 50 → 49 … 60."""
    candles = Candles(
        TIMES[:4],
        np.array([100, 95, 50, 55], float),
        np.array([101, 96, 56, 60], float),
        np.array([95, 90, 49, 54], float),
        np.array([95, 95, 55, 55], float),
        np.ones(4),
    )
    some = seen((0.1, 1, 90, 1), (1.9, -1, 90, 1), (2.1, 1, 90, 1), (3.9, -1, 90, 1))
    sources = chart(some, TIMES[::2], PRICES, candles=candles).strips["per_move"].sources
    np.testing.assert_allclose(sources["liq_long"]["top"], [90 / 10, 90 / 2])
    np.testing.assert_allclose(sources["liq_short"]["bottom"], [-90 / 1, -90 / 20])


row = st.tuples(
    st.integers(-300_000, 1_500_000).map(lambda ms: ms / STEP),
    st.sampled_from([1.0, -1.0]),
    st.floats(70, 120),
    st.floats(0.001, 1e4),
)


@given(st.lists(row, max_size=60))
def test_nothing_is_lost_and_nothing_counted_twice(rows: list[tuple[float, ...]]) -> None:
    some = seen(*rows)  # type: ignore[arg-type]
    inside = (some.time_ms >= TIMES[0]) & (some.time_ms < TIMES[-1])
    priced = inside & (some.price >= PRICES[0]) & (some.price < PRICES[-1])
    sources = every(drawn(some, most_events=7))
    for side, name, column in ((1, "liq_long", "top"), (-1, "liq_short", "bottom")):
        expected = some.quantity_quote[inside & (some.position_side == side)].sum()
        assert sources[name][column].sum() == pytest.approx(side * expected)
    bars = sources["liq_profile"]
    assert (bars["right"] - bars["left"]).sum() == pytest.approx(some.quantity_quote[priced].sum())
    marked = np.sort(some.quantity_quote[priced])[::-1][:7]
    assert len(sources["events"]["price"]) == marked.size
    assert (np.diff(sources["events"]["size"]) <= 0).all()
