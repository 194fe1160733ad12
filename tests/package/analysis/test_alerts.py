"""Alerts, by hand: a price at 100, longs at 95, shorts at 105."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analysis.alerts import Fired, Memory, Rule, Sight, advance
from liqmap.analysis.clusters import Cluster
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles

STEP = 300_000.0


def cluster(price: float, position_side: int, amount_quote: float = 6e6) -> Cluster:
    """One that is two wide."""
    distance = price / 100 - 1
    return Cluster(price, price - 1, price + 1, position_side, amount_quote, distance, (), 0.0)


LONGS, SHORTS = cluster(95, 1), cluster(105, -1)


def sight(
    *bars: tuple[float, float, float],
    clusters: tuple[Cluster, ...] = (LONGS, SHORTS),
    happened: Liquidations | None = None,
    about: object = "BTC",
) -> Sight:
    """Bars of low, high and close."""
    table: Array = np.array(bars, dtype=np.float64)
    low, high, close = table[:, 0], table[:, 1], table[:, 2]
    candles = Candles(
        STEP * np.arange(float(len(bars))), close, high, low, close, np.ones(len(bars))
    )
    return Sight(about, candles, clusters, happened)


def watched(rule: Rule, *sights: Sight) -> list[list[Fired]]:
    """What fired at each sight."""
    memory, found = Memory(), []
    for one in sights:
        memory, fired = advance([rule], memory, one)
        found.append(list(fired))
    return found


def counts(rule: Rule, *sights: Sight) -> list[int]:
    return [len(fired) for fired in watched(rule, *sights)]


CALM = (99.0, 101.0, 100.0)
AT_TOP = (99.0, 103.0, 103.0)
"""103 is 1.94 % below 105."""


def test_near_fires_once_and_again_after_it_was_false() -> None:
    rule = Rule("near", 5e6, 0.02)
    calm, near = sight(CALM), sight(AT_TOP)
    assert counts(rule, calm, near, near, calm, near) == [0, 1, 0, 0, 1]
    ((fired,),) = watched(rule, near)
    assert (fired.cluster, fired.amount_quote) == (SHORTS, 6e6)


def test_near_wants_the_amount_the_distance_and_the_side() -> None:
    near = sight(AT_TOP)
    assert counts(Rule("near", 7e6, 0.02), near) == [0]
    assert counts(Rule("near", 5e6, 0.019), near) == [0]
    passed = sight(AT_TOP, clusters=(cluster(102, -1), cluster(104, 1)))
    assert counts(Rule("near", 5e6, 0.02), passed) == [0]


def test_the_largest_of_several_is_named() -> None:
    both = sight(CALM, clusters=(cluster(99.5, 1, 6e6), cluster(100.5, -1, 9e6)))
    ((fired,),) = watched(Rule("near", 5e6, 0.01), both)
    assert fired.amount_quote == 9e6


def test_swept_is_what_was_open_and_is_reached_since() -> None:
    rule = Rule("swept", 5e6)
    still = (98.0, 104.9, 104.0)
    reached = (98.0, 105.0, 104.5)
    gone = (LONGS,)
    assert counts(rule, sight(CALM), sight(still), sight(reached, clusters=gone)) == [0, 0, 1]
    assert counts(rule, sight(CALM), sight(reached), sight(reached, clusters=gone)) == [0, 1, 0]
    longs = watched(rule, sight(CALM), sight((94.0, 101.0, 96.0)))
    assert longs[1][0].cluster == LONGS


def test_what_the_newest_bar_had_reached_before_the_watch_is_not_swept_by_it() -> None:
    reached = sight((98.0, 106.0, 100.0))
    assert counts(Rule("swept", 5e6), reached, reached) == [0, 0]


def test_bars_that_came_in_between_count() -> None:
    """The page slept for three bars; in the first of them the price was at 94."""
    later = sight(CALM, (94.0, 100.0, 96.0), CALM, CALM, clusters=())
    assert counts(Rule("swept", 5e6), sight(CALM), later) == [0, 1]


def test_reclaimed_is_back_beyond_the_other_end_of_a_swept_band() -> None:
    rule = Rule("reclaimed", 5e6)
    swept = sight((94.0, 101.0, 94.5), clusters=(SHORTS,))
    within = sight((94.0, 101.0, 95.9), clusters=(SHORTS,))
    back = sight((94.0, 101.0, 96.5), clusters=(SHORTS,))
    found = watched(rule, sight(CALM), swept, within, back, back)
    assert [len(fired) for fired in found] == [0, 0, 0, 1, 0]
    assert found[3][0].cluster == LONGS


def test_a_wick_sweeps_and_is_reclaimed_at_one_sight() -> None:
    wick = sight((99.0, 106.0, 100.0), clusters=(LONGS,))
    assert counts(Rule("swept", 5e6), sight(CALM), wick) == [0, 1]
    assert counts(Rule("reclaimed", 5e6), sight(CALM), wick) == [0, 1]


def test_what_was_seen_of_another_contract_is_forgotten() -> None:
    other = sight((94.0, 96.0, 95.0), clusters=(), about="ETH")
    assert counts(Rule("swept", 5e6), sight(CALM), other) == [0, 0]


def happened(*rows: tuple[float, float]) -> Liquidations:
    """Time [s] and USD each, of longs at 100."""
    times: Sequence[float] = [1000 * row[0] for row in rows]
    return Liquidations.sorted(
        times, [1] * len(rows), [100.0] * len(rows), [row[1] / 100 for row in rows]
    )


def test_liquidations_of_the_minute_before_the_newest_are_added() -> None:
    rule = Rule("liquidations", 300.0)
    first = sight(CALM, happened=happened((1, 500)))
    second = sight(CALM, happened=happened((1, 500), (10, 200), (60, 50)))
    third = sight(CALM, happened=happened((1, 500), (10, 200), (60, 50), (69, 60)))
    fourth = sight(CALM, happened=happened((1, 500), (10, 200), (60, 50), (69, 60), (120, 239)))
    found = watched(rule, first, second, third, third, fourth)
    assert [len(fired) for fired in found] == [0, 0, 1, 0, 0]
    assert (found[2][0].cluster, found[2][0].amount_quote) == (None, 310.0)


def test_liquidations_of_the_bars_before_the_watch_do_not_count() -> None:
    """A venue's own list may come after the watch began."""
    rule = Rule("liquidations", 100.0)
    silent = sight(CALM, CALM)
    late = sight(CALM, CALM, happened=happened((299, 1e6)))
    newer = sight(CALM, CALM, happened=happened((299, 1e6), (301, 100)))
    assert counts(rule, silent, late, newer) == [0, 0, 1]


def test_rules_are_apart() -> None:
    rules = [Rule("near", 5e6, 0.02), Rule("near", 5e6, 0.03)]
    memory, fired = advance(rules, Memory(), sight((99.0, 102.2, 102.2)))
    assert [one.rule for one in fired] == [rules[1]]
    memory, fired = advance(rules, memory, sight(AT_TOP))
    assert [one.rule for one in fired] == [rules[0]]
    _, fired = advance([], memory, sight(AT_TOP))
    assert fired == ()
