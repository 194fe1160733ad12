"""The order of things: what the page is told, and what it keeps when something fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.errors import InputError, Unreachable
from liqmap.evaluate.realised_share import ASSUMED
from liqmap.feed.archive import TAPE_KEY
from liqmap.feed.poller import POLL_S, SUM_POLL_S
from liqmap.picture.coloring import Colors
from liqmap.picture.heatmap import Heatmap
from liqmap.picture.liquidation_chart import LiquidationChart
from liqmap.session.messages import (
    Breakdown,
    Clusters,
    Heading,
    Health,
    Score,
    Settings,
    Tape,
    Uncertainty,
)
from liqmap.session.panels.clusters import UNKNOWN
from liqmap.session.timers import Timers
from liqmap.venues.registry import IN_BROWSER
from tests.support.clock import run
from tests.support.markets import STEP_MS, market
from tests.support.session_page import Page, session, shown
from tests.support.store import Drawer

SOON_S = Timers().soon_s


@pytest.fixture
def page() -> Page:
    return Page()


def test_a_view_is_confirmed_drawn_and_called_ready(page: Page) -> None:
    shown(page, "?range=12h&range=bad")
    (view,) = page.of(Settings)
    assert view.query == ""
    assert "range=bad" in view.notices[0]
    (picture,) = page.of(Heatmap)
    assert picture.image.columns == 288
    (heading,) = page.of(Heading)
    assert heading.title == "BTC-USDT-PERP · Bybit · exposure"
    assert page.status.state == "ready"
    assert "Bybit" in page.status.sentence
    happened = page.of(LiquidationChart)[-1]
    assert happened.empty
    assert "Bybit sends every liquidation" in happened.words[0]


def test_the_next_venue_is_taken_when_none_was_named(page: Page) -> None:
    page.down["bybit"] = Unreachable("Bybit is closed here.", blocked=True)
    shown(page, "")
    assert page.loads == ["hyperliquid"]
    assert page.of(Heading)[-1].title == "BTC-USDT-PERP · Hyperliquid · exposure"
    assert page.notices[0] == "Bybit is closed here."
    assert page.status.state == "ready"


def test_a_named_venue_is_not_left_for_another(page: Page) -> None:
    page.down["bybit"] = Unreachable("Bybit is closed here.", blocked=True)
    shown(page, "?venue=bybit", seconds=1)
    assert page.loads == []
    assert page.status.state == "failed"
    assert page.status.sentence == "Bybit is closed here. It is tried again by itself."
    health = {row[0]: row[2] for row in page.of(Health)[-1].rows}
    assert health["okx"] == "offline"  # all were asked how they are


def test_a_wrong_name_is_not_asked_of_every_venue(page: Page) -> None:
    shown(page, "?symbol=XYZ-USDT-PERP")
    assert page.loads == []
    assert "Bybit lists no contract “XYZ-USDT-PERP”" in page.status.sentence


def test_the_same_coin_under_another_name_is_shown_and_said(page: Page) -> None:
    shown(page, "?venue=okx&symbol=1000PEPE-USDT-PERP")
    assert page.of(Heading)[-1].title == "PEPE-USDT-PERP · OKX · exposure"
    assert page.notices[0] == ("OKX has no 1000PEPE-USDT-PERP; this is its PEPE-USDT-PERP.")
    # Half of the holders of a week ago, and hardly anything traded since.
    assert "opened before our data; their prices are guesses." in page.notices[1]


def test_all_venues_are_added_and_who_fails_is_said(page: Page) -> None:
    shown(page, "?venue=bybit")
    alone = page.of(Heatmap)[-1]
    page.said.clear()
    page.down["okx"] = Unreachable("OKX is away.")
    shown(page, "?venue=all")
    picture = page.of(Heatmap)[-1]
    assert page.of(Heading)[-1].title == "BTC perpetuals · 9 venues · exposure"
    np.testing.assert_allclose(picture.image.quote, 9 * alone.image.quote, rtol=1e-5)
    assert "OKX is away." in page.notices
    assert len(page.of(Breakdown)[-1].rows) == 9
    assert page.status.state == "ready"


def test_what_happened_is_added_up_with_venues_that_can_only_be_heard(page: Page) -> None:
    last_ms = float(market().candles.time_ms[-1])

    async def main() -> None:
        one = session(page)
        for venue, side in (("bybit", 1.0), ("gate", 1.0), ("okx", -1.0)):
            seen = Liquidations.sorted([last_ms], [side], [100.0], [2.0])
            one.recorder.tape.add(venue, "BTC-USDT-PERP", seen)
        await one.show("?venue=all")
        await one.show("?venue=okx")

    run(main())
    merged, alone = page.of(LiquidationChart)
    assert merged.title == "Liquidations seen: $400 long, $200 short"
    assert any("Gate sends every liquidation" in words for words in merged.words)
    assert alone.title == "Liquidations seen: $0 long, $200 short"


def test_what_is_learnt_later_of_the_past_is_scored(page: Page) -> None:
    """A venue's own list comes after the picture."""
    candles = market().candles

    async def main() -> None:
        one = session(page)
        await one.show("?venue=okx")
        times = candles.time_ms[-288:] + 1
        sides = np.where(np.arange(288) % 2, 1.0, -1.0)
        seen = Liquidations.sorted(times, sides, candles.close[-288:], 1 + np.arange(288.0))
        one.recorder.tape.watch("okx", "BTC-USDT-PERP", 0.0, float(candles.end_ms[-1]))
        one.recorder._keep("okx", market().instrument, seen)
        await asyncio.sleep(SOON_S + 1)

    run(main())
    before, after = page.of(Score)
    assert before.words == "Leave this page open for 24 h and it grades itself."
    assert before.available is False
    assert after.rows[0][0] == "This map (Balance)"


