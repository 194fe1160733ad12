"""Which contract is meant at a venue, which venue answers first, and how each is."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from liqmap.data.market import Instrument
from liqmap.errors import InputError, RateLimited, Unreachable
from liqmap.feed.cache import AnswerCache
from liqmap.feed.client import Client
from liqmap.feed.directory import LISTED_FOR_MS, Directory
from liqmap.feed.limits import State
from liqmap.venues.adapter import Reply
from liqmap.venues.registry import IN_BROWSER
from tests.support.clock import run
from tests.support.pseudo import english_in, pseudo
from tests.support.store import Drawer
from tests.support.venue import MARKET, NOW, sending
from tools.replay.registry import VENUES

LISTED = (
    Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC"),
    Instrument("1000PEPE-USDC-PERP", "kPEPE", "1000PEPE", "USDC"),
)


async def nobody(_url: str, _body: str | None) -> Reply:
    raise Unreachable("nobody is there.")


class Wall:
    """A clock on the wall."""

    now_ms = 1_000_000.0

    def __call__(self) -> float:
        return self.now_ms


def test_the_same_coin_is_found_and_said() -> None:
    asked: list[str] = []

    async def listing(client: Client) -> tuple[Instrument, ...]:
        asked.append(client.adapter.venue)
        return LISTED

    async def main() -> None:
        some = Directory(nobody, read_instruments=listing)
        exact, note = await some.instrument("hyperliquid", "BTC-USDC-PERP")
        assert (exact.native, note) == ("BTC", "")
        other, note = await some.instrument("hyperliquid", "BTC-USDT-PERP")
        assert other.native == "BTC"
        assert note == "Hyperliquid has no BTC-USDT-PERP; this is its BTC-USDC-PERP."
        scaled, _ = await some.instrument("hyperliquid", "PEPE-USDT-PERP")
        assert scaled.native == "kPEPE"
        assert asked == ["hyperliquid"]
        with pytest.raises(InputError, match="Hyperliquid lists no contract “XYZ-USDT-PERP”"):
            await some.instrument("hyperliquid", "XYZ-USDT-PERP")
        assert asked == ["hyperliquid"] * 2  # a contract may have been listed since

    run(main())


def test_a_kept_list_is_used_for_half_a_day() -> None:
    urls: list[str] = []
    send = sending(VENUES["bybit"](MARKET), NOW, lambda url, _: urls.append(url))

    async def main() -> None:
        wall, kept = Wall(), AnswerCache(Drawer())
        first = await Directory(send, kept, wall_ms=wall).listed("bybit")
        assert {one.native for one in first} == {"BTCUSDT", "ETHUSDT"}
        requests = len(urls)
        wall.now_ms += LISTED_FOR_MS
        assert await Directory(nobody, kept, wall_ms=wall).listed("bybit") == first
        assert len(urls) == requests
        wall.now_ms += 1
        with pytest.raises(Unreachable):
            await Directory(nobody, kept, wall_ms=wall).listed("bybit")
        await kept.put("instruments of bybit", b"{}")
        assert await Directory(send, kept, wall_ms=wall).listed("bybit") == first

    run(main())


def test_a_kept_list_says_what_was_left_out_of_it() -> None:
    kept = AnswerCache(Drawer())

    async def read(client: Client) -> tuple[Instrument, ...]:
        client.notes[:] = ["Bybit: 1 of 3 contracts could not be read and is left out."]
        return (Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT"),)

    async def main() -> None:
        first = Directory(nobody, kept, read_instruments=read)
        await first.listed("bybit")
        again = Directory(nobody, kept)
        await again.listed("bybit")
        assert again.client("bybit").notes == first.client("bybit").notes != []

    run(main())


def test_health_is_said_in_words() -> None:
    """Of the venues that a page can read, and of no other."""
    asked: list[str] = []

    async def nobody_there(url: str, body: str | None) -> Reply:
        asked.append(urlsplit(url).netloc)
        return await nobody(url, body)

    async def main() -> None:
        some = Directory(nobody_there)
        said: list[list[list[str]]] = []
        await some.ask_all(said.append)
        assert {row[2] for row in said[0]} == {"asking"}
        assert {row[2] for row in said[1]} == {"asking", "offline"}
        assert [row[0] for row in said[-1]] == [*IN_BROWSER]
        assert sorted(asked) == sorted(urlsplit(one.origin).netloc for one in IN_BROWSER.values())
        rows = {row[0]: row[1:] for row in said[-1]}
        assert rows["okx"] == ["OKX", "offline", "No answer."]
        health = some.client("kraken").health()
        health.failed(RateLimited("slow down", retry_after_s=90), asyncio.get_running_loop().time())
        words = {row[0]: row[2:] for row in some.health()}["kraken"]
        assert words == ["limited", "Asks us to wait. Left alone for another 90 seconds."]

    run(main())


@pytest.mark.parametrize("until_s", [0.0, 30.0, 86_400.0])
@pytest.mark.parametrize("state", ["unknown", "ready", "blocked", "limited", "offline", "failing"])
def test_the_words_of_every_state_can_be_said_in_another_language(
    state: State, until_s: float
) -> None:
    async def main() -> None:
        some = Directory(nobody)
        health = some.client("kraken").health()
        health.state, health.reason = state, RateLimited("…")
        health.until_s = asyncio.get_running_loop().time() + until_s
        row = next(row for row in some.health() if row[0] == "kraken")
        assert row[2] == state
        assert row[3]
        assert english_in(row[3]) == []
        error = RateLimited("…")
        health.tell(error, asyncio.get_running_loop().time())
        assert bool(error.hint) == (until_s > 0)
        assert english_in(error.hint) == []

    with pseudo():
        run(main())


def test_a_contract_that_is_another_or_missing_can_be_said() -> None:
    async def listing(_client: Client) -> tuple[Instrument, ...]:
        return LISTED

    async def main() -> None:
        some = Directory(nobody, read_instruments=listing)
        other, note = await some.instrument("hyperliquid", "BTC-USDT-PERP")
        assert english_in(note, "Hyperliquid", "BTC-USDT-PERP", other.name) == []
        with pytest.raises(InputError) as caught:
            await some.instrument("hyperliquid", "BTZ-USDT-PERP")
        names = ("Hyperliquid", "BTZ-USDT-PERP", *(one.name for one in LISTED))
        assert english_in(str(caught.value), *names) == []

    with pseudo():
        run(main())


def test_asking_again_by_hand_forgives_a_blockade_but_no_limit() -> None:
    async def main() -> None:
        some = Directory(nobody)
        now_s = asyncio.get_running_loop().time()
        blocked, limited = some.client("bybit").health(), some.client("okx").health()
        blocked.failed(Unreachable("x", blocked=True), now_s)
        limited.failed(RateLimited("y"), now_s)
        with some.afresh(), some.afresh():
            assert some.client("bybit").afresh is some.client("kraken").afresh is True
        assert some.client("bybit").afresh is some.client("kraken").afresh is False
        blocked.check(now_s)
        with pytest.raises(RateLimited):
            limited.check(now_s)

    run(main())
