"""A venue without a network: its stand-in answers, from the market file of the tests.

It is the stand-in of `build.py serve --replay` and of the browser tests: one fake a venue.
`tests.support.fixtures` has recorded shapes instead, one answer an endpoint.
"""

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


def answers_of(venue: Venue, now_ms: int) -> Answer:
    """What that stand-in answers at some time [ms], for `play`."""

    def answer(request: Request) -> Reply:
        body = (request.body or "").encode()
        found = venue.answer("POST" if request.body else "GET", request.path, body, now_ms)
        assert found is not None, f"{venue.name} has nothing at {request.path}"
        return Reply(found.status, found.body)

    return answer


def stand_in(venue: str, now_ms: int = NOW) -> Answer:
    """The same for a venue's stand-in with the market of the tests."""
    return answers_of(VENUES[venue](MARKET), now_ms)


def sending(
    venue: Venue, now_ms: int, asked: Callable[[str, str | None], None] = lambda *_: None
) -> Send:
    """The same as a network, for `Client`; `asked` is told of each question."""
    answer = answers_of(venue, now_ms)

    async def send(url: str, body: str | None) -> Reply:
        asked(url, body)
        parts = urlsplit(url)
        return answer(Request(parts.path + (f"?{parts.query}" if parts.query else ""), body))

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
    """Hold a conversation with the adapter's stand-in."""
    return play(adapter, conversation, stand_in(adapter.venue, now_ms), log)


def bitcoin(venue: str) -> Instrument:
    """Bitcoin's contract, as the venue lists it."""
    return instrument_of(ADAPTERS[venue], "BTC")


def instrument_of(adapter: Adapter, coin: str) -> Instrument:
    """A coin's contract, as the venue's stand-in lists it."""
    listed = ask(adapter, adapter.instruments())
    (instrument,) = [listing for listing in listed if listing.base_coin == coin]
    return instrument
