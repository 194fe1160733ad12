"""One market in eleven dialects: whatever the venue, the numbers are these.

Each fixture folder tells the same market in the venue's own words, with a bar too many
before the range, a bar twice, a gap, and the newest bar unfinished. `expected.json` holds
only what the venue does differently. `tests.support.fixtures` describes the folder.
"""

from __future__ import annotations

import json
import re
from dataclasses import fields
from math import inf
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.data.samples import Samples
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, NotOffered, Unreachable
from liqmap.venues.adapter import Adapter, Conversation, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.conversation import play
from tests.support.fixtures import FOLDER, asked, fixtures
from tests.support.listing import instrument_of

STEP_MS = 300_000
START_MS = 1_769_990_400_000  # 2026-02-02 00:00 UTC
END_MS = START_MS + 4 * STEP_MS

TIME_MS = START_MS + STEP_MS * np.array([0.0, 1.0, 3.0])
BARS = {
    "open": [84000.0, 84100.0, 84075.5],
    "high": [84120.5, 84180.0, 84075.5],
    "low": [83950.0, 84060.5, 83600.0],
    "close": [84100.0, 84075.5, 83650.0],
    "volume_base": [12.5, 8.0, 40.25],
}
TAKER_BUY_BASE = [7.5, 3.0, 10.25]
MARK = {
    "open": [84001.0, 84090.0, 84080.0],
    "high": [84110.0, 84170.0, 84082.0],
    "low": [83960.0, 84065.0, 83640.0],
    "close": [84090.0, 84080.0, 83660.0],
    "volume_base": [0.0, 0.0, 0.0],
}
OPEN_INTEREST_TIME_MS = START_MS + STEP_MS * np.arange(4.0)
OPEN_INTEREST_BASE = np.array([25000.5, 25010.0, 24990.25, 24800.0])
MARK_PRICE = 83660.0
BOOK = {
    "bid_price": [83655.0, 83654.0, 83640.0, 83000.0],
    "bid_base": [1.5, 0.31, 12.0, 150.0],
    "ask_price": [83656.0, 83660.0, 83700.0, 84200.0],
    "ask_base": [0.9, 4.25, 20.0, 90.0],
}
HOURS_MS = 3_600_000.0
FUNDING_TIME_MS = START_MS + HOURS_MS * np.array([-16.0, -8.0, 0.0])
FUNDING_RATE = [0.0001, -0.00005, 0.000125]
LONG_SHORT_RATIO = [1.5, 3.0, 0.25, 1.0]
BOOK_TIME_MS = START_MS + 3 * STEP_MS + 55
LIQUIDATIONS = Liquidations(
    START_MS + np.array([1000.0, 2000.0]),
    np.array([1.0, -1.0]),
    np.array([83990.0, 84150.0]),
    np.array([0.5, 1.25]),
)

adapters = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=lambda one: one.venue)


def expected(adapter: Adapter) -> dict[str, Any]:
    return fixtures(adapter.venue).expected


def offering(series: str) -> list[Any]:
    return [pytest.param(a, id=a.venue) for a in ADAPTERS.values() if series in a.offers]


def check_bars(candles: Candles, bars: dict[str, list[float]]) -> None:
    np.testing.assert_array_equal(candles.time_ms, TIME_MS)
    for name, values in bars.items():
        np.testing.assert_allclose(getattr(candles, name), values, rtol=1e-12, err_msg=name)
    assert candles.step_ms == STEP_MS


def check_liquidations(found: Liquidations, rows: list[int]) -> None:
    wanted = LIQUIDATIONS.rows(np.array(rows, dtype=np.intp))
    for name in ("time_ms", "position_side", "price", "quantity_base"):
        np.testing.assert_allclose(
            getattr(found, name), getattr(wanted, name), rtol=1e-12, err_msg=name
        )


def check_requests(adapter: Adapter, series: str, log: list[Request]) -> None:
    assert [asked(one) for one in log] == expected(adapter)["requests"][series]


def test_every_venue_has_its_folder() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(ADAPTERS) | set(STREAMS)


