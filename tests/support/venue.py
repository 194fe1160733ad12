"""A venue without a network: its stand-in answers, from the market file of the tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import numpy as np

from liqmap.data.market import Instrument
from liqmap.feed.client import Send
from liqmap.venues.adapter import Adapter, Conversation, Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import Answer, play
from tools.replay import SIMULATED
from tools.replay.contract import listed
from tools.replay.market_file import Bars, MarketFile
from tools.replay.registry import VENUES
from tools.replay.standin import Venue

STEP_MS = 300_000
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


def sending(
    venue: Venue, now_ms: int, asked: Callable[[str, str | None], None] = lambda *_: None
) -> Send:
    """A network where that stand-in answers whatever is asked; `asked` is told of each question."""

    async def send(url: str, body: str | None) -> Reply:
        asked(url, body)
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        found = venue.answer("POST" if body else "GET", path, (body or "").encode(), now_ms)
        assert found is not None, f"nothing stands at {path}"
        return Reply(found.status, found.body)

    return send


def flat_market(bars: int, price: float, open_interest_base: float, start_ms: int) -> MarketFile:
    """Bars of five minutes at one price; volumes differ from bar to bar."""
    time_ms = start_ms + STEP_MS * np.arange(bars, dtype=np.int64)
    still, volume = np.full(bars, price), (time_ms // STEP_MS % 97 + 1).astype(float)
    held = np.full(bars, open_interest_base)
    columns = Bars(time_ms, still, still, still, still, volume, volume / 2)
    return MarketFile(STEP_MS, columns, time_ms + STEP_MS, held)


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
