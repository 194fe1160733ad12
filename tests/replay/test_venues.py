"""Each stand-in, read by our own adapter, gives back what the market file holds."""

from __future__ import annotations

from math import inf
from typing import Any

import numpy as np
import pytest

from liqmap.data.series import Candles
from liqmap.errors import RateLimited, Refused, Unreachable
from liqmap.venues.adapter import Adapter, Depth, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.venue import BTC, ETH, MARKET, NOW, ask, instrument_of, stand_in
from tools.replay.contract import Contract
from tools.replay.market_file import Bars
from tools.replay.registry import VENUES

MINUTE = 60_000
DAY = 1440 * MINUTE
STEP = 5 * MINUTE


@pytest.fixture(params=sorted(VENUES))
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return ADAPTERS[request.param]


def equal(candles: Candles, bars: Bars, *, volume: bool = True) -> None:
    columns = ["time_ms", "open", "high", "low", "close", *(["volume_base"] if volume else [])]
    for name in columns:
        np.testing.assert_allclose(getattr(candles, name), getattr(bars, name), rtol=1e-9)


def part(bars: Bars, start_ms: float, end_ms: float) -> Bars:
    keep = (bars.time_ms >= start_ms) & (bars.time_ms < end_ms)
    return Bars(*(getattr(bars, name)[keep] for name in Bars.__slots__))


def test_the_contracts_are_bitcoin_and_ether(adapter: Adapter) -> None:
    both = ask(adapter, adapter.instruments())
    assert {one.base_coin for one in both} == {"BTC", "ETH"}
    day = MARKET.bars.time_ms >= NOW - DAY
    turnover = float((MARKET.bars.volume_base * MARKET.bars.close)[day].sum())
    for one in both:
        # OKX states coins, which are worth the last price.
        assert one.volume_24h_quote == pytest.approx(turnover, rel=0.02), one
    tick = 1.0 if adapter.venue == "hyperliquid" else 0.1  # it allows five figures
    assert {one.base_coin: one.tick_size for one in both}["BTC"] == pytest.approx(tick)


@pytest.mark.parametrize("past", [BTC, ETH])
def test_candles_of_several_pages_are_the_file_s(adapter: Adapter, past: Contract) -> None:
    start, log = NOW - 9 * DAY - 7 * STEP, list[Request]()
    got = ask(
        adapter, adapter.candles(instrument_of(adapter, past.base_coin), STEP, start, NOW), log
    )
    equal(got, part(past.bars(STEP, NOW), start, NOW))
    assert len(log) > 1


def test_candles_of_hours_are_sums_of_the_file_s(adapter: Adapter) -> None:
    bars = MARKET.bars
    got = ask(
        adapter, adapter.candles(instrument_of(adapter, "BTC"), 12 * STEP, NOW - 2 * DAY, NOW)
    )
    assert got.volume_base.sum() == pytest.approx(bars.volume_base[-576:].sum())
    assert (got.high[-1], got.low[-1]) == (bars.high[-12:].max(), bars.low[-12:].min())
    assert (got.open[-1], got.close[-1]) == (bars.open[-12], bars.close[-1])


def test_the_newest_page_ends_with_the_unfinished_bar(adapter: Adapter) -> None:
    """Ten minutes into an hour it is made of two bars."""
    now = NOW - 50 * MINUTE
    conversation = adapter.candles(instrument_of(adapter, "BTC"), 12 * STEP, newest=10)
    got = ask(adapter, conversation, now_ms=now)
    two = part(MARKET.bars, now - 2 * STEP, now)
    assert got.time_ms[-1] == two.time_ms[0]
    assert got.close[-1] == two.close[-1]
    assert got.volume_base[-1] == pytest.approx(two.volume_base.sum())


def test_taker_volume_is_where_the_bar_closes_within_its_range(adapter: Adapter) -> None:
    got = ask(adapter, adapter.candles(instrument_of(adapter, "BTC"), STEP, NOW - DAY, NOW))
    assert (got.taker_buy_base is not None) == ("taker_volume" in adapter.offers)
    if got.taker_buy_base is not None:
        share = (got.close - got.low) / (got.high - got.low)
        np.testing.assert_allclose(got.taker_buy_base, share * got.volume_base, atol=1e-3)


def test_mark_candles_have_two_thirds_of_the_wicks(adapter: Adapter) -> None:
    if "mark" not in adapter.offers:
        return
    start = NOW - 4 * DAY
    instrument = instrument_of(adapter, "BTC")
    mark = ask(adapter, adapter.mark(instrument, STEP, start, NOW))
    last = part(MARKET.bars, start, NOW)
    bottom, top = np.minimum(last.open, last.close), np.maximum(last.open, last.close)
    np.testing.assert_allclose(bottom - mark.low, (bottom - last.low) * 2 / 3, atol=0.006)
    np.testing.assert_allclose(mark.high - top, (last.high - top) * 2 / 3, atol=0.006)
    np.testing.assert_array_equal(mark.close, last.close)
    assert (mark.low > last.low).mean() > 0.5


