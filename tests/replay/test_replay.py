"""The stand-in exchange says what the market file says, the way the exchange would."""

from __future__ import annotations

import gzip
import itertools
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.build.console import BuildError
from tools.replay import SIMULATED
from tools.replay.bybit import Bybit
from tools.replay.exchanges import Kind, Replay
from tools.replay.market_file import MarketFile

MINUTE = 60_000
START = 1_772_323_200_000
HEAD = "time_ms,open,high,low,close,volume_base,open_interest_base"
# Twelve five-minute bars; the third has no trades and the fifth no open interest.
ROWS = [
    f"{START + 5 * i * MINUTE},{100 + i}.5,{103 + i},{99 + i},{101 + i},{i + 1}.25,{1000 + i}.5"
    for i in range(12)
]
ROWS[2] = f"{START + 10 * MINUTE},nan,nan,nan,nan,0.0,1002.5"
ROWS[4] = ROWS[4].replace("1004.5", "nan")


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> MarketFile:
    path = tmp_path_factory.mktemp("market") / "market.csv.gz"
    path.write_bytes(gzip.compress("\n".join([HEAD, *ROWS, ""]).encode()))
    return MarketFile.read(path)


@pytest.fixture(scope="module")
def venue(market: MarketFile) -> Bybit:
    return Bybit(market)


def ask(venue: Bybit, question: str, now_ms: int | None = None) -> dict[str, Any]:
    now = venue.market.end_ms if now_ms is None else now_ms
    answer = venue.answer("GET", f"/v5/market/{question}", b"", now)
    assert answer is not None
    reply: dict[str, Any] = json.loads(answer.body)
    return reply


def rows(venue: Bybit, question: str, now_ms: int | None = None) -> list[Any]:
    reply = ask(venue, question, now_ms)
    assert reply["retCode"] == 0, reply
    listed: list[Any] = reply["result"]["list"]
    return listed


KLINE = "kline?category=linear&symbol=BTCUSDT&interval="
INTEREST = "open-interest?category=linear&symbol=BTCUSDT&intervalTime="


def test_klines_are_the_file_s_rows_newest_first(venue: Bybit) -> None:
    bars = rows(venue, KLINE + "5")
    assert [int(bar[0]) for bar in bars] == [
        START + 5 * i * MINUTE for i in range(11, -1, -1) if i != 2
    ]
    assert bars[0][:6] == [str(START + 55 * MINUTE), "111.5", "114", "110", "112", "12.25"]
    assert float(bars[0][6]) == pytest.approx(12.25 * 112)


def test_a_longer_interval_gathers_bars(venue: Bybit) -> None:
    """A quarter of an hour from 00:00, with the third bar a gap, and the whole hour."""
    quarter = rows(venue, KLINE + "15")[-1]
    assert quarter[:6] == [str(START), "100.5", "104", "99", "102", "3.5"]
    (hour,) = rows(venue, KLINE + "60")
    assert hour[:6] == [str(START), "100.5", "114", "99", "112", "77.75"]


def test_a_window_gives_its_newest_bars(venue: Bybit) -> None:
    window = f"5&start={START + 15 * MINUTE}&end={START + 30 * MINUTE}"
    assert [int(bar[0]) for bar in rows(venue, KLINE + window + "&limit=3")] == [
        START + minutes * MINUTE for minutes in (30, 25, 20)
    ]


def test_pages_of_klines_join_without_seam(venue: Bybit) -> None:
    seen, end = [], START + 55 * MINUTE
    while page := rows(venue, f"{KLINE}5&end={end}&limit=4"):
        seen += page
        end = int(page[-1][0]) - 1
    assert seen == rows(venue, KLINE + "5")


def test_nothing_is_known_before_it_happened(venue: Bybit) -> None:
    now = START + 20 * MINUTE
    assert int(rows(venue, KLINE + "5", now)[0][0]) == START + 15 * MINUTE
    assert int(rows(venue, INTEREST + "5min", now)[0]["timestamp"]) == now


