"""The registry of venues: titles and hosts follow from its lines."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from liqmap.errors import Refused
from liqmap.venues.adapter import Reply, Request
from liqmap.venues.registry import ADAPTERS, HOSTS, IN_BROWSER, STREAMS, TITLES
from tests.conftest import ROOT
from tests.support.conversation import play


def test_a_venue_has_one_name_and_one_title() -> None:
    for venue in ADAPTERS.keys() & STREAMS.keys():
        assert ADAPTERS[venue].title == STREAMS[venue].title
    assert set(STREAMS) <= set(ADAPTERS)
    for offering in ADAPTERS.values():
        assert ("stream" in offering.offers) == (offering.venue in STREAMS)


def test_titles_are_of_venues_that_the_page_can_read_in_order() -> None:
    assert set(ADAPTERS) - set(IN_BROWSER) == {"gate"}
    assert list(TITLES) == list(IN_BROWSER) == [one for one in ADAPTERS if one != "gate"]
    assert list(TITLES.items())[:3] == [
        ("bybit", "Bybit"),
        ("hyperliquid", "Hyperliquid"),
        ("binance", "Binance"),
    ]


def test_hosts_are_origins_of_adapters_then_of_streams() -> None:
    streams = [host for host in HOSTS if host.startswith("wss://")]
    assert [*HOSTS] == [*(adapter.origin for adapter in IN_BROWSER.values()), *streams]
    assert len(set(HOSTS)) == len(HOSTS)
    for venue, host in zip(STREAMS, streams, strict=True):
        assert STREAMS[venue].url.startswith(f"{host}/")
    for host in HOSTS:
        assert re.fullmatch(r"(https|wss)://[\w.-]+(:\d+)?", host)
    assert "wss://ws.okx.com:8443" in HOSTS


def test_a_venue_s_file_says_what_it_is_and_where_it_is_documented() -> None:
    titles = {type(each).__module__: each.title for each in ADAPTERS.values()}
    titles |= {type(each).__module__: each.title for each in STREAMS.values()}
    for module, title in titles.items():
        about = sys.modules[module].__doc__ or ""
        pattern = rf"{title}: .*\.\n\nDocumented at https://\S+\n\n\S"
        assert re.match(pattern, about), module


def test_the_smallest_adapter_works_as_it_stands_in_the_guide() -> None:
    """Instruments, candles, snapshot, and what it makes of an error."""
    guide = (ROOT / "docs" / "how-to" / "add-an-exchange.md").read_text()
    (source,) = re.findall(r"^```python\n(.*?)^```", guide, re.M | re.S)
    names: dict[str, Any] = {}
    exec(compile(source, "toy.py", "exec"), names)
    toy = names["Toy"]()
    row = {"symbol": "XBTUSDT", "base": "XBT", "quote": "USDT", "trading": True}
    row |= {"tickSize": "0.1", "turnover24h": "5"}
    day_ms, start_ms = 86_400_000, 20_000 * 86_400_000
    bars = [[str(start_ms + n * day_ms), "2", "3", "1", "2", "9"] for n in range(2)]
    ticker = {"openInterest": "7", "markPrice": "2"}
    answers = {"/contracts": [row], "/candles": bars[::-1], "/ticker": ticker}

    def answer(request: Request) -> Reply:
        data = answers[request.path.partition("?")[0]]
        return Reply(200, json.dumps({"data": data}).encode())

    (bitcoin,) = play(toy, toy.instruments(), answer)
    assert (bitcoin.name, bitcoin.tick_size) == ("BTC-USDT-PERP", 0.1)
    log: list[Request] = []
    conversation = toy.candles(bitcoin, day_ms, start_ms, start_ms + 2 * day_ms)
    candles = play(toy, conversation, answer, log)
    assert list(candles.time_ms) == [start_ms, start_ms + day_ms]
    (asked,) = log
    assert asked.path.startswith("/candles?symbol=XBTUSDT&interval=1d&limit=1000&start=")
    now = play(toy, toy.snapshot(bitcoin), answer)
    assert (now.open_interest_base, now.mark_price) == (7.0, 2.0)
    with pytest.raises(Refused, match="Toy refused the request: “closed”"):
        toy.read(Reply(200, b'{"error":"closed"}'))
