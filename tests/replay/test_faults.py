"""Every stand-in's misbehaviour over HTTP is an error that our adapter knows, or none at all."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack

import numpy as np
import pytest

from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles
from liqmap.errors import BadResponse, Busy, LiqmapError, RateLimited
from liqmap.venues.adapter import Adapter, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import play
from tests.support.venue import MARKET, NOW, instrument_of
from tools.replay.exchanges import Kind, Replay, live, replays
from tools.replay.registry import VENUES

STEP = 300_000
DAY = 86_400_000


@pytest.fixture(scope="module")
def exchanges() -> Iterator[dict[str, Replay]]:
    with ExitStack() as running:
        every = replays(MARKET)
        for one in every.values():
            running.enter_context(one).start()
        yield every


@pytest.fixture(params=sorted(VENUES))
def replay(request: pytest.FixtureRequest, exchanges: dict[str, Replay]) -> Replay:
    one = exchanges[request.param]
    one.reset()
    return one


def send(replay: Replay, request: Request) -> tuple[Reply, bool]:
    """The answer, and whether a page may read it."""
    headers = {"Origin": "http://page:1", "Content-Type": "application/json"}
    body = request.body.encode() if request.body else None
    asking = urllib.request.Request(replay.origin + request.path, body, headers)
    try:
        with urllib.request.urlopen(asking, timeout=10) as got:
            readable = got.headers["Access-Control-Allow-Origin"] == "http://page:1"
            return Reply(got.status, got.read()), readable
    except urllib.error.HTTPError as error:
        with error:
            readable = "Access-Control-Allow-Origin" in error.headers
            return Reply(error.code, error.read()), readable


def adapter_of(replay: Replay) -> Adapter:
    return ADAPTERS[replay.venue.name]


def candles(replay: Replay, start_ms: float = NOW - 5 * DAY) -> Candles:
    adapter = adapter_of(replay)
    conversation = adapter.candles(instrument_of(adapter, "BTC"), STEP, start_ms, NOW)
    return play(adapter, conversation, lambda request: send(replay, request)[0])


def test_a_page_may_read_the_venues_that_it_offers(replay: Replay) -> None:
    adapter = adapter_of(replay)
    reply, readable = send(replay, adapter.probe())
    adapter.read(reply)
    assert readable == adapter.in_browser
    assert reply.status == 200


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("limited", RateLimited),
        ("banned", RateLimited),
        ("failing", Busy),
        ("html", BadResponse),
        ("truncated", BadResponse),
        ("empty", BadResponse),
    ],
)
def test_a_fault_is_an_error_of_its_kind(
    replay: Replay, fault: Kind, kind: type[LiqmapError]
) -> None:
    adapter = adapter_of(replay)
    replay.fail(fault)
    reply, readable = send(replay, adapter.probe())
    assert readable == adapter.in_browser
    with pytest.raises(kind, match=adapter.title):
        adapter.read(reply)


@pytest.mark.parametrize("fault", ["forbidden", "blocked"])
def test_who_is_blocked_cannot_read_why(replay: Replay, fault: Kind) -> None:
    replay.fail(fault)
    reply, readable = send(replay, adapter_of(replay).probe())
    assert not readable
    assert (reply.status == 200) == (fault == "blocked")


@pytest.mark.parametrize("fault", ["shuffled", "doubled"])
def test_rows_out_of_order_or_twice_change_nothing(replay: Replay, fault: Kind) -> None:
    good = candles(replay)
    replay.fail(fault)
    damaged = candles(replay)
    for name in ("time_ms", "open", "high", "low", "close", "volume_base"):
        np.testing.assert_array_equal(getattr(damaged, name), getattr(good, name))


@pytest.mark.parametrize("fault", ["shuffled", "doubled"])
def test_levels_out_of_order_or_twice_are_the_same_book(replay: Replay, fault: Kind) -> None:
    adapter = adapter_of(replay)
    one = instrument_of(adapter, "BTC")

    def book() -> OrderBook:
        conversation = adapter.order_book(one)
        return play(adapter, conversation, lambda request: send(replay, request)[0])

    good = book()
    replay.fail(fault)
    damaged = book()
    assert min(good.bid_price.size, good.ask_price.size) > 40
    for name in ("bid_price", "bid_base", "ask_price", "ask_base"):
        np.testing.assert_allclose(getattr(damaged, name), getattr(good, name), rtol=1e-12)


def test_shuffled_rows_are_out_of_order(replay: Replay) -> None:
    adapter = adapter_of(replay)
    conversation = adapter.candles(instrument_of(adapter, "BTC"), STEP, NOW - DAY, NOW)
    (request, *_) = next(conversation)
    good, _ = send(replay, request)
    replay.fail("shuffled", times=1)
    shuffled, _ = send(replay, request)
    replay.fail("doubled", times=1)
    doubled, _ = send(replay, request)
    assert good.body != shuffled.body
    assert sorted(good.body) == sorted(shuffled.body)
    assert len(doubled.body) > 1.5 * len(good.body)
    assert send(replay, request)[0] == good


def test_a_venue_whose_clock_is_behind_has_no_later_bars(replay: Replay) -> None:
    replay.fail("skewed", seconds=3 * 3600)
    assert candles(replay).time_ms[-1] == NOW - 3 * 3_600_000 - STEP
    replay.reset()
    replay.fail("skewed", seconds=-3 * 3600)
    assert candles(replay).time_ms[-1] == NOW - STEP, "nothing is known of the future"


def test_venues_that_live_show_the_same_bar(exchanges: dict[str, Replay]) -> None:
    """A clock that has been running for ever stands at the end; a new one a day before."""
    clock = live(MARKET, 3600.0)
    assert clock() == NOW - DAY
    every = list(exchanges.values())
    for one in every:
        one.reset()
        one.clock = clock
    newest = {candles(one, NOW - 2 * DAY).time_ms[-1] for one in every}
    assert newest == {NOW - DAY - STEP}
