"""The simulated market keeps its own laws, and the estimators are held against its truth."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from bench.truth import scores_of
from liqmap import simulation as demo
from liqmap.data.series import Array
from liqmap.estimate.cohorts import first_reached
from liqmap.simulation import Simulation, simulate


@cache
def week() -> Simulation:
    return simulate(1)


def there(simulation: Simulation, bar: int) -> Array:
    """Quantity of each position at the end of a bar."""
    who = simulation.positions
    return who.quantity_base * ((who.entry_bar <= bar) & (bar < who.exit_bar))


def test_open_interest_is_the_larger_side_of_the_positions() -> None:
    """Market makers, whom nobody liquidates, are the rest of the smaller one."""
    market, side = week().market, week().positions.position_side
    for bar in (0, 1, 700, 2015):
        held = there(week(), bar)
        largest = max(held[side > 0].sum(), held[side < 0].sum())
        found = market.open_interest.at(market.candles.end_ms)[bar]
        assert found == pytest.approx(largest)


def test_liquidated_is_whoever_was_still_there_when_price_came() -> None:
    candles, who = week().market.candles, week().positions
    for position_side, reach in ((1, candles.low), (-1, -candles.high)):
        lived = (who.position_side == position_side) & (who.exit_bar >= 0)
        # The entry bar is over when they enter, or they wait for its end.
        start = np.maximum(who.entry_bar[lived] + 1, 0)
        depth = position_side * who.liquidation_price[lived]
        reached = first_reached(reach, depth, start)
        left, liquidated = who.exit_bar[lived], who.liquidated[lived]
        assert (reached[liquidated] == left[liquidated]).all()
        gone = np.minimum(left, len(candles))
        assert (reached[~liquidated] >= gone[~liquidated]).all()
        assert liquidated.sum() > 20


def test_nobody_enters_to_be_out_within_the_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whose liquidation the bar's range would reach enters at its close.

    In a storm: in quiet weeks no bar is so wide.
    """
    monkeypatch.setattr(demo, "VOLATILITY", 0.004)
    storm = simulate(1, bars=500)
    candles, who = storm.market.candles, storm.positions
    came = np.flatnonzero(who.entry_bar >= 0)
    bar, side = who.entry_bar[came], who.position_side[came]
    end = np.where(side > 0, candles.low[bar], candles.high[bar])
    reached = side * (who.liquidation_price[came] - end) >= 0
    assert 10 < reached.sum() < 0.2 * came.size
    np.testing.assert_array_equal(who.entry_price[came[reached]], candles.close[bar[reached]])


def test_the_liquidation_price_is_that_of_the_leverage() -> None:
    who = week().positions
    distance = who.position_side * (1 - who.liquidation_price / who.entry_price)
    # Long: E (1 − 1/L) / (1 − m); short: E (1 + 1/L) / (1 + m).
    expected = (1 / who.leverage - 0.005) / (1 - who.position_side * 0.005)
    np.testing.assert_allclose(distance, expected, rtol=1e-9)


def test_the_record_of_liquidations_is_that_of_the_positions() -> None:
    who, record, candles = week().positions, week().liquidations, week().market.candles
    gone = who.liquidated & (who.exit_bar >= 0)
    assert record.quantity_base.sum() == pytest.approx(who.quantity_base[gone].sum())
    assert (np.diff(record.time_ms) >= 0).all()
    bar = np.searchsorted(candles.time_ms, record.time_ms, side="right") - 1
    longs = record.position_side > 0
    assert (candles.low[bar[longs]] <= record.price[longs]).all()
    assert (candles.high[bar[~longs]] >= record.price[~longs]).all()


def test_takers_buy_a_part_of_a_volume_that_holds_all_entries_and_exits() -> None:
    candles, who = week().market.candles, week().positions
    bought = candles.taker_buy_base
    assert bought is not None
    assert (bought > 0).all()
    assert (bought < candles.volume_base).all()
    assert bought.sum() / candles.volume_base.sum() == pytest.approx(0.5, abs=0.02)
    for bar in (3, 900, 2000):
        moved = who.quantity_base[(who.entry_bar == bar) | (who.exit_bar == bar)].sum()
        assert candles.volume_base[bar] > moved


