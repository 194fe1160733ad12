"""A venue without a network: its stand-in answers, from the market file of the tests."""

from __future__ import annotations

from typing import TypeVar

from liqmap.data.market import Instrument
from liqmap.venues.adapter import Adapter, Conversation, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import Answer, play
from tools.replay import SIMULATED
from tools.replay.contract import listed
from tools.replay.market_file import MarketFile
from tools.replay.registry import VENUES

MARKET = MarketFile.read(SIMULATED)
BTC, ETH = listed(MARKET)
NOW = MARKET.end_ms

T = TypeVar("T")


def answering(adapter: Adapter, now_ms: int = NOW) -> Answer:
    """The stand-in's answers at some time."""
    venue = VENUES[adapter.venue](MARKET)

    def answer(request: Request) -> Reply:
        body = (request.body or "").encode()
        found = venue.answer("POST" if request.body else "GET", request.path, body, now_ms)
        assert found is not None, f"nothing stands at {request.path}"
        return Reply(found.status, found.body)

    return answer


def ask(
    adapter: Adapter,
    conversation: Conversation[T],
    log: list[Request] | None = None,
    now_ms: int = NOW,
) -> T:
    """Hold a conversation with the stand-in."""
    return play(adapter, conversation, answering(adapter, now_ms), log)


def bitcoin(venue: str) -> Instrument:
    """Bitcoin's contract, as the venue lists it."""
    if venue not in ADAPTERS:
        return Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")
    return named(ADAPTERS[venue], "BTC")


def named(adapter: Adapter, coin: str) -> Instrument:
    """A coin's contract, as the venue lists it."""
    (one,) = [one for one in ask(adapter, adapter.instruments()) if one.base_coin == coin]
    return one
