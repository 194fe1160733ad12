"""Contracts of all venues are found as their lists come, and what is lacking is said."""

from __future__ import annotations

import asyncio

from liqmap.data.market import Instrument
from liqmap.errors import Unreachable
from liqmap.feed.directory import Directory
from liqmap.session.messages import Found
from liqmap.session.search import AGAIN_S, ContractSearch
from liqmap.venues.registry import TITLES
from tests.support.clock import run
from tests.support.markets import send

BTC, PEPE = "BTC-USDT-PERP", "1000PEPE-USDT-PERP"


def contract(name: str, volume_24h_quote: float) -> Instrument:
    coin, quote, _ = name.split("-")
    return Instrument(name, coin + quote, coin, quote, volume_24h_quote=volume_24h_quote)


class Lists(Directory):
    """Bybit lists at once, Binance after a second, and no other can be reached."""

    def __init__(self) -> None:
        super().__init__(send)
        self.asked: list[str] = []

    async def listed(self, venue: str) -> tuple[Instrument, ...]:
        self.asked.append(venue)
        if venue == "bybit":
            return (contract(BTC, 2e9), contract(PEPE, 3e8))
        if venue == "binance":
            await asyncio.sleep(1)
            return (contract(BTC, 9e9), contract("BTC-U-PERP", 0))
        raise Unreachable(f"{venue} is gone.")


def test_it_answers_with_what_is_there_and_again_as_more_comes() -> None:
    said: list[Found] = []

    async def main() -> None:
        await ContractSearch(Lists(), said.append).find("btc")

    run(main())
    assert said[0].rows == ()
    assert said[0].words.startswith("0 contracts. Waiting for the lists of Bybit, Hyperliquid, ")
    rows = [one.rows for one in said]
    assert (("bybit:BTC-USDT-PERP", BTC, "Bybit", "$2.00B a day"),) in rows
    assert rows[-1] == (
        ("binance:BTC-USDT-PERP", BTC, "Binance", "$9.00B a day"),
        ("bybit:BTC-USDT-PERP", BTC, "Bybit", "$2.00B a day"),
        ("binance:BTC-U-PERP", "BTC-U-PERP", "Binance", ""),
    )
    assert said[-1].words.startswith("3 contracts. Without Hyperliquid, Bitget, OKX, ")
    assert said[-1].words.endswith(", which cannot be read from here now.")


def test_a_list_is_asked_for_once_and_a_lacking_one_again_after_a_while() -> None:
    said: list[Found] = []
    lists = Lists()

    async def main() -> None:
        search = ContractSearch(lists, said.append)
        for letters in ("p", "pe", "pep"):
            await search.find(letters)
        assert sorted(lists.asked) == sorted(TITLES)
        assert (said[-1].text, said[-1].rows[0][1]) == ("pep", PEPE)
        await asyncio.sleep(AGAIN_S)
        await search.find("pepe")
        assert lists.asked.count("bybit") == 1
        assert lists.asked.count("okx") == 2

    run(main())


def test_an_answer_is_about_what_was_typed_last() -> None:
    said: list[Found] = []

    async def main() -> None:
        search = ContractSearch(Lists(), said.append)
        first = asyncio.ensure_future(search.find("btc"))
        await asyncio.sleep(0.5)
        await search.find("pepe")
        await first

    run(main())
    assert said[-1].text == "pepe"
    assert [row[0] for row in said[-1].rows] == ["bybit:1000PEPE-USDT-PERP"]
