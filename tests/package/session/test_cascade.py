"""The cascade in words: of the small picture, by hand; and what the session asks for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.analysis.cascade import THINNED, Impact
from liqmap.data.order_book import OrderBook
from liqmap.errors import NoData
from liqmap.session.desk_messages import Cascade
from liqmap.session.panels.cascade import POINTS, CascadePanel
from liqmap.session.state import Scenario, Shown, State
from tests.support.clock import run
from tests.support.session_page import Page, session
from tests.support.small_picture import SHARES, density, known, shown

WALK = Impact()


def book() -> OrderBook:
    """The price is 100; $100 at each of five whole dollars away from it."""
    bid, ask = 100.0 - np.arange(1.0, 6), 100.0 + np.arange(1.0, 6)
    return OrderBook(0.0, bid, 100 / bid, ask, 100 / ask)


def scenario(shock_rate: float, **changes: Any) -> Scenario:
    """Of 4 BTC of longs at 85 half are liquidated: $170; of 3 BTC of shorts at 105 a quarter."""
    one = Scenario(shock_rate, WALK, density(), None, SHARES, book(), "", 7.0)
    return replace(one, **changes)


def said(one: Scenario, picture: Shown | None = None) -> Cascade:
    message = CascadePanel().update(State(shown=picture or shown(), scenario=one))
    assert isinstance(message, Cascade)
    return message


def test_a_fall_sweeps_longs_into_bids() -> None:
    """Behind the book $120 per 1 % go on: $170 take price 1.42 % further."""
    told = said(scenario(-0.16))
    assert told.words == (
        "If price falls 16% to 84.0 (scenario): $170 of longs are forced to sell.",
        "The book of Bybit takes them down to 82.6, −17.42%.",
        "No cluster of the picture lies beyond.",
        "Amplification 1.09×.",
    )
    assert told.steps == (
        ("shock", "84.0", "−16.00%", "$170", "$0"),
        ("1", "82.6", "−17.42%", "$0", "$170"),
        ("all", "82.6", "−17.42%", "$170", "$170"),
    )
    assert told.final_rate == pytest.approx(-0.16 - 170 / 12_000)
    assert told.book_ms == 7.0


def test_a_rise_sweeps_shorts_into_asks_and_says_what_comes_next() -> None:
    """A quarter of 3 BTC at 105 is $79: a walk of 0.66 %. The next cluster is that at 115."""
    told = said(scenario(0.06))
    assert told.words[0].startswith("If price rises 6% to 106.0 (scenario): $79 of shorts are")
    assert told.words[1] == "The book of Bybit takes them up to 106.7, +6.66%."
    assert told.words[2] == "The next cluster at 115.0 ($1.24K exposure) is not reached."
    assert told.final_rate == pytest.approx(0.06 + 0.25 * 3 * 105 / 12_000)


def test_a_cluster_that_is_reached_is_swept_too() -> None:
    """Asks of a tenth take price 7 % further, past 115, whose $230 go on to the end of the axis."""
    thin = book()
    thin = replace(thin, ask_base=thin.ask_base / 11)
    told = said(scenario(0.08, book=thin))
    assert told.words[2] == "The next cluster at 115.0 ($1.24K exposure) is reached."
    assert "up to at least 120.0, +20.00%" in told.words[1]
    assert told.words[3] == "Amplification at least 2.50×."
    assert [row[3:] for row in told.steps] == [
        ("$79", "$0"),
        ("$230", "$79"),
        ("$0", "$230"),
        ("$309", "$309"),
    ]


def test_a_thin_book_moves_further() -> None:
    told = said(scenario(-0.16, impact=Impact(THINNED, 1.0)))
    assert told.final_rate == pytest.approx(-0.16 - 170 / 12_000 / 0.63)


def test_the_curve_has_both_sides_in_order() -> None:
    told = said(scenario(-0.16))
    assert told.shock_rates.size == 2 * POINTS
    assert (np.diff(told.shock_rates) > 0).all()
    assert (told.shock_rates[[0, -1]] == [-0.2, 0.2]).all()
    at = int(np.argmin(np.abs(told.shock_rates + 0.16)))
    assert told.final_rates[at] == pytest.approx(told.final_rate)
    assert np.isnan(told.final_rates[0])  # the axis ends there
    assert np.isnan(told.low_rates).all()
    doubted = said(scenario(-0.16, members=known()))
    assert abs(doubted.low_rates[at]) <= abs(doubted.final_rates[at]) <= abs(doubted.high_rates[at])
    assert "(P10–P90 $" in doubted.words[0]
    assert "(P10–P90 −16." in doubted.words[1]


def test_without_a_book_there_is_no_landing_price() -> None:
    """What is swept is said all the same."""
    told = said(scenario(-0.16, book=None, trouble="No order book: Bybit was silent"))
    assert told.words[0].startswith("If price falls 16%")
    assert told.words[1:] == ("No order book: Bybit was silent: no landing price.",)
    assert told.steps == ()
    assert told.shock_rates.size == 0
    assert np.isnan(told.final_rate)
    waiting = said(scenario(-0.16, book=None))
    assert waiting.words[1:] == ("Its order book is on its way …",)
    bids = replace(book(), ask_price=np.empty(0), ask_base=np.empty(0))
    assert "has no asks: no landing price" in said(scenario(0.06, book=bids)).words[1]


def test_no_shock_is_no_scenario() -> None:
    assert said(scenario(0.0)).words == (
        "Price stays where it is: nothing is swept. Choose how far it moves.",
    )


def test_what_is_supposed_is_said() -> None:
    notes = said(scenario(-0.16)).notes
    assert notes[0].startswith("Forced orders: 50.0% of the longs’ exposure (assumed)")
    assert "The book shown ends at −5.00%; behind it $120 per 1% is supposed" in notes[1]
    of_sum = said(scenario(-0.16), shown(venues=("bybit", "okx"))).notes
    assert "Of the sum Bybit alone is played: its exposure into its book." in of_sum


def test_a_message_for_each_scenario_and_picture() -> None:
    panel, one = CascadePanel(), shown()
    assert panel.update(State(shown=one)) is None
    assert panel.update(State(shown=one, scenario=scenario(-0.1))) is not None
    same = scenario(-0.2)
    assert panel.update(State(shown=one, scenario=same)) is not None
    assert panel.update(State(shown=one, scenario=replace(same))) is None
    assert panel.update(State(shown=one, scenario=replace(same, density=density()))) is not None


# ---------------------------------------------------------------- the session


class Venue:
    """Gives books, or none."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.silent = False
        self.slow: dict[str, asyncio.Event] = {}

    async def book(self, client: Any, instrument: Any) -> OrderBook:
        self.asked.append(f"{client.adapter.venue} {instrument.name}")
        await asyncio.sleep(0)
        if client.adapter.venue in self.slow:
            await self.slow[client.adapter.venue].wait()
        if self.silent:
            raise NoData("It was silent.")
        return book()


