"""The registry of venues: titles and hosts follow from its lines."""

from __future__ import annotations

import re

from liqmap.venues.registry import ADAPTERS, HOSTS, STREAMS, TITLES
from tests.conftest import ROOT


def test_a_venue_has_one_name_and_one_title() -> None:
    for venue in ADAPTERS.keys() & STREAMS.keys():
        assert ADAPTERS[venue].title == STREAMS[venue].title
    assert set(STREAMS) - set(ADAPTERS) == {"gate"}
    for offering in ADAPTERS.values():
        assert ("stream" in offering.offers) == (offering.venue in STREAMS)


def test_titles_are_of_venues_that_can_be_read_in_order() -> None:
    assert list(TITLES) == list(ADAPTERS)
    assert list(TITLES.items())[:3] == [
        ("bybit", "Bybit"),
        ("hyperliquid", "Hyperliquid"),
        ("binance", "Binance"),
    ]


def test_hosts_are_origins_of_adapters_then_of_streams() -> None:
    streams = [host for host in HOSTS if host.startswith("wss://")]
    assert [*HOSTS] == [*(adapter.origin for adapter in ADAPTERS.values()), *streams]
    assert len(set(HOSTS)) == len(HOSTS)
    for venue, host in zip(STREAMS, streams, strict=True):
        assert STREAMS[venue].url.startswith(f"{host}/")
    for host in HOSTS:
        assert re.fullmatch(r"(https|wss)://[\w.-]+(:\d+)?", host)
    assert "wss://ws.okx.com:8443" in HOSTS


def test_the_page_may_connect_to_these_hosts() -> None:
    page = (ROOT / "www" / "index.html").read_text()
    policy = re.search(r"connect-src 'self' ([^;]*);", page)
    assert policy
    assert set(policy[1].split()) == set(HOSTS)