def test_open_interest_is_one_sided_and_in_coins(adapter: Adapter) -> None:
    instrument, start = instrument_of(adapter, "ETH"), NOW - 3 * DAY
    if "open_interest" in adapter.offers:
        got = ask(adapter, adapter.open_interest(instrument, STEP, start, NOW))
        # dYdX tells that of a bar's opening, and no bar opens now.
        end = NOW - (adapter.venue == "dydx")
        inside = (ETH.market.sample_ms >= start) & (ETH.market.sample_ms <= end)
        np.testing.assert_array_equal(got.time_ms, ETH.market.sample_ms[inside])
        np.testing.assert_allclose(
            got.open_interest_base, ETH.market.open_interest_base[inside], rtol=1e-9
        )
    now = ask(adapter, adapter.snapshot(instrument))
    assert now.open_interest_base == pytest.approx(ETH.market.open_interest_base[-1])
    assert now.mark_price == ETH.market.bars.close[-1]


TIERS = {
    "bybit": ("0.005", 2_000_000, 0.05, 320_000_000),
    "bitget": ("0.004", 150_000, 0.1, 100_000_000),
    "dydx": ("0.012", inf, 0.012, inf),
    "gate": ("0.004", 500_000, 0.05, 100_000_000),
    "hyperliquid": ("0.0125", 150_000_000, 0.025, inf),
    "kraken": ("0.01", 500_000, 0.05, inf),
    "lighter": ("0.012", inf, 0.012, inf),
    "okx": ("0.004", 10 * MARKET.bars.close[-1], 0.05, 2000 * MARKET.bars.close[-1]),
}
"""Rate and cap of the first tier and of the last."""


def test_maintenance_tiers(adapter: Adapter) -> None:
    if "maintenance" not in adapter.offers:
        assert adapter.venue not in TIERS
        return
    got = ask(adapter, adapter.maintenance(instrument_of(adapter, "BTC")))
    rate, cap, last_rate, last_cap = TIERS[adapter.venue]
    assert (got.maintenance_rate[0], got.maintenance_rate[-1]) == (float(rate), last_rate)
    assert got.notional_cap_quote[[0, -1]] == pytest.approx([cap, last_cap])


def test_liquidations_of_several_pages(adapter: Adapter) -> None:
    """Where they have a list of their own; `test_marked_trades` has the others."""
    depth, log = adapter.offers.get("liquidations", Depth()), list[Request]()
    if not 0 < depth.ms < inf:
        return
    age, log = int(adapter.offers["liquidations"].ms), list[Request]()
    start = NOW - min(age, 2 * DAY)
    got = ask(adapter, adapter.liquidations(instrument_of(adapter, "BTC"), start, NOW), log)
    expected = BTC.liquidations(start, NOW)
    assert len(log) > 3
    assert len(expected) > 100
    for column, values in zip(
        ("time_ms", "position_side", "price", "quantity_base"),
        zip(*expected, strict=True),
        strict=True,
    ):
        np.testing.assert_allclose(getattr(got, column), values, rtol=1e-6)


def test_liquidations_lie_within_their_bars() -> None:
    """Longs near the low, shorts near the high, all of it less than was traded."""
    bars, rows = MARKET.bars, BTC.liquidated
    at = np.searchsorted(bars.time_ms, [one.time_ms for one in rows], side="right") - 1
    price = np.array([one.price for one in rows])
    long = np.array([one.position_side > 0 for one in rows])
    assert (price >= bars.low[at] - 0.01).all()
    assert (price <= bars.high[at] + 0.01).all()
    assert (price[long] <= bars.open[at][long]).all()
    assert (price[~long] >= bars.open[at][~long]).all()
    quantity = np.bincount(at, [one.quantity_base for one in rows], bars.time_ms.size)
    assert (quantity < 0.05 * bars.volume_base + 0.01).all()
    assert 0.05 < np.unique(at).size / bars.time_ms.size < 0.3, "some bars, not all"


