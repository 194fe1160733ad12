"""Real positions of known accounts: who is asked, what is drawn, what is said."""

from __future__ import annotations

import asyncio
import json
from math import inf
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.data.positions import MOST_ACCOUNTS
from liqmap.errors import Unreachable
from liqmap.estimate.density import Density
from liqmap.feed.accounts import EVERY_S, AccountPoller, AccountsFound
from liqmap.feed.directory import Directory
from liqmap.picture.account_lines import AccountLines
from liqmap.picture.viewport import Frame
from liqmap.session.panels.accounts import AccountsPanel
from liqmap.session.state import Shown, State
from liqmap.venues.adapter import Reply
from liqmap.view import View
from tests.support.clock import run
from tests.support.venue import flat_market, sending
from tools.replay.accounts import Position
from tools.replay.hyperliquid import Hyperliquid

SEEN, TYPED = "0x" + "a" * 40, "0x" + "b" * 40
BTC = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC", tick_size=1.0)


def position(address: str, position_side: int, quantity_base: float, price: float) -> Position:
    """Open all along, entered at 90,000 with ten times the margin."""
    raw_quote = quantity_base * 90_000 * (0.1 - position_side)
    size = (address, position_side, quantity_base, 90_000.0, 10, raw_quote, price)
    return Position(*size, opened_ms=0, closed_ms=inf)


class TwoAccounts(Hyperliquid):
    """The stand-in, where one account makes every trade."""

    held = (position(SEEN, 1, 2.0, 80_000.0), position(TYPED, -1, 1.0, 99_000.0))

    @property
    def positions(self) -> dict[str, list[Position]]:
        return {"BTC": [*self.held]}

    def users(self, number: int) -> list[str]:
        return [SEEN, SEEN]


class House:
    """Hyperliquid: two accounts, one of them in the newest trade; notes who is asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False
        market = flat_market(300, 90_000.0, 30.0, 1_769_990_400_000)
        self._send = sending(TwoAccounts(market), market.end_ms, self._note)

    async def __call__(self, url: str, body: str | None) -> Reply:
        if self.down:
            raise Unreachable("Hyperliquid cannot be reached.", blocked=True)
        return await self._send(url, body)

    def _note(self, _url: str, body: str | None) -> None:
        user = json.loads(body or "{}").get("user")
        if user:
            self.asked.append(user)


class Listings(Directory):
    """Hyperliquid lists one contract."""

    async def instrument(self, _venue: str, _name: str) -> tuple[Instrument, str]:
        return BTC, ""


def picture(coin: str = "BTC", times: float = 1.0) -> Shown:
    """A picture from 70,000 to 100,000, or of so many coins at once."""
    zeros, none = np.zeros(1), np.zeros((3, 1), np.float32)
    prices = times * np.linspace(70_000, 100_000, 4)
    density = Density(
        np.array([0.0, 1e6]), prices, none, none, zeros, zeros, zeros, zeros, zeros, zeros
    )
    frame = Frame(prices[0], prices[-1], 0.0, 1e6, 1, 1)
    return Shown(
        number=1,
        view=View(),
        markets={},
        coin=coin,
        frame=frame,
        density=density,
        amounts=density,
        parts={},
        versus=None,
        shares=None,
        notices=(),
    )


@pytest.fixture
def house() -> House:
    return House()


def watched(house: House, act: Any, shown: Shown | None = None) -> list[AccountLines]:
    """What the panel says of what is found."""
    panel, said = AccountsPanel(), []

    def found(accounts: AccountsFound | None) -> None:
        message = panel.update(State(shown=shown or picture(), accounts=accounts))
        assert isinstance(message, AccountLines)
        said.append(message)

    async def main() -> None:
        accounts = AccountPoller(Listings(house), found)
        await act(accounts)
        accounts.leave()

    run(main())
    return said


def test_accounts_of_trades_and_of_the_visitor_are_drawn(house: House) -> None:
    async def act(accounts: AccountPoller) -> None:
        accounts.choose(f"{TYPED}, nonsense")
        accounts.watch("BTC-USDT-PERP", "both")
        await asyncio.sleep(EVERY_S - 1)

    first, gone = watched(house, act)
    assert house.asked == [TYPED, SEEN]
    assert first.sources["accounts"]["y"].tolist() == [80_000, 99_000]
    # Two long, one short, of thirty.
    assert "Real positions of 2 accounts: 5.0% of Hyperliquid's open interest" in first.words
    assert "“nonsense” is no address" in first.words
    assert gone.sources["accounts"]["y"] == []


def test_prices_are_those_of_the_picture_s_coin(house: House) -> None:
    """Hyperliquid counts a coin, the picture a thousand of them."""

    async def act(accounts: AccountPoller) -> None:
        accounts.watch("1000BTC-USDT-PERP", "both")
        await asyncio.sleep(1)

    first, _ = watched(house, act, picture("1000BTC", 1000.0))
    assert first.sources["accounts"]["y"].tolist() == [8e7]
    assert "($160K)" in first.sources["accounts"]["words"][0]


def test_one_side_only(house: House) -> None:
    async def act(accounts: AccountPoller) -> None:
        accounts.watch("BTC-USDT-PERP", "long")
        await asyncio.sleep(1)
        accounts.choose(TYPED)
        await asyncio.sleep(1)

    drawn = [one.sources["accounts"]["y"] for one in watched(house, act)[:-1]]
    assert [list(one) for one in drawn] == [[80_000], [80_000]]
    assert house.asked == [SEEN, TYPED, SEEN]


def test_a_failure_leaves_what_is_drawn(house: House) -> None:
    async def act(accounts: AccountPoller) -> None:
        accounts.watch("BTC-USDT-PERP", "both")
        await asyncio.sleep(1)
        house.down = True
        await asyncio.sleep(EVERY_S)

    first, second, _ = watched(house, act)
    assert len(first.sources["accounts"]["y"]) == 1
    assert not second.sources, "what is drawn stays"
    assert "Hyperliquid cannot be reached." in second.words


def test_no_more_accounts_than_politeness_allows(house: House) -> None:
    many = " ".join(f"0x{n:040x}" for n in range(MOST_ACCOUNTS + 5))

    async def act(accounts: AccountPoller) -> None:
        accounts.choose(many)
        accounts.watch("BTC-USDT-PERP", "both")
        await asyncio.sleep(EVERY_S - 1)

    said = watched(house, act)
    assert len(house.asked) == MOST_ACCOUNTS
    assert f"Only the first {MOST_ACCOUNTS}" in said[0].words