@adapters
def test_instruments(adapter: Adapter) -> None:
    listed = play(adapter, adapter.instruments(), fixtures(adapter.venue).answer)
    assert [one.name for one in listed] == expected(adapter)["listed"]
    one = instrument_of(adapter)
    for name, value in expected(adapter)["instrument"].items():
        assert getattr(one, name) == pytest.approx(value), name


@adapters
def test_newest_candles(adapter: Adapter) -> None:
    """All that came, the unfinished bar too; a bar before the others is not in the way."""
    log: list[Request] = []
    conversation = adapter.candles(instrument_of(adapter), STEP_MS)
    candles = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    assert candles.time_ms[0] == START_MS - STEP_MS
    check_bars(candles.rows(slice(1, None)), BARS)
    check_requests(adapter, "newest", log)
    assert all(one.until_ms > TIME_MS[-1] for one in log)


@adapters
def test_a_few_of_the_newest_candles(adapter: Adapter) -> None:
    """A poll asks for little: a small limit, or a short span."""
    log: list[Request] = []
    conversation = adapter.candles(instrument_of(adapter), STEP_MS, newest=3)
    play(adapter, conversation, fixtures(adapter.venue).answer, log)
    line = asked(log[-1])
    numbers = [int(one) for one in re.findall(r"\d+", line)]
    stamps = [one if one > 1e12 else one * 1000 for one in numbers if one > 1e9]
    small = re.search(r"(limit|count_back)=3(&|$)", line) is not None
    assert small or abs(max(stamps) - min(stamps) - 3 * STEP_MS) <= 1000