@pytest.mark.parametrize(
    ("venue", "question", "status", "words"),
    [
        ("binance", "/fapi/v1/klines?symbol=NOPE&interval=5m", 400, "Invalid symbol"),
        ("binance", "/fapi/v1/klines?symbol=BTCUSDT&interval=7m", 400, "interval"),
        ("binance", "/fapi/v1/klines?symbol=BTCUSDT&interval=5m&limit=1501", 400, "limit"),
        ("binance", "/fapi/v1/klines?interval=5m", 400, "'symbol' was not sent"),
        (
            "binance",
            f"/futures/data/openInterestHist?symbol=BTCUSDT&period=5m&startTime={NOW - 31 * DAY}",
            400,
            "startTime",
        ),
        ("bitget", "/api/v2/mix/market/ticker?symbol=BTCUSDT", 400, "productType"),
        (
            "bitget",
            "/api/v2/mix/market/ticker?symbol=NOPE&productType=USDT-FUTURES",
            400,
            "NOPE does not exist",
        ),
        ("okx", "/api/v5/market/candles?bar=5m", 400, "instId cannot be empty"),
        ("okx", "/api/v5/market/candles?instId=NOPE&bar=5m", 200, "doesn't exist"),
        ("okx", "/api/v5/market/candles?instId=BTC-USDT-SWAP&bar=1D", 200, "bar is invalid"),
        (
            "okx",
            "/api/v5/market/history-candles?instId=BTC-USDT-SWAP&bar=5m&limit=300",
            200,
            "limit",
        ),
    ],
)
def test_a_venue_refuses_in_its_own_envelope(
    venue: str, question: str, status: int, words: str
) -> None:
    adapter = ADAPTERS[venue]
    reply = stand_in(adapter.venue)(Request(question))
    assert reply.status == status
    with pytest.raises(Refused, match=words):
        adapter.read(reply)


def test_a_venue_s_words_for_too_much_and_for_the_wrong_place(adapter: Adapter) -> None:
    venue = VENUES[adapter.venue]
    for answer, kind in (
        (venue.limited, RateLimited),
        (venue.forbidden, (Unreachable, RateLimited)),
    ):
        with pytest.raises(kind):
            adapter.read(Reply(answer.status, answer.body))


def test_aster_has_no_statistics() -> None:
    venue = VENUES["aster"](MARKET)
    path = "/futures/data/openInterestHist?symbol=BTCUSDT&period=5m"
    assert venue.answer("GET", path, b"", NOW) is None
    assert venue.answer("POST", "/fapi/v1/time", b"{}", NOW) is None


# ---------------------------------------------------------------- borders of pages


def raw(venue: str, question: str) -> Any:
    answer = VENUES[venue](MARKET).answer("GET", question, b"", NOW)
    assert answer is not None
    return answer.content


def test_binance_gives_the_first_rows_since_a_start_and_else_the_last() -> None:
    question = "/fapi/v1/klines?symbol=BTCUSDT&interval=5m&limit=2"
    first = [row[0] for row in raw("binance", f"{question}&startTime={NOW - DAY}")]
    assert first == [NOW - DAY, NOW - DAY + STEP]
    until = [row[0] for row in raw("binance", f"{question}&endTime={NOW - DAY}")]
    assert until == [NOW - DAY - STEP, NOW - DAY]
    assert [row[0] for row in raw("binance", question)] == [NOW - 2 * STEP, NOW - STEP]


def test_bitget_leaves_the_end_of_a_window_out() -> None:
    question = (
        "/api/v2/mix/market/candles?symbol=BTCUSDT&productType=USDT-FUTURES&granularity=5m"
        f"&limit=2&startTime={NOW - DAY}&endTime={NOW - DAY + 3 * STEP}"
    )
    times = [int(row[0]) for row in raw("bitget", question)["data"]]
    assert times == [NOW - DAY + STEP, NOW - DAY + 2 * STEP]


def test_okx_leaves_both_ends_out_and_marks_the_unfinished_bar() -> None:
    window = f"after={NOW - DAY + 2 * STEP}&before={NOW - DAY - 1}"
    candles = "/api/v5/market/candles?instId=BTC-USDT-SWAP&bar=5m"
    rows = raw("okx", f"{candles}&{window}")["data"]
    assert [int(row[0]) for row in rows] == [NOW - DAY + STEP, NOW - DAY]
    newest, before = raw("okx", f"{candles}&limit=2")["data"]
    assert (newest[-1], before[-1]) == ("0", "1")


def test_okx_keeps_1440_bars_at_hand_and_older_ones_elsewhere() -> None:
    window = f"instId=BTC-USDT-SWAP&bar=5m&after={NOW - 1440 * STEP + STEP}"
    (newest, *others) = raw("okx", f"/api/v5/market/candles?{window}")["data"]
    assert (int(newest[0]), others) == (NOW - 1440 * STEP, [])
    old = raw("okx", f"/api/v5/market/history-candles?{window}&limit=100")["data"]
    assert [int(row[0]) for row in old[:2]] == [NOW - 1440 * STEP, NOW - 1441 * STEP]
    assert len(old) == 100


def test_okx_states_contracts_beside_coins() -> None:
    """A contract is 0.01 bitcoin."""
    (bar,) = raw("okx", "/api/v5/market/candles?instId=BTC-USDT-SWAP&bar=5m&limit=1")["data"]
    assert float(bar[5]) == pytest.approx(100 * MARKET.bars.volume_base[-1])
    path = "/api/v5/rubik/stat/contracts/open-interest-history?instId=BTC-USDT-SWAP&period=5m"
    newest = raw("okx", f"{path}&limit=1")["data"][0]
    held = MARKET.open_interest_base[-1]
    assert [float(one) for one in newest[1:3]] == pytest.approx([100 * held, held])