def test_a_kept_tape_that_cannot_be_read_is_said(page: Page) -> None:
    store = Drawer()
    store.kept[TAPE_KEY] = b"damaged"

    async def main() -> None:
        one = session(page, store=store)
        await one.open({})
        await one.show("")

    run(main())
    assert "cannot be read" in page.notices[0]


def test_who_is_left_out_of_a_sum_is_left_out_of_its_doubts(page: Page) -> None:
    page.doubts = True

    async def load(client: Any, instrument: Instrument, **_how: Any) -> Any:
        one = market(symbol=instrument.name, venue=client.adapter.venue)
        short = one.venue not in ("hyperliquid", "okx")
        yield replace(one, candles=one.candles.rows(slice(-9, None))) if short else one

    page.load = load
    shown(page, "?venue=all", "?venue=okx")
    titles = [heading.title for heading in page.of(Heading)]
    assert titles[-2:] == ["BTC perpetuals · 2 venues · exposure", "BTC-USDT-PERP · OKX · exposure"]
    assert [row[0] for row in page.of(Breakdown)[-2].rows] == ["Hyperliquid", "OKX"]
    drawn = [said.sources["profile_intervals"]["high"] for said in page.of(Uncertainty)]
    sums, alone = (high for high in drawn if high.size)
    np.testing.assert_allclose(sums, 2 * alone)


def test_a_venue_of_a_sum_may_be_late(page: Page) -> None:
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(venue="hyperliquid", more=1)]
    shown(page, "?venue=all", seconds=SUM_POLL_S + 1)
    assert page.status.state == "ready"
    assert "Bybit is late: Bybit cannot be reached." in page.notices
    assert not any("Hyperliquid is late" in notice for notice in page.notices)


def test_a_coin_by_the_thousand_is_added_in_one_unit(page: Page) -> None:
    """Bybit's contract is on a thousand coins, at the same quote: a thousandth each."""
    page.down = {venue: Unreachable("x") for venue in IN_BROWSER if venue not in ("bybit", "okx")}
    shown(page, "?venue=all&symbol=1000PEPE-USDT-PERP&low=50&high=150000")
    assert page.of(Heatmap)[-1].spot == pytest.approx(market().candles.close[-1])
    page.said.clear()
    shown(page, "?venue=all&symbol=PEPE-USDT-PERP&low=0.05&high=150")
    assert page.of(Heatmap)[-1].spot == pytest.approx(market().candles.close[-1] / 1000)


def test_new_bars_are_drawn_as_they_come(page: Page) -> None:
    page.refreshed = [market(more=1), market(more=2)]
    shown(page, "?range=12h", seconds=2 * POLL_S + 1)
    first, second, third = page.of(Heatmap)
    assert [one.image.x for one in (second, third)] == [
        first.image.x + STEP_MS,
        first.image.x + 2 * STEP_MS,
    ]
    assert [one.image.columns for one in (first, second, third)] == [144] * 3
    kept = first.image.quote.reshape(-1, 144)[:, 2:]
    np.testing.assert_array_equal(third.image.quote.reshape(-1, 144)[:, :-2], kept)
    assert first.frame == third.frame  # zoom and pan are kept


