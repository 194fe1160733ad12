"""A market over the network, from a stand-in of its venue."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator

import numpy as np
import pytest

import liqmap
from liqmap import loading
from liqmap.data.market import Market
from liqmap.errors import InputError, NoData, NotInstalled, Unreachable
from liqmap.loading import Tell
from liqmap.venues.registry import ADAPTERS
from tests.support.venue import MARKET
from tools.replay.exchanges import Replay

DAY_BARS = 288


@pytest.fixture(scope="module")
def bybit() -> Iterator[Replay]:
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        yield replay


@pytest.fixture
def nobody() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def asked(bybit: Replay, tell: Tell | None = None) -> Market:
    return liqmap.load("bybit", "btc", days=1, tell=tell, origins={"bybit": bybit.origin})


def test_a_market_is_what_the_venue_remembers(bybit: Replay) -> None:
    said: list[str] = []
    market = asked(bybit, tell=lambda sentence, *_: said.append(sentence))
    assert market.venue == "bybit"
    assert market.instrument.name == "BTC-USDT-PERP"
    bars = MARKET.bars
    assert len(market.candles) >= DAY_BARS
    known = len(market.candles)
    np.testing.assert_array_equal(market.candles.time_ms, bars.time_ms[-known:])
    np.testing.assert_array_equal(market.candles.close, bars.close[-known:])
    assert market.candles.end_ms[-1] == MARKET.end_ms
    samples = market.open_interest
    assert samples.time_ms[-1] >= MARKET.end_ms - 300_000
    known_at = np.isin(MARKET.sample_ms, samples.time_ms)
    np.testing.assert_array_equal(samples.open_interest_base, MARKET.open_interest_base[known_at])
    assert market.mark is not None
    assert market.maintenance is not None
    assert said, "it is told how far it is"


def test_it_can_be_asked_where_a_loop_is_running(bybit: Replay) -> None:
    async def in_a_notebook() -> Market:
        return asked(bybit)

    market = asyncio.run(in_a_notebook())
    assert market.candles.close[-1] == MARKET.bars.close[-1]


def test_auto_takes_the_first_venue_that_answers(nobody: str) -> None:
    with Replay(MARKET, "hyperliquid") as replay:
        replay.start()
        origins = {"bybit": nobody, "hyperliquid": replay.origin}
        market = liqmap.load("auto", "BTC", days=1, origins=origins)
    assert market.venue == "hyperliquid"


def test_a_venue_that_cannot_be_reached_is_an_error_that_says_so(nobody: str) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        liqmap.load("bybit", origins={"bybit": nobody})


def test_where_no_venue_answers_each_says_why(nobody: str, monkeypatch: pytest.MonkeyPatch) -> None:
    two = {venue: ADAPTERS[venue] for venue in ("okx", "kraken")}
    monkeypatch.setattr(loading, "ADAPTERS", two)
    with pytest.raises(NoData, match="No venue gives BTC-USDT-PERP") as failed:
        liqmap.load("auto", origins=dict.fromkeys(two, nobody))
    for adapter in two.values():
        assert f"{adapter.title}: 127.0.0.1:" in failed.value.detail


@pytest.mark.parametrize(
    ("venue", "bar", "says"),
    [
        ("mtgox", "5m", "no venue “mtgox”"),
        ("bybit", "5 min", "no length of a bar"),
        ("bybit", "7m", "no bars of 7 minutes"),
    ],
)
def test_what_there_is_not_is_said_before_anybody_is_asked(
    venue: str, bar: str, says: str, nobody: str
) -> None:
    with pytest.raises(InputError, match=says):
        liqmap.load(venue, bar=bar, origins={"bybit": nobody})


def test_lengths_of_bars() -> None:
    lengths = [loading.length_ms(one) for one in ("1m", "15m", "4h", "1d")]
    assert lengths == [60_000, 900_000, 14_400_000, 86_400_000]


def test_what_is_not_installed_names_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_module: str) -> None:
        raise ModuleNotFoundError("No module named 'aiohttp'", name="aiohttp")

    monkeypatch.setattr(liqmap, "import_module", missing)
    with pytest.raises(NotInstalled) as failed:
        _ = liqmap.load
    assert str(failed.value) == (
        "liqmap.load needs aiohttp, which is not installed. pip install 'liqmap[fetch]'"
    )
    assert isinstance(failed.value, ImportError)
    with pytest.raises(AttributeError, match="no attribute 'unknown'"):
        _ = liqmap.unknown


def test_numpy_alone_is_enough_for_the_rest() -> None:
    assert {"load", "show", "read_market", "estimate"} <= set(dir(liqmap))