def floor(prices: Array, quantity: float) -> demo._Floor:
    """A quiet market of three longs at 100 that are liquidated at these prices."""
    made = demo._Floor(seed=1, bars=1)
    n = prices.size
    made.volatility = np.full(1, 1e-12)
    made.begin = np.array([n, n])
    made.side[:n], made.quantity[:n], made.stop[:n] = 1.0, quantity, 1.0
    made.lower[:n], made.upper[:n], made.liquidation[:n] = prices, 1e9, prices
    made.entry[:n], made.leave[:n] = 100.0, 1e9
    made.active = np.arange(n)
    return made


def test_a_liquidation_pushes_price_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each sale of ten lowers the price by 1 %; the third stands too far away."""
    monkeypatch.setattr(demo, "DEPTH_BASE", 1_000.0)
    market = floor(np.array([100.0, 99.5, 97.0]), 10.0)
    opened, high, low, close, volume, taker_buy, open_interest = market._bar(0, 100.0)
    assert market.liquidated[:3].tolist() == [True, True, False]
    assert (opened, high) == pytest.approx((100, 100))
    assert low == pytest.approx(100 * np.exp(-0.02))
    assert close == pytest.approx(100 * np.exp(-0.01))  # a half of it recovers
    assert volume >= 20
    assert taker_buy < volume / 2
    assert open_interest == pytest.approx(10)
    monkeypatch.setattr(demo, "DEPTH_BASE", 1e9)
    market = floor(np.array([100.0, 99.5, 97.0]), 10.0)
    market._bar(0, 100.0)
    assert market.liquidated[:3].tolist() == [True, False, False]


def test_the_seed_makes_the_market() -> None:
    one, same, other = simulate(3, bars=50), simulate(3, bars=50), simulate(4, bars=50)
    np.testing.assert_array_equal(one.market.candles.close, same.market.candles.close)
    np.testing.assert_array_equal(one.positions.quantity_base, same.positions.quantity_base)
    assert (one.market.candles.close != other.market.candles.close).any()
    assert one.market.simulated


def test_traders_are_as_measured() -> None:
    who = week().positions
    assert np.exp(np.log(who.leverage).mean()) == pytest.approx(7.2, rel=0.05)
    assert np.mean(who.position_side) == pytest.approx(0, abs=0.02)
    returns = np.diff(np.log(week().market.candles.close))
    assert 0.0005 < returns.std() < 0.003
    # Bursts: large moves come together.
    size = np.abs(returns)
    assert np.corrcoef(size[1:], size[:-1])[0, 1] > 0.1
    live = there(week(), 2015)
    longs = live[who.position_side > 0].sum()
    assert longs / live.sum() == pytest.approx(0.5, abs=0.1)


def test_true_density_is_the_positions_by_liquidation_price() -> None:
    edges = np.array([0.0, 80_000, 85_000, 1e9])
    who, held = week().positions, there(week(), 1000) * (week().positions.position_side > 0)
    expected = [
        held[(who.liquidation_price >= low) & (who.liquidation_price < high)].sum()
        for low, high in pairwise(edges)
    ]
    np.testing.assert_allclose(who.density(edges, 1000, 1), expected)
    assert min(expected) > 0


def test_balance_is_nearest_to_the_truth() -> None:
    """It sees candles and open interest only, as the others do."""
    scores = scores_of(week())
    balance = scores.pop("balance")
    assert balance.rank > 0.4
    assert all(balance.rank > other.rank + 0.2 for other in scores.values())
    # Distance is mostly a matter of the mix, which the null shares.
    assert balance.distance < 1.1 * scores.pop("near_spot").distance
    assert all(balance.distance < 0.6 * other.distance for other in scores.values())
