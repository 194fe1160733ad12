"""The picture as of an instant: no look ahead, and words for what came after."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.picture.liquidation_map import LiquidationMap
from liqmap.session.desk_messages import TimeMachine
from liqmap.session.messages import Clusters, Heading, Situation, Uncertainty, plain
from liqmap.session.panels.time_machine import TimeMachinePanel
from liqmap.session.state import Loaded, Shown, State
from liqmap.view import View
from tests.support.clock import run
from tests.support.markets import STEP_MS
from tests.support.session_page import Page, session
from tests.support.small_picture import STEP, density, market, shown

BARS = 1_000
INSTANT = "1970-01-03T20:00"
KNOWN = 68 * 12
"""Bars that have ended by then."""


def walk(seed: int = 0) -> Market:
    """Three and a half days of a random walk, with marks, samples, and hours before."""
    random = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.003, BARS)))
    opens = np.append(100.0, close[:-1])
    high, low = np.maximum(opens, close) * 1.001, np.minimum(opens, close) * 0.999
    candles = Candles(
        STEP_MS * np.arange(float(BARS)), opens, high, low, close, random.uniform(5, 50, BARS)
    )
    mark = Candles(candles.time_ms, opens, high * 0.9995, low * 1.0005, close, np.zeros(BARS))
    held = OpenInterest(candles.end_ms, 1_000 + np.cumsum(random.normal(0, 5, BARS)))
    instrument = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT", tick_size=0.01)
    return Market("bybit", instrument, candles, held, mark)


def until(one: Market, bars: int) -> Market:
    """Its first bars alone."""
    first = slice(bars)
    assert one.mark is not None
    return replace(
        one,
        candles=one.candles.rows(first),
        open_interest=one.open_interest.rows(first),
        mark=one.mark.rows(first),
    )


def of(one: Market, query: str) -> tuple[Page, State]:
    """What a session says that has this market, and its state."""
    page = Page()
    page.doubts = True
    states = []

    async def load(*_asked: Any, **_how: Any) -> AsyncIterator[Market]:
        yield one

    page.load = load

    async def main() -> None:
        visit = session(page)
        await visit.show(query)
        states.append(visit.state)

    run(main())
    return page, states[0]


def same_words(one: Page, other: Page) -> None:
    """Situation, map and clusters of both are the same to the last bit."""
    kinds: tuple[type[Any], ...] = (Situation, Clusters, LiquidationMap, Uncertainty)
    for kind in kinds:
        np.testing.assert_equal(plain(one.of(kind)[-1]), plain(other.of(kind)[-1]))


@pytest.mark.parametrize("reading", ["exposure", "expected"])
@pytest.mark.parametrize("model", ["balance", "turnover", "survivor"])
def test_nothing_of_what_came_later_is_looked_at(model: str, reading: str) -> None:
    """It is what a page says that has nothing else."""
    query = f"venue=bybit&model={model}&reading={reading}"
    page, state = of(walk(), f"{query}&asof={INSTANT}")
    assert state.shown is not None
    frame = state.shown.frame
    axis = f"&low={frame.low_price!r}&high={frame.high_price!r}"
    earlier, _ = of(until(walk(), KNOWN), query + axis)
    same_words(page, earlier)
    assert page.of(TimeMachine)[-1].as_of == "03 Jan 20:00"
    assert page.of(Heading)[-1].title.endswith(" · as of 03 Jan 20:00 UTC")


def test_what_came_later_changes_what_came_after_and_nothing_else() -> None:
    one = walk()
    fallen = replace(
        one,
        candles=Candles.joined(
            until(one, KNOWN).candles, one.candles.rows(slice(KNOWN, None)).scaled(0.9)
        ),
    )
    query = f"venue=bybit&low=70&high=140&asof={INSTANT}"
    first, second = (of(it, query)[0] for it in (one, fallen))
    same_words(first, second)
    assert first.of(TimeMachine)[-1].cards != second.of(TimeMachine)[-1].cards


def of_a_simulation(one: Market, liquidations: Liquidations, query: str) -> tuple[Page, State]:
    """The same of a simulated market, of whose liquidations all are known."""
    page, states = Page(), []
    instrument = replace(one.instrument, name="SIMULATED-USDT-PERP")
    pretend = replace(one, venue="demo", instrument=instrument, simulated=True)

    async def main() -> None:
        visit = session(page, simulate=lambda: (pretend, liquidations))
        await visit.show(f"venue=demo&reading=expected&low=70&high=140{query}")
        states.append(visit.state)

    run(main())
    return page, states[0]


def test_expected_liquidations_are_measured_by_those_of_then_alone() -> None:
    """Ten a bar, a hundred times as much of each after the instant."""
    one = walk()
    at_ms = np.repeat(one.candles.time_ms, 10) + np.tile(np.arange(10.0), BARS)
    later = at_ms >= KNOWN * STEP_MS
    amounts = np.where(later, 100.0, 1.0)
    sides = np.where(np.arange(at_ms.size) % 2, 1, -1)
    all_of_them = Liquidations.sorted(at_ms, sides, np.full(at_ms.size, 100.0), amounts)
    page, state = of_a_simulation(one, all_of_them, f"&asof={INSTANT}")
    known, earlier = of_a_simulation(until(one, KNOWN), all_of_them.rows(~later), "")
    same_words(page, known)
    assert state.then is not None
    assert state.shown is not None
    assert earlier.shown is not None
    assert state.then.shares == earlier.shown.shares != state.shown.shares


def test_a_bar_counts_once_it_has_ended() -> None:
    one = walk()
    for instant_ms, bars in ((5 * STEP_MS, 5), (5 * STEP_MS + 60_000, 5), (6 * STEP_MS, 6)):
        then = one.until(instant_ms)
        assert then is not None
        assert then.mark is not None
        assert (len(then.candles), len(then.open_interest), len(then.mark)) == (bars,) * 3
    assert one.until(STEP_MS - 1) is None


def test_bars_that_come_leave_it_as_it_is() -> None:
    one = walk()
    page = Page()
    page.refreshed = [one]
    pictures: list[tuple[Shown, Shown | None]] = []

    async def load(*_asked: Any, **_how: Any) -> AsyncIterator[Market]:
        yield until(one, BARS - 5)

    page.load = load

    def note(state: State) -> None:
        assert state.shown is not None
        pictures.append((state.shown, state.then))

    async def main() -> None:
        visit = session(page)
        await visit.show(f"venue=bybit&asof={INSTANT}")
        note(visit.state)
        await visit._follow()
        note(visit.state)
        await visit.show(f"venue=bybit&palette=viridis&asof={INSTANT}")
        note(visit.state)
        await visit.show("venue=bybit")
        note(visit.state)

    run(main())
    (now, then), (newer, same), (_, painted), (_, none) = pictures
    assert then is not None
    assert same is not None
    assert painted is not None
    assert now.number != newer.number
    assert newer.end_ms == now.end_ms + 5 * STEP_MS
    assert then.number == same.number == painted.number < 0
    assert painted.density is then.density
    assert none is None


@pytest.mark.parametrize("instant", ["1970-01-01T01:00", "1970-01-09T00:00"])
def test_an_instant_outside_of_the_picture_is_said_and_now_is_shown(instant: str) -> None:
    page, state = of(walk(), f"venue=bybit&asof={instant}")
    assert state.then is None
    assert "is not within the time of this picture, 03 Jan 11:20 to 04 Jan 11:20: this is now." in (
        page.of(TimeMachine)[-1].words
    )
    assert page.notices[0] == page.of(TimeMachine)[-1].words
    assert page.of(TimeMachine)[-1].as_of == ""


def after(state: State) -> TimeMachine:
    message = TimeMachinePanel().update(state)
    assert isinstance(message, TimeMachine)
    return message


def small() -> State:
    """The small picture as of the end of its first bar; the price then fell from 102 to 97."""
    view = View(asof="1970-01-01T00:05")
    first = density()
    first = replace(
        first,
        time_edges_ms=first.time_edges_ms[:2],
        long_base=first.long_base[:, :1],
        short_base=first.short_base[:, :1],
    )
    known = market().until(STEP)
    assert known is not None
    now = replace(shown(), view=view)
    swept = np.array([0.0, 50.0, 25.0])
    now = replace(now, amounts=replace(now.amounts, swept_long_quote=swept))
    then = replace(
        now, number=-1, markets={"bybit": known}, density=first, amounts=first, view=view
    )
    return State(view=view, shown=now, then=then, loaded=Loaded(view, now.markets, complete=True))


def test_what_became_of_the_nearest_clusters_is_said() -> None:
    """Of 2 BTC at 85 and 1 BTC at 95 the path to 97 reached the upper 3 of the row at 95."""
    message = after(small())
    cards = {title: tuple(lines) for title, *lines in message.cards}
    assert cards["Above"] == (
        "$920 shorts at 115.0",
        "not reached: price came within 11.7%",
        "price passed $0 of it",
    )
    assert cards["Below"] == (
        "$265 longs at 85.0",
        "not reached: price came within 12.4%",
        "price passed $28 of it",
    )
    assert cards["Price since"] == (
        "102.0 to 100.0, −2.0%",
        "lowest 97.0, −4.9%",
        "highest 103.0, +1.0%",
    )
    assert cards["Swept since"][0] == "$75 longs, $0 shorts"
    assert message.rows == (
        ("±2%", "$0", "–", "$0", "–"),
        ("±5%", "$29", "97%", "$0", "–"),
        ("±10%", "$78", "37%", "$202", "0%"),
    )


def test_the_slider_has_a_step_for_each_column() -> None:
    message = after(small())
    assert (message.first_minute, message.step_minutes, message.steps) == (0, 5, 3)
    assert (message.instant_minute, message.spot, message.as_of) == (5, 102.0, "01 Jan 00:05")
    now = after(State(shown=shown()))
    assert (now.instant_minute, now.spot, now.as_of, now.cards, now.rows) == (0, 0.0, "", (), ())
