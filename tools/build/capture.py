"""Ask a venue live, and keep its answers in the layout of the tests' fixtures.

The questions are those that the adapter asks (`liqmap.venues`), so that what is kept is what it
will read; `tests/support/fixtures.py` describes the layout, and plays a capture back. Nothing
curated is ever written over: the folder of a capture is new.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from liqmap.data.market import Instrument
from liqmap.errors import LiqmapError, Unreachable
from liqmap.fetching import fetched
from liqmap.venues.adapter import Adapter, Conversation, Reply, Request
from liqmap.venues.registry import ADAPTERS, STREAMS
from liqmap.venues.stream import Stream
from tools.build.console import ROOT, BuildError, say

STEP_MS = 300_000
BARS = 12
DAY_MS = 86_400_000
ACCOUNTS = 10
MESSAGES = 20
SECONDS = 20.0

Send = Callable[[Request], Reply]


def capture(
    venue: str,
    *,
    coin: str = "BTC",
    out: Path | None = None,
    seconds: float = SECONDS,
    messages: int = MESSAGES,
    origin: str | None = None,
    socket: str | None = None,
) -> Path:
    """Write what a venue answers now; the folder.

    Parameters
    ----------
    venue : str
        Its name in links.
    coin : str
        Of the contract that is asked for.
    out : Path, optional
        A folder that is empty or not there yet; captures/<venue>/<date> by default.
    seconds, messages : float, int
        How long to listen to the stream, and after how many messages to stop.
    origin, socket : str, optional
        Addresses other than the venue's usual ones.

    Raises
    ------
    BuildError
        No such venue, no such coin, no network, or the folder is taken.
    """
    adapter, stream = ADAPTERS.get(venue), STREAMS.get(venue)
    if adapter is None and stream is None:
        known = ", ".join(dict.fromkeys([*ADAPTERS, *STREAMS]))
        raise BuildError(f"There is no venue “{venue}”. Choose one of: {known}.")
    now = datetime.now(UTC)
    folder = out or ROOT / "captures" / venue / f"{now:%Y-%m-%d}"
    if folder.exists() and any(folder.iterdir()):
        raise BuildError(f"{folder} is not empty. Give another folder with --out.")
    found = Recorder(venue, now)
    instrument = Instrument(f"{coin}-USDT-PERP", f"{coin}_USDT", coin, "USDT")
    if adapter is not None:
        found.origin = origin or adapter.origin
        answers = ask_everything(adapter, coin, found.send)
        instrument = _contract(adapter, coin, answers["instruments"])
        for name, answer in answers.items():
            if isinstance(answer, LiqmapError):
                say(f"{name}: {answer}")
    if stream is not None:
        found.socket = socket or stream.url
        found.messages = _heard(stream, instrument, found.socket, seconds, messages)
    found.write(folder)
    return folder


def ask_everything(adapter: Adapter, coin: str, send: Send) -> dict[str, Any]:
    """Every series of one contract, of the newest hour: what each is, or why it is not there."""
    found: dict[str, Any] = {}

    def hold(name: str, conversation: Conversation[Any]) -> Any:
        try:
            found[name] = _held(adapter, conversation, send)
        except LiqmapError as error:
            found[name] = error
            return None
        return found[name]

    hold("probe", _probing(adapter))
    listed = hold("instruments", adapter.instruments())
    one = next((one for one in listed or () if one.base_coin == coin), None)
    if one is None:
        return found
    hold("snapshot", adapter.snapshot(one))
    hold("maintenance", adapter.maintenance(one))
    hold("order book", adapter.order_book(one))
    step_ms = min(step for step in adapter.steps_ms if step >= STEP_MS)
    newest = hold("newest", adapter.candles(one, step_ms, newest=BARS))
    if newest is not None:
        end_ms = float(newest.time_ms[-1]) + step_ms
        start_ms = end_ms - BARS * step_ms
        hold("candles", adapter.candles(one, step_ms, start_ms, end_ms))
        hold("mark", adapter.mark(one, step_ms, start_ms, end_ms))
        hold("open interest", adapter.open_interest(one, step_ms, start_ms, end_ms))
        hold("liquidations", adapter.liquidations(one, start_ms, end_ms))
        hold("funding", adapter.funding(one, end_ms - DAY_MS, end_ms))
        hold("long short ratio", adapter.long_short_ratio(one, step_ms, start_ms, end_ms))
    if "addresses" in dir(adapter):
        accounts: Any = adapter
        some = hold("addresses", accounts.addresses(one))
        hold("positions", accounts.positions(one, (some or ())[:ACCOUNTS]))
    return found


def name_of(path: str, body: str | None) -> str:
    """The name of an answer's file: its endpoint, and what kind of question was posted."""
    endpoint = path.partition("?")[0].strip("/").replace("/", "-")
    kind = re.search(r'"type":\s*"(\w+)"', body or "")
    return f"{endpoint}-{kind[1]}" if kind else endpoint


