"""What is heard is kept, when it was listened to is known, and nothing is claimed beyond."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
import pytest

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.errors import Unreachable
from liqmap.feed.archive import SAVE_S, TAPE_KEY
from liqmap.feed.client import Client
from liqmap.feed.recorder import Recorder, heard_only
from liqmap.feed.stream import LOST
from liqmap.feed.tape import Tape
from liqmap.venues.adapter import Depth
from liqmap.venues.stream import Message
from tests.support.clock import run
from tests.support.pseudo import english_in, pseudo
from tests.support.store import Drawer

BTC = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
KEY = ("bybit", BTC.name)


def told(*times: float) -> Liquidations:
    ones = np.ones(len(times))
    return Liquidations.sorted(list(times), ones, ones, ones)


class Speech(asyncio.Queue[Any]):
    """What comes of the stream: a text (empty: listened to, else why not), or a message."""

    async def listen(self, _stream: Any, _one: Any, connect: Any, *, tell: Any) -> Any:
        await connect("wss://toy.example")
        while True:
            word = await self.get()
            if isinstance(word, str):
                tell(word)
            else:
                yield Message(word) if isinstance(word, Liquidations) else word


@pytest.fixture
def speech() -> Speech:
    return Speech()


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def recorder(speech: Speech, store: Drawer | None = None) -> tuple[Recorder, list[str]]:
    urls: list[str] = []

    async def connect(url: str) -> Any:
        urls.append(url)

    heard = Recorder(connect, store, lambda: urls.append("heard"), listen=speech.listen)
    return heard, urls


async def listening(speech: Speech, *words: object) -> tuple[Recorder, list[str]]:
    """A recorder that listens to a contract whose first bar ends at 300, and has heard this."""
    one, log = recorder(speech)
    one.bar("bybit", BTC.name, 0, 300)
    one.listen_to({"bybit": BTC})
    for word in words:
        speech.put_nowait(word)
    await settle()
    return one, log


def test_what_is_heard_is_on_the_tape_and_shown(speech: Speech) -> None:
    async def main() -> None:
        one, log = await listening(speech, "", told(310, 320), told(320, 330))
        assert one.tape.of(BTC.name, "bybit").time_ms.tolist() == [310, 320, 330]
        assert log[0] == "wss://toy.example"
        assert log.count("heard") == 3

    run(main())


def test_a_stand_in_is_asked_in_the_venue_s_place(speech: Speech) -> None:
    async def main() -> None:
        one, log = recorder(speech)
        one.streams = {"bybit": "ws://127.0.0.1"}
        one.bar("bybit", BTC.name, 0, 300)
        one.listen_to({"bybit": BTC})
        await settle()
        assert log == ["ws://127.0.0.1"]

    run(main())


def test_watched_is_from_the_bar_after_the_connection_to_the_bar_before_its_loss(
    speech: Speech,
) -> None:
    async def main() -> None:
        one, _ = recorder(speech)
        one.bar("bybit", BTC.name, 0, 300)
        one.listen_to({"bybit": BTC})
        one.bar("bybit", BTC.name, 300, 600)  # not connected yet
        speech.put_nowait("")
        await settle()
        assert one.tape.watched(*KEY) == ()
        hour = 3_600_000  # a bar may be as long, and it is not called past before it ends
        one.bar("bybit", BTC.name, 300, 600)
        assert "Listening; its hours count from 01 Jan 00:00 UTC." in one.words({"bybit": BTC})[0]
        one.bar("bybit", BTC.name, 600, 600 + hour)
        assert "Listening since 01 Jan 00:00 UTC." in one.words({"bybit": BTC})[0]
        one.bar("bybit", BTC.name, 900, 1200)
        assert one.tape.watched(*KEY) == ((600, 900),)
        speech.put_nowait(LOST)
        await settle()
        one.bar("bybit", BTC.name, 1500, 1800)
        assert one.tape.watched(*KEY) == ((600, 900),)
        assert "lost" in one.words({"bybit": BTC})[0]
        speech.put_nowait("")
        await settle()
        one.bar("bybit", BTC.name, 2100, 2400)
        assert one.tape.watched(*KEY) == ((600, 900), (1800, 2100))
        assert "lost" not in one.words({"bybit": BTC})[0]

    run(main())


def test_a_bar_with_a_row_that_could_not_be_read_does_not_count(speech: Speech) -> None:
    async def main() -> None:
        one, _ = await listening(speech, "")
        one.bar("bybit", BTC.name, 300, 600)
        one.bar("bybit", BTC.name, 600, 900)
        assert one.tape.watched(*KEY) == ((300, 600),)
        speech.put_nowait(Message(told(610), left_out=2))
        await settle()
        one.bar("bybit", BTC.name, 900, 1200)
        assert one.tape.watched(*KEY) == ((300, 600),)
        one.bar("bybit", BTC.name, 1200, 1500)
        assert one.tape.watched(*KEY) == ((300, 600), (900, 1200))
        assert one.tape.of(BTC.name).time_ms.tolist() == [610]
        assert "2 rows could not be read" in one.words({"bybit": BTC})[0]

    run(main())


def test_how_complete_a_tape_is_can_be_said_in_another_language(speech: Speech) -> None:
    async def main() -> list[str]:
        one, _ = await listening(speech)
        said = [one.words({"bybit": BTC})[0]]
        for word in ("", "…", Message(told(610), left_out=2)):
            speech.put_nowait(word)
            await settle()
            said += one.words({"bybit": BTC})
        speech.put_nowait("")
        await settle()
        one.bar("bybit", BTC.name, 300, 600)
        said += [*one.words({"bybit": BTC}), *one.words({"hyperliquid": BTC})]
        return said

    with pseudo():
        said = run(main())
    assert len({*said}) > 4
    for words in said:
        assert english_in(words, "Bybit", "Hyperliquid") == []


def test_hours_whose_liquidations_were_deleted_do_not_count(speech: Speech) -> None:
    async def main() -> None:
        one, _ = await listening(speech, "")
        one.bar("bybit", BTC.name, 300, 600)
        one.bar("bybit", BTC.name, 600, 900)
        await one.clear()
        one.bar("bybit", BTC.name, 900, 1200)
        assert one.tape.watched(*KEY) == ()
        one.bar("bybit", BTC.name, 1200, 1500)
        assert one.tape.watched(*KEY) == ((900, 1200),)

    run(main())


def test_another_contract_ends_the_first(speech: Speech) -> None:
    async def main() -> None:
        one, log = await listening(speech)
        one.listen_to({"bybit": BTC})
        await settle()
        assert log.count("wss://toy.example") == 1
        other = Instrument("ETH-USDT-PERP", "ETHUSDT", "ETH", "USDT")
        one.listen_to({"bybit": other})
        speech.put_nowait(told(5))
        await settle()
        assert len(one.tape.of(BTC.name)) == 0
        assert one.tape.of(other.name).time_ms.tolist() == [5]

    run(main())


def test_a_refusal_is_said(speech: Speech) -> None:
    async def main() -> None:
        one, _ = await listening(speech, "Bybit says no.")
        (words,) = one.words({"bybit": BTC})
        assert words.endswith("Bybit says no.")
        assert "Connecting" not in words

    run(main())


def test_who_publishes_nothing_is_said_to() -> None:
    async def main() -> None:
        one, _ = recorder(Speech())
        usdc = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC")
        assert one.words({"hyperliquid": usdc}) == ["Hyperliquid publishes no liquidations."]

    run(main())


def test_the_tape_outlives_the_page_and_joins_what_another_tab_stored(
    speech: Speech,
) -> None:
    async def main() -> None:
        store = Drawer()
        one, _ = recorder(speech, store)
        one.bar("bybit", BTC.name, 0, 300)
        one.listen_to({"bybit": BTC})
        await settle()
        other = Tape()
        other.add(*KEY, told(1, 2))
        other.watch(*KEY, 0, 5)
        store.kept[TAPE_KEY] = other.dump()
        speech.put_nowait(told(2, 3))
        await asyncio.sleep(SAVE_S + 1)
        again, _ = recorder(speech, store)
        assert await again.open() == ""
        assert again.tape.of(BTC.name).time_ms.tolist() == [1, 2, 3]
        assert again.tape.watched(*KEY) == ((0, 5),)
        await again.clear()
        assert len(Tape.load(store.kept[TAPE_KEY])) == 0
        assert len(again.tape) == 0

    run(main())


def test_what_one_tab_deletes_another_does_not_bring_back(speech: Speech) -> None:
    """It forgets it, too, and its hours; what it hears later is kept by both."""

    async def main() -> None:
        store = Drawer()
        one, log = recorder(speech, store)
        one.bar("bybit", BTC.name, 0, 300)
        one.listen_to({"bybit": BTC})
        speech.put_nowait("")
        speech.put_nowait(told(2, 3))
        await settle()
        one.bar("bybit", BTC.name, 300, 600)
        one.bar("bybit", BTC.name, 600, 900)
        await one.save()
        other, _ = recorder(Speech(), store)
        await other.open()
        full = store.kept[TAPE_KEY]
        await other.clear()
        store.kept[TAPE_KEY] = full  # as of a save that was under way
        await other.save()
        assert len(Tape.load(store.kept[TAPE_KEY])) == 0
        log.clear()
        await one.save()
        assert log == ["heard"], "the page shows that they are gone"
        assert len(one.tape) == len(Tape.load(store.kept[TAPE_KEY])) == 0
        one.bar("bybit", BTC.name, 900, 1200)
        assert one.tape.watched(*KEY) == ()
        speech.put_nowait(told(5))
        await settle()
        await one.save()
        await other.save()
        for tape in (one.tape, other.tape, Tape.load(store.kept[TAPE_KEY])):
            assert tape.of(BTC.name).time_ms.tolist() == [5]
        await one.clear()
        await other.clear()
        assert one.tape.cleared < other.tape.cleared

    run(main())


def test_storage_that_fails_or_is_damaged_loses_nothing_on_screen() -> None:
    async def main() -> None:
        store = Drawer()
        store.kept[TAPE_KEY] = b"damaged"
        one, _ = recorder(Speech(), store)
        one.tape.add(*KEY, told(1))
        assert "cannot be read" in await one.open()
        store.broken = True
        await one.save()
        await one.clear()
        assert await one.open() == ""

    run(main())


class Talk:
    """An adapter with a list of liquidations of the last hour."""

    venue, title = "okx", "OKX"

    def __init__(self, found: Liquidations | Exception, depth: Any) -> None:
        self.found, self.offers = found, {"liquidations": depth}
        self.asked: list[tuple[float, float]] = []

    def liquidations(self, _one: Instrument, start_ms: float, end_ms: float) -> Any:
        self.asked.append((start_ms, end_ms))
        return self

    async def converse(self, talk: Any) -> Liquidations:
        if isinstance(self.found, Exception):
            raise self.found
        return self.found

    @property
    def adapter(self) -> Any:
        return self


def ask(talk: Talk) -> Recorder:
    async def main() -> Recorder:
        one, _ = recorder(Speech())
        client: Any = talk
        assert not isinstance(client, Client)
        await one.ask(client, BTC, 1_000, 100_000)
        return one

    return run(main())


def test_of_a_venue_that_no_page_can_read_only_the_stream_is_heard() -> None:
    """Its list of liquidations is not asked for; the size of a contract is known of two coins."""
    one, _ = recorder(Speech())
    assert one.lacks("okx", BTC.name, 0.0)
    assert not one.lacks("gate", BTC.name, 0.0)
    heard = {coin: heard_only(coin) for coin in ("BTC", "ETH", "XRP")}
    assert {coin: [*contracts] for coin, contracts in heard.items()} == {
        "BTC": ["gate"],
        "ETH": ["gate"],
        "XRP": [],
    }
    ether = heard["ETH"]["gate"]
    assert (ether.name, ether.native, ether.contract_size) == ("ETH-USDT-PERP", "ETH_USDT", 0.01)


def test_a_venue_s_own_list_is_watched_as_far_as_it_reaches() -> None:
    talk = Talk(told(60_000, 70_000), Depth(ms=50_000))
    one = ask(talk)
    assert talk.asked == [(50_000, 100_000)]
    assert one.tape.of(BTC.name, "okx").time_ms.tolist() == [60_000, 70_000]
    assert one.tape.watched("okx", BTC.name) == ((50_000, 100_000),)

    by_rows = ask(Talk(told(60_000, 70_000), Depth(rows=100)))
    assert by_rows.tape.watched("okx", BTC.name) == ((60_000, 100_000),)
    assert ask(Talk(told(), Depth(rows=100))).tape.watched("okx", BTC.name) == ()

    down = ask(Talk(Unreachable("gone."), Depth(ms=50_000)))
    assert down.tape.watched("okx", BTC.name) == ()
    assert "gone." in down.words({"okx": BTC})[0]
