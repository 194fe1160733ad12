"""Live answers of one venue, as its adapter asks for them; for `python3 build.py capture`.

It never reaches the browser: it asks with Python's own HTTP client.
"""

from __future__ import annotations

import json
import sys
import urllib.error
import urllib.request
from typing import Any

from liqmap.data.market import Instrument
from liqmap.errors import LiqmapError
from liqmap.venues.adapter import Adapter, Conversation, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS

STEP_MS = 300_000
BARS = 12
TIMEOUT_S = 20.0


class NoAnswer(Exception):
    """Nobody is there."""


def capture(venue: str, origin: str | None = None) -> dict[str, Any]:
    """What the venue answers, and how to listen to it, as plain values.

    `replies` has for each request line its `method`, `url`, `status` and `body`; `failed` the
    conversations that ended in an error; `stream` is an address and the message to send.
    """
    found: dict[str, Any] = {"replies": {}, "failed": {}, "stream": None}
    contract = Instrument("BTC-USDT-PERP", "BTC_USDT", "BTC", "USDT")
    if venue in ADAPTERS:
        adapter = ADAPTERS[venue]
        address, replies = origin or adapter.origin, found["replies"]
        try:
            listed = _held(adapter.instruments(), adapter, address, replies)
        except LiqmapError as error:
            found["failed"]["instruments"] = str(error)
        else:
            contract = next((one for one in listed if one.base_coin == "BTC"), listed[0])
            found["failed"] = _of(adapter, contract, address, replies)
    if venue in STREAMS:
        stream = STREAMS[venue]
        found["stream"] = {"url": stream.url, "subscribe": stream.subscribe(contract)}
    return found


def _of(
    adapter: Adapter, contract: Instrument, address: str, replies: dict[str, Any]
) -> dict[str, str]:
    """Ask for everything of one contract; the conversations that failed, and why."""
    failed: dict[str, str] = {}
    bars = adapter.candles(contract, STEP_MS, newest=BARS)
    try:
        end_ms = float(_held(bars, adapter, address, replies).end_ms[-1])
    except LiqmapError as error:
        return {"candles": str(error)}
    start_ms = end_ms - BARS * STEP_MS
    asked: dict[str, Conversation[Any]] = {"snapshot": adapter.snapshot(contract)}
    if "mark" in adapter.offers:
        asked["mark"] = adapter.mark(contract, STEP_MS, start_ms, end_ms)
    if "open_interest" in adapter.offers:
        asked["open_interest"] = adapter.open_interest(contract, STEP_MS, start_ms, end_ms - 1)
    if "maintenance" in adapter.offers:
        asked["maintenance"] = adapter.maintenance(contract)
    if "liquidations" in adapter.offers:
        asked["liquidations"] = adapter.liquidations(contract, start_ms, end_ms)
    for name, talk in asked.items():
        try:
            _held(talk, adapter, address, replies)
        except LiqmapError as error:
            failed[name] = str(error)
    return failed


def _held(talk: Conversation[Any], adapter: Adapter, origin: str, replies: dict[str, Any]) -> Any:
    """The result of a conversation, held one request after the other."""
    try:
        batch = next(talk)
        while True:
            batch = talk.send([_asked(one, adapter, origin, replies) for one in batch])
    except StopIteration as end:
        return end.value
    finally:
        talk.close()


def _asked(request: Request, adapter: Adapter, origin: str, replies: dict[str, Any]) -> Any:
    body = None if request.body is None else request.body.encode()
    headers = {"User-Agent": "liqmap-capture"}
    headers |= {} if body is None else {"Content-Type": "application/json"}
    url = origin + request.path
    question = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(question, timeout=TIMEOUT_S) as answer:
            reply = Reply(int(answer.status), answer.read())
    except urllib.error.HTTPError as error:
        reply = Reply(int(error.code), error.read())
    except OSError as error:
        raise NoAnswer(f"{adapter.title} cannot be reached: {error}") from error
    try:
        content = json.loads(reply.body)
    except ValueError:
        content = reply.body.decode("utf-8", "replace")
    line = " ".join(part for part in (request.path, request.body) if part)
    method = "GET" if body is None else "POST"
    replies[line] = {"method": method, "url": url, "status": reply.status, "body": content}
    return adapter.read(reply)


if __name__ == "__main__":
    try:
        print(json.dumps(capture(sys.argv[1], *sys.argv[2:3])))
    except NoAnswer as nobody:
        sys.exit(str(nobody))
