"""Live answers are kept as fixtures are; here the live ones are a stand-in's."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from liqmap.venues.adapter import Reply, Request
from liqmap.venues.registry import ADAPTERS
from tests.support.conversation import asked, play
from tests.support.venue import MARKET, ask
from tools.build.capture import capture, field_names
from tools.build.console import BuildError
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream


def kept(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("venue", ["bybit", "hyperliquid", "okx"])
def test_what_is_captured_plays_back(tmp_path: Path, venue: str) -> None:
    with Replay(MARKET, venue) as replay:
        replay.start()
        folder = capture(
            venue, tmp_path, origin=replay.origin, stream="ws://127.0.0.1:1", listen_s=1
        )
    replies = kept(folder, "replies")

    def answer(request: Request) -> Reply:
        return Reply(200, json.dumps(replies[asked(request)]).encode())

    adapter = ADAPTERS[venue]
    listed = play(adapter, adapter.instruments(), answer)
    assert listed == ask(adapter, adapter.instruments())
    contract = next(one for one in listed if one.base_coin == "BTC")
    assert play(adapter, adapter.snapshot(contract), answer) == ask(
        adapter, adapter.snapshot(contract)
    )
    bars = play(adapter, adapter.candles(contract, 300_000, newest=12), answer)
    assert bars.end_ms[-1] == MARKET.end_ms
    for line, entry in kept(folder, "manifest")["replies"].items():
        assert (entry["kind"], entry["status"]) == ("captured", 200)
        assert entry["url"].startswith(replay.origin)
        assert set(entry["fields"]) == field_names(replies[line])


def test_what_is_heard_is_kept_too(tmp_path: Path) -> None:
    with Replay(MARKET) as replay, ReplayStream(MARKET) as stream:
        replay.start()
        stream.start()
        folder = capture("bybit", tmp_path, origin=replay.origin, stream=stream.url, listen_s=0.5)
    messages = [one["message"] for one in kept(folder, "stream")]
    assert messages[0]["op"] == "subscribe"
    assert len(kept(folder, "manifest")["stream"]) == len(messages)


def test_without_a_network_it_says_what_it_needs(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{closed.getsockname()[1]}"
    with pytest.raises(BuildError, match=r"Bybit cannot be reached.*needs a network"):
        capture("bybit", tmp_path, origin=origin)
    with pytest.raises(BuildError, match="There is no venue 'nowhere'"):
        capture("nowhere", tmp_path)
    assert not list(tmp_path.iterdir())
