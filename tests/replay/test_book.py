"""The made-up order book: its rule, and that each adapter reads it from its venue's stand-in."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.venues.adapter import Adapter
from liqmap.venues.registry import ADAPTERS
from tests.support.venue import BTC, ETH, MARKET, NOW, ask, flat_market, instrument_of
from tools.replay.book import Book, book, merged
from tools.replay.contract import Contract, listed
from tools.replay.registry import VENUES

MOST = {"okx": 400, "gate": 300, "dydx": 100, "lighter": 125}
"""Prices a side, where a venue shows fewer than there are; Lighter shows two orders of each."""
COARSE = {"bitget": 100.0, "hyperliquid": 1000.0}
"""The coarsest step of bitcoin's prices, where a venue shows several; ether's is a tenth of it. At
its multiples all that lies nearer is told."""


@pytest.fixture(params=sorted(VENUES))
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return ADAPTERS[request.param]


def test_the_rule_by_hand() -> None:
    """Twelve bars of five minutes are an hour: of volumes 50, 49, 48 … that is 0.6, 0.588 …"""
    flat = listed(flat_market(50, 50_000.0, 30.0, 0))[0]
    shown = book(flat, flat.market.end_ms)
    assert [price for price, _ in shown.bids[:3]] == [49_995.0, 49_990.0, 49_985.0]
    assert [price for price, _ in shown.asks[:3]] == [50_005.0, 50_010.0, 50_015.0]
    assert (shown.bids[-1][0], shown.asks[-1][0]) == (47_500.0, 52_500.0)
    assert (len(shown.bids), len(shown.asks)) == (500, 500)
    assert [base for _, base in shown.bids[:3]] == [0.6, 0.576, 0.552]
    assert [base for _, base in shown.asks[:3]] == [0.588, 0.564, 0.54]
    assert shown == book(flat, flat.market.end_ms)


def test_a_cheap_coin_has_as_many_prices() -> None:
    cheap = replace(BTC, market=flat_market(50, 0.00021, 30.0, 0))
    shown = book(cheap, cheap.market.end_ms)
    for levels, direction in ((shown.bids, -1), (shown.asks, 1)):
        prices = np.array([price for price, _ in levels])
        assert prices.size == 500
        assert (np.diff(prices) * direction > 0).all()


def test_merged_prices_lie_outward() -> None:
    shown = Book([(99.5, 1.0), (99.0, 2.0), (89.9, 4.0)], [(100.1, 1.0), (110.0, 2.0)])
    coarse = merged(shown, lambda _: 10.0)
    assert coarse == ([(90.0, 3.0), (80.0, 4.0)], [(110.0, 3.0)])


@pytest.mark.parametrize("past", [BTC, ETH])
def test_an_adapter_reads_the_book_of_its_stand_in(adapter: Adapter, past: Contract) -> None:
    got = ask(adapter, adapter.order_book(instrument_of(adapter, past.base_coin)))
    shown, most = book(past, NOW), MOST.get(adapter.venue, 500)
    for price, base, levels, direction in (
        (got.bid_price, got.bid_base, shown.bids, -1),
        (got.ask_price, got.ask_base, shown.asks, 1),
    ):
        whole_price, whole_base = np.array(levels).T
        if adapter.venue not in COARSE:
            np.testing.assert_allclose(price, whole_price[:most], rtol=1e-12)
            np.testing.assert_allclose(base, whole_base[:most], rtol=1e-9)
            continue
        step = COARSE[adapter.venue] / (1 if past is BTC else 10)
        assert base.sum() == pytest.approx(whole_base.sum())
        assert abs(price[-1] - whole_price[-1]) < step
        start, end = sorted((float(price[0]) // step * step, float(price[-1])))
        for edge in np.arange(start, end, step)[1:]:
            inside = (price - edge) * direction <= 0
            whole_inside = (whole_price - edge) * direction <= 0
            assert base[inside].sum() == pytest.approx(whole_base[whole_inside].sum())
    assert NOW - MARKET.step_ms < got.time_ms <= NOW
