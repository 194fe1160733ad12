"""Where positions of a bar enter: along its path, at as many prices as it moves and opens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from liqmap.estimate.entries import entries_along
from liqmap.estimate.inputs import Bars
from liqmap.estimate.options import bars_of
from tests.support.plain_book import path
from tests.support.random_markets import Drawn, bars_at, held_at_ends, markets

CHURN_RATE = 1 / 3


def bars(volume: float, held: float, *prices: tuple[float, float, float, float] | float) -> Bars:
    """Bars of one volume and one open interest."""
    candles = bars_at(*prices, volume=volume)
    return bars_of(candles, held_at_ends(*[held] * len(prices), before=held), None)


@settings(max_examples=60)
@given(markets(), st.integers(0, 10_000), st.sampled_from([1, 9, 256]))
def test_entries_lie_evenly_along_the_bar_and_know_what_is_to_come(
    market: Drawn, first: int, most: int
) -> None:
    candles, samples, _ = market
    market_bars = bars_of(candles, samples, None)
    found = entries_along(market_bars, CHURN_RATE, first, most)
    expected = []
    for t, row in enumerate(zip(*market_bars[:6], strict=True)):
        *prices, volume, held = (float(one) for one in row)
        opens_rate = CHURN_RATE * volume / held if held else 0.0
        entries = path((prices[0], prices[1], prices[2], prices[3]), first + t, opens_rate, most)
        expected += [(t, i, *one) for i, one in enumerate(entries)]
    np.testing.assert_allclose(np.array(found).T, expected, rtol=1e-9)
    assert (found.rest_low <= found.price).all()
    assert (found.rest_high >= found.price).all()


@pytest.mark.parametrize(
    ("volume", "held", "count"),
    [
        (0.0, 1_000.0, 18),  # 100 → 99 → 101 → 100: 13⅓ steps of 0.3, and 13⅓² / 10 where many
        (39.0, 1_000.0, 18),  # a third of 39 opens: 13 thousandths of the open interest
        (90.1, 1_000.0, 91),  # 30.03 thousandths, and 30.03² / 10
        (900.0, 1_000.0, 256),  # 300
        (1e250, 1e-250, 256),
        (90.0, 0.0, 18),  # nothing is to open
    ],
)
def test_a_bar_has_as_many_entries_as_it_moves_or_opens(
    volume: float, held: float, count: int
) -> None:
    found = entries_along(bars(volume, held, (100.0, 101.0, 99.0, 100.0)), CHURN_RATE)
    assert found.number.tolist() == list(range(count))


def test_a_still_bar_has_one_entry_or_many_at_its_price() -> None:
    found = entries_along(bars(0.0, 1_000.0, 100.0, 100.0), CHURN_RATE)
    assert found.bar.tolist() == [0, 1]
    found = entries_along(bars(60.1, 1_000.0, 100.0), CHURN_RATE)
    assert found.number.size == 41
    for column in found[2:]:
        np.testing.assert_array_equal(column, 100.0)


def test_a_falling_bar_goes_up_first() -> None:
    """100 → 104 → 96 → 98, a way of 14, of which a seventh is after the low."""
    falling = entries_along(bars(1e9, 1.0, (100.0, 104.0, 96.0, 98.0)), CHURN_RATE)
    way = np.append(0.0, np.abs(np.diff(falling.price))).cumsum()
    assert np.argmax(falling.price) == pytest.approx(256 * 4 / 14, abs=1)
    assert np.argmin(falling.price) == pytest.approx(256 * 12 / 14, abs=1)
    np.testing.assert_allclose(way, np.arange(256) * 14 / 256, atol=0.12)
    rising = entries_along(bars(1e9, 1.0, (98.0, 104.0, 96.0, 100.0)), CHURN_RATE)
    assert np.argmin(rising.price) < np.argmax(rising.price)


def test_many_still_bars_fill_a_path_evenly() -> None:
    """Of bars that rise by the same, each has its one entry elsewhere."""
    market = bars(0.0, 1_000.0, *[(100.0, 100.2, 100.0, 100.2)] * 50)
    price = np.sort(entries_along(market, CHURN_RATE, 7).price)
    gaps = np.diff(np.concatenate([[100.0], price, [100.2]]))
    assert gaps.max() < 0.2 * 2.7 / 50


def test_the_number_of_the_first_bar_decides_where_entries_begin() -> None:
    market = bars(0.0, 1_000.0, *[(100.0, 103.0, 100.0, 103.0)] * 9)
    whole = entries_along(market, CHURN_RATE, 20)
    later = entries_along(market.rows(slice(4, None)), CHURN_RATE, 24)
    np.testing.assert_array_equal(later.price, whole.price[whole.bar >= 4])
    scaled = entries_along(
        market._replace(
            **{name: 4 * getattr(market, name) for name in ("open", "high", "low", "close")}
        ),
        CHURN_RATE,
        20,
    )
    np.testing.assert_array_equal(scaled.price, 4 * whole.price)
