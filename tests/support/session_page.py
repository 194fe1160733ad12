"""A visitor's page without a browser: what a session says, with venues that a test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.errors import LiqmapError
from liqmap.estimate.ensemble import Members
from liqmap.feed.directory import Directory
from liqmap.session.estimates import members_of
from liqmap.session.messages import Heading, Message, Status
from liqmap.session.session import Session
from liqmap.session.state import Shown
from tests.support.clock import run
from tests.support.markets import market, send

M = TypeVar("M")
Load = Callable[..., AsyncIterator[Market]]


class Listings(Directory):
    """Directory that list three coins; `down` ones cannot be reached."""

    def __init__(self, down: dict[str, LiqmapError]) -> None:
        super().__init__(send)
        self.down = down

    async def listed(self, venue: str) -> tuple[Instrument, ...]:
        if venue in self.down:
            raise self.down[venue]
        names = ["BTC-USDT-PERP", "ETH-USDT-PERP"]
        names += ["1000PEPE-USDT-PERP" if venue == "bybit" else "PEPE-USDT-PERP"]
        return tuple(market(symbol=name).instrument for name in names)

    _asked = listed


class Page:
    """Collects what the session says; its venues hold markets in memory, `doubts` are drawn."""

    def __init__(self) -> None:
        self.said: list[Message] = []
        self.down: dict[str, LiqmapError] = {}
        self.loads: list[str] = []
        self.refreshed: list[Market | LiqmapError] = []
        self.doubts = False
        self.load: Load = self.from_memory

    def of(self, kind: type[M]) -> list[M]:
        """The messages of a kind."""
        return [message for message in self.said if isinstance(message, kind)]

    @property
    def status(self) -> Status:
        """The last state and sentence."""
        return self.of(Status)[-1]

    @property
    def notices(self) -> tuple[str, ...]:
        """Of the last picture."""
        return self.of(Heading)[-1].notices

    async def from_memory(
        self, client: Any, instrument: Instrument, **_how: Any
    ) -> AsyncIterator[Market]:
        self.loads.append(client.adapter.venue)
        yield market(symbol=instrument.name, venue=client.adapter.venue)

    def loading(self, *asked: Any, **how: Any) -> AsyncIterator[Market]:
        return self.load(*asked, **how)

    async def refresh(self, _line: Any, known: Market) -> Market:
        found = self.refreshed.pop(0) if self.refreshed else known
        if isinstance(found, LiqmapError):
            raise found
        return found

    async def members(self, shown: Shown) -> Members | None:
        return await members_of(shown) if self.doubts else None


def simulate() -> tuple[Market, Liquidations]:
    one = market(simulated=True, venue="demo", symbol="SIMULATED-USDT-PERP")
    last_ms = float(one.candles.time_ms[-1])
    return one, Liquidations.sorted([last_ms] * 2, [1, -1], [100, 101], [2, 3])


def session(page: Page, **options: Any) -> Session:
    given: dict[str, Any] = {
        "simulate": simulate,
        "directory": Listings(page.down),
        "load": page.loading,
        "refresh": page.refresh,
        "doubts": page.members,
    }
    return Session(send, page.said.append, **given | options)


def shown(page: Page, *queries: str, seconds: float = 0.0) -> None:
    """Show these views one after the other, then watch for so long."""

    async def main() -> None:
        one = session(page)
        for query in queries:
            await one.show(query)
        await asyncio.sleep(seconds)

    run(main())
