"""The cascade: by hand, and laws that every book and every exposure must obey."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from liqmap.analysis.cascade import (
    THINNED,
    Cascade,
    Depth,
    Forced,
    Impact,
    cascade,
    curve,
    depth_of,
    forced_of,
)
from liqmap.data.order_book import OrderBook
from liqmap.estimate.ensemble import WIDER, Members

WALK = Impact()
IMPACTS = [WALK, Impact(THINNED, 1.0), Impact(1.0, 0.9), Impact(THINNED, 0.9)]
EDGES = np.array([80.0, 90.0, 100.0, 110.0, 120.0])


def even_book(per_level_quote: float = 100.0, levels: int = 5) -> OrderBook:
    """The price is 100; at each whole dollar away from it so much."""
    bid, ask = 100.0 - np.arange(1.0, levels + 1), 100.0 + np.arange(1.0, levels + 1)
    return OrderBook(0.0, bid, per_level_quote / bid, ask, per_level_quote / ask)


def known(side: int, book: OrderBook | None = None) -> Depth:
    found = depth_of(even_book() if book is None else book, side)
    assert found is not None
    return found


def orders(triggers: list[float], quote: list[float], edge: float = 0.5) -> Forced:
    """So much at each distance."""
    swept = np.concatenate([[0.0], np.cumsum(quote)])
    return Forced(np.array(triggers), swept, edge, np.empty((0, swept.size)))


# ---------------------------------------------------------------- by hand


@pytest.mark.parametrize("side", [1, -1])
def test_a_book_is_summed_outward_and_its_outer_half_goes_on(side: int) -> None:
    """$100 a dollar up to 5 %; of the last 2.5 % three levels: $300 in 2.5 % is $12,000 in all."""
    depth = known(side)
    assert depth.reach_rate == pytest.approx(0.05)
    assert depth.within(np.array([0.01, 0.02, 0.05])) == pytest.approx([100, 200, 500])
    assert depth.beyond_quote == pytest.approx(12_000)
    assert depth.within(np.array(0.06)) == pytest.approx(500 + 120)
    assert depth.distance(np.array(620.0)) == pytest.approx(0.06)


def test_a_side_without_orders_has_no_depth() -> None:
    one = even_book()
    none = np.empty(0)
    bids = OrderBook(0.0, one.bid_price, one.bid_base, none, none)
    assert depth_of(bids, -1) is None
    assert depth_of(OrderBook(0.0, one.bid_price[:1], one.bid_base[:1], none, none), 1) is None
    assert known(1, bids).reach_rate == pytest.approx(4 / 99)  # from the best bid


def test_orders_wait_in_the_middle_of_what_is_beyond_the_price() -> None:
    """Price 96: of the bin 90 … 100 six tenths lie below it, with the middle 93."""
    longs = forced_of(EDGES, np.array([500.0, 100.0, 0, 0]), 96.0, 1)
    assert longs.trigger_rate == pytest.approx([1 - 93 / 96, 1 - 85 / 96])
    assert longs.swept_quote == pytest.approx([0, 60, 560])
    assert longs.edge_rate == pytest.approx(1 - 80 / 96)
    shorts = forced_of(EDGES, np.array([0, 100.0, 0, 70.0]), 96.0, -1)
    assert shorts.trigger_rate == pytest.approx([98 / 96 - 1, 105 / 96 - 1, 115 / 96 - 1])
    assert shorts.swept_quote == pytest.approx([0, 40, 40, 110])
    assert shorts.edge_rate == pytest.approx(120 / 96 - 1)


def test_guesses_are_factors_of_their_median() -> None:
    """Of the bin 80 … 90 the members hold 1, 2 and 4: half, once and twice the estimate."""
    guesses = np.zeros((3, 4))
    guesses[:, 0] = [1, 2, 4]
    found = forced_of(EDGES, np.array([500.0, 0, 0, 0]), 100.0, 1, Members(guesses, guesses))
    assert found.members_quote[:, 2] == pytest.approx(500 * np.array([0.5, 1, 2]) ** WIDER)
    middle, low, high = found.swept_by(0.16)
    assert middle == 500
    assert low == pytest.approx(np.quantile(found.members_quote[:, 2], 0.1))
    assert high == pytest.approx(np.quantile(found.members_quote[:, 2], 0.9))
    assert found.swept_by(0.14)[0] == 0
    half = found.scaled(0.5, np.array([0.1, 0.5, 1.0]))
    assert half.swept_by(0.16)[0] == 250
    assert half.members_quote[:, 2] == pytest.approx([50 * 0.5**WIDER, 250, 500 * 2**WIDER])


def test_a_guess_of_next_to_nothing_says_nothing_of_what_comes_later() -> None:
    """Near the price most guesses hold nothing and one holds much; all hold as much below."""
    guesses = np.array([[8, 1e-12, 0, 0], [8, 1e-12, 0, 0], [8, 1.0, 0, 0]], float)
    found = forced_of(EDGES, np.array([800.0, 1, 0, 0]), 100.0, 1, Members(guesses, guesses))
    assert (np.diff(found.members_quote, axis=1) >= 0).all()
    assert found.members_quote.max() < 1_200


def test_rounds_go_on_until_one_sweeps_nothing() -> None:
    """At 1 % $150 are swept, which take price to 2.5 %; there are $60 more at 2 %, which take it to
    3.1 %; what waits at 3.5 % is not reached.
    """
    forced = orders([0.01, 0.02, 0.035], [150, 60, 1_000])
    found = cascade(forced, known(1), 0.01, WALK)
    assert np.array(found.steps) == pytest.approx(
        np.array([[0, 0.01, 150, 0], [0.01, 0.025, 60, 150], [0.025, 0.031, 0, 60]])
    )
    assert found.final_rate == pytest.approx(0.031)
    assert found.amplification == pytest.approx(3.1)
    assert not found.edge


def test_half_the_depth_is_twice_the_way() -> None:
    found = cascade(orders([0.01], [100]), known(1), 0.01, Impact(0.5, 1.0))
    assert found.final_rate == pytest.approx(0.03)


def test_the_exponent_bends_the_walk_around_one_per_cent() -> None:
    """$400 are a walk of 4 %: 4^0.9 %. Half a per cent becomes 0.5^0.9 %."""
    for quote, walk in ((400, 4.0), (100, 1.0), (50, 0.5)):
        found = cascade(orders([0.0], [quote]), known(1), 0.0, Impact(1.0, 0.9))
        assert found.final_rate == pytest.approx(walk**0.9 / 100)


def test_at_the_edge_nothing_is_known() -> None:
    found = cascade(orders([0.01], [5_000], edge=0.04), known(1), 0.01, WALK)
    assert found.final_rate == 0.04
    assert found.edge


def test_the_interval_has_members_depth_and_exponent() -> None:
    """One guess, of all depth and the exponent 0.8: 0.01 + 0.5^0.8 %."""
    forced = replace(orders([0.01], [50]), members_quote=np.array([[0.0, 50.0]]))
    found = curve(forced, known(1), np.array([0.01]), WALK)
    assert found.final_rate == pytest.approx([0.015])
    assert found.low_rate == pytest.approx([0.015])  # never above the middle
    assert found.high_rate == pytest.approx([0.01 + 0.5**0.8 / 100])
    alone = curve(orders([0.01], [50]), known(1), np.array([0.01]), WALK)
    assert np.isnan([alone.low_rate, alone.high_rate]).all()


# ---------------------------------------------------------------- laws

sides = st.sampled_from([1, -1])
impacts = st.sampled_from(IMPACTS)
shocks = st.floats(0.0, 0.25)


@st.composite
def forced_orders(draw: st.DrawFn) -> NDArray[Any]:
    """[quote] in 60 bins from 70 to 130."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size = 10.0 ** draw(st.integers(-2, 6))
    sparse = draw(st.sampled_from([0.0, 0.7, 1.0]))
    found: NDArray[Any] = size * random.exponential(1, 60) * (random.random(60) >= sparse)
    return found


