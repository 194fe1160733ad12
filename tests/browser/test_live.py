"""The page goes on by itself: new bars, liquidations, other venues, what it remembers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from liqmap.venues.registry import IN_BROWSER
from tests.browser.conftest import DESKTOP, Timers, Visit
from tests.support.shown import STATUS, ask_health, await_state, image
from tests.support.venue import MARKET
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

STEP = MARKET.step_ms


def held_back(bars: int) -> Callable[[], int]:
    """The venue's clock, some bars before the end of the file."""
    return lambda: MARKET.end_ms - bars * STEP


def series(asked: list[str]) -> Counter[str]:
    """How often each endpoint was asked, hours for themselves."""
    names = [urlsplit(one).path.rsplit("/", 1)[1] for one in asked]
    hours = ["interval=60&" in one or "intervalTime=1h" in one for one in asked]
    return Counter(
        f"{name} by the hour" if h else name for name, h in zip(names, hours, strict=True)
    )


def test_a_new_bar_comes_by_itself_and_leaves_what_was_drawn(
    visit: Visit, replay: Replay, timers: Timers
) -> None:
    timers["poll_s"] = 1.0
    replay.clock = held_back(1)
    page = visit("?range=12h")
    before, amounts, shape = image(page)
    start = page.evaluate("liqmap.picture.image.x")
    replay.clock = held_back(0)
    page.wait_for_function(f"liqmap.picture.image.x === {start + STEP}")
    await_state(page, "ready")
    after, fresh, same = image(page)
    assert same == shape == [300, 144]
    # The last two columns are those of bars that were not closed.
    kept, moved = (one.reshape(shape) for one in (amounts, fresh))
    np.testing.assert_array_equal(moved[:, :-3], kept[:, 1:-2])
    pixels, later = (one.reshape(shape) for one in (before, after))
    np.testing.assert_array_equal(later[:, :-3], pixels[:, 1:-2])
    assert "bars to 13 Mar 00:00 UTC" in page.evaluate(STATUS)


def test_a_new_bar_is_seen_in_a_zoomed_window(visit: Visit, replay: Replay, timers: Timers) -> None:
    timers["poll_s"] = 1.0
    replay.clock = held_back(1)
    page = visit("?range=12h")
    page.evaluate("liqmap.named('time_range').start += 6 * 3600000")
    page.wait_for_function("liqmap.picture.detail")
    ends = "(({x, dw}) => x + dw)(liqmap.picture.image)"
    assert page.evaluate(ends) == MARKET.end_ms - STEP
    zoomed = page.evaluate("liqmap.named('time_range').start")
    replay.clock = held_back(0)
    page.wait_for_function(f"liqmap.picture.detail && {ends} === {MARKET.end_ms}")
    assert page.evaluate("liqmap.named('time_range').start") == zoomed


def test_an_update_asks_for_little(visit: Visit, replay: Replay, timers: Timers) -> None:
    timers["poll_s"] = 2.0
    replay.clock = held_back(10)  # within a page of each series, not at its end
    page = visit("?range=12h")
    replay.requests.clear()
    with page.expect_response("**/mark-price-kline?**"):
        pass
    asked = series(replay.requests)
    assert asked == {"kline": 1, "open-interest": 1, "mark-price-kline": 1}
    assert "limit=5" in next(one for one in replay.requests if "/kline" in one)


def test_a_reload_asks_only_for_what_is_new(visit: Visit, replay: Replay) -> None:
    replay.clock = held_back(10)
    page = visit("?range=7d")
    first = series(replay.requests)
    picture, *_ = image(page)
    assert first["kline"] >= 4
    replay.requests.clear()
    page.reload()
    await_state(page, "ready")
    again = series(replay.requests)
    assert again["instruments-info"] == 0
    # One small request a series, and another if a bar was asked for on the way.
    for name in ("kline", "open-interest", "mark-price-kline"):
        assert 1 <= again[name] <= 2 < first[name]
    assert again["kline by the hour"] + again["open-interest by the hour"] <= 2
    np.testing.assert_array_equal(image(page)[0], picture)


