"""Real positions of known accounts: who is asked, what is drawn, what is said."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import numpy as np
import pytest

from liqmap.data.market import Instrument
from liqmap.data.positions import MOST_ACCOUNTS
from liqmap.errors import Unreachable
from liqmap.feed.client import Client
from liqmap.feed.directory import Directory
from liqmap.session.accounts import EVERY_S, Accounts
from liqmap.venues.adapter import Reply
from tests.support.clock import run

SEEN, TYPED = "0x" + "a" * 40, "0x" + "b" * 40
BTC = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC", tick_size=1.0)


class House:
    """Hyperliquid: two accounts, one of them in the newest trade."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.down = False

    async def __call__(self, _url: str, body: str | None) -> Reply:
        asked = json.loads(body or "{}")
        if self.down:
            raise Unreachable("Hyperliquid cannot be reached.", blocked=True)
        if asked["type"] == "recentTrades":
            trade = {"coin": "BTC", "px": "90000", "sz": "1", "users": [SEEN, SEEN]}
            return self.reply([trade])
        if asked["type"] == "clearinghouseState":
            self.asked.append(asked["user"])
            size, price = ("2", "80000") if asked["user"] == SEEN else ("-1", "99000")
            position = {
                "coin": "BTC",
                "szi": size,
                "entryPx": "90000",
                "liquidationPx": price,
                "leverage": {"type": "isolated", "value": 10},
            }
            return self.reply({"assetPositions": [{"type": "oneWay", "position": position}]})
        universe = [{"name": "BTC", "szDecimals": 5, "maxLeverage": 40, "marginTableId": 56}]
        context = {"openInterest": "30", "markPx": "90000", "dayNtlVlm": "1", "oraclePx": "90000"}
        return self.reply([{"universe": universe}, [context]])

    @staticmethod
    def reply(value: Any) -> Reply:
        return Reply(200, json.dumps(value).encode())


def edges() -> tuple[Any, Any, str]:
    return np.array([0.0, 1e6]), np.linspace(70_000, 100_000, 4), "BTC"


@pytest.fixture
def house() -> House:
    return House()


async def listed(_client: Client) -> tuple[Instrument, ...]:
    return (BTC,)


def watched(house: House, act: Any) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = []

    async def main() -> None:
        accounts = Accounts(Directory(house, read_instruments=listed), said.append)
        await act(accounts)
        accounts.leave()

    run(main())
    return said


def test_accounts_of_trades_and_of_the_visitor_are_drawn(house: House) -> None:
    async def act(accounts: Accounts) -> None:
        accounts.choose(f"{TYPED}, nonsense")
        accounts.watch("BTC-USDT-PERP", "both", edges)
        await asyncio.sleep(EVERY_S - 1)

    first, gone = watched(house, act)
    assert house.asked == [TYPED, SEEN]
    assert first["sources"]["accounts"]["y"].tolist() == [80_000, 99_000]
    # Two long, one short, of thirty.
    assert "Real positions of 2 accounts: 5.0% of Hyperliquid's open interest" in first["words"]
    assert "“nonsense” is no address" in first["words"]
    assert gone["sources"]["accounts"]["y"] == []


def test_prices_are_those_of_the_picture_s_coin(house: House) -> None:
    """Hyperliquid counts a coin, the picture a thousand of them."""

    def thousands() -> tuple[Any, Any, str]:
        return np.array([0.0, 1e6]), np.linspace(7e7, 1e8, 4), "1000BTC"

    async def act(accounts: Accounts) -> None:
        accounts.watch("1000BTC-USDT-PERP", "both", thousands)
        await asyncio.sleep(1)

    first, _ = watched(house, act)
    assert first["sources"]["accounts"]["y"].tolist() == [8e7]
    assert "($160K)" in first["sources"]["accounts"]["words"][0]


def test_one_side_only(house: House) -> None:
    async def act(accounts: Accounts) -> None:
        accounts.watch("BTC-USDT-PERP", "long", edges)
        await asyncio.sleep(1)
        accounts.choose(TYPED)
        await asyncio.sleep(1)

    drawn = [one["sources"]["accounts"]["y"] for one in watched(house, act)[:-1]]
    assert [list(one) for one in drawn] == [[80_000], [80_000]]
    assert house.asked == [SEEN, TYPED, SEEN]


def test_a_failure_leaves_what_is_drawn(house: House) -> None:
    async def act(accounts: Accounts) -> None:
        accounts.watch("BTC-USDT-PERP", "both", edges)
        await asyncio.sleep(1)
        house.down = True
        await asyncio.sleep(EVERY_S)

    first, second, _ = watched(house, act)
    assert len(first["sources"]["accounts"]["y"]) == 1
    assert "sources" not in second
    assert "Hyperliquid cannot be reached." in second["words"]


def test_no_more_accounts_than_politeness_allows(house: House) -> None:
    many = " ".join(f"0x{n:040x}" for n in range(MOST_ACCOUNTS + 5))

    async def act(accounts: Accounts) -> None:
        accounts.choose(many)
        accounts.watch("BTC-USDT-PERP", "both", edges)
        await asyncio.sleep(EVERY_S - 1)

    said = watched(house, act)
    assert len(house.asked) == MOST_ACCOUNTS
    assert f"Only the first {MOST_ACCOUNTS}" in said[0]["words"]
