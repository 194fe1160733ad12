"""A capture holds what a venue answered, and can be played back. No network: stand-ins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from liqmap.data.series import Candles
from liqmap.errors import LiqmapError
from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.fixtures import Fixtures
from tests.support.venue import MARKET, bitcoin
from tools.build import capture
from tools.build.console import BuildError
from tools.replay.exchanges import Replay
from tools.replay.registry import FEEDS, VENUES
from tools.replay.streams import ReplayStream

NOWHERE, SILENT = "http://127.0.0.1:9", "ws://127.0.0.1:9"


@pytest.fixture(params=sorted(VENUES))
def replay(request: pytest.FixtureRequest) -> Iterator[Replay]:
    with Replay(MARKET, request.param) as running:
        running.start()
        yield running


def test_a_capture_plays_back_what_was_captured(replay: Replay, tmp_path: Path) -> None:
    venue = replay.venue.name
    adapter = ADAPTERS[venue]
    folder = capture.capture(venue, out=tmp_path / venue, origin=replay.origin, socket=SILENT)
    asked = len(replay.requests)
    taken = Fixtures(folder)
    found = capture.ask_everything(adapter, "BTC", taken.answer)
    assert len(replay.requests) == asked == len(taken.manifest["replies"])
    assert found["instruments"]
    for name in ("newest", "candles"):
        assert isinstance(found[name], Candles)
        np.testing.assert_allclose(found[name].close[-12:], MARKET.bars.close[-12:])
    assert found["snapshot"].open_interest_base == pytest.approx(MARKET.open_interest_base[-1])
    always = {"probe", "instruments", "snapshot", "newest", "candles", "addresses", "positions"}
    for series in found.keys() - always:
        lacking = series.replace(" ", "_") not in adapter.offers
        assert isinstance(found[series], LiqmapError) == lacking, found[series]
    if venue == "hyperliquid":
        assert len(found["positions"]) > 0
    for entry in taken.manifest["replies"].values():
        assert (entry["kind"], entry["status"]) == ("captured", 200)
        assert entry["url"].startswith(replay.origin)
    if venue in STREAMS:
        assert taken.manifest["socket"].startswith("ws://")
        assert not taken.messages


@pytest.mark.parametrize("venue", sorted(FEEDS))
def test_what_a_stream_says_is_kept(venue: str, tmp_path: Path) -> None:
    """Here: that it accepts the subscription, and its greeting, if it has one."""
    stream = STREAMS[venue]
    messages = 1 + bool(FEEDS[venue].hello)
    with ExitStack() as running:
        told = running.enter_context(ReplayStream(MARKET, venue))
        told.start()
        origin, url = None, told.url
        if venue in VENUES:
            replay = running.enter_context(Replay(MARKET, venue))
            replay.start()
            origin = replay.origin
        capture.capture(venue, out=tmp_path, messages=messages, origin=origin, socket=url)
    taken = Fixtures(tmp_path)
    assert list(taken.messages) == list(taken.manifest["stream"]) == ["01", "02"][:messages]
    for text in taken.messages.values():
        assert len(stream.read(text, bitcoin(venue)).liquidations) == 0
    assert taken.manifest["stream"]["01"]["url"] == url


def test_a_refusal_is_kept_with_its_status(tmp_path: Path) -> None:
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        replay.fail("limited", "risk-limit")
        capture.capture("bybit", out=tmp_path, origin=replay.origin, socket=SILENT)
    taken = Fixtures(tmp_path)
    (entry,) = [one for one in taken.manifest["replies"].values() if "risk-limit" in one["request"]]
    assert entry["status"] == 429
    found = capture.ask_everything(ADAPTERS["bybit"], "BTC", taken.answer)
    assert type(found["maintenance"]).__name__ == "RateLimited"


def test_without_a_network_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a venue that is only listened to: as Gate would be without its adapter."""
    with pytest.raises(BuildError, match=r"cannot be reached from here .* needs a network"):
        capture.capture("bybit", out=tmp_path, origin=NOWHERE)
    monkeypatch.delitem(ADAPTERS, "gate")
    with pytest.raises(BuildError, match="gate said nothing"):
        capture.capture("gate", out=tmp_path, socket=SILENT)
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "manifest.toml").write_text("")
    with pytest.raises(BuildError, match="is not empty"):
        capture.capture("bybit", out=tmp_path)


def test_an_unknown_venue_or_coin_is_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no venue “mtgox”\. Choose one of: bybit, hyper"):
        capture.capture("mtgox")
    with Replay(MARKET, "bybit") as replay:
        replay.start()
        with pytest.raises(BuildError, match="lists no contract of DOGE"):
            capture.capture("bybit", coin="DOGE", out=tmp_path, origin=replay.origin)
