"""The order book by the client of a venue: what comes, what is said, what is raised."""

from __future__ import annotations

import json
from typing import Any

import pytest

from liqmap.data.market import Instrument
from liqmap.data.order_book import OrderBook
from liqmap.errors import BadResponse, LiqmapError, NotOffered, RateLimited, Unreachable
from liqmap.feed.client import Client
from liqmap.feed.depth import order_book
from liqmap.venues.adapter import Reply
from liqmap.venues.registry import ADAPTERS
from tests.support.clock import run
from tests.support.echo import Notes, Server, client_to
from tests.support.venue import BTC, MARKET, NOW, bitcoin, sending
from tools.replay.book import book
from tools.replay.registry import VENUES

ONE = Instrument("BTC-USDT-PERP", "BTCUSDT", "BTC", "USDT")


def asked_of(answer: Any, notes: list[str] | None = None) -> OrderBook:
    """Bybit's book when that is its answer, or is raised."""

    async def send(url: str, body: str | None) -> Reply:
        if isinstance(answer, Exception):
            raise answer
        return Reply(200, json.dumps(answer).encode())

    client = Client(ADAPTERS["bybit"], send)
    return run(order_book(client, ONE, None if notes is None else notes.append))


@pytest.mark.parametrize("venue", ADAPTERS)
def test_every_venue_shows_one(venue: str) -> None:
    memory = Notes()

    async def main() -> OrderBook:
        client = Client(ADAPTERS[venue], sending(VENUES[venue](MARKET), NOW), memory=memory)
        client.now_ms = float(NOW)
        return await order_book(client, bitcoin(venue))

    found = run(main())
    shown = book(BTC, NOW)
    assert found.bid_base[0] == pytest.approx(shown.bids[0][1])
    assert found.ask_price[0] - found.bid_price[0] < 0.0004 * MARKET.bars.close[-1]
    assert not memory.kept, "a book changes at once"


def test_what_is_left_out_is_said() -> None:
    notes: list[str] = []
    row = {"b": [["99", "1"], ["98", "odd"]], "a": [["101", "2"]], "ts": NOW}
    found = asked_of({"retCode": 0, "result": row}, notes)
    assert (found.bid_price.tolist(), found.ask_base.tolist()) == ([99.0], [2.0])
    assert notes == ["Bybit: 1 of 3 levels of the order book could not be read and is left out."]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"retCode": 0, "result": {}}, BadResponse),
        ({"retCode": 10006, "retMsg": "Too many visits!"}, RateLimited),
        (Unreachable("Nobody is there.", blocked=True), Unreachable),
    ],
)
def test_what_goes_wrong_is_an_error_of_ours(answer: Any, kind: type[LiqmapError]) -> None:
    with pytest.raises(kind):
        asked_of(answer)


def test_a_venue_without_one_says_so() -> None:
    with pytest.raises(NotOffered, match="Echo publishes no order book"):
        run(order_book(client_to(Server()), ONE))
