"""Several venues as one: sums that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.data.symbols import counterpart, scale_of
from liqmap.errors import InputError
from liqmap.estimate.api import estimate
from liqmap.estimate.density import Density
from liqmap.session.merging import in_units_of, merged

EDGES = np.array([10.0, 11.0, 12.0])


def density(opens: list[float], scale: float = 1.0, **changes: object) -> Density:
    """Column n holds n + 1 in the lower bin and ten times that in the upper one."""
    n = (scale * (np.arange(len(opens)) + 1.0)).astype(np.float64)
    book = np.array([n, 10 * n], dtype=np.float32)
    made = Density(
        np.array([*opens, opens[-1] + 5.0]),
        EDGES,
        book,
        2 * book,
        100 * n,
        200 * n,
        n,
        2 * n,
        10 * n,
        20 * n,
        leverages=np.array([5.0, 10.0]),
        long_by_leverage_base=book[:, -1:] * np.ones((2, 2), np.float32),
        short_by_leverage_base=book[:, -1:] * np.ones((2, 2), np.float32),
        prior_share=np.full(len(opens), 0.5 if scale == 1 else 0.0),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_one_venue_is_itself() -> None:
    one = density([0, 5, 10])
    both = merged({"a": one})
    for name in Density.__dataclass_fields__:
        np.testing.assert_allclose(getattr(both, name), getattr(one, name), err_msg=name)


def test_a_sum_over_the_time_in_common_with_a_gap() -> None:
    """The second venue begins a bar later and misses the bar at 10."""
    one, two = density([0, 5, 10, 15]), density([5, 15], scale=1000)
    both = merged({"a": one, "b": two})
    assert list(both.time_edges_ms) == [5, 10, 15, 20]
    np.testing.assert_allclose(both.long_base[0], [2 + 1000, 3 + 1000, 4 + 2000])
    np.testing.assert_allclose(both.short_base[1], [20 * 1002, 20 * 1003, 20 * 2004])
    np.testing.assert_allclose(both.beyond_long_base, [100 * 1002, 100 * 1003, 100 * 2004])
    np.testing.assert_allclose(both.beyond_short_base, [200 * 1002, 200 * 1003, 200 * 2004])
    np.testing.assert_allclose(both.swept_long_base, [2 + 1000, 3, 4 + 2000])
    np.testing.assert_allclose(both.swept_short_quote, [20 * 1002, 20 * 3, 20 * 2004])
    np.testing.assert_allclose(
        both.long_by_leverage_base, one.long_by_leverage_base + two.long_by_leverage_base
    )
    np.testing.assert_allclose(both.prior_share, 0.5 * np.array([2 / 1002, 3 / 1003, 4 / 2004]))


def test_what_only_one_swept_lands_in_the_bar_it_happened_in() -> None:
    """The second venue has bars that the first one misses."""
    one, two = density([0, 10, 20, 30]), density([0, 5, 20], scale=1000)
    both = merged({"a": one, "b": two})
    assert list(both.time_edges_ms) == [0, 10, 20, 30]
    np.testing.assert_allclose(both.swept_long_base, [1 + 1000 + 2000, 2, 3 + 3000])


def test_other_mixes_have_no_sum_by_leverage() -> None:
    both = merged({"a": density([0, 5]), "b": density([0, 5], leverages=np.array([3.0, 7.0]))})
    assert both.leverages.size == both.long_by_leverage_base.size == 0


def test_what_cannot_be_merged() -> None:
    with pytest.raises(InputError, match="no density"):
        merged({})
    with pytest.raises(InputError, match="price grids differ"):
        merged({"a": density([0, 5]), "b": density([0, 5], price_edges=EDGES + 1)})
    with pytest.raises(InputError, match="no time in common"):
        merged({"a": density([0, 5]), "b": density([100, 105])})


def contract(name: str, kind: str = "linear") -> Instrument:
    base, quote, _ = name.split("-")
    return Instrument(name, name, base, quote, kind)  # type: ignore[arg-type]


LISTED = [
    contract("BTC-USD-PERP", "inverse"),
    contract("BTC-USDC-PERP"),
    contract("BTC-USDT-PERP"),
    contract("1000PEPE-USDT-PERP"),
    contract("ETH-BTC-PERP"),
]


@pytest.mark.parametrize(
    ("name", "listed", "found"),
    [
        ("BTC-USDT-PERP", LISTED, "BTC-USDT-PERP"),
        ("BTC-USDC-PERP", LISTED, "BTC-USDC-PERP"),
        ("BTC-USD-PERP", LISTED, "BTC-USDT-PERP"),
        ("BTC-USD-PERP", LISTED[:1], "BTC-USD-PERP"),
        ("PEPE-USDT-PERP", LISTED, "1000PEPE-USDT-PERP"),
        ("1000000PEPE-USDC-PERP", LISTED, "1000PEPE-USDT-PERP"),
        ("SOL-USDT-PERP", LISTED, None),
        ("ETH-USDT-PERP", LISTED, None),
    ],
)
def test_counterparts(name: str, listed: list[Instrument], found: str | None) -> None:
    one = counterpart(name, listed)
    assert (one.name if one else None) == found


def test_scaled_coins() -> None:
    assert scale_of("1000PEPE") == (1000.0, "PEPE")
    assert scale_of("1000000MOG") == (1e6, "MOG")
    assert scale_of("10000SATS") == (1e4, "SATS")
    for coin in ("BTC", "1INCH", "100X", "PEPE1000"):
        assert scale_of(coin) == (1.0, coin)


def market(coin: str, factor: float) -> Market:
    price = factor * np.array([7.0, 7.1, 6.9])
    time_ms = np.array([0.0, 300_000.0, 600_000.0])
    volume = np.array([5.0, 6.0, 7.0]) / factor
    bars = Candles(time_ms, price, price * 1.01, price * 0.99, price, volume, volume / 2, 300_000)
    held = OpenInterest(time_ms, np.array([50.0, 60.0, 55.0]) / factor)
    return Market("toy", contract(f"{coin}-USDT-PERP"), bars, held, mark=bars)


def test_a_scaled_coin_is_the_same_market_in_dollars() -> None:
    thousand, single = market("1000PEPE", 1000.0), market("PEPE", 1.0)
    turned = in_units_of(single, "1000PEPE")
    assert turned.mark is not None
    for name in ("open", "high", "low", "close", "volume_base", "taker_buy_base"):
        np.testing.assert_allclose(
            getattr(turned.candles, name), getattr(thousand.candles, name), err_msg=name
        )
    np.testing.assert_allclose(turned.mark.close, thousand.candles.close)
    np.testing.assert_allclose(
        turned.open_interest.open_interest_base, thousand.open_interest.open_interest_base
    )
    assert in_units_of(thousand, "1000PEPE") is thousand
    with pytest.raises(InputError, match="not a market of SHIB"):
        in_units_of(single, "SHIB")


def test_two_equal_venues_are_twice_one() -> None:
    one = market("BTC", 1.0)
    book = estimate(one.candles, one.open_interest, price_range=(5, 9), price_bins=30)
    both = merged({"a": book, "b": book})
    np.testing.assert_allclose(both.long_base, 2 * book.long_base, rtol=1e-6)
    np.testing.assert_allclose(
        both.long_base.sum(axis=0) + both.beyond_long_base,
        2 * one.open_interest.at(one.candles.end_ms),
        rtol=1e-5,
    )