def test_a_site_may_set_another_pace(page: Page) -> None:
    """A site under test does not wait for the polite one."""
    page.refreshed = [market(more=1), market(more=2)]

    async def main() -> None:
        one = session(page)
        await one.open({"timers": {"poll_s": 0.5, "save_s": 0.25, "retry_s": 0.1}})
        assert one.recorder.archive.save_s == 0.25
        assert one.directory.pauses.retry_s == 0.1
        await one.show("")
        await asyncio.sleep(1.1)

    run(main())
    assert len(page.of(Heatmap)) == 3


def test_a_venue_that_falls_silent_leaves_the_picture(page: Page) -> None:
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(more=1)]
    shown(page, "", seconds=POLL_S + 1)
    assert len(page.of(Heatmap)) == 1
    assert page.status.state == "stale"
    assert page.status.sentence == (
        "Bybit cannot be reached. Showing bars to 04 Jan 00:00 UTC; trying again."
    )


def test_a_venue_that_speaks_again_is_drawn_again(page: Page) -> None:
    page.refreshed = [Unreachable("Bybit cannot be reached."), market(more=1)]
    shown(page, "", seconds=3 * POLL_S + 2)
    assert page.status.state == "ready"
    assert len(page.of(Heatmap)) == 2


def test_another_view_stops_the_first_one_s_questions(page: Page) -> None:
    page.refreshed = [market(symbol="ETH-USDT-PERP", more=1)]
    shown(page, "", "?symbol=ETH-USDT-PERP", seconds=POLL_S + 1)
    titles = [heading.title.rpartition(" · ")[0] for heading in page.of(Heading)]
    assert titles == ["BTC-USDT-PERP · Bybit"] + 2 * ["ETH-USDT-PERP · Bybit"]


def test_doubts_are_drawn_after_the_picture_and_kept(page: Page) -> None:
    page.doubts = True
    page.refreshed = [market(more=1)]
    shown(page, "", seconds=POLL_S + 1)
    first, second, third = (said.sources["profile_intervals"] for said in page.of(Uncertainty))
    assert len(page.of(Heatmap)) == 2, "the picture is not sent again to add a band"
    assert first["price"].size == 0
    assert (second["low"] <= second["high"]).all()
    assert second["high"].sum() > 1.2 * second["low"].sum() > 0
    assert third["high"].sum() == pytest.approx(second["high"].sum(), rel=0.05)  # members are kept
    intervals = page.of(Uncertainty)[-1].intervals
    assert len(intervals) == page.of(Clusters)[-1].waiting > 0
    assert all("$" in words and "–" in words for words in intervals)


def test_expected_liquidations_are_a_share_and_of_balance_only(page: Page) -> None:
    shown(page, "?reading=exposure", "?reading=expected", "?reading=expected&model=turnover")
    exposure, expected, other = page.of(Heatmap)
    longs = np.nansum(exposure.image.quote.reshape(-1, 288)[:, -1][:150])
    assert np.nansum(expected.image.quote.reshape(-1, 288)[:, -1][:150]) == pytest.approx(
        ASSUMED["this_venue"].long.value * longs, rel=0.02
    )
    assert [one.unit for one in (exposure, expected, other)] == [
        "exposure",
        "expected liquidations of this venue, which reports all of them",
        "exposure",
    ]
    assert "Balance only" in page.notices[-1]


def test_a_simulation_is_not_followed(page: Page) -> None:
    shown(page, "?venue=demo", seconds=10 * POLL_S)
    (picture,) = page.of(Heatmap)
    assert picture.watermark == "SIMULATED MARKET"
    happened = page.of(LiquidationChart)[-1]
    assert happened.title == "Liquidations seen: $200 long, $303 short"
    assert happened.words == ("Simulated liquidations: all of them.",)
    assert page.of(Tape)[-1].count == 0


def test_a_difference_is_of_two_models(page: Page) -> None:
    shown(page, "?model=balance&versus=balance")
    picture = page.of(Heatmap)[-1]
    assert picture.diverging is True
    assert not np.nan_to_num(picture.image.quote).any()


def test_what_is_loaded_is_not_loaded_again(page: Page) -> None:
    async def show() -> None:
        one = session(page)
        await one.show("?range=24h")
        page.loads.clear()
        await one.show("?range=12h&palette=viridis")

    run(show())
    assert page.loads == []
    last = page.of(Heatmap)[-1]
    assert last.query == "range=12h&palette=viridis"
    assert last.image.columns == 144
    assert page.status.state == "ready"