class Recorder:
    """Answers and messages of one venue, as they come."""

    def __init__(self, venue: str, now: datetime) -> None:
        self.venue = venue
        self.now = now
        self.origin = ""
        self.socket = ""
        self.messages: list[str] = []
        self._replies: dict[str, tuple[Request, Reply]] = {}

    def send(self, request: Request) -> Reply:
        """Ask the venue, once for each question."""
        line = _line(request)
        if line not in self._replies:
            self._replies[line] = request, _fetched(self.origin, request)
        return self._replies[line][1]

    def write(self, folder: Path) -> None:
        """The files and their manifest; raises BuildError when nothing came."""
        if not self._replies and not self.messages:
            raise BuildError(f"{self.venue} said nothing. Is there a network? Try again later.")
        common = {"kind": "captured", "shape": f"{self.now:%Y-%m-%d}"}
        manifest: list[str] = []
        taken: dict[str, int] = {}
        for request, reply in self._replies.values():
            name = name_of(request.path, request.body)
            taken[name] = taken.get(name, 0) + 1
            name = name if taken[name] == 1 else f"{name}-{taken[name]}"
            _put(folder / "replies", name, reply.body)
            manifest += _table(
                f"replies.{name}",
                request=_line(request),
                method="POST" if request.body else "GET",
                **common,
                url=self.origin + request.path,
                status=reply.status,
            )
        for number, message in enumerate(self.messages, 1):
            _put(folder / "stream", f"{number:02}", message.encode())
            manifest += _table(f"stream.{number:02}", **common, url=self.socket)
        head = {"venue": self.venue, "origin": self.origin, "socket": self.socket}
        lines = [f"{key} = {_toml(value)}" for key, value in head.items() if value]
        (folder / "manifest.toml").write_text("\n".join([*lines, *manifest, ""]))


def _probing(adapter: Adapter) -> Conversation[Any]:
    return (yield [adapter.probe()])


def _held(adapter: Adapter, conversation: Conversation[Any], send: Send) -> Any:
    try:
        batch = next(conversation)
        while True:
            batch = conversation.send([adapter.read(send(one)) for one in batch])
    except StopIteration as end:
        return end.value


def _contract(adapter: Adapter, coin: str, listed: Any) -> Instrument:
    if isinstance(listed, LiqmapError):
        raise BuildError(f"{adapter.title} lists no contracts: {listed}") from listed
    for one in listed:
        if isinstance(one, Instrument) and one.base_coin == coin:
            return one
    raise BuildError(f"{adapter.title} lists no contract of {coin}. Give another --coin.")


def _fetched(origin: str, request: Request) -> Reply:
    try:
        return asyncio.run(fetched(origin + request.path, request.body, SECONDS))
    except Unreachable as error:
        raise BuildError(
            f"{origin} cannot be reached from here ({error.__cause__}). A capture needs a "
            "network, and a country that the venue serves; --origin names another of its addresses."
        ) from error


def _heard(
    stream: Stream, instrument: Instrument, url: str, seconds: float, most: int
) -> list[str]:
    """The first messages of a stream; those that came where it breaks off."""
    from websockets.exceptions import WebSocketException
    from websockets.sync.client import connect

    messages: list[str] = []
    until_s = datetime.now(UTC).timestamp() + seconds
    try:
        with connect(url, open_timeout=SECONDS) as connection:
            connection.send(stream.subscribe(instrument))
            if stream.ping:
                connection.send(stream.ping)
            while len(messages) < most:
                left_s = until_s - datetime.now(UTC).timestamp()
                message = connection.recv(timeout=max(left_s, 0.0))
                messages.append(message if isinstance(message, str) else message.decode())
                if answer := stream.read(messages[-1], instrument).answer:
                    connection.send(answer)
    except TimeoutError:
        pass
    except (OSError, WebSocketException, LiqmapError) as error:
        say(f"the stream at {url} broke off: {error}")
    return messages


def _line(request: Request) -> str:
    return " ".join(part for part in (request.path, request.body) if part)


def _put(folder: Path, name: str, content: bytes) -> None:
    try:
        json.loads(content)
        suffix = "json"
    except ValueError:
        suffix = "txt"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.{suffix}").write_bytes(content)


def _table(name: str, **values: str | int) -> list[str]:
    return ["", f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in values.items())]


def _toml(value: str | int) -> str:
    """A string of JSON is one of TOML, but for what JSON escapes as two halves."""
    return json.dumps(value, ensure_ascii=False)
