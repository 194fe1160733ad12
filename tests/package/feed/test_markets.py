"""Whom a view asks, in which order, and what is said of those who fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import InputError, LiqmapError, RateLimited, Refused, Unreachable
from liqmap.feed.directory import Directory
from liqmap.feed.markets import Markets, load_all
from liqmap.feed.reader import Say
from liqmap.venues.registry import IN_BROWSER
from liqmap.view import View
from tests.support.clock import run
from tests.support.markets import market, send
from tests.support.pseudo import english_in, pseudo

Shown = list[list[str]]


class Listings(Directory):
    """Venues that list every contract; `errors` fail; `note` is said of the contract."""

    def __init__(self, errors: dict[str, LiqmapError], note: str = "") -> None:
        super().__init__(send)
        self._errors, self._note = errors, note

    async def instrument(self, venue: str, name: str) -> tuple[Instrument, str]:
        if venue in self._errors:
            raise self._errors[venue]
        return market(symbol=name).instrument, self._note


def gathered(
    venue: str,
    errors: dict[str, LiqmapError],
    takes_s: float = 1.0,
    say: Say = lambda *_: None,
) -> tuple[Shown, tuple[str, ...], list[str]]:
    """Venues of what was shown, the notes, and who was chosen; `errors` fail."""
    shown: Shown = []
    chosen: list[str] = []

    async def load(client: Any, _one: Instrument, **_how: Any) -> Any:
        found = market(venue=client.adapter.venue)
        await asyncio.sleep(takes_s)
        yield found
        await asyncio.sleep(takes_s)
        yield replace(found, notices=("The history is here.",))

    async def choose(venue: str) -> None:
        chosen.append(venue)

    async def main() -> tuple[str, ...]:
        loads = Markets(Listings(errors), say, choose, load=load)
        async for markets in loads.of(View(venue=venue)):
            shown.append(list(markets))
        return loads.notes

    notes = run(main())
    return shown, notes, chosen


def test_the_first_that_answers_is_taken() -> None:
    assert gathered("auto", {}) == ([["bybit"], ["bybit"]], (), ["bybit"])
    errors = {"bybit": Unreachable("Bybit hides."), "hyperliquid": RateLimited("Too fast.")}
    shown, notes, chosen = gathered("auto", errors)
    assert shown == [["binance"], ["binance"]]
    assert notes == ("Bybit hides.", "Hyperliquid: Too fast.")
    assert chosen == ["binance"]


def test_who_does_not_list_the_coin_is_passed_over() -> None:
    errors: dict[str, LiqmapError] = {"bybit": InputError("No such contract.")}
    shown, notes, _ = gathered("auto", errors)
    assert shown[-1] == ["hyperliquid"]
    assert notes == ()  # nothing is wrong with Bybit
    with pytest.raises(InputError, match="No such"):
        gathered("auto", {**dict.fromkeys(IN_BROWSER, RateLimited("Wait.")), **errors})
    errors = {**dict.fromkeys(IN_BROWSER, RateLimited("Wait.")), "bybit": Unreachable("the first")}
    with pytest.raises(Unreachable, match="None of 10 exchanges"):
        gathered("auto", errors)


def test_a_named_venue_stands_for_itself() -> None:
    assert gathered("okx", {})[0] == [["okx"], ["okx"]]
    with pytest.raises(Unreachable):
        gathered("okx", {"okx": Unreachable("OKX hides.")})


def test_a_sum_grows_and_ends_with_all_who_answer_in_order() -> None:
    errors: dict[str, LiqmapError] = {"kraken": Unreachable("Kraken hides.")}
    said: list[str] = []
    shown, notes, chosen = gathered("all", errors, say=lambda words, *_: said.append(words))
    assert said[-1] == "9 of 10 venues are here."
    # Ten at the same instants: the first is shown at once, the others with what follows.
    assert len(shown) == 3
    assert len(shown[0]) == 1
    assert shown[-1] == [one for one in IN_BROWSER if one != "kraken"]
    assert notes == ("Kraken Futures: Kraken hides.",)
    assert chosen == ["bybit"]
    with pytest.raises(Unreachable, match="None of 10 exchanges"):
        gathered("all", dict.fromkeys(IN_BROWSER, Unreachable("nobody")))


def summed(
    closes: dict[str, float], coins: dict[str, str] | None = None
) -> tuple[list[str], tuple[str, ...]]:
    """The venues of a sum of markets at some prices, and what is said of the others."""

    async def load(client: Any, _one: Instrument, **_how: Any) -> Any:
        venue = client.adapter.venue
        one = market(venue=venue, symbol=f"{(coins or {}).get(venue, 'BTC')}-USDT-PERP")
        yield replace(one, candles=one.candles.scaled(closes[venue] / 100))

    async def choose(_venue: str) -> None:
        pass

    async def main() -> tuple[list[str], tuple[str, ...]]:
        errors: dict[str, LiqmapError] = {
            venue: InputError("Not listed.") for venue in IN_BROWSER if venue not in closes
        }
        loads = Markets(Listings(errors), lambda *_: None, choose, load=load)
        several = [list(markets) async for markets in loads.of(View(venue="all"))]
        return several[-1], loads.left_out

    return run(main())


def test_another_coin_of_the_same_ticker_is_no_part_of_a_sum() -> None:
    venues, said = summed({"bybit": 0.05, "bitget": 42.0, "okx": 0.0504})
    assert venues == ["bybit", "okx"]
    assert len(said) == 1
    assert said[0].startswith("Left out of the sum: BTC of Bitget costs 42")
    assert "that of Bybit 0.05" in said[0]


@pytest.mark.parametrize("venue", ["auto", "all", "okx"])
def test_what_is_said_meanwhile_can_be_said_in_another_language(venue: str) -> None:
    said: list[str] = []

    async def load(client: Any, _one: Instrument, **_how: Any) -> Any:
        yield market(venue=client.adapter.venue)

    async def choose(_venue: str) -> None:
        pass

    async def main() -> None:
        errors: dict[str, LiqmapError] = {"bybit": Unreachable("…")}
        loads = Markets(Listings(errors), lambda words, *_: said.append(words), choose, load=load)
        async for _ in loads.of(View(venue=venue)):
            pass

    with pseudo():
        run(main())
        with pytest.raises(Unreachable) as caught:
            gathered("auto", dict.fromkeys(IN_BROWSER, Unreachable("…")))
        _, (left_out,) = summed({"bybit": 0.05, "bitget": 42.0})
    assert said
    for one in [*said, str(caught.value), left_out]:
        assert "⟦" in one
        assert english_in(one, View().symbol, "BTC") == []


def test_a_small_difference_and_another_unit_are_the_same_coin() -> None:
    assert summed({"bybit": 100.0, "bitget": 103.0}) == (["bybit", "bitget"], ())
    thousand = summed({"bybit": 100.0, "bitget": 1e5}, {"bitget": "1000BTC"})
    assert thousand == (["bybit", "bitget"], ())
    assert summed({"bybit": 100.0, "bitget": 1e5})[0] == ["bybit"]


def test_what_a_venue_calls_the_contract_is_said_first() -> None:
    found: list[tuple[str, ...]] = []

    async def load(_client: Any, _one: Instrument, **_how: Any) -> Any:
        yield replace(market(), notices=("No mark prices.",))

    async def choose(_venue: str) -> None:
        pass

    async def main() -> None:
        one = Markets(
            Listings({}, "It is called another name."), lambda *_: None, choose, load=load
        )
        async for markets in one.of(View(venue="bybit")):
            found.extend(it.notices for it in markets.values())

    run(main())
    assert found == [("It is called another name.", "No mark prices.")]


@pytest.mark.parametrize(
    ("span", "step_ms", "history_days", "before_days"),
    [("30d", 300_000, 7, 30), ("90d", 3_600_000, 0, 37), ("1y", 3_600_000, 0, 37)],
)
def test_a_long_view_is_asked_for_in_hours(
    span: str, step_ms: int, history_days: int, before_days: int
) -> None:
    asked: list[dict[str, Any]] = []

    async def load(_client: Any, _one: Instrument, **how: Any) -> Any:
        asked.append(how)
        yield market()

    async def choose(_venue: str) -> None:
        pass

    async def main() -> None:
        view = View(venue="bybit", range=span)
        async for _ in Markets(Listings({}), lambda *_: None, choose, load=load).of(view):
            pass

    run(main())
    (how,) = asked
    assert how["step_ms"] == step_ms
    assert how["window_ms"] == View(range=span).window_ms
    assert how["history_ms"] == history_days * 86_400_000
    assert how["before_ms"] == before_days * 86_400_000


def test_all_venues_as_they_come_and_one_that_fails() -> None:
    btc = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")

    async def markets(wait_s: float, *bars: int) -> AsyncIterator[Market]:
        for count in bars:
            await asyncio.sleep(wait_s)
            if not count:
                raise Refused("Toy says no.")
            n = np.arange(1.0, count + 1)
            yield Market("toy", btc, Candles(n, n, n, n, n, n), OpenInterest(n, n))

    async def main() -> list[tuple[str, object]]:
        loads = {"slow": markets(10, 3), "fast": markets(1, 1, 2), "shut": markets(1.5, 0)}
        return [
            (venue, len(what.candles) if isinstance(what, Market) else str(what))
            async for venue, what in load_all(loads)
        ]

    assert run(main()) == [
        ("fast", 1),
        ("shut", "Toy says no."),
        ("fast", 2),
        ("slow", 3),
    ]


def test_a_fault_of_ours_among_all_venues_is_not_hidden() -> None:
    async def broken() -> AsyncIterator[Market]:
        raise ZeroDivisionError
        yield

    async def main() -> None:
        async for _ in load_all({"toy": broken()}):
            pass

    with pytest.raises(ZeroDivisionError):
        run(main())
