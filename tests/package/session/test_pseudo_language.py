"""Whatever a visitor reads of a session can be translated: a language of wide letters shows it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from liqmap.analysis.alerts import Rule
from liqmap.analysis.cascade import Impact
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.data.order_book import OrderBook
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import RateLimited, Unreachable
from liqmap.session.board import BoardLoop
from liqmap.session.messages import Clusters, Message, Status, plain
from liqmap.session.session import Session
from liqmap.venues.registry import IN_BROWSER
from liqmap.view import RANGES, VENUES
from tests.support.clock import run
from tests.support.markets import STEP_MS, market
from tests.support.pseudo import english_in, pseudo
from tests.support.session_page import Page, session

BARS = 1_000
CODES = {
    "board.rows.opens",
    "clusters.orders",
    "clusters.sides",
    "colors.colors.palette",
    "colors.query",
    "contracts.labels",
    "contracts.names",
    "contracts.venue",
    "found.rows.0",
    "found.text",
    "health.rows.0",
    "health.states",
    "heatmap.colors.palette",
    "heatmap.frame",
    "heatmap.query",
    "position.complaints",
    "settings.controls",
    "settings.query",
    "status.detail",
    "status.state",
}
"""Where a message has what nobody reads as a sentence: names, codes, bug reports."""
TYPED = ("venue=nobody", "symbol=", "range=")
"""What the links of these visits say."""
LOOKS = (".side", ".baseline")
"""Columns of sources that say how something is drawn."""
NAMES = (
    *("BTC-USDT-PERP", "ETH-USDT", "PEPE-USDT", "SIMULATED", "BTC", "ETH", "USDT", "PERP", "USD"),
    "nobody is there",  # says the network of tests
)


def walk() -> Market:
    """Three and a half days of a random walk, with marks and samples."""
    random = np.random.default_rng(1)
    close = 100 * np.exp(np.cumsum(random.normal(0, 0.003, BARS)))
    opens = np.append(100.0, close[:-1])
    high, low = np.maximum(opens, close) * 1.001, np.minimum(opens, close) * 0.999
    volume = random.uniform(5, 50, BARS)
    candles = Candles(
        *(STEP_MS * np.arange(float(BARS)), opens, high, low, close, volume),
        taker_buy_base=volume / 3,
    )
    held = OpenInterest(candles.end_ms, 1_000 + np.cumsum(random.normal(0, 5, BARS)))
    return replace(market(), candles=candles, open_interest=held, mark=candles)


def happened(one: Market) -> Liquidations:
    """A long and a short in every bar, some of them large."""
    bars = one.candles
    at_ms = np.repeat(bars.time_ms, 2) + np.tile([1.0, 2.0], BARS)
    prices = np.stack([bars.low, bars.high], axis=1).ravel()
    amounts = np.where(np.arange(at_ms.size) % 97 < 2, 500.0, 1.0)
    return Liquidations.sorted(at_ms, np.tile([1, -1], BARS), prices, amounts)


def simulate() -> tuple[Market, Liquidations]:
    one = walk()
    named = replace(one.instrument, name="SIMULATED-USDT-PERP")
    return replace(one, venue="demo", instrument=named, simulated=True), happened(one)


async def depth(*_asked: Any) -> OrderBook:
    near = np.arange(1.0, 6)
    return OrderBook(0.0, 100 - near, near, 100 + near, near)


class Visit:
    """A session with the walk as every venue's market."""

    def __init__(self) -> None:
        self.page, self.market = Page(), walk()
        self.page.doubts, self.page.load = True, self.load
        self.session: Session = session(self.page, simulate=simulate, depth=depth)

    async def load(self, client: Any, instrument: Any, **_how: Any) -> AsyncIterator[Market]:
        yield replace(self.market, venue=client.adapter.venue, instrument=instrument)

    async def show(self, query: str) -> None:
        await self.session.show(query)

    async def choose(self, most: int = 99) -> None:
        """The first clusters of the table, one after the other."""
        table = self.page.of(Clusters)[-1]
        for side, price in list(zip(table.sides, table.prices, strict=True))[:most]:
            await self.session.desk.selection.choose(1 if side == "long" else -1, price)


async def a_venue(visit: Visit) -> None:
    await visit.show("venue=bybit")
    await visit.choose()
    visit.session.note(desk="desk-cleared", cleared_part=0.5)
    visit.session.recorder.archive.lasting = False
    visit.session._hear()


async def models_and_readings(visit: Visit) -> None:
    await visit.show("venue=bybit&versus=turnover&comparison=side")
    await visit.show("venue=bybit&versus=survivor&leverages=10-25&positions=long")
    await visit.show("venue=bybit&reading=expected&bands=live")
    await visit.show("venue=okx&model=turnover&reading=expected&positions=short&bands=cleared")


async def a_sum(visit: Visit) -> None:
    visit.page.doubts = False  # they take long
    visit.page.down["okx"] = Unreachable("１", hint="２")
    await visit.show("venue=all&accounts=on")
    await visit.choose(1)
    await visit.session.desk.scenarios.play(-0.05, Impact())
    await visit.session.desk.position.take({"amount": "1000", "leverage": "10"})
    for name in ("oi", "funding"):
        await visit.show(f"venue=all&context={name}")
    await asyncio.sleep(60)


async def strips(visit: Visit) -> None:
    for name in ("oi", "cvd", "funding", "ratio"):
        for venue in ("bybit", "demo"):
            await visit.show(f"venue={venue}&context={name}")
            await asyncio.sleep(60)
    await visit.show("venue=hyperliquid&context=ratio")
    await visit.show("venue=kraken&context=oi")