@pytest.fixture
def venue() -> Venue:
    return Venue()


def told(page: Page) -> list[Cascade]:
    return page.of(Cascade)


def test_a_book_is_asked_for_when_a_scenario_is_played_and_not_again(venue: Venue) -> None:
    page = Page()
    page.doubts = True

    async def main() -> None:
        one = session(page, depth=venue.book)
        await one.show("?venue=bybit")
        assert not told(page)
        await one.desk.scenarios.play(-0.03, WALK)
        assert len(venue.asked) == 1
        assert told(page)[0].words[1:] == ("Its order book is on its way …",)
        assert "(P10–P90" in told(page)[-1].words[1]  # book and members have come
        await one.desk.scenarios.play(-0.05, WALK)
        assert told(page)[-1].words[0].startswith("If price falls 5%")
        assert len(venue.asked) == 1
        await one.desk.scenarios.play(-0.05, WALK, anew=True)
        await one.show("?venue=okx")
        assert len(venue.asked) == 3
        assert venue.asked[-1].startswith("okx")
        assert "The book of OKX" in told(page)[-1].words[1]
        count = len(told(page))
        one.desk.scenarios.stop()
        await one.show("?venue=bybit")
        assert len(told(page)) == count

    run(main())


def test_a_scenario_may_be_asked_for_before_there_is_a_picture(venue: Venue) -> None:
    page = Page()

    async def main() -> None:
        one = session(page, depth=venue.book)
        await one.desk.scenarios.play(-0.9, WALK)
        assert not told(page)
        await one.show("?venue=bybit")
        assert told(page)[-1].shock_rate == -0.2  # no larger one
        assert told(page)[-1].final_rate <= -0.2

    run(main())


def test_a_venue_without_a_book_and_a_simulation_say_so(venue: Venue) -> None:
    page = Page()
    venue.silent = True

    async def main() -> None:
        one = session(page, depth=venue.book)
        await one.show("?venue=bybit")
        await one.desk.scenarios.play(-0.03, WALK)
        assert told(page)[-1].words[1] == "No order book: It was silent: no landing price."
        await one.show("?venue=demo")
        assert told(page)[-1].words[1] == (
            "A simulated market has no order book: no landing price."
        )

    run(main())
    assert len(venue.asked) == 1


def test_a_book_that_comes_too_late_is_that_of_no_other_picture(venue: Venue) -> None:
    page = Page()
    page.doubts = True

    async def main() -> None:
        one = session(page, depth=venue.book)
        await one.show("?venue=bybit")
        slow = venue.slow["bybit"] = asyncio.Event()
        early = asyncio.ensure_future(one.desk.scenarios.play(-0.03, WALK))
        await asyncio.sleep(0)
        await one.show("?venue=okx")
        assert "The book of OKX" in told(page)[-1].words[1]
        slow.set()
        await early
        assert "The book of OKX" in told(page)[-1].words[1]
        assert "(P10–P90" in told(page)[-1].words[0]

    run(main())


def test_of_a_sum_the_first_venue_is_played(venue: Venue) -> None:
    page = Page()

    async def main() -> None:
        one = session(page, depth=venue.book)
        await one.desk.scenarios.play(-0.03, WALK)
        await one.show("?venue=all")
        assert one.state.shown is not None
        first = next(iter(one.state.shown.markets))
        assert [asked.split()[0] for asked in venue.asked] == [first]
        assert any("alone is played" in note for note in told(page)[-1].notes)

    run(main())
