"""The order of things: what the page is told, and what it keeps when something fails."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from liqmap import desk as room
from liqmap.columns import Candles, OpenInterest
from liqmap.desk import Desk, price_range
from liqmap.errors import InputError, Unreachable
from liqmap.exchanges.adapter import Reply
from liqmap.market import Instrument, Market
from liqmap.view import View

STEP = 300_000.0


def market(simulated: bool = False, symbol: str = "BTC-USDT-PERP") -> Market:
    """Three days of a quiet walk."""
    n = 3 * 288
    close = 100 + np.sin(np.arange(float(n)) / 40)
    candles = Candles(
        STEP * np.arange(float(n)), close, close + 0.2, close - 0.2, close, np.full(n, 10.0)
    )
    samples = OpenInterest(candles.end_ms, 1_000 + 100 * np.sin(np.arange(float(n)) / 90))
    instrument = Instrument(symbol, symbol, symbol[:3], "USDT", tick_size=0.01)
    return Market("bybit", instrument, candles, samples, simulated=simulated)


class Page:
    """Collects what the desk says."""

    def __init__(self) -> None:
        self.said: list[dict[str, Any]] = []

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [one for one in self.said if one["kind"] == kind]


async def send(_url: str, _body: str | None) -> Reply:
    raise Unreachable("nobody is there.", hint="Wait.")


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    """A desk's audience; the venue is a market in memory, `DOWN` cannot be reached."""

    async def listed(_desk: Desk, _line: Any) -> tuple[Instrument, ...]:
        return (market().instrument, market(symbol="ETH-USDT-PERP").instrument)

    async def load(_line: Any, instrument: Instrument, **_how: Any) -> Any:
        yield market(symbol=instrument.name)

    monkeypatch.setattr(Desk, "_listed", listed)
    monkeypatch.setattr(room, "load_market", load)
    return Page()


def desk(page: Page) -> Desk:
    return Desk(send, page.said.append, simulate=lambda: market(simulated=True))


def test_a_view_is_confirmed_drawn_and_called_ready(page: Page) -> None:
    asyncio.run(desk(page).show("?range=12h&range=bad"))
    (view,) = page.of("view")
    assert view["query"] == ""
    assert "range=bad" in view["notices"][0]
    (picture,) = page.of("picture")
    assert picture["image"]["columns"] == 288
    assert page.said[-1]["state"] == "ready"
    assert "Bybit" in page.said[-1]["status"]


def test_what_is_loaded_is_not_loaded_again(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    async def show() -> None:
        one = desk(page)
        await one.show("?range=24h")
        monkeypatch.setattr(room, "load_market", None)
        await one.show("?range=12h&palette=viridis")

    asyncio.run(show())
    last = page.of("picture")[-1]
    assert last["query"] == "range=12h&palette=viridis"
    assert last["image"]["columns"] == 144
    assert last["state"] == "ready"


def test_a_first_failure_shows_the_simulation_and_why(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(_desk: Desk, _line: Any) -> Any:
        raise Unreachable("Bybit cannot be reached.", hint="Try again.")

    monkeypatch.setattr(Desk, "_listed", refuse)
    asyncio.run(desk(page).show(""))
    assert page.of("picture")[-1]["watermark"] == "SIMULATED MARKET"
    last = page.said[-1]
    assert last["state"] == "failed"
    assert last["status"] == "Bybit cannot be reached. Try again."
    assert last["retry"] is True


def test_a_later_failure_keeps_the_picture(page: Page) -> None:
    async def show() -> None:
        one = desk(page)
        await one.show("")
        await one.show("?symbol=SOL-USDT-PERP")

    asyncio.run(show())
    assert len(page.of("picture")) == 1
    assert page.said[-1]["state"] == "stale"
    assert "SOL-USDT-PERP" in page.said[-1]["status"]


def test_a_fault_of_ours_is_said_with_its_traceback(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("by hand")

    async def show() -> None:
        one = desk(page)
        await one.show("")
        monkeypatch.setattr(room, "draw", broken)
        await one.show("?palette=viridis")

    asyncio.run(show())
    assert page.said[-1]["status"].startswith("liqmap has a fault.")
    assert "by hand" in page.said[-1]["detail"]


def test_the_newest_wins(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    gate = asyncio.Event()

    async def slow(_line: Any, instrument: Instrument, **_how: Any) -> Any:
        if instrument.name == "BTC-USDT-PERP":
            await gate.wait()
        yield market(symbol=instrument.name)

    monkeypatch.setattr(room, "load_market", slow)

    async def show() -> None:
        one = desk(page)
        first = asyncio.ensure_future(one.show(""))
        await asyncio.sleep(0)
        await one.show("?symbol=ETH-USDT-PERP")
        gate.set()
        await first

    asyncio.run(show())
    assert [one["query"] for one in page.of("picture")] == ["symbol=ETH-USDT-PERP"]


def test_the_price_axis_holds_the_window_or_what_was_fixed() -> None:
    one = market()
    low, high = price_range(one, 0.0, View())
    assert low < one.candles.low.min() < one.candles.high.max() < high
    assert price_range(one, 0.0, View(low=90.0, high=110.0)) == (90.0, 110.0)
    low, high = price_range(one, 0.0, View(low=500.0))
    assert low < high


def test_an_input_error_is_a_sentence() -> None:
    assert str(InputError("No.", hint="Yes.")) == "No. Yes."