@st.composite
def books(draw: st.DrawFn) -> OrderBook:
    """Few or many levels, near or far."""
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    levels = draw(st.sampled_from([1, 2, 20, 300]))
    away = np.cumsum(random.exponential(draw(st.sampled_from([0.001, 0.05])), (2, levels)), axis=1)
    base = random.exponential(draw(st.sampled_from([0.1, 10.0])), (2, levels)) + 1e-6
    return OrderBook(0.0, 100 - away[0], base[0], 100 + away[1], base[1])


def played(
    quote: NDArray[Any], book: OrderBook, side: int, shock: float, impact: Impact
) -> tuple[Forced, Cascade]:
    forced = forced_of(np.linspace(70, 130, 61), quote, 100.3, side)
    return forced, cascade(forced, known(side, book), shock, impact)


@given(forced_orders(), books(), sides, impacts)
def test_no_shock_no_cascade(
    quote: NDArray[Any], book: OrderBook, side: int, impact: Impact
) -> None:
    _, found = played(quote, book, side, 0.0, impact)
    assert found.final_rate == 0
    assert found.amplification == 1


@given(forced_orders(), books(), sides, shocks, impacts)
def test_it_ends_and_the_steps_add_up(
    quote: NDArray[Any], book: OrderBook, side: int, shock: float, impact: Impact
) -> None:
    forced, found = played(quote, book, side, shock, impact)
    assert len(found.steps) <= forced.trigger_rate.size + 2
    before, after, swept, absorbed = np.array(found.steps).T
    assert (before == np.append(0.0, after[:-1])).all()
    assert (after >= before).all()
    assert found.final_rate == after[-1] >= shock
    passed = forced.swept_quote[np.count_nonzero(forced.trigger_rate <= found.final_rate)]
    assert swept.sum() == pytest.approx(passed)
    assert absorbed.sum() == pytest.approx(passed)