def test_other_colours_are_one_picture_and_nothing_else(page: Page) -> None:
    async def show() -> None:
        one = session(page)
        await one.show("")
        page.said.clear()
        await one.show("?ceiling=60")

    run(show())
    (picture,) = page.of(Colors)
    assert picture.query == "ceiling=60"
    assert picture.colors.high_quote == picture.colors.percentiles_quote[60]
    assert not [*page.of(Heatmap), *page.of(Heading), *page.of(Clusters), *page.of(Uncertainty)]


def test_a_fault_of_ours_is_said_with_its_traceback(page: Page) -> None:
    async def broken(*_: Any, **__: Any) -> AsyncIterator[Market]:
        raise ZeroDivisionError("by hand")
        yield market()

    async def show() -> None:
        one = session(page)
        await one.show("")
        page.load = broken
        await one.show("?symbol=ETH-USDT-PERP")

    run(show())
    assert page.status.sentence.startswith("liqmap has a fault.")
    assert "by hand" in page.status.detail
    assert "tried again" not in page.status.sentence
    assert page.status.state == "stale"


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("pepe", "1000PEPE-USDT-PERP"),
        ("eth", "ETH-USDT-PERP"),
        ("eth/usdt", "ETH-USDT-PERP"),
        ("  btc-usdt-perp ", "BTC-USDT-PERP"),
        ("NOPE-USDC-PERP", "NOPE-USDC-PERP"),
        ("BYBIT:PEPEUSDT.P", "1000PEPE-USDT-PERP"),
        ("BINANCE:ETHUSDT.P", "ETH-USDT-PERP"),
    ],
)
def test_what_was_typed_is_answered_with_the_contract(page: Page, typed: str, symbol: str) -> None:
    async def show() -> None:
        one = session(page)
        await one.show("venue=bybit")
        await one.choose(typed, "venue=bybit&symbol=BTC-USDT-PERP&range=12h")

    run(show())
    said = page.of(Settings)[-1]
    assert (said.controls["symbol"], said.controls["range"]) == (symbol, "12h")
    assert said.controls["venue"] == ("binance" if "BINANCE" in typed else "bybit")
    assert said.notices == ()
    assert (page.status.state == "ready") == (symbol != "NOPE-USDC-PERP")


def test_a_view_that_fails_does_not_end_the_one_before(page: Page) -> None:
    """Back to it, it is read again and followed."""
    page.refreshed = [market(more=1)]
    shown(page, "", "?symbol=SOL-USDT-PERP", "", seconds=POLL_S + 1)
    assert page.loads == ["bybit", "bybit"]
    assert page.status.state == "ready"
    assert page.refreshed == []


def test_a_site_may_shorten_the_pauses(page: Page) -> None:
    page.refreshed = [market(more=1), market(more=2)]

    async def main() -> None:
        one = session(page)
        await one.open({"timers": {"poll_s": 0.5, "snapshot_s": 1}})
        await one.show("")
        await asyncio.sleep(1.2)

    run(main())
    assert page.refreshed == []
    assert Timers.of({}) == Timers()


def test_the_newest_wins(page: Page) -> None:
    gate = asyncio.Event()

    async def slow(_line: Any, instrument: Instrument, **_how: Any) -> Any:
        if instrument.name == "BTC-USDT-PERP":
            await gate.wait()
        yield market(symbol=instrument.name)

    page.load = slow

    async def show() -> None:
        one = session(page)
        first = asyncio.ensure_future(one.show(""))
        await asyncio.sleep(0)
        await one.show("?symbol=ETH-USDT-PERP")
        gate.set()
        await first

    run(show())
    assert [one.query for one in page.of(Heatmap)] == ["symbol=ETH-USDT-PERP"]


def test_an_input_error_is_a_sentence() -> None:
    assert str(InputError("No.", hint="Yes.")) == "No. Yes."


def test_a_sparing_session_asks_for_a_picture_and_for_nothing_more(page: Page) -> None:
    page.doubts = True

    async def main() -> None:
        one = session(page)
        one.sparing = True
        page.refreshed = [market(more=1)]
        await one.show("")
        await asyncio.sleep(3 * POLL_S)

    run(main())
    assert page.status.state == "ready"
    assert len(page.of(Heatmap)) == 1
    assert len(page.refreshed) == 1
    assert page.of(LiquidationChart) == []
    assert {word for told in page.of(Uncertainty) for word in told.intervals} == {UNKNOWN}
