"""Which venue's list stands in for one that is not kept, and how often it is looked for."""

from __future__ import annotations

from dataclasses import replace

from liqmap.data.market import Instrument
from liqmap.errors import Unreachable
from liqmap.picture.liquidation_chart import LiquidationChart
from liqmap.session.heard import contracts_of
from liqmap.session.lender import Lender, listing
from liqmap.session.state import Lent, Loaded, State
from liqmap.view import View
from tests.support.clock import run
from tests.support.markets import market
from tests.support.session_page import Listings, Page, shown


def on_screen(venue: str, *, of: str = "") -> State:
    one = replace(market(), venue=venue, simulated=venue == "demo")
    return State(loaded=Loaded(View(venue=of or venue), {venue: one}, complete=True))


def asked(state: State, *down: str, times: int = 1) -> tuple[list[Lent], list[str]]:
    """What is lent to that state, and which venues were asked."""
    lent: list[Lent] = []
    venues: list[str] = []

    class Asked(Listings):
        async def listed(self, venue: str) -> tuple[Instrument, ...]:
            venues.append(venue)
            return await super().listed(venue)

    directory = Asked({venue: Unreachable("Not here.") for venue in down})

    def lend(found: Lent) -> None:
        nonlocal state
        lent.append(found)
        state = replace(state, lent=found)

    lender = Lender(directory, lambda: state, lend)

    async def main() -> None:
        for _ in range(times):
            await lender.learn()

    run(main())
    return lent, venues


def test_the_first_venue_with_a_list_lends_the_same_coin_once() -> None:
    (lent,), venues = asked(on_screen("bybit"), times=3)
    assert listing()[:2] == ["bitget", "okx"]
    assert "gate" not in listing(), "no page can read its list"
    assert venues == ["bitget"]
    assert lent.about == ("bybit", "BTC-USDT-PERP")
    assert [*lent.contracts] == ["bitget"]
    assert lent.contracts["bitget"].base_coin == "BTC"


def test_the_next_one_lends_where_the_first_cannot_be_read_and_no_third_is_asked() -> None:
    (lent,), _ = asked(on_screen("bybit"), "bitget")
    assert [*lent.contracts] == ["okx"]
    (lent,), venues = asked(on_screen("bybit"), *listing(), times=3)
    assert lent.contracts == {}
    assert set(venues) == {"bitget", "okx"}


def test_who_has_a_list_a_sum_and_a_simulation_borrow_nothing() -> None:
    for state in (State(), on_screen("okx"), on_screen("bybit", of="all"), on_screen("demo")):
        assert asked(state) == ([], [])


def test_what_was_found_for_another_contract_is_dropped() -> None:
    state = on_screen("bybit")
    lent: list[Lent] = []

    class Slow(Listings):
        async def listed(self, venue: str) -> tuple[Instrument, ...]:
            nonlocal state
            state = on_screen("okx")  # the visitor looks elsewhere meanwhile
            return await super().listed(venue)

    run(Lender(Slow({}), lambda: state, lent.append).learn())
    assert lent == []
    (found,), _ = asked(on_screen("bybit"))
    loaded = on_screen("binance").loaded
    assert loaded is not None
    assert [*contracts_of(loaded, found)] == ["binance"]


def test_the_page_says_whose_list_stands_in() -> None:
    page = Page()
    shown(page, "?venue=bybit")
    words = page.of(LiquidationChart)[-1].words
    assert words[-1] == "Bybit keeps no list of past liquidations; that of Bitget stands in."
    page = Page()
    shown(page, "?venue=okx")
    assert not any("stands in" in one for one in page.of(LiquidationChart)[-1].words)
