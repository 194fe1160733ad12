"""From a venue to a market: newest first, then the history, and a word for every lack."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.plausible import BARS_LEFT_OUT, SAMPLES_LEFT_OUT
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import NoData, Refused, Unreachable
from liqmap.feed.client import Client
from liqmap.feed.loader import load_market, refresh_market
from liqmap.venues.adapter import (
    Conversation,
    Depth,
    Reply,
    Request,
    Series,
)
from tests.support.clock import run
from tests.support.toy_venue import (
    BTC,
    END_MS,
    HOUR_MS,
    NEWEST_MS,
    STEP_MS,
    Venue,
    load,
    send,
    without,
)


def number(candles: Candles | None) -> list[float]:
    assert candles is not None
    np.testing.assert_array_equal(candles.close * STEP_MS, candles.time_ms)
    last = NEWEST_MS // STEP_MS
    return list(candles.close - last)


def test_newest_first_then_the_history() -> None:
    first, whole = load(Venue(), 5, 20)
    assert number(first.candles) == list(range(-9, 1))
    assert number(whole.candles) == list(range(-24, 1))
    for market in (first, whole):
        assert number(market.mark) == number(market.candles)
        samples = market.open_interest
        np.testing.assert_array_equal(samples.time_ms, market.candles.time_ms)
        np.testing.assert_array_equal(samples.open_interest_base, 10 * market.candles.close)
        assert market.maintenance is not None
        assert market.notices == ()
        assert (market.venue, market.instrument) == ("toy", BTC)


class Wrong(Venue):
    """Some open interest is 0, and one bar is at ten times its price."""

    def _bars(
        self, series: str, start_ms: float | None, end_ms: float | None
    ) -> Conversation[Candles]:
        one = yield from super()._bars(series, start_ms, end_ms)
        ten = np.where(one.time_ms == NEWEST_MS - 3 * STEP_MS, 10.0, 1.0)
        prices = {name: getattr(one, name) * ten for name in ("open", "high", "low", "close")}
        return replace(one, **prices)

    def open_interest(
        self, instrument: Instrument, step_ms: int, start_ms: float, end_ms: float
    ) -> Conversation[OpenInterest]:
        one = yield from super().open_interest(instrument, step_ms, start_ms, end_ms)
        ago = (NEWEST_MS - one.time_ms) / STEP_MS
        return OpenInterest(one.time_ms, np.where((ago >= 5) & (ago < 8), 0, 10 * ago + 1e4))


def test_what_cannot_be_is_left_out_and_said() -> None:
    found = load(Wrong(), 5, 20)
    for one in found:
        assert one.notices == (SAMPLES_LEFT_OUT, BARS_LEFT_OUT)
        assert one.open_interest.open_interest_base.min() > 0
        assert -3 not in number(one.candles)
        assert -3 not in number(one.mark)
    assert number(found[-1].candles)[0] == -24

    async def later() -> Market:
        return await refresh_market(Client(Wrong(), send), replace(found[-1], notices=()))

    assert run(later()).notices == ()  # nothing new is wrong


class Slow(Venue):
    """It has hours, too: their number is that of their last five minutes."""

    steps_ms = (STEP_MS, HOUR_MS)

    def __init__(self) -> None:
        self.asked: list[tuple[int, float, float]] = []

    def candles(
        self,
        instrument: Instrument,
        step_ms: int,
        start_ms: float | None = None,
        end_ms: float | None = None,
        *,
        newest: int | None = None,
    ) -> Conversation[Candles]:
        if step_ms == STEP_MS:
            return (yield from super().candles(instrument, step_ms, start_ms, end_ms))
        assert start_ms is not None
        assert end_ms is not None
        self.asked.append((step_ms, start_ms, end_ms))
        yield [Request("/hours")]
        if "hours" in self.fails:
            raise self.fails["hours"]
        opens = np.arange(start_ms, end_ms, HOUR_MS)
        close = (opens + HOUR_MS - STEP_MS) / STEP_MS
        return Candles(opens, close, close, close, close, close, step_ms=HOUR_MS)


def test_longer_bars_of_what_was_before_come_last_and_end_where_they_end() -> None:
    venue = Slow()
    *_, fine, whole = load(venue, 5, 20, before_ms=6 * HOUR_MS)
    assert fine.before is None
    assert whole.candles is fine.candles
    first_ms = float(fine.candles.time_ms[0])
    ((step_ms, start_ms, end_ms),) = venue.asked
    assert step_ms == HOUR_MS
    assert end_ms == first_ms // HOUR_MS * HOUR_MS
    assert start_ms == end_ms - 6 * HOUR_MS
    # One row after the other, each with the open interest of its end.
    history = whole.history
    assert len(history) == 6 + len(fine.candles)
    np.testing.assert_array_equal(history.close, history.end_ms / STEP_MS - 1)
    lengths = history.end_ms - history.time_ms
    assert list(lengths) == [HOUR_MS] * 6 + [STEP_MS] * len(fine.candles)
    assert history.step_ms == STEP_MS
    held = whole.open_interest.at(history.end_ms)
    np.testing.assert_array_equal(held[:6], 10 * (history.end_ms[:6] / STEP_MS))
    assert fine.history is fine.candles


@pytest.mark.parametrize("venue", [Venue(), Slow()])
def test_without_longer_bars_nothing_is_lost(venue: Venue) -> None:
    venue.fails = {"hours": Refused("No hours today.")}
    *_, market = load(venue, 5, 20, before_ms=6 * HOUR_MS)
    assert market.before is None
    assert market.notices == load(Venue(), 5, 20)[-1].notices


def test_one_page_is_enough_for_a_short_range() -> None:
    (only,) = load(Venue(), 3, 2)
    assert number(only.candles) == [-4, -3, -2, -1, 0]


def test_the_taker_volume_is_joined() -> None:
    venue = Venue()
    venue.taker = True
    _, whole = load(venue, 20)
    assert whole.candles.taker_buy_base is not None
    np.testing.assert_array_equal(whole.candles.taker_buy_base, whole.candles.close / 2)


def test_progress_is_one_sentence_that_only_grows() -> None:
    steps: list[tuple[str, int, int]] = []
    load(Venue(), 5, 20, say=lambda *step: steps.append(step))
    assert {sentence for sentence, _, _ in steps} == {"Reading BTC-USDT-PERP from Toy"}
    done = [d for _, d, _ in steps]
    assert done == sorted(done)
    assert steps[-1][1:] == (7, 7)


def test_without_a_history_of_open_interest_the_present_stands_for_it() -> None:
    venue = Venue()
    venue.offers = without("open_interest")
    first, whole = load(venue, 5, 20)
    for market in (first, whole):
        assert list(market.open_interest.at(market.candles.end_ms)) == [777.0] * len(market.candles)
        assert market.notices == (
            "Toy publishes no history of open interest: its present value stands for the whole"
            " time.",
        )


def test_a_history_of_open_interest_that_fails_is_said_and_replaced() -> None:
    venue = Venue()
    venue.fails = {"open_interest": Unreachable("Toy is shut.", blocked=True)}
    *_, whole = load(venue, 5)
    assert set(whole.open_interest.open_interest_base) == {777.0}
    assert whole.notices == (
        "No history of open interest (Toy is shut): its present value stands for the whole time.",
    )


def test_without_any_open_interest_there_is_no_market() -> None:
    venue = Venue()
    venue.offers = without("open_interest")
    venue.fails = {"snapshot": Refused("Toy says no.")}
    with pytest.raises(Refused, match="Toy says no"):
        load(venue, 5)


def test_open_interest_of_0_throughout_is_no_market() -> None:
    """It is waited for the history, in which there may be some."""
    venue = Venue()
    venue.offers, venue.held = without("open_interest"), 0.0
    with pytest.raises(NoData, match="Toy gives BTC-USDT-PERP an open interest of 0"):
        load(venue, 5, 20)


def test_without_candles_there_is_no_market() -> None:
    venue = Venue()
    venue.fails = {"candles": Refused("Toy says no.")}
    with pytest.raises(Refused, match="Toy says no"):
        load(venue, 5)


@pytest.mark.parametrize(
    ("series", "notice"),
    [("mark", "mark prices"), ("maintenance", "maintenance margin tiers")],
)
def test_what_is_not_offered_or_fails_is_a_notice(series: Series, notice: str) -> None:
    lacking, failing = Venue(), Venue()
    lacking.offers = without(series)
    failing.fails = {series: Refused("Toy says no.")}
    for venue, words in ((lacking, f"Toy publishes no {notice}"), (failing, f"No {notice} (Toy")):
        *_, market = load(venue, 5)
        assert getattr(market, series) is None
        (said,) = market.notices
        assert said.startswith(words)


def test_a_history_that_fails_leaves_the_newest() -> None:
    venue = Venue()
    venue.fails = {"older": Refused("Toy says no.")}
    *_, market = load(venue, 5, 20)
    assert number(market.candles) == list(range(-9, 1))
    assert market.notices == ("Part of the history is missing: Toy says no.",)


def test_a_history_that_fails_late_is_said_too() -> None:
    class Late(Venue):
        def _asked(self, series: str) -> Conversation[None]:
            for _ in range(5 if series == "older" else 1):
                yield from super()._asked("patience")
            yield from super()._asked(series)

    venue = Late()
    venue.fails = {"older": Refused("Toy says no.")}
    first, last = load(venue, 5, 20)
    assert first.notices == ()
    assert last.notices == ("Part of the history is missing: Toy says no.",)
    assert last.candles is first.candles


def test_a_young_contract_has_no_more() -> None:
    venue = Venue()
    venue.listed_ms = NEWEST_MS - 3 * STEP_MS
    (only,) = load(venue, 5, 20)
    assert number(only.candles) == [-3, -2, -1, 0]
    assert only.notices == ()


def test_gaps_stay_and_are_counted() -> None:
    venue = Venue()
    last = NEWEST_MS // STEP_MS
    venue.missing = frozenset({last - 2, last - 15})
    *_, market = load(venue, 5, 15)
    assert number(market.candles) == [n for n in range(-19, 1) if n not in (-2, -15)]
    assert market.notices == ("2 of 20 bars are missing and stay gaps.",)


def test_a_short_memory_of_bars_is_said() -> None:
    venue = Venue()
    venue.offers = {**Venue.offers, "candles": Depth(rows=576)}
    *_, market = load(venue, 600)
    assert len(market.candles) == 576
    assert market.notices == ("Toy keeps bars of this length for 2 days only.",)


def test_a_short_memory_of_open_interest_is_said() -> None:
    venue = Venue()
    venue.offers = {**Venue.offers, "open_interest": Depth(rows=15)}
    *_, market = load(venue, 30)
    samples, candles = market.open_interest, market.candles
    assert samples.time_ms[0] == END_MS - 15 * STEP_MS
    assert samples.at(candles.end_ms[:1])[0] == samples.open_interest_base[0]
    assert market.notices == (
        "Open interest begins 01 Feb 22:50 UTC: before, its first value is used.",
    )


def test_who_leaves_early_aborts_the_rest() -> None:
    under_way = 0

    async def slow(url: str, body: str | None) -> Reply:
        nonlocal under_way
        under_way += 1
        try:
            await asyncio.sleep(100 if url.endswith("older") else 1)
        finally:
            under_way -= 1
        return Reply(200, b"1")

    async def main() -> None:
        loading = load_market(
            Client(Venue(), slow, timeout_s=1000),
            BTC,
            step_ms=STEP_MS,
            window_ms=1e8,
            history_ms=0,
        )
        await anext(loading)
        assert under_way > 0
        await loading.aclose()  # type: ignore[attr-defined]
        await asyncio.sleep(1)
        assert under_way == 0

    run(main())


# ---------------------------------------------------------------- polling


def refreshed(venue: Venue, market: Market, bars_later: int) -> Market:
    venue.end_ms = END_MS + bars_later * STEP_MS

    async def main() -> Market:
        return await refresh_market(Client(venue, send), market)

    return run(main())


@pytest.mark.parametrize("bars_later", [0, 1, 4, 5, 30])
def test_a_poll_brings_what_a_load_would(bars_later: int) -> None:
    """Also after a pause longer than the newest few bars."""
    venue = Venue()
    *_, market = load(venue, 5, 20)
    later = refreshed(venue, market, bars_later)
    assert number(later.candles) == list(range(-24, bars_later + 1))
    assert number(later.mark) == number(later.candles)
    np.testing.assert_array_equal(later.open_interest.time_ms, later.candles.time_ms)
    assert later.notices == market.notices


def test_the_unfinished_bar_is_replaced() -> None:
    venue = Venue()
    *_, market = load(venue, 5)
    bars = market.candles
    price = np.append(bars.close[:-1], 1e9)
    unfinished = Candles(bars.time_ms, price, price, price, price, price, None, STEP_MS)
    stale = OpenInterest(market.open_interest.time_ms, market.open_interest.open_interest_base + 1)
    before = replace(market, candles=unfinished, mark=unfinished, open_interest=stale)
    later = refreshed(venue, before, 0)
    assert later.mark is not None
    assert later.candles.close[-1] == later.mark.close[-1] == bars.close[-1]
    assert later.open_interest.open_interest_base[-1] == 10 * bars.close[-1]


def test_polling_grows_a_history_of_open_interest() -> None:
    venue = Venue()
    venue.offers = without("open_interest")
    *_, market = load(venue, 5)
    for bars_later, held in ((0, 800.0), (0, 801.0), (1, 802.0), (2, 803.0)):
        venue.held = held
        market = refreshed(venue, market, bars_later)
    samples = market.open_interest
    assert list(samples.at(market.candles.end_ms[-4:])) == [777.0, 801.0, 802.0, 803.0]


def test_a_poll_that_fails_in_part_keeps_what_is_known() -> None:
    venue = Venue()
    *_, market = load(venue, 5)
    venue.fails = {"open_interest": Refused("Toy says no."), "mark": Refused("Toy says no.")}
    later = refreshed(venue, market, 1)
    assert number(later.candles)[-1] == 1
    assert later.open_interest.time_ms[-1] == market.open_interest.time_ms[-1]
    assert later.mark is market.mark
    venue.fails = {"poll": Unreachable("Toy is gone.")}
    with pytest.raises(Unreachable):
        refreshed(venue, market, 1)


def test_a_load_tells_the_client_the_venues_time() -> None:
    async def main() -> float:
        client = Client(Venue(), send)
        loading = load_market(client, BTC, step_ms=STEP_MS, window_ms=STEP_MS, history_ms=0)
        async for _ in loading:
            pass
        return client.now_ms

    assert run(main()) == NEWEST_MS