def test_damaged_memories_are_fetched_anew(visit: Visit, replay: Replay) -> None:
    page = visit("?range=12h")
    picture, *_ = image(page)
    page.evaluate(
        """async () => {
          const kept = await caches.open("liqmap-kept");
          for (const key of await kept.keys()) await kept.put(key, new Response("damaged"));
        }"""
    )
    replay.requests.clear()
    page.reload()
    await_state(page, "ready")
    assert series(replay.requests)["kline"] >= 3
    np.testing.assert_array_equal(image(page)[0], picture)


@pytest.mark.usefixtures("unlent")
def test_a_liquidation_is_drawn_as_it_happens_and_kept(
    visit: Visit, replay: Replay, streams: dict[str, ReplayStream]
) -> None:
    page = visit("?venue=bybit&range=12h")
    bybit = streams["bybit"]
    bybit.await_subscribers()
    at, spot = MARKET.end_ms - 2 * STEP, page.evaluate("liqmap.picture.spot")
    bybit.push(1, spot, 2.0, at + 1)
    bybit.push(-1, spot, 1.0, at + 2)
    page.wait_for_function("liqmap.named('liq_short').data.bottom.length === 1")
    assert page.evaluate("liqmap.named('liq_long').data.top[0]") == pytest.approx(2 * spot)
    assert page.evaluate("liqmap.named('liq_short').data.bottom[0]") == pytest.approx(-spot)
    assert page.evaluate("liqmap.named('liq_long').data.time[0]") == at + STEP / 2
    assert "2 liquidations are kept" in page.inner_text("#tape")
    page.evaluate("liqmap.worker.seen(false)")  # a page that is left stores its tape
    page.wait_for_function(
        """caches.open('liqmap-kept').then(one => one.keys())
          .then(all => all.some(({url}) => url.endsWith('tape')))"""
    )
    page.reload()
    await_state(page, "ready")
    page.wait_for_function("liqmap.named('events').data.price?.length === 2")
    with page.expect_download() as got:
        page.click("#tape-export")
    rows = got.value.path().read_text().splitlines()
    assert rows[0].startswith("time,venue,symbol,position_side")
    assert [row.split(",")[1:4] for row in rows[1:]] == [
        ["bybit", "BTC-USDT-PERP", "long"],
        ["bybit", "BTC-USDT-PERP", "short"],
    ]
    page.on("dialog", lambda dialog: dialog.accept())
    page.click("#tape-delete")
    page.wait_for_function("document.querySelector('#tape').textContent.startsWith('0 ')")
    assert page.evaluate("liqmap.named('events').data.price.length") == 0


def test_a_venue_s_own_list_fills_the_chart_and_is_scored(visit: Visit) -> None:
    page = visit("?venue=okx")
    page.wait_for_function("liqmap.named('liq_long').data.top.length > 20")
    assert "OKX sends at most one liquidation a second" in page.inner_text("#happened")
    page.wait_for_selector("#scorecard tbody tr", state="attached")
    names = page.locator("#scorecard tbody tr td:first-child").all_inner_texts()
    assert names[0] == "This map (Balance)"
    assert {"Price range × open interest", "Fresh lows and highs"} <= set(names)