async def a_simulation(visit: Visit) -> None:
    await visit.show("venue=demo&reading=expected&range=3d")
    await visit.session.desk.scenarios.play(-0.05, Impact())
    await visit.session.desk.position.take({"amount": "1000", "leverage": "10"})
    await BoardLoop(visit.session.directory, visit.page.said.append).start(visit.session.state)
    visit.page.load = visit.page.from_memory
    await visit.show("venue=bybit&low=1000&high=2000")


async def scenarios(visit: Visit) -> None:
    await visit.show("venue=bybit&leverages=10-25")
    for shock in (-0.001, -0.03, -0.2, 0.0, 0.001, 0.03, 0.2):
        await visit.session.desk.scenarios.play(shock, Impact())
    await visit.show("venue=bybit&model=turnover")


async def positions(visit: Visit) -> None:
    await visit.show("venue=bybit")
    typed: dict[str, str] = {"amount": "1000", "leverage": "10", "wanted": "12.5"}
    for fields in (
        *({}, typed, typed | {"side": "short", "wanted": "1"}, typed | {"leverage": "1"}),
        *({"amount": "?", "leverage": "0.5", "entry": "-1", "wanted": "x"}, {"amount": "5"}),
        *(typed | {"leverage": "900"}, typed | {"coin": "ETH"}, typed | {"entry": "50"}),
        typed | {"mode": "cross", "wallet": "5000", "unit": "notional", "amount": "9e9"},
        typed | {"mode": "cross", "wallet": "?"},
    ):
        await visit.session.desk.position.take(fields)


async def then(visit: Visit) -> None:
    await visit.show("venue=bybit")
    await visit.show("venue=bybit&asof=1970-01-03T20:00")
    await visit.show("venue=bybit&asof=1980-01-03T20:00")


async def alerts(visit: Visit) -> None:
    kinds = ("near", "swept", "reclaimed", "liquidations")
    rules = [Rule(kind, 1.0, 0.5) for kind in kinds]  # type: ignore[arg-type]
    visit.session.note(rules=tuple(rules))
    one = visit.market
    for bars in (BARS - 40, BARS):
        visit.market = replace(one, candles=one.candles.rows(slice(bars)))
        await visit.session.again("venue=bybit")


async def liquidations(visit: Visit) -> None:
    recorder, one = visit.session.recorder, visit.market
    await visit.show("venue=okx&range=3d")
    recorder.tape.watch("okx", "BTC-USDT-PERP", 0.0, float(one.candles.end_ms[-1]))
    recorder._keep("okx", one.instrument, happened(one))
    await asyncio.sleep(5)
    await visit.show("venue=okx&range=3d&reading=expected")
    await visit.show("venue=bybit&range=3d")
    await asyncio.sleep(5)


async def board_and_search(visit: Visit) -> None:
    await visit.show("venue=bybit")
    directory, said = visit.session.directory, visit.page.said
    await BoardLoop(directory, said.append, load=visit.load).start(visit.session.state)
    board = BoardLoop(directory, said.append, load=visit.load)
    work = asyncio.ensure_future(board.start(visit.session.state))
    await asyncio.sleep(0.1)
    board.stop()
    await work
    visit.page.down["bybit"] = RateLimited("３", hint="２")
    await BoardLoop(directory, said.append, load=visit.load).start(visit.session.state)
    await visit.session.search.find("pepe")
    await visit.session.search.find("")


async def failures(visit: Visit) -> None:
    await visit.show("venue=nobody&range=5y&symbol=??")
    gone = Unreachable("４", hint="２")
    visit.page.down |= dict.fromkeys(IN_BROWSER, gone)
    await visit.show("venue=bybit")
    await visit.show("venue=all")
    await asyncio.sleep(130)
    visit.page.down.clear()
    await visit.show("venue=bybit")
    visit.page.refreshed += [gone] * 2
    await asyncio.sleep(60)
    visit.page.down["okx"] = gone
    await visit.show("venue=okx")

    def broken(*_asked: Any, **_how: Any) -> Any:
        raise ZeroDivisionError

    visit.page.load = broken
    await visit.show("venue=kraken")


SCENES: tuple[Callable[[Visit], Awaitable[None]], ...] = (
    *(a_venue, models_and_readings, a_sum, strips, a_simulation, scenarios, positions),
    *(then, alerts, liquidations, board_and_search, failures),
)


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a plain message that is no code, and its message, field, column."""
    if path in CODES or (".sources." in path and path.endswith(LOOKS)):
        return
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from texts(one, f"{path}.{name}")
    elif isinstance(value, list):
        row = all(isinstance(one, str) for one in value)
        for place, one in enumerate(value):
            yield from texts(one, f"{path}.{place}" if row and ".rows" in path else path)


def unsaid(message: Message) -> Iterator[str]:
    """What of a message is read and cannot be translated."""
    one = plain(message)
    kind = one.pop("kind")
    for name, value in one.items():
        for path, text in texts(value, f"{kind}.{name}"):
            if english_in(text, *NAMES, *VENUES, *RANGES, *TYPED):
                yield f"{path}: {text}"


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_sentence_can_be_translated(scene: Callable[[Visit], Awaitable[None]]) -> None:
    async def main() -> Page:
        visit = Visit()
        await scene(visit)
        return visit.page

    with pseudo():
        page = run(main())
    assert page.of(Status), "it says something"
    found = {words: None for message in page.said for words in unsaid(message)}
    assert list(found) == []
