"""The visitor's own position in words: in the small picture, by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument, MaintenanceTiers
from liqmap.data.order_book import OrderBook
from liqmap.errors import Unreachable
from liqmap.picture.viewport import Window
from liqmap.session.desk_messages import YourPosition
from liqmap.session.panels.position import UNTYPED, PositionPanel
from liqmap.session.state import Book, Shown, State
from liqmap.session.typed_position import read
from tests.support.clock import run
from tests.support.session_page import Page, session
from tests.support.small_picture import STEP, market, shown

LONG = {"side": "long", "amount": "200", "unit": "margin", "leverage": "5", "coin": "BTC"}
"""Ten coins at the price of 100."""
ABOUT = ("bybit", "BTC-USDT-PERP")


def said(picture: Shown | None = None, book: Book | None = None, /, **fields: str) -> YourPosition:
    """The message about the long, with some fields changed."""
    state = State(shown=picture or shown(), typed_position=LONG | fields, book=book)
    message = PositionPanel().update(state)
    assert isinstance(message, YourPosition)
    return message


def rows(*given: Any, **fields: str) -> dict[str, tuple[str, ...]]:
    """Figure and words by title."""
    return {title: tuple(words) for title, *words in said(*given, **fields).rows}


def picture(tiers: MaintenanceTiers | None = None, **changed: Any) -> Shown:
    """The small picture, of a contract with these tiers and properties."""
    instrument = replace(market().instrument, **changed)
    one = replace(market(), maintenance=tiers, instrument=instrument)
    return replace(shown(), markets={"bybit": one})


def test_its_prices_and_what_stands_on_the_way() -> None:
    """80 / 0.995 is 80.40; of the 4 coins from 80 to 90 lie 0.96 above that, at 85."""
    told = rows()
    assert told["Size"] == ("$1.00K", "margin $200")
    assert told["Liquidation, by mark price"] == ("80.4", "−19.6% from here")
    assert told["Bankruptcy"] == ("80.0", "−20.0% from entry: no margin left")
    assert told["Maintenance margin"] == ("$4", "what is left there; 0.50% of the notional")
    assert told["On the way"] == ("$326 longs, $0 shorts", "exposure; 1 large cluster, $340")
    assert "For a distance of 20%" not in told


def test_a_way_longer_than_the_picture_says_where_it_ends() -> None:
    far = rows(leverage="2", amount="500")["On the way"]
    assert far == (
        "$340 longs, $0 shorts",
        "exposure; 1 large cluster, $340; the picture ends at 80.0",
    )


def test_the_worst_moves_of_the_history_are_replayed_from_here() -> None:
    """From 102 to 97 in the last two bars, from 99 to 101 in the last."""
    fall = rows()["Deepest fall in 1 h"]
    assert fall == (
        "−4.9%",
        "from 01 Jan 00:05; the same from here would not reach the liquidation",
    )
    near = rows(leverage="25")["Deepest fall in 24 h"]
    assert near[1].endswith("the same from here would reach the liquidation")
    rise = rows(side="short")["Highest rise in 1 h"]
    assert rise[0] == "+2.0%"


def test_margin_to_add_for_a_distance() -> None:
    """At 70 ten coins have lost 300, and 0.5 % of 700 must be left: 303.5, less the 200."""
    told = rows(wanted="30")
    assert told["For a distance of 30%"] == ("add $104", "liquidation at 70.0")
    assert rows(wanted="10")["For a distance of 10%"] == (
        "nothing to add",
        "it is farther already",
    )


def test_the_venue_s_own_tiers_and_fee_count() -> None:
    """2 % of the notional: 80 / 0.98 is 81.63, where 816 is left of the notional, 16 of margin."""
    tiers = MaintenanceTiers(np.array([5_000.0]), np.array([0.02]), np.zeros(1))
    told = rows(picture(tiers, liquidation_fee_rate=0.0125))
    assert told["Liquidation, by mark price"][0] == "81.6"
    assert told["Maintenance margin"] == (
        "$16",
        "what is left there; 2.00% of the notional up to $5.00K",
    )
    two = MaintenanceTiers(np.array([500.0, 5_000.0]), np.array([0.01, 0.02]), np.array([0.0, 5.0]))
    assert rows(picture(two))["Maintenance margin"] == (
        "$11",
        "what is left there; 2.00% of the notional up to $5.00K, less $5",
    )
    assert told["Liquidation fee"] == ("$10", "1.25% of the notional, if so much is left")
    assert rows()["Liquidation fee"][0] == "–"


def test_what_is_assumed_is_said() -> None:
    notes = said().notes
    assert notes[0].startswith("Risk-limit tiers of Bybit are not known: 0.5% of the notional")
    tiers = MaintenanceTiers(np.array([5_000.0]), np.array([0.02]), np.zeros(1))
    known = said(picture(tiers, max_leverage=4.0), mode="cross", wallet="50")
    assert known.notes == (
        "Bybit offers at most 4× here.",
        "Cross margin: other positions of the same wallet are not counted.",
        "Funding paid or received since the entry is not counted.",
    )
    two = said(shown(venues=("bybit", "okx")))
    assert two.notes[0] == "By the rules of Bybit, the first venue of the sum."


def test_fills_are_the_liquidation_price_moved_by_the_book() -> None:
    """Ten coins at 99 and 98, 1.5 % below the middle; thinned, 6.85 of them at 98 or less."""
    side = np.array([5.0, 5.0, 10.0])
    bids, asks = np.array([99.0, 98.0, 97.0]), np.array([101.0, 102.0, 103.0])
    book = Book(ABOUT, OrderBook(0.0, bids, side, asks, side), "", 60_000.0)
    told = rows(None, book)
    assert told["Filled by the book now"] == ("79.2", "slippage −1.500%, worse than bankruptcy")
    mean = (3.15 * 99 + 3.15 * 98 + 3.7 * 97) / 10 / 100
    assert told["Filled in a crash"][0] == f"{80 / 0.995 * mean:.1f}"
    assert "63% of the depth" in told["Filled in a crash"][1]
    notes = said(None, book).notes
    assert "Order book of 01 Jan 00:01 UTC, moved to the liquidation price." in notes
    short_of = rows(None, book, amount="800")["Filled by the book now"]
    assert short_of[1].startswith("slippage −2.250%, all that was read holds 50% of it")


@pytest.mark.parametrize(
    ("book", "words"),
    [
        (None, "its order book is on its way"),
        (Book(("okx", "X"), None, "", 0.0), "its order book is on its way"),
        (Book(ABOUT, None, "No order book: nobody", 0.0), "No order book: nobody"),
    ],
)
def test_without_a_book_the_rest_stands(book: Book | None, words: str) -> None:
    told = rows(None, book)
    assert told["Filled by the book now"] == told["Filled in a crash"] == ("–", words)
    assert "Bankruptcy" in told


def test_lines_are_at_its_prices_and_as_long_as_what_is_seen() -> None:
    columns = said(entry="99").sources["position"]
    assert columns["words"] == ["entry 99.0", "liquidation 79.6", "bankruptcy 79.2"]
    assert columns["baseline"] == ["bottom", "bottom", "top"]
    assert said(side="short").sources["position"]["baseline"] == ["top", "bottom"]
    assert (columns["x0"][0], columns["x1"][0]) == (0.0, 3 * STEP)
    assert said().sources["position"]["words"] == ["liquidation 80.4", "bankruptcy 80.0"]
    zoomed = State(shown=shown(), typed_position=LONG, window=Window(STEP, 2 * STEP, 90.0, 110.0))
    message = PositionPanel().update(zoomed)
    assert isinstance(message, YourPosition)
    assert (message.sources["position"]["x0"][0]) == STEP
    assert said(coin="ETH").sources["position"]["y"] == []


def test_no_price_liquidates_a_long_without_leverage() -> None:
    told = said(leverage="1")
    assert {row[0]: row[1] for row in told.rows}["Liquidation"] == "none"
    assert told.sources["position"]["y"] == []


def test_a_price_that_has_been_passed_is_said() -> None:
    told = rows(entry="130")
    assert told["Liquidation, by mark price"][1] == "the price has passed it"
    assert "On the way" not in told


def test_an_inverse_contract_is_told_by_its_first_tier() -> None:
    """1,000 USD are 10 coins, their margin 2.5: at 1,005 / 12.5 as much is left as 0.5 % are."""
    tiers = MaintenanceTiers(np.array([1.0, 9.0]), np.array([0.005, 0.01]), np.zeros(2))
    inverse = said(picture(tiers, kind="inverse"), leverage="4", amount="250")
    assert ("Liquidation, by mark price", "80.4") in [row[:2] for row in inverse.rows]
    assert ("Maintenance margin", "$5") in [row[:2] for row in inverse.rows]
    assert inverse.notes[0].startswith("Of an inverse contract the first tier's rate")


def test_a_position_of_another_coin_waits() -> None:
    other = said(coin="ETH")
    assert other.notes == ("Your position is in ETH; this picture is of BTC.",)
    assert other.rows == ()


def test_nothing_typed_asks_for_it() -> None:
    assert said(amount="").notes == (UNTYPED,)


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"amount": "much"}, "amount", "Type an amount above zero."),
        ({"amount": "-1"}, "amount", "Type an amount above zero."),
        ({"entry": "0"}, "entry", "Type a price above zero, or nothing for the price now."),
        ({"leverage": ""}, "leverage", "Type a leverage."),
        ({"leverage": "0.5"}, "leverage", "Type a leverage from 1 to 1,000."),
        ({"leverage": "200"}, "leverage", "Liquidated on entry: Bybit wants 0.50%"),
        ({"mode": "cross", "wallet": "?"}, "wallet", "Type a balance in USD, or nothing."),
        ({"wanted": "200"}, "wanted", "Type a distance from above 0 to 99 %."),
    ],
)
def test_bad_input_gets_a_sentence_at_its_field(
    fields: dict[str, str], field: str, words: str
) -> None:
    told = said(**fields)
    assert [(name, one.startswith(words)) for name, one in told.complaints] == [(field, True)]
    assert bool(told.rows) == (field == "wanted")


def test_an_amount_is_margin_notional_or_coins() -> None:
    sizes = {
        unit: read(LONG | {"unit": unit}, 100.0).position for unit in ("margin", "notional", "base")
    }
    assert [one.notional_quote for one in sizes.values() if one] == [1_000.0, 200.0, 20_000.0]
    cross = read(LONG | {"mode": "cross", "wallet": "1,000", "side": "short"}, 100.0).position
    assert cross is not None
    assert (cross.position_side, cross.wallet_quote) == (-1, 1_000.0)
    isolated = read(LONG | {"mode": "isolated", "wallet": "1,000"}, 100.0).position
    assert isolated is not None
    assert isolated.wallet_quote == 0


def book_of(calls: list[str]) -> Any:
    """A reader of books that notes whom it asks, and finds nobody at OKX."""

    async def ask(client: Any, instrument: Instrument) -> OrderBook:
        calls.append(f"{client.adapter.venue} {instrument.name}")
        if client.adapter.venue == "okx":
            raise Unreachable("nobody is there.", hint="Wait.")
        price, base = np.array([99.0]), np.array([1.0])
        return OrderBook(0.0, price, base, price + 2, base)

    return ask


def test_the_book_is_read_for_a_position_alone_and_once_a_contract() -> None:
    page, calls = Page(), list[str]()

    async def main() -> tuple[Book | None, ...]:
        one = session(page, depth=book_of(calls))
        await one.show("venue=bybit")
        assert calls == []
        await one.desk.position.take(LONG)
        first = one.state.book
        await one.desk.position.take(LONG | {"amount": "300"})
        await one.show("venue=okx")
        await one.desk.position.learn()
        return first, one.state.book

    first, second = run(main())
    assert calls == ["bybit BTC-USDT-PERP", "okx BTC-USDT-PERP"]
    assert first is not None
    assert first.book is not None
    assert second is not None
    assert (second.book, second.trouble) == (None, "No order book: nobody is there")
    told = [message for message in page.said if isinstance(message, YourPosition)]
    assert told[0].notes == (UNTYPED,)
    assert told[-1].rows
