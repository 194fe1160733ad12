"""The board loads one contract after the other, within its budget, and says what it could not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from liqmap.data.market import Instrument, Market
from liqmap.errors import LiqmapError, NoData, RateLimited
from liqmap.feed.directory import Directory
from liqmap.session.board import COINS, BoardLoop, standing_of
from liqmap.session.desk_messages import Board
from liqmap.session.state import Loaded, State
from liqmap.venues.registry import IN_BROWSER
from liqmap.view import View
from liqmap.words import usd
from tests.support.clock import now_s, run
from tests.support.markets import market, send

NAMES = ("BTC-USDT-PERP", "ETH-USDT-PERP", "1000PEPE-USDT-PERP")
BYBIT = State(view=View(venue="bybit"))


class Contracts(Directory):
    """Every venue lists these, the last one the most traded."""

    names: tuple[str, ...] = NAMES

    def __init__(self) -> None:
        super().__init__(send)

    async def listed(self, venue: str) -> tuple[Instrument, ...]:
        return tuple(
            replace(market(symbol=name).instrument, volume_24h_quote=1e9 + place)
            for place, name in enumerate(self.names)
        )


class Visit:
    """A board, what it said, and when it asked for what."""

    def __init__(self, requests: int = 4, weight: float = 4.0) -> None:
        self.said: list[Board] = []
        self.asked: list[tuple[str, float]] = []
        self.fails: dict[str, LiqmapError] = {}
        self.requests, self.weight = requests, weight
        self.directory = Contracts()
        self.board = BoardLoop(
            self.directory, self.said.append, load=self.load, wall_ms=lambda: 5_000.0
        )

    async def load(self, client: Any, contract: Instrument, **how: Any) -> AsyncIterator[Market]:
        self.asked.append((contract.name, now_s()))
        assert how == {"step_ms": 3_600_000, "window_ms": 86_400_000, "history_ms": 604_800_000}
        await asyncio.sleep(0.5)
        client.sent += self.requests
        client.weight_sent += self.weight
        if contract.name in self.fails:
            raise self.fails[contract.name]
        yield market(symbol=contract.name)

    def names(self) -> list[str]:
        return [name for name, _ in self.asked]


def test_the_most_traded_come_first_and_each_row_as_it_is_there() -> None:
    visit = Visit()
    run(visit.board.start(BYBIT))
    assert visit.names() == [NAMES[2], NAMES[1], NAMES[0]]
    counts = [len(one.rows) for one in visit.said]
    assert counts == sorted(counts)
    assert set(counts) == {0, 1, 2, 3}
    last = visit.said[-1]
    assert [row.name for row in last.rows] == ["1000PEPE-USDT", "ETH-USDT", "BTC-USDT"]
    assert last.rows[0].opens == "bybit:1000PEPE-USDT-PERP"
    assert (
        last.words
        == "Bybit: 3 of 3 of its 3 contracts here; 12 requests since, with the picture’s."
    )
    assert [one.running for one in visit.said] == [True] * (len(visit.said) - 1) + [False]


def test_a_row_holds_the_figures_of_the_package() -> None:
    visit = Visit()
    run(visit.board.start(BYBIT, "btc"))
    (row,) = visit.said[-1].rows
    one = standing_of(market(), "balance")
    assert one.above is not None
    assert one.below is not None
    assert one.near is not None
    swept = one.swept_long_quote + one.swept_short_quote
    price, above, below, lean, cleared = row.cells
    assert price == f"{one.spot_price:.2f}"
    assert above.startswith(usd(one.above.amount_quote) + "\n+")
    assert below.startswith(usd(one.below.amount_quote) + "\n−")
    assert lean.startswith(f"{abs(one.near.imbalance):.0%}\nto ")
    assert cleared.startswith(usd(swept))
    assert row.numbers == (
        one.above.amount_quote / 1e6,
        one.above.distance_rate,
        one.below.amount_quote / 1e6,
        -one.below.distance_rate,
        one.near.imbalance,
        swept / 1e6,
    )
    assert row.at_s == 5.0


def test_what_the_coarse_grid_says_is_near_is_within_five_per_cent() -> None:
    """Three quiet days span 2 %: the grid is widened, else nothing could be said."""
    assert standing_of(market(), "balance").near is not None


def test_stop_asks_for_no_more_and_keeps_what_is_there() -> None:
    visit = Visit()

    async def main() -> None:
        loading = asyncio.ensure_future(visit.board.start(BYBIT))
        await asyncio.sleep(2)  # the first row is there, the pause after it is not over
        visit.board.stop()
        await asyncio.sleep(600)
        assert loading.done()

    run(main())
    assert visit.names() == [NAMES[2]]
    last = visit.said[-1]
    assert (len(last.rows), last.running) == (1, False)
    assert last.words.startswith("Stopped. ")


def test_a_second_start_drops_the_first() -> None:
    visit = Visit()

    async def main() -> None:
        first = asyncio.ensure_future(visit.board.start(BYBIT))
        await asyncio.sleep(0.1)
        await visit.board.start(BYBIT, "eth")
        await first

    run(main())
    assert visit.names() == [NAMES[2], NAMES[1]]
    assert [row.name for row in visit.said[-1].rows] == ["ETH-USDT"]


def test_a_coin_that_fails_is_a_row_that_says_so() -> None:
    visit = Visit()
    visit.fails = {NAMES[1]: NoData("Bybit has no bars.")}
    run(visit.board.start(BYBIT))
    rows = visit.said[-1].rows
    assert (rows[1].cells, rows[1].numbers) == (("Bybit has no bars.",), ())
    assert [len(row.cells) for row in rows] == [5, 1, 5]


def test_a_venue_that_wants_to_be_left_alone_is_left_alone() -> None:
    visit = Visit()
    visit.fails = {NAMES[1]: RateLimited("Bybit: too many.", retry_after_s=60)}
    run(visit.board.start(BYBIT))
    assert visit.names() == [NAMES[2], NAMES[1]]
    last = visit.said[-1]
    assert last.words.startswith("Ended: Bybit: too many.")
    assert (len(last.rows), last.running) == (1, False)


@pytest.mark.parametrize(
    ("venue", "requests", "weight", "seconds"),
    [
        ("bybit", 4, 4.0, 4.0),  # a request a second
        ("hyperliquid", 4, 80.0, 9.6),  # half of 1000 a minute
        ("lighter", 1, 5.0, 12.0),  # half of 50 a minute
    ],
)
def test_the_budget_is_kept(venue: str, requests: int, weight: float, seconds: float) -> None:
    visit = Visit(requests, weight)
    run(visit.board.start(State(view=View(venue=venue))))
    (_, first), (_, second), (_, third) = visit.asked
    assert second - first == pytest.approx(seconds)
    assert third - second == pytest.approx(seconds)


def test_there_are_twenty_rows_of_a_long_list() -> None:
    visit = Visit(requests=0, weight=0)
    visit.directory.names = tuple(f"C{number}-USDT-PERP" for number in range(30))
    run(visit.board.start(BYBIT))
    assert len(visit.said[-1].rows) == COINS == 20
    assert visit.names()[0] == "C29-USDT-PERP"


def test_the_venue_is_that_of_the_picture() -> None:
    visit = Visit()
    shown = Loaded(View(), {"okx": market(venue="okx")})
    run(visit.board.start(State(loaded=shown), "btc"))
    assert visit.said[-1].rows[0].opens == "okx:BTC-USDT-PERP"
    run(visit.board.start(State(), "btc"))
    assert visit.said[-1].rows[0].opens == f"{next(iter(IN_BROWSER))}:BTC-USDT-PERP"


def test_a_simulation_has_no_board() -> None:
    visit = Visit()
    pretend = Loaded(View(venue="demo"), {"demo": market(simulated=True, venue="demo")})
    for state in (State(loaded=pretend), State(view=View(venue="demo"))):
        run(visit.board.start(state))
        assert visit.said[-1] == Board(
            (), "A simulation has one market: choose a venue for its board.", False
        )
    assert visit.asked == []


def test_a_fault_of_ours_ends_it_and_is_not_swallowed() -> None:
    visit = Visit()

    async def load(*_asked: Any, **_how: Any) -> AsyncIterator[Market]:
        raise ZeroDivisionError
        yield market()

    board = BoardLoop(visit.directory, visit.said.append, load=load)
    with pytest.raises(ZeroDivisionError):
        run(board.start(BYBIT))
    assert not visit.said[-1].running
