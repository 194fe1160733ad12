"""Stand-ins that mark liquidations among their trades, and one that shows accounts."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.positions import Positions
from liqmap.errors import Refused
from liqmap.venues.adapter import Adapter, Request
from liqmap.venues.hyperliquid import Hyperliquid as HyperliquidAdapter
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.conversation import play
from tests.support.venue import BTC, ETH, MARKET, NOW, ask, instrument_of, stand_in
from tools.replay import accounts
from tools.replay.contract import Contract, Liquidation
from tools.replay.exchanges import Replay
from tools.replay.hyperliquid import Hyperliquid
from tools.replay.registry import FEEDS, VENUES
from tools.replay.trades import Trades

DAY = 86_400_000


def equal(found: Liquidations, expected: list[Liquidation]) -> None:
    assert len(found) == len(expected) > 0
    for name, values in zip(Liquidation._fields, zip(*expected, strict=True), strict=True):
        np.testing.assert_allclose(getattr(found, name), values, rtol=1e-9, err_msg=name)


# ---------------------------------------------------------------- trades


def test_trades_are_the_file_s_prices_and_all_liquidations() -> None:
    every = Trades(BTC).until(NOW)
    assert [one.number for one in every] == list(range(1, len(every) + 1))
    assert (np.diff([one.time_ms for one in every]) >= 0).all()
    plain = [one.price for one in every if not one.liquidated]
    assert plain[::2] == MARKET.bars.open.tolist()
    assert plain[1::2] == MARKET.bars.close.tolist()
    marked = [
        Liquidation(one.time_ms, one.liquidated, one.price, one.quantity_base)
        for one in every
        if one.liquidated
    ]
    assert marked == sorted(BTC.liquidated)
    assert {(one.taker_side, one.liquidated) for one in every if one.liquidated} == {
        ("sell", 1),
        ("buy", -1),
    }


def test_a_trade_is_not_known_before_it_happened() -> None:
    every = Trades(BTC).until(NOW)
    middle = every[len(every) // 2].time_ms
    assert Trades(BTC).until(middle) == [one for one in every if one.time_ms < middle]


@pytest.mark.parametrize(("coin", "contract"), [("BTC", BTC), ("ETH", ETH)])
@pytest.mark.parametrize("venue", ["deribit", "dydx"])
def test_liquidations_among_several_pages_of_trades(
    venue: str, coin: str, contract: Contract
) -> None:
    """Whoever of the two was liquidated, and in whatever unit."""
    adapter, start, log = ADAPTERS[venue], NOW - 9 * DAY, list[Request]()
    found = ask(adapter, adapter.liquidations(instrument_of(adapter, coin), start, NOW), log)
    equal(found, sorted(contract.liquidations(start, NOW)))
    assert len(log) > 4  # the first lists the contracts


@pytest.mark.parametrize("venue", ["lighter", "kraken"])
def test_liquidations_among_the_newest_hundred_trades(venue: str) -> None:
    """Just after the last liquidation, and no further back than a hundred trades."""
    adapter, now = ADAPTERS[venue], BTC.liquidated[-1].time_ms + 1000
    newest = Trades(BTC).until(now)[-100:]
    instrument = instrument_of(adapter, "BTC")
    conversation = adapter.liquidations(instrument, NOW - 9 * DAY, NOW)
    found = play(adapter, conversation, stand_in(adapter.venue, now))
    equal(found, sorted(BTC.liquidations(newest[0].time_ms, now)))


# ---------------------------------------------------------------- accounts


def held(now_ms: int, addresses: list[str]) -> Positions:
    adapter = HyperliquidAdapter()
    conversation = adapter.positions(instrument_of(adapter, "BTC"), addresses)
    return play(adapter, conversation, stand_in(adapter.venue, now_ms))


EVERYBODY = [accounts.address(number) for number in range(accounts.COUNT)]


def test_positions_are_liquidated_where_their_margin_ends() -> None:
    """At that price what is left of the margin is the maintenance margin, 1.25 percent."""
    found = held(NOW, EVERYBODY)
    assert 4 < len(found) == found.holders < accounts.COUNT
    assert {-1.0, 1.0} == set(found.position_side)
    gain = found.position_side * (found.liquidation_price - found.entry_price)
    np.testing.assert_allclose(
        found.entry_price / found.leverage + gain, 0.0125 * found.liquidation_price, rtol=1e-6
    )
    assert 0.01 < found.share_of(float(MARKET.open_interest_base[-1])) < 0.05


def test_a_position_ends_when_the_price_reaches_it() -> None:
    """None that is left has been passed since it was opened; each that is gone was."""
    everything = Hyperliquid(MARKET).positions["BTC"]
    left = set(held(NOW, EVERYBODY).account)
    assert 0 < len(left) < len(everything)
    for one in everything:
        since = MARKET.bars.time_ms >= one.opened_ms
        lowest, highest = MARKET.bars.low[since].min(), MARKET.bars.high[since].max()
        passed = (lowest if one.position_side > 0 else highest) * one.position_side <= (
            one.liquidation_price * one.position_side
        )
        assert passed == (one.address not in left)


def test_nobody_holds_before_it_is_opened() -> None:
    first = min(one.opened_ms for one in Hyperliquid(MARKET).positions["BTC"])
    assert (len(held(first - 1, EVERYBODY)), len(held(first, EVERYBODY))) == (0, 1)


def test_traders_of_the_newest_trades_are_accounts_that_hold() -> None:
    adapter = HyperliquidAdapter()
    seen = ask(adapter, adapter.addresses(instrument_of(adapter, "BTC")))
    assert len(seen) > 10
    assert set(seen) <= set(EVERYBODY)
    assert len(held(NOW, list(seen))) > 0


def test_an_account_that_nobody_knows_holds_nothing() -> None:
    assert held(NOW, ["0x" + "0" * 40]).holders == 0


# ---------------------------------------------------------------- refusals


def post(**question: Any) -> Request:
    return Request("/info", json.dumps(question))


@pytest.mark.parametrize(
    ("venue", "request_", "status", "words"),
    [
        ("hyperliquid", Request("/info", "{"), 422, "Failed to deserialize"),
        ("hyperliquid", post(type="nothing"), 422, "Failed to deserialize"),
        ("hyperliquid", post(type="candleSnapshot", req={"coin": "BTC"}), 422, "Failed to des"),
        ("hyperliquid", post(type="l2Book", coin="NOPE"), 200, "null"),
        ("hyperliquid", post(type="recentTrades", coin="NOPE"), 200, "null"),
        (
            "deribit",
            Request("/api/v2/public/get_book_summary_by_instrument?instrument_name=NOPE"),
            400,
            "wrong format",
        ),
        (
            "deribit",
            Request(
                "/api/v2/public/get_last_trades_by_instrument_and_time"
                "?instrument_name=BTC-PERPETUAL&count=1001"
            ),
            400,
            "limit must be in",
        ),
        ("dydx", Request("/v4/perpetualMarkets?ticker=NOPE"), 400, "valid ticker"),
        (
            "dydx",
            Request("/v4/candles/perpetualMarkets/BTC-USD?resolution=7MINS"),
            400,
            "resolution is invalid",
        ),
        (
            "dydx",
            Request("/v4/candles/perpetualMarkets/BTC-USD?resolution=5MINS&fromISO=soon"),
            400,
            "fromISO must be",
        ),
        ("lighter", Request("/api/v1/recentTrades?market_id=9&limit=1"), 400, "market_id"),
        ("lighter", Request("/api/v1/recentTrades?market_id=1&limit=101"), 400, "limit must"),
        ("kraken", Request("/derivatives/api/v3/history?symbol=NOPE"), 200, "invalidArgument"),
        (
            "kraken",
            Request("/api/charts/v1/analytics/PF_XBTUSD/open-interest?interval=7"),
            400,
            "invalid interval",
        ),
    ],
)
def test_a_venue_refuses_in_its_own_envelope(
    venue: str, request_: Request, status: int, words: str
) -> None:
    adapter = ADAPTERS[venue]
    reply = stand_in(adapter.venue)(request_)
    assert reply.status == status
    with pytest.raises(Refused, match=words):
        adapter.read(reply)


def test_hyperliquid_is_asked_by_post_alone() -> None:
    assert Hyperliquid(MARKET).answer("GET", "/info", b"", NOW) is None
    assert Hyperliquid(MARKET).answer("POST", "/exchange", b"{}", NOW) is None


@pytest.mark.parametrize("venue", ["deribit", "dydx", "lighter", "kraken"])
def test_nothing_stands_elsewhere(venue: str) -> None:
    assert VENUES[venue](MARKET).answer("GET", "/nowhere", b"", NOW) is None


# ---------------------------------------------------------------- pages


def content(venue: str, request: Request) -> Any:
    return json.loads(stand_in(venue)(request).body)


def test_kraken_s_bar_of_open_interest_closes_at_its_end() -> None:
    """Of a window of one instant comes the bar that opens there."""
    at = MARKET.sample_ms[-3]
    path = "/api/charts/v1/analytics/PF_XBTUSD/open-interest?interval=300"
    answer = content("kraken", Request(f"{path}&since={at // 1000}&to={at // 1000}"))["result"]
    before, after = MARKET.open_interest_base[-3:-1]
    ((opened, high, low, close),) = answer["data"]
    assert answer["timestamp"] == [at // 1000]
    assert (float(opened), float(close)) == (before, after)
    assert (float(high), float(low)) == (max(before, after), min(before, after))


def test_kraken_says_when_there_is_more() -> None:
    page = content("kraken", Request("/api/charts/v1/trade/PF_XBTUSD/5m"))
    assert page["more_candles"] is True
    assert [bar["time"] for bar in page["candles"]] == MARKET.bars.time_ms[:2000].tolist()


def test_hyperliquid_s_first_bar_holds_the_start() -> None:
    at = int(MARKET.bars.time_ms[-2])
    req = {"coin": "BTC", "interval": "5m", "startTime": at + 1, "endTime": NOW}
    bars = content("hyperliquid", post(type="candleSnapshot", req=req))
    assert [bar["t"] for bar in bars] == [at, at + 300_000]


def test_lighter_gives_the_newest_of_what_is_asked_back() -> None:
    path = f"/api/v1/candles?market_id=1&resolution=5m&start_timestamp=0&end_timestamp={NOW}"
    bars = content("lighter", Request(f"{path}&count_back=3"))["c"]
    assert [bar["t"] for bar in bars] == MARKET.bars.time_ms[-3:].tolist()


def test_a_question_that_is_posted_is_answered_over_http() -> None:
    with Replay(MARKET, "hyperliquid") as replay:
        replay.start()
        asked = urllib.request.Request(replay.origin + "/info", b'{"type":"allMids"}')
        with urllib.request.urlopen(asked, timeout=10) as reply:
            mids = json.load(reply)
    assert float(mids["BTC"]) == MARKET.bars.close[-1]


# ---------------------------------------------------------------- streams

LIQUIDATED = [
    Liquidation(NOW - 2000, 1, 83990.0, 0.5),
    Liquidation(NOW - 1500, -1, 84150.0, 1.25),
    Liquidation(NOW - 1000, 1, 83950.5, 0.001),
    Liquidation(NOW - 500, -1, 84200.0, 2.0),
]


@pytest.fixture(params=["deribit", "dydx", "lighter", "kraken"])
def adapter(request: pytest.FixtureRequest) -> Adapter:
    return ADAPTERS[request.param]


def test_what_a_stream_says_is_read_back(adapter: Adapter) -> None:
    stream, feed = STREAMS[adapter.venue], FEEDS[adapter.venue]()
    bitcoin, ether = instrument_of(adapter, "BTC"), instrument_of(adapter, "ETH")
    messages = feed.say(BTC, LIQUIDATED, NOW)
    parts = [stream.read(message, bitcoin).liquidations for message in messages]
    equal(Liquidations.joined(parts), LIQUIDATED)
    assert not any(len(stream.read(message, ether).liquidations) for message in messages)


def test_a_subscription_is_acknowledged_and_no_liquidation(adapter: Adapter) -> None:
    stream, feed = STREAMS[adapter.venue], FEEDS[adapter.venue]()
    for coin, contract in (("BTC", BTC), ("ETH", ETH)):
        instrument = instrument_of(adapter, coin)
        heard = feed.hear(stream.subscribe(instrument), NOW)
        assert heard.topic == feed.topic(contract)
        for message in filter(None, (feed.hello, heard.reply)):
            read = stream.read(message, instrument)
            assert len(read.liquidations) == 0
            assert read.answer == ""
        assert stream.read(heard.reply, instrument).of_subscription


def test_a_stream_refuses_what_it_does_not_know(adapter: Adapter) -> None:
    stream, feed = STREAMS[adapter.venue], FEEDS[adapter.venue]()
    instrument = instrument_of(adapter, "BTC")
    asked = stream.subscribe(instrument)
    for said in (feed.refusal(asked, NOW), feed.hear("{}", NOW).reply, feed.hear("?", NOW).reply):
        with pytest.raises(Refused, match=adapter.title):
            stream.read(said, instrument)


def test_a_ping_is_answered(adapter: Adapter) -> None:
    """By the venue, or by us where it is the venue that asks."""
    stream, feed = STREAMS[adapter.venue], FEEDS[adapter.venue]()
    instrument = instrument_of(adapter, "BTC")
    if stream.ping:
        heard = feed.hear(stream.ping, NOW)
        assert heard.reply
        assert not heard.topic
        read = stream.read(heard.reply, instrument)
        assert len(read.liquidations) == read.left_out == 0
    said = feed.say(BTC, LIQUIDATED, NOW)
    answers = [stream.read(message, instrument).answer for message in said]
    assert [one for one in answers if one] == ['{"type":"pong"}'] * (adapter.venue == "lighter")
    for answer in filter(None, answers):
        assert feed.hear(answer, NOW) == ("", "")