def test_open_interest_is_stamped_at_the_bar_s_end_and_counts_both_sides(venue: Bybit) -> None:
    samples = rows(venue, INTEREST + "5min")
    assert samples[0] == {
        "openInterest": "2023",
        "singleOpenInterest": "1011.5",
        "timestamp": str(START + 60 * MINUTE),
    }
    stamps = [(int(one["timestamp"]) - START) // MINUTE for one in samples]
    assert stamps == [60, 55, 50, 45, 40, 35, 30, 20, 15, 10, 5]


def test_a_missing_sample_is_carried_no_further_than_the_interval(venue: Bybit) -> None:
    """The sample at 00:25 is missing: the quarter at 00:30 has its own, none is invented."""
    assert [one["singleOpenInterest"] for one in rows(venue, INTEREST + "15min")] == [
        "1011.5",
        "1008.5",
        "1005.5",
        "1002.5",
    ]


def test_pages_of_open_interest_follow_the_cursor(venue: Bybit) -> None:
    seen, cursor = [], ""
    while True:
        reply = ask(venue, f"{INTEREST}5min&limit=4&startTime={START + 10 * MINUTE}{cursor}")
        seen += reply["result"]["list"]
        if not reply["result"]["nextPageCursor"]:
            break
        cursor = "&cursor=" + reply["result"]["nextPageCursor"]
    assert seen == rows(venue, f"{INTEREST}5min&startTime={START + 10 * MINUTE}")
    assert len(seen) == 10


def test_instruments_are_paged(venue: Bybit) -> None:
    first = ask(venue, "instruments-info?category=linear&limit=1")["result"]
    second = ask(
        venue, f"instruments-info?category=linear&limit=1&cursor={first['nextPageCursor']}"
    )["result"]
    assert [one["symbol"] for one in first["list"] + second["list"]] == ["BTCUSDT", "ETHUSDT"]
    assert second["nextPageCursor"] == ""


def test_ether_is_the_same_market_at_a_thirtieth(venue: Bybit) -> None:
    bar = rows(venue, KLINE.replace("BTC", "ETH") + "5")[0]
    assert bar[1:6] == ["3.72", "3.8", "3.67", "3.73", "367.5"]
    (sample,) = rows(venue, INTEREST.replace("BTC", "ETH") + "5min&limit=1")
    assert sample["singleOpenInterest"] == "30345"


def test_the_ticker_is_the_last_bar_and_a_day_s_sums(venue: Bybit) -> None:
    (ticker,) = rows(venue, "tickers?category=linear&symbol=BTCUSDT")
    assert (ticker["lastPrice"], ticker["openInterest"]) == ("112", "2023")
    assert float(ticker["volume24h"]) == pytest.approx(77.75)


def test_tiers_are_continuous(venue: Bybit) -> None:
    """At each cap the margin of the tier below equals that of the tier above."""
    tiers = rows(venue, "risk-limit?category=linear&symbol=BTCUSDT")
    for below, above in itertools.pairwise(tiers):
        cap = float(below["riskLimitValue"])
        margins = [
            cap * float(one["maintenanceMargin"]) - float(one["mmDeduction"] or 0)
            for one in (below, above)
        ]
        assert margins[0] == pytest.approx(margins[1])


@pytest.mark.parametrize(
    "question",
    [
        KLINE + "1",
        KLINE + "7",
        KLINE + "5&limit=1001",
        KLINE + "5&limit=0",
        KLINE + "5&start=yesterday",
        KLINE.replace("BTCUSDT", "NOPE") + "5",
        KLINE.replace("linear", "sideways") + "5",
        INTEREST + "5min&limit=201",
        INTEREST + "5min&cursor=junk",
        "instruments-info",
    ],
)
def test_the_venue_refuses_in_its_envelope(venue: Bybit, question: str) -> None:
    reply = ask(venue, question)
    assert reply["retCode"] == 10001
    assert reply["result"] == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column"),
        (HEAD.replace("close", "clo"), "no column close"),
        (HEAD + "\n", "no bars"),
        (HEAD + "\n1,2,x", "could not convert"),
    ],
)
def test_a_file_that_is_no_market_is_named(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "market.csv"
    path.write_text(text)
    with pytest.raises(BuildError, match=words) as caught:
        MarketFile.read(path)
    assert str(path) in str(caught.value)


def test_the_shipped_market_is_long_and_whole() -> None:
    market = MarketFile.read(SIMULATED)
    assert market.bars.time_ms.size == market.sample_ms.size == 12 * 288
    assert (market.bars.low <= market.bars.close).all()
    assert (market.bars.close <= market.bars.high).all()


@pytest.fixture
def replay(market: MarketFile) -> Iterator[Replay]:
    with Replay(market, allowed=3) as server:
        server.start()
        yield server
        server.reset()


def get(replay: Replay, path: str = "/v5/market/time") -> tuple[int, str | None, bytes]:
    """Status, what the browser may read, body."""
    request = urllib.request.Request(replay.origin + path, headers={"Origin": "http://page:1"})
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers["Access-Control-Allow-Origin"], reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["Access-Control-Allow-Origin"], error.read()


def test_the_page_s_origin_is_reflected(replay: Replay) -> None:
    assert get(replay)[:2] == (200, "http://page:1")
    assert replay.requests == ["/v5/market/time"]


def test_who_asks_too_often_is_forbidden_unreadably(replay: Replay) -> None:
    assert [get(replay)[:2] for _ in range(4)] == [(200, "http://page:1")] * 3 + [(403, None)]


@pytest.mark.parametrize(
    ("kind", "status", "readable", "is_json"),
    [
        ("blocked", 200, False, True),
        ("forbidden", 403, False, False),
        ("limited", 429, True, False),
        ("failing", 500, True, False),
        ("html", 200, True, False),
        ("truncated", 200, True, False),
        ("empty", 200, True, False),
    ],
)
def test_each_fault_is_what_it_is_called(
    replay: Replay, kind: Kind, status: int, readable: bool, is_json: bool
) -> None:
    replay.fail(kind, "time", times=1)
    got = get(replay)
    assert got[0] == status
    assert (got[1] is not None) == readable
    try:
        json.loads(got[2])
        assert is_json
    except ValueError:
        assert not is_json
    assert json.loads(get(replay)[2])["retCode"] == 0, "it should have happened once"


def test_a_limited_exchange_says_for_how_long_if_told(replay: Replay) -> None:
    for told in (None, 7):
        replay.fail("limited", times=1, retry_after_s=told)
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(replay.origin + "/v5/market/time", timeout=10)
        with refused.value as error:
            expected = None if told is None else str(told)
            assert error.headers["Retry-After"] == expected
            exposed = error.headers["Access-Control-Expose-Headers"]
            assert exposed == (expected and "Retry-After")


def test_a_preflight_is_answered(replay: Replay) -> None:
    """A browser asks before it sends JSON."""
    request = urllib.request.Request(
        replay.origin, headers={"Origin": "http://page:1"}, method="OPTIONS"
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        assert reply.headers["Access-Control-Allow-Origin"] == "http://page:1"
        assert reply.headers["Access-Control-Allow-Headers"] == "Content-Type"


def test_a_dead_exchange_says_nothing(replay: Replay) -> None:
    replay.fail("down")
    with pytest.raises(OSError):  # noqa: PT011 - the kind depends on the platform
        get(replay)


def test_a_slow_exchange_answers_when_it_is_healed(replay: Replay) -> None:
    replay.fail("slow", seconds=60)
    got: list[int] = []
    waiting = threading.Thread(target=lambda: got.append(get(replay)[0]))
    waiting.start()
    while not replay.requests:
        waiting.join(0.01)
    assert not got
    replay.reset()
    waiting.join(10)
    assert got == [200]