@given(forced_orders(), books(), sides, shocks, impacts, st.integers(0, 2**32 - 1))
def test_more_depth_is_never_a_larger_move(
    quote: NDArray[Any], book: OrderBook, side: int, shock: float, impact: Impact, seed: int
) -> None:
    random = np.random.default_rng(seed)
    more = 1 + 5 * random.random(book.bid_base.size) * (random.random(book.bid_base.size) < 0.3)
    deeper = replace(book, bid_base=book.bid_base * more, ask_base=book.ask_base * more)
    _, shallow = played(quote, book, side, shock, impact)
    _, deep = played(quote, deeper, side, shock, impact)
    assert deep.final_rate <= shallow.final_rate + 1e-9


@given(forced_orders(), books(), sides, shocks, impacts, st.integers(0, 59), st.floats(0, 1e6))
def test_more_exposure_is_never_a_smaller_move(
    quote: NDArray[Any],
    book: OrderBook,
    side: int,
    shock: float,
    impact: Impact,
    row: int,
    added: float,
) -> None:
    _, few = played(quote, book, side, shock, impact)
    quote[row] += added
    _, many = played(quote, book, side, shock, impact)
    assert many.final_rate >= few.final_rate - 1e-9


@given(forced_orders(), books(), sides, impacts)
def test_the_curve_is_the_cascade_of_each_shock(
    quote: NDArray[Any], book: OrderBook, side: int, impact: Impact
) -> None:
    rates = np.linspace(0.0, 0.28, 15)
    forced = forced_of(np.linspace(70, 130, 61), quote, 100.3, side)
    depth = known(side, book)
    found = curve(forced, depth, rates, impact).final_rate
    one_by_one = [cascade(forced, depth, rate, impact).final_rate for rate in rates.tolist()]
    assert found == pytest.approx(one_by_one, abs=1e-9)