@pytest.mark.allow_errors("Failed to load resource", "CORS")
def test_all_venues_are_one_picture(visit: Visit, replays: dict[str, Replay]) -> None:
    alone = image(visit("?venue=bybit&range=12h"))[1]
    replays["okx"].fail("forbidden")
    page = visit("?venue=all&range=12h")
    rows = page.locator("#breakdown tbody tr").evaluate_all(
        "rows => rows.map(row => row.cells[0].textContent)"
    )
    assert set(rows) == {one.title for one in IN_BROWSER.values()} - {"OKX"}
    assert "OKX" in (page.text_content("#notices") or "")
    total = image(page)[1]
    # The same market nine times, up to what each venue lacks.
    assert total.sum() == pytest.approx(9 * alone.sum(), rel=0.15)


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_health_is_found_by_asking(visit: Visit, opened: Any, replays: dict[str, Replay]) -> None:
    # A browser asks by itself once more for every connection that it had kept.
    page = visit("?venue=demo", on=opened(**DESKTOP))
    replays["binance"].fail("blocked")
    replays["okx"].fail("limited")
    replays["kraken"].fail("down")
    ask_health(page)
    states = dict(
        page.locator("#health tbody tr").evaluate_all(
            "rows => rows.map(row => [row.cells[0].textContent, row.cells[1].textContent])"
        )
    )
    assert states["Bybit"] == states["dYdX"] == "ready"
    assert states["Binance"] == "blocked"
    assert states["OKX"] == "limited"
    assert states["Kraken Futures"] == "offline"
    for name, one in replays.items():
        assert len(one.requests) <= 2, f"{name} was asked more than once, and for a sign of life"


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_a_ban_is_kept_to_whatever_is_clicked(
    visit: Visit, opened: Any, replays: dict[str, Replay]
) -> None:
    """Until when is said by the visitor's clock, and where he is by nobody."""
    binance = replays["binance"]
    binance.fail("banned", seconds=3_600)
    page = opened(timezone_id="Asia/Tokyo")
    visit("?venue=binance", on=page, state="failed")
    said = page.evaluate(STATUS)
    until = datetime.now(ZoneInfo("Asia/Tokyo")) + timedelta(hours=1)
    minutes = (until, until - timedelta(minutes=1), until - timedelta(minutes=2))
    assert any(f"banned until {at:%d %b %H:%M} your time" in said for at in minutes)
    assert "203.0.113" not in page.inner_text("body")
    asked = len(binance.requests)
    page.click("#retry")
    await_state(page, "failed")
    page.evaluate("document.querySelector('#venues').open = true")
    page.click("#health-ask")
    page.wait_for_function("document.querySelectorAll('#health td.ready').length === 9")
    page.click("#search-open")
    page.wait_for_function("document.querySelector('#search p').textContent.includes('Without')")
    visit("?venue=binance&range=12h", on=page, state="failed")
    assert len(binance.requests) == asked
    assert "Binance has asked this browser to wait." in page.evaluate(STATUS)


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
def test_silence_is_said_and_mended(visit: Visit, replay: Replay, timers: Timers) -> None:
    timers["poll_s"] = 1.0
    page = visit("?venue=bybit&range=12h")
    before, *_ = image(page)
    replay.fail("down")
    await_state(page, "stale")
    assert "Showing bars to" in page.evaluate(STATUS)
    np.testing.assert_array_equal(image(page)[0], before)
    replay.heal()
    await_state(page, "ready")
    assert "Bybit, bars to" in page.evaluate(STATUS)


def test_known_accounts_are_a_layer(visit: Visit) -> None:
    page = visit("?venue=hyperliquid&accounts=on")
    page.wait_for_function("liqmap.named('accounts').data.y?.length > 0")
    words = page.inner_text("#real-words")
    assert "Real positions of" in words
    assert "of Hyperliquid's open interest; no estimate." in words
    page.evaluate("document.querySelector('#settings').open = true")
    page.locator("[name=accounts]").uncheck()
    page.wait_for_function("liqmap.named('accounts').data.y.length === 0")


def test_letters_find_a_coin(visit: Visit) -> None:
    page = visit()
    page.fill("[name=symbol]", "eth")
    page.press("[name=symbol]", "Enter")
    page.wait_for_function("document.title.startsWith('ETH-USDT-PERP')")
    assert page.evaluate("location.search") == "?symbol=ETH-USDT-PERP"


@pytest.mark.parametrize("fault", ["shuffled", "doubled", "skewed"])
def test_rows_out_of_order_twice_or_of_another_clock_draw_the_same(
    visit: Visit, replay: Replay, fault: Any
) -> None:
    plain, *_ = image(visit("?venue=bybit&range=12h"))
    replay.fail(fault, seconds=7_200)
    page = visit("?range=12h&venue=bybit")
    if fault == "skewed":  # the venue is two hours behind the visitor, and right
        assert "bars to 12 Mar 22:00 UTC" in page.evaluate(STATUS)
    else:
        np.testing.assert_array_equal(image(page)[0], plain)


@pytest.mark.allow_errors("Failed to load resource", "CORS", "net::")
@pytest.mark.parametrize("fault", ["truncated", "html", "empty", "limited"])
def test_what_cannot_be_read_is_said_with_the_venue_s_name(
    visit: Visit, replay: Replay, timers: Timers, fault: Any
) -> None:
    timers["patience_s"] = 1.0
    replay.fail(fault)
    page = visit("?venue=bybit", state="failed")
    said = page.evaluate(STATUS)
    assert "Bybit" in said
    assert page.evaluate("liqmap.picture") is None, "nothing takes its place"
    assert page.is_visible("#example")
    assert page.is_visible("#retry")