@adapters
def test_candles(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.candles(instrument_of(adapter), STEP_MS, START_MS, END_MS)
    candles = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    check_bars(candles, BARS)
    check_requests(adapter, "candles", log)
    assert all(START_MS < one.until_ms < inf for one in log)
    if "taker_volume" in adapter.offers:
        assert candles.taker_buy_base is not None
        np.testing.assert_array_equal(candles.taker_buy_base, TAKER_BUY_BASE)
    else:
        assert candles.taker_buy_base is None


@pytest.mark.parametrize("adapter", offering("mark"))
def test_mark(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.mark(instrument_of(adapter), STEP_MS, START_MS, END_MS)
    check_bars(play(adapter, conversation, fixtures(adapter.venue).answer, log), MARK)
    check_requests(adapter, "mark", log)


@pytest.mark.parametrize("adapter", offering("open_interest"))
def test_open_interest(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.open_interest(instrument_of(adapter), STEP_MS, START_MS, END_MS)
    samples = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    rows = expected(adapter).get("open_interest_rows", [0, 1, 2, 3])
    np.testing.assert_array_equal(samples.time_ms, OPEN_INTEREST_TIME_MS[rows])
    np.testing.assert_allclose(samples.open_interest_base, OPEN_INTEREST_BASE[rows], rtol=1e-12)
    check_requests(adapter, "open_interest", log)


@adapters
def test_snapshot_agrees_with_the_venues_own_notional(adapter: Adapter) -> None:
    snapshot = play(
        adapter, adapter.snapshot(instrument_of(adapter)), fixtures(adapter.venue).answer
    )
    assert snapshot.mark_price == MARK_PRICE
    assert snapshot.open_interest_base == pytest.approx(OPEN_INTEREST_BASE[-1])
    notional_quote = expected(adapter).get("notional_quote")
    if notional_quote:
        product = snapshot.open_interest_base * snapshot.mark_price
        assert product == pytest.approx(notional_quote, rel=1e-9)


@pytest.mark.parametrize("adapter", offering("maintenance"))
def test_maintenance(adapter: Adapter) -> None:
    conversation = adapter.maintenance(instrument_of(adapter))
    tiers = play(adapter, conversation, fixtures(adapter.venue).answer)
    wanted = dict(expected(adapter)["maintenance"])
    assert tiers.rule == wanted.pop("rule")
    for name, values in wanted.items():
        np.testing.assert_allclose(
            getattr(tiers, name), [float(one) for one in values], rtol=1e-9, err_msg=name
        )


@pytest.mark.parametrize("adapter", offering("liquidations"))
def test_liquidations(adapter: Adapter) -> None:
    one = instrument_of(adapter)
    answer = fixtures(adapter.venue).answer
    conversation = adapter.liquidations(one, START_MS, END_MS)
    check_liquidations(play(adapter, conversation, answer), [0, 1])
    later = adapter.liquidations(one, START_MS + 1001, END_MS)
    check_liquidations(play(adapter, later, answer), [1])


@pytest.mark.parametrize("adapter", offering("order_book"))
def test_order_book(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.order_book(instrument_of(adapter))
    book = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    for name, values in BOOK.items():
        np.testing.assert_allclose(getattr(book, name), values, rtol=1e-12, err_msg=name)
    assert book.time_ms == expected(adapter).get("order_book_time_ms", BOOK_TIME_MS)
    check_requests(adapter, "order_book", log)
    assert all(one.until_ms == inf for one in log), "what changes is not remembered"


@pytest.mark.parametrize("adapter", offering("funding"))
def test_funding(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.funding(instrument_of(adapter), FUNDING_TIME_MS[0], START_MS)
    found = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    np.testing.assert_array_equal(found.time_ms, FUNDING_TIME_MS)
    np.testing.assert_allclose(found.value, FUNDING_RATE, rtol=1e-12)
    check_requests(adapter, "funding", log)


@pytest.mark.parametrize("adapter", offering("long_short_ratio"))
def test_long_short_ratio(adapter: Adapter) -> None:
    log: list[Request] = []
    conversation = adapter.long_short_ratio(instrument_of(adapter), STEP_MS, START_MS, END_MS)
    found = play(adapter, conversation, fixtures(adapter.venue).answer, log)
    np.testing.assert_array_equal(found.time_ms, OPEN_INTEREST_TIME_MS)
    np.testing.assert_allclose(found.value, LONG_SHORT_RATIO, rtol=1e-12)
    check_requests(adapter, "long_short_ratio", log)


def asking(adapter: Adapter, one: Instrument) -> dict[str, Conversation[Any]]:
    """Every conversation of a venue."""
    return {
        "instruments": adapter.instruments(),
        "newest": adapter.candles(one, STEP_MS),
        "candles": adapter.candles(one, STEP_MS, START_MS, END_MS),
        "snapshot": adapter.snapshot(one),
        "mark": adapter.mark(one, STEP_MS, START_MS, END_MS),
        "open_interest": adapter.open_interest(one, STEP_MS, START_MS, END_MS),
        "maintenance": adapter.maintenance(one),
        "liquidations": adapter.liquidations(one, START_MS, END_MS),
        "order_book": adapter.order_book(one),
        "funding": adapter.funding(one, START_MS, END_MS),
        "long_short_ratio": adapter.long_short_ratio(one, STEP_MS, START_MS, END_MS),
    }


@adapters
def test_what_a_venue_lacks_is_refused(adapter: Adapter) -> None:
    asked_for = asking(adapter, instrument_of(adapter))
    for series in asked_for.keys() - {"instruments", "newest", "candles", "snapshot"}:
        if series not in adapter.offers:
            with pytest.raises(NotOffered, match=adapter.title):
                play(adapter, asked_for[series], fixtures(adapter.venue).answer)


@adapters
def test_a_step_that_is_not_served_is_refused(adapter: Adapter) -> None:
    with pytest.raises(NotOffered, match="no bars of 7 minutes"):
        play(
            adapter,
            adapter.candles(instrument_of(adapter), 420_000),
            fixtures(adapter.venue).answer,
        )


@adapters
def test_probe_is_one_cheap_request(adapter: Adapter) -> None:
    assert adapter.probe().path.startswith("/")
    assert adapter.probe().weight <= 2
    assert adapter.read(fixtures(adapter.venue).answer(adapter.probe()))


@pytest.mark.parametrize(
    ("adapter", "case"),
    [
        pytest.param(one, case, id=f"{one.venue}-{case['status']}-{case['says']}")
        for one in ADAPTERS.values()
        for case in fixtures(one.venue).errors
    ],
)
def test_the_venues_own_errors(adapter: Adapter, case: dict[str, Any]) -> None:
    body = case["body"] if isinstance(case["body"], str) else json.dumps(case["body"])
    with pytest.raises(LiqmapError) as caught:
        adapter.read(Reply(case["status"], body.encode()))
    error = caught.value
    kind = "Unreachable" if case["error"] == "Blocked" else case["error"]
    assert type(error).__name__ == kind
    assert isinstance(error, Unreachable) == (case["error"] == "Blocked")
    assert getattr(error, "blocked", False) == (case["error"] == "Blocked")
    assert adapter.title in error.sentence
    assert case["says"] in f"{error.sentence} {error.detail}"
    assert error.hint
    assert getattr(error, "retry_after_s", None) == case.get("retry_after_s")


BROKEN = {
    "empty": b"",
    "cut": b'{"retCode":0,"result":{"list":[["1769990400000","84',
    "page": b"<!doctype html><html><script>x()</script><body>Just a moment</body></html>",
    "not a number": b'[{"code":"0","result":NaN}]',
    "null": b"null",
    "text": b"ok",
    "bytes": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
    "list": b"[]",
    "object": b"{}",
    "zero": b"0",
}


@adapters
@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_broken_bodies(adapter: Adapter, body: bytes) -> None:
    """Whatever series one asks for, it ends in an error that names the venue.

    Gate's answers are bare lists: an empty one says that nothing was liquidated.
    """
    asked_for = asking(adapter, instrument_of(adapter))
    if (adapter.venue, body) == ("gate", b"[]"):
        del asked_for["liquidations"]
    for conversation in asked_for.values():
        with pytest.raises(LiqmapError) as caught:
            play(adapter, conversation, lambda _: Reply(200, body))
        assert adapter.title in f"{caught.value.sentence} {caught.value.where}"
        assert caught.value.hint


@pytest.mark.parametrize(
    ("venue", "name"),
    [(venue, name) for venue in STREAMS for name in fixtures(venue).messages],
)
def test_stream(venue: str, name: str) -> None:
    stream = STREAMS[venue]
    instrument = instrument_of(ADAPTERS[venue])
    message = fixtures(venue).messages[name]
    wanted = fixtures(venue).expected["stream"][name]
    if "error" in wanted:
        with pytest.raises(LiqmapError, match=wanted["says"]) as caught:
            stream.read(message, instrument)
        assert type(caught.value).__name__ == wanted["error"]
        assert stream.title in caught.value.sentence
        return
    read = stream.read(message, instrument)
    check_liquidations(read.liquidations, wanted.get("liquidations", []))
    assert read.answer == wanted.get("answer", "")
    assert read.left_out == 0
    if name != "another-contract":  # which some venues send in the same topic
        assert read.of_subscription == (name not in ("pong", "ping", "connected"))


@pytest.mark.parametrize("stream", STREAMS.values(), ids=lambda one: one.venue)
def test_subscribing_is_json_that_names_the_contract_or_all(stream: Any) -> None:
    one = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    message = json.loads(stream.subscribe(one))
    everything = {"okx", "bitget", "gate"}
    assert ("btcusdt" in json.dumps(message).lower()) == (stream.venue not in everything)
    assert stream.url.startswith("wss://")
    assert stream.completeness.startswith(stream.title.split()[0])


@pytest.mark.parametrize("venue", [one for one in ADAPTERS if one in STREAMS])
def test_who_reports_all_says_so_of_its_stream(venue: str) -> None:
    assert ADAPTERS[venue].reports_all == (" every " in STREAMS[venue].completeness)


def test_the_shared_story_is_checked_whole() -> None:
    """A new column of any of these must be added here."""
    assert {one.name for one in fields(Candles)} == {
        *BARS,
        "time_ms",
        "taker_buy_base",
        "step_ms",
        "end_ms",
    }
    assert {one.name for one in fields(OpenInterest)} == {"time_ms", "open_interest_base"}
    assert {one.name for one in fields(OrderBook)} == {*BOOK, "time_ms"}
    assert {one.name for one in fields(Samples)} == {"time_ms", "value"}
