"""A position of one's own, by hand and by law."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from liqmap.analysis.position import (
    STANDARD,
    Position,
    bankrupt_at,
    fill,
    liquidated_at,
    margin_for,
    tier_of,
    way,
    worst_move,
)
from liqmap.data.market import Kind, MaintenanceTiers, Rule
from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles
from liqmap.errors import InputError
from tests.support.small_picture import density

HOUR_MS = 3_600_000.0
LONG = Position(1, entry_price=100.0, notional_quote=1000.0, leverage=10.0)
"""Ten coins with a margin of 100."""
SHORT = replace(LONG, position_side=-1)

entries = st.floats(1e-3, 1e6)
sizes = st.floats(10.0, 1e7)
leverages = st.floats(1.1, 90.0)
sides = st.sampled_from([1, -1])
kinds = st.sampled_from(["linear", "inverse"])
rules = st.sampled_from(["exact", "entry"])


def tiers(rule: Rule = "exact") -> MaintenanceTiers:
    """1 % up to 2,000, 2 % above with a deduction of 20, so that the margin has no jump."""
    return MaintenanceTiers(
        np.array([2_000.0, inf]), np.array([0.01, 0.02]), np.array([0.0, 20.0]), rule
    )


def test_a_standard_rate_is_taken_where_tiers_are_not_known() -> None:
    """100 · 0.9 / 0.995 and 100 · 1.1 / 1.005: half a per cent of the notional."""
    assert liquidated_at(LONG, STANDARD) == pytest.approx(90.452261)
    assert liquidated_at(SHORT, STANDARD) == pytest.approx(109.452736)
    assert bankrupt_at(LONG) == pytest.approx(90.0)
    assert bankrupt_at(SHORT) == pytest.approx(110.0)


def test_the_tier_is_that_of_the_size() -> None:
    """100 · 0.9 / 0.99 of the small; of 30 coins 2,700 / 0.98 less 20 / 29.4 a coin: 91.156."""
    assert liquidated_at(LONG, tiers()) == pytest.approx(90.909091)
    large = replace(LONG, notional_quote=3_000.0)
    assert liquidated_at(large, tiers()) == pytest.approx((100 * 0.9 - 20 / 30) / 0.98)
    assert [tier_of(tiers(), size) for size in (10, 2_000, 2_001, 1e12)] == [0, 0, 1, 1]


def test_what_else_the_wallet_holds_moves_it_away() -> None:
    """100 more behind ten coins: 20 a coin, bankrupt at 80, liquidated at 80 / 0.995."""
    cross = replace(LONG, wallet_quote=100.0)
    assert cross.margin_quote == 200.0
    assert bankrupt_at(cross) == pytest.approx(80.0)
    assert liquidated_at(cross, STANDARD) == pytest.approx(80 / 0.995)
    assert liquidated_at(replace(LONG, wallet_quote=1_000.0), STANDARD) == 0.0


def test_an_inverse_contract_is_liquidated_in_coins() -> None:
    """1,000 USD are 10 coins, its margin one: gone where 1,000 / price is 11."""
    assert bankrupt_at(LONG, "inverse") == pytest.approx(1000 / 11)
    assert bankrupt_at(SHORT, "inverse") == pytest.approx(1000 / 9)
    assert bankrupt_at(replace(SHORT, leverage=1.0), "inverse") == inf
    coins = 1000 / liquidated_at(LONG, STANDARD, "inverse")
    assert 1 + 10 - coins == pytest.approx(0.005 * coins)
    assert LONG.quantity_base(80.0, "linear") == 10
    assert LONG.quantity_base(80.0, "inverse") == 12.5


def test_margin_for_a_price_by_hand() -> None:
    """Ten coins from 100 to 80 lose 200, and 1 % of the 800 must be left."""
    assert margin_for(LONG, 80.0, tiers()) == pytest.approx(208.0)
    assert margin_for(LONG, 80.0, tiers("entry")) == pytest.approx(210.0)
    assert margin_for(SHORT, 120.0, tiers()) == pytest.approx(212.0)
    assert margin_for(LONG, 120.0, tiers()) < 0
    # In coins: 1,000 / 80 − 1,000 / 100 lost, 1 % of 12.5 kept; at the entry price.
    assert margin_for(LONG, 80.0, tiers(), "inverse") == pytest.approx((2.5 + 0.125) * 100)


@given(sides, entries, sizes, leverages, st.floats(0.01, 0.6), kinds, rules)
def test_with_that_margin_it_is_liquidated_there(
    side: int, entry: float, size: float, leverage: float, away: float, kind: Kind, rule: Rule
) -> None:
    position = Position(side, entry, size, leverage)
    price = entry * (1 - side * away)
    margin = margin_for(position, price, tiers(rule), kind)
    moved = position.with_margin(margin)
    assert moved.margin_quote == pytest.approx(margin)
    assert liquidated_at(moved, tiers(rule), kind) == pytest.approx(price, rel=1e-6)


@given(sides, entries, sizes, leverages, kinds, rules)
def test_liquidation_lies_between_entry_and_bankruptcy(
    side: int, entry: float, size: float, leverage: float, kind: Kind, rule: Rule
) -> None:
    position = Position(side, entry, size, leverage)
    price = liquidation(position, tiers(rule), kind)
    assert side * bankrupt_at(position, kind) <= side * price <= side * entry


@given(sides, entries, sizes, leverages, st.floats(0.01, 3.0), kinds, rules)
def test_more_margin_moves_it_away(
    side: int, entry: float, size: float, leverage: float, part: float, kind: Kind, rule: Rule
) -> None:
    position = Position(side, entry, size, leverage)
    more = replace(position, wallet_quote=part * position.margin_quote)
    price, farther = (liquidation(one, tiers(rule), kind) for one in (position, more))
    assert side * farther <= side * price
    assert side * bankrupt_at(more, kind) <= side * bankrupt_at(position, kind)


@given(entries, sizes, leverages)
def test_long_and_short_are_each_other_s_mirror(entry: float, size: float, leverage: float) -> None:
    """Bankruptcy is as far on either side; maintenance at entry, so is liquidation."""
    pair = [Position(side, entry, size, leverage) for side in (1, -1)]
    for below, above in (
        [bankrupt_at(one) for one in pair],
        [liquidation(one, tiers("entry")) for one in pair],
    ):
        assert entry - below == pytest.approx(above - entry, abs=1e-9 * entry)


def liquidation(position: Position, by: MaintenanceTiers, kind: Kind = "linear") -> float:
    """Its price; a size and leverage that no venue offers are passed by."""
    try:
        return liquidated_at(position, by, kind)
    except InputError:
        assume(False)
        raise


def test_liquidated_on_entry_is_refused() -> None:
    with pytest.raises(InputError, match="liquidated on entry"):
        liquidated_at(replace(LONG, leverage=100.0), tiers())


def book() -> OrderBook:
    """Best prices 99 and 101; 5 coins there, 5 a dollar farther, 10 another dollar farther."""
    base = np.array([5.0, 5.0, 10.0])
    return OrderBook(0.0, np.array([99.0, 98.0, 97.0]), base, np.array([101.0, 102.0, 103.0]), base)


def test_a_long_is_sold_to_the_bids_and_a_short_bought_from_the_asks() -> None:
    """Ten coins at 99 and 98, a mean of 98.5, below a middle of 100."""
    sold, bought = fill(book(), 1, 10.0), fill(book(), -1, 10.0)
    assert sold is not None
    assert bought is not None
    assert (sold.part, bought.part) == (1.0, 1.0)
    assert sold.slippage_rate == pytest.approx(-0.015)
    assert bought.slippage_rate == pytest.approx(0.015)


def test_a_thinned_book_fills_deeper() -> None:
    """Half of it: 2.5 at 99, 2.5 at 98, 5 at 97."""
    thin = fill(book(), 1, 10.0, 0.5)
    assert thin is not None
    assert thin.slippage_rate == pytest.approx((2.5 * 99 + 2.5 * 98 + 5 * 97) / 10 / 100 - 1)


def test_a_book_that_holds_less_says_how_much() -> None:
    found = fill(book(), 1, 80.0)
    assert found is not None
    assert found.part == 0.25
    assert found.slippage_rate == pytest.approx((5 * 99 + 5 * 98 + 10 * 97) / 20 / 100 - 1)
    empty = np.zeros(0)
    assert fill(OrderBook(0.0, empty, empty, empty, empty), 1, 1.0) is None


@given(sides, st.floats(0.01, 19.0), st.floats(0.1, 1.0))
def test_less_depth_is_never_a_better_fill(side: int, quantity: float, depth: float) -> None:
    whole, thin = fill(book(), side, quantity), fill(book(), side, quantity, depth)
    assert whole is not None
    assert thin is not None
    assert side * thin.slippage_rate <= side * whole.slippage_rate + 1e-12


def test_what_waits_on_the_way_counts_rows_by_the_part_that_is_passed() -> None:
    """4 coins of longs wait from 80 to 90: half of them above 85. Shorts: 3 in 100 … 110."""
    down = way(density(), 100.0, 85.0)
    assert down.long_quote == pytest.approx(2 * 85.0)
    assert down.short_quote == 0.0
    assert down.end_price == 85.0
    up = way(density(), 100.0, 115.0)
    assert up.short_quote == pytest.approx(3 * 105 + 4 * 115)
    assert way(density(), 100.0, 60.0).end_price == 80.0


def candles(*bars: tuple[float, float, float]) -> Candles:
    """Half hours that open, fall and rise so far, and close where they opened."""
    opened, low, high = np.array(bars).T
    time_ms = HOUR_MS / 2 * np.arange(opened.size)
    return Candles(time_ms, opened, high, low, opened, np.ones(opened.size))


def test_the_worst_move_is_from_an_opening_within_the_horizon() -> None:
    """From 100 to 94 in the second and third bar; the hour from the first one ends before that."""
    bars = candles((100, 99, 101), (100, 98, 103), (98, 94, 99), (96, 95, 97))
    fall, rise = (worst_move(bars, HOUR_MS, side) for side in (1, -1))
    assert fall is not None
    assert rise is not None
    assert fall.rate == pytest.approx(-0.06)
    assert rise.rate == pytest.approx(0.03)
    assert (fall.time_ms, rise.time_ms) == (HOUR_MS / 2, 0.0)
    longer = worst_move(bars, 24 * HOUR_MS, 1)
    assert longer is not None
    assert longer.rate == pytest.approx(-0.06)
    assert longer.time_ms == 0.0


def test_bars_longer_than_the_horizon_tell_nothing() -> None:
    bars = candles((100, 99, 101), (100, 98, 103))
    assert worst_move(bars, HOUR_MS / 4, 1) is None


def slowly(bars: Candles, horizon_ms: float, side: int) -> float:
    """Window by window."""
    found = []
    for row in range(len(bars)):
        within = (bars.time_ms >= bars.time_ms[row]) & (
            bars.end_ms <= bars.time_ms[row] + horizon_ms
        )
        extreme: Any = bars.low[within].min() if side > 0 else bars.high[within].max()
        found.append(extreme / bars.open[row] - 1)
    return float(min(found) if side > 0 else max(found))


@given(st.integers(0, 1000), sides, st.integers(1, 9))
def test_windows_are_those_of_a_slow_search(seed: int, side: int, hours: int) -> None:
    random = np.random.default_rng(seed)
    opened = 100 + random.normal(0, 3, 12)
    kept = np.sort(random.permutation(12)[:9])  # some bars are missing
    bars = candles(
        *zip(opened, opened - random.random(12), opened + random.random(12), strict=True)
    )
    bars = bars.rows(kept)
    found = worst_move(bars, hours * HOUR_MS / 2, side)
    assert found is not None
    assert found.rate == pytest.approx(slowly(bars, hours * HOUR_MS / 2, side))
