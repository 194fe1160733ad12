"""A WebSocket that stands in for a venue's stream of liquidations, and can be told to fail."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
from typing import Literal, Self

from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection
from websockets.sync.server import serve as listening

from tools.replay.contract import Contract, Liquidation, listed
from tools.replay.exchanges import Clock, end_of
from tools.replay.market_file import MarketFile
from tools.replay.registry import FEEDS

Trouble = Literal["refused", "silent", "garbage", "down"]
"""refused: no subscription is accepted · silent: connected, but neither answers nor news ·
garbage: half a message in place of each · down: no connection is accepted."""

_QUIET = logging.getLogger("liqmap.replay")
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


class ReplayStream:
    """One venue's stream on a port of its own, a context manager that stops it.

    Parameters
    ----------
    market : MarketFile
        Whose contracts and liquidations it speaks of.
    venue : str
        A key of `FEEDS`.
    port : int
        0 takes any free one.
    clock : callable, optional
        The venue's time; the end of the file where there is none.
    """

    def __init__(
        self,
        market: MarketFile,
        venue: str = "bybit",
        port: int = 0,
        *,
        clock: Clock | None = None,
    ) -> None:
        self.feed = FEEDS[venue]()
        self.clock: Clock = clock or end_of(market)
        self.heard: list[str] = []
        self.trouble: Trouble | None = None
        self._market = market
        self._contracts = {one.base_coin: one for one in listed(market)}
        self._told_ms = self.clock()
        self._topics: dict[ServerConnection, set[str]] = {}
        self._changed = threading.Condition()
        self._socket = socket.create_server(("127.0.0.1", port))
        self._server: Server | None = None

    @property
    def url(self) -> str:
        """Where a page connects to."""
        return f"ws://127.0.0.1:{self._socket.getsockname()[1]}{self.feed.path}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._server:
            self._server.shutdown()
        self._socket.close()

    def start(self) -> None:
        """Listen in a thread of its own."""
        self._server = listening(
            self._serve,
            sock=self._socket,
            process_request=self._admit,
            compression=None,
            close_timeout=1,
            logger=_QUIET,
        )
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def push(
        self,
        position_side: int,
        price: float,
        quantity_base: float,
        time_ms: int | None = None,
        *,
        coin: str = "BTC",
    ) -> None:
        """Liquidate a position now: whoever subscribed hears of it, nobody later."""
        at = self.clock() if time_ms is None else time_ms
        self._say(self._contracts[coin], [Liquidation(at, position_side, price, quantity_base)])

    def advance(self) -> None:
        """Tell what the market file holds since the last time."""
        since_ms, now_ms = self._told_ms, self.clock()
        self._told_ms = now_ms
        for contract in self._contracts.values():
            if rows := contract.liquidations(since_ms, now_ms):
                self._say(contract, rows)

    def drop(self) -> None:
        """Cut every connection without a closing message, as a network does."""
        with self._changed:
            connections = list(self._topics)
        for connection in connections:
            with suppress(OSError):
                connection.socket.shutdown(socket.SHUT_RDWR)

    def fail(self, trouble: Trouble) -> None:
        """Misbehave from now on."""
        self.trouble = trouble

    def heal(self) -> None:
        """Behave again."""
        self.trouble = None

    def reset(self) -> None:
        """Behave again, hang up on everybody, forget what was heard, know the whole file."""
        self.heal()
        self.clock = end_of(self._market)
        self._told_ms = self.clock()
        self.drop()
        self.await_subscribers(0)
        self.heard.clear()

    def await_subscribers(self, number: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many connections have subscribed; raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: self._subscribers() == number, seconds):
                raise TimeoutError(f"{self._subscribers()} subscribers, not {number}")

    def _subscribers(self) -> int:
        return sum(map(bool, self._topics.values()))

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        if self.trouble == "down":
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "")
        if request.path != self.feed.path:
            return connection.respond(HTTPStatus.NOT_FOUND, f"no stream at {request.path}")
        return None

    def _serve(self, connection: ServerConnection) -> None:
        """Hold one connection to its end."""
        with self._changed:
            self._topics[connection] = set()
        try:
            with suppress(ConnectionClosed, OSError):
                if self.feed.hello and self.trouble != "silent":
                    connection.send(self.feed.hello)
                for message in connection:
                    self._hear(connection, str(message))
        finally:
            with self._changed:
                del self._topics[connection]
                self._changed.notify_all()

    def _hear(self, connection: ServerConnection, message: str) -> None:
        self.heard.append(message)
        heard = self.feed.hear(message, self.clock())
        refused = heard.topic and self.trouble == "refused"
        reply = self.feed.refusal(message, self.clock()) if refused else heard.reply
        if reply and self.trouble != "silent":
            connection.send(self._spoken(reply))
        if heard.topic and not refused:
            with self._changed:
                self._topics[connection].add(heard.topic)
                self._changed.notify_all()

    def _say(self, contract: Contract, rows: list[Liquidation]) -> None:
        if self.trouble == "silent":
            return
        topic = self.feed.topic(contract)
        with self._changed:
            listeners = [one for one, topics in self._topics.items() if topic in topics]
        for message in self.feed.say(contract, rows, self.clock()):
            for connection in listeners:
                with suppress(ConnectionClosed, OSError):
                    connection.send(self._spoken(message))

    def _spoken(self, message: str) -> str:
        return message[: len(message) // 2] if self.trouble == "garbage" else message


def streams(market: MarketFile, clock: Clock | None = None) -> dict[str, ReplayStream]:
    """A stream of every venue that has one, by name; none is started yet."""
    return {name: ReplayStream(market, name, clock=clock) for name in FEEDS}


def tell(told: Iterable[ReplayStream], every_s: float) -> None:
    """Let streams tell what is new in the file every so many seconds, for ever."""

    def repeat() -> None:
        while True:
            time.sleep(every_s)
            for stream in told:
                stream.advance()

    threading.Thread(target=repeat, daemon=True).start()
