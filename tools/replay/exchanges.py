"""A second origin that stands in for an exchange, and can be told to misbehave."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit

from tools.build.listener import Handler, Listener
from tools.replay.market_file import MarketFile
from tools.replay.registry import VENUES
from tools.replay.standin import Answer

Kind = Literal[
    "blocked",
    "forbidden",
    "limited",
    "banned",
    "failing",
    "refusing",
    "html",
    "truncated",
    "empty",
    "shuffled",
    "doubled",
    "skewed",
    "slow",
    "down",
]
"""blocked: a good answer that the browser may not read · forbidden: as of its firewall, for
the wrong country · limited: 429 · banned: 418, for `seconds`, in Binance's words · failing: 500 ·
refusing: `status`, which the browser may read where it is `readable` · html: a page in place of
JSON · truncated: half the JSON · empty: no bytes · shuffled: rows out of order · doubled: rows
twice · skewed: as of `seconds` ago, or ahead where negative · slow: `seconds` late · down: no
answer at all."""

Clock = Callable[[], int]
"""The venue's time [ms]."""

_PAGE = Answer(b"<!doctype html><title>Attention required</title>")
_BROKEN = Answer(b"", HTTPStatus.INTERNAL_SERVER_ERROR)


@dataclass(slots=True)
class Fault:
    """One way to misbehave, for paths that contain `path`; `times` 0 means always."""

    kind: Kind
    path: str = ""
    times: int = 0
    seconds: float = 30.0
    retry_after_s: int | None = None
    status: int = 500
    readable: bool = True


class Replay(Listener):
    """A venue over HTTP with its CORS headers, its rate limit, its clock and its faults.

    Parameters
    ----------
    market : MarketFile
        What the venue remembers.
    venue : str
        Which one; a key of `VENUES`.
    port : int
        0 takes any free one.
    allowed, per_seconds : int, float, optional
        Requests the venue lets one address make; more are forbidden.
    clock : callable, optional
        The venue's time; the end of the file where there is none.
    """

    def __init__(
        self,
        market: MarketFile,
        venue: str = "bybit",
        port: int = 0,
        *,
        allowed: int | None = None,
        per_seconds: float | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(_Handler, port)
        self.venue = VENUES[venue](market)
        self.requests: list[str] = []
        self.faults: list[Fault] = []
        self.clock: Clock = clock or end_of(market)
        self._allowed = allowed or self.venue.allowed
        self._per_seconds = per_seconds or self.venue.per_seconds
        self._recent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._lock = threading.Lock()
        self._healed = threading.Event()

    def fail(
        self,
        kind: Kind,
        path: str = "",
        *,
        times: int = 0,
        seconds: float = 30.0,
        retry_after_s: int | None = None,
        status: int = 500,
        readable: bool = True,
    ) -> None:
        """Misbehave from now on, for paths that contain `path`."""
        self._healed.clear()
        fault = Fault(kind, path, times, seconds, retry_after_s, status, readable)
        self.faults.append(fault)

    def heal(self) -> None:
        """Behave again."""
        self.faults.clear()
        self._healed.set()

    def reset(self) -> None:
        """Behave again, forget what was asked, show the whole file."""
        self.heal()
        with self._lock:
            self.requests.clear()
            self._recent.clear()
        self.clock = end_of(self.venue.market)

    def note(self, path: str) -> bool:
        """Remember a request; False when the address has asked too much."""
        now = time.monotonic()
        with self._lock:
            self.requests.append(path)
            endpoint = urlsplit(path).path.rpartition("/")[2]
            counted = endpoint if endpoint in self.venue.allowed_of else ""
            recent = self._recent[counted]
            while recent and recent[0] <= now - self._per_seconds:
                recent.popleft()
            recent.append(now)
            return len(recent) <= self.venue.allowed_of.get(counted, self._allowed)

    def fault(self, path: str) -> Fault | None:
        """The first fault that concerns this path; used up where it was told a number."""
        with self._lock:
            for fault in self.faults:
                if fault.path in path:
                    if fault.times:
                        fault.times -= 1
                        if not fault.times:
                            self.faults.remove(fault)
                    return fault
        return None

    def wait(self, seconds: float) -> None:
        """Be slow, but no longer than until `reset`."""
        self._healed.wait(seconds)


def end_of(market: MarketFile) -> Clock:
    """A clock that stands at the file's present."""
    return lambda: market.end_ms


def live(market: MarketFile, bar_s: float) -> Clock:
    """A clock that shows a new bar every `bar_s` seconds; the file's last day is held back."""
    began, held_ms = time.monotonic(), market.end_ms - 86_400_000

    def now_ms() -> int:
        bars = int((time.monotonic() - began) / bar_s)
        return min(held_ms + bars * market.step_ms, market.end_ms)

    return now_ms


def replays(market: MarketFile, clock: Clock | None = None) -> dict[str, Replay]:
    """A replay of every venue, by name, all at the same time of day; none is started yet."""
    return {name: Replay(market, name, clock=clock) for name in VENUES}


class _Handler(Handler):
    server: Replay

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        allowed = self.server.note(self.path)
        match fault := self.server.fault(self.path):
            case Fault("down"):
                self.close_connection = True
            case Fault("forbidden"):
                self._send(self.server.venue.forbidden, readable=False)
            case Fault("limited"):
                self._send(self.server.venue.limited, retry_after_s=fault.retry_after_s)
            case Fault("banned"):
                self._send(_banned(fault.seconds))
            case Fault("failing"):
                self._send(_BROKEN)
            case Fault("refusing"):
                words = Answer({"msg": "no"}, HTTPStatus(fault.status))
                self._send(words, readable=fault.readable)
            case Fault("html"):
                self._send(_PAGE)
            case Fault("empty"):
                self._send(Answer(b""))
            case _ if not allowed:
                self._send(self.server.venue.forbidden, readable=False)
            case _:
                self._venue(fault or Fault("slow", seconds=0), body)

    do_POST = do_GET

    def do_OPTIONS(self) -> None:
        self._send(Answer(b"", HTTPStatus.NO_CONTENT))

    def _venue(self, fault: Fault, body: bytes) -> None:
        """What the venue says, late or damaged."""
        now_ms = self.server.clock()
        if fault.kind == "skewed":
            now_ms -= round(fault.seconds * 1000)
        if fault.kind == "slow":
            self.server.wait(fault.seconds)
        answer = self.server.venue.answer(self.command, self.path, body, now_ms)
        if answer is None:
            where = urlsplit(self.path).path
            self._send(Answer(f"no endpoint {where}".encode(), HTTPStatus.NOT_FOUND))
            return
        if fault.kind in _ORDERS:
            answer = answer.rearranged(_ORDERS[fault.kind])
        whole, readable = fault.kind != "truncated", fault.kind != "blocked"
        self._send(answer, whole=whole, readable=readable)

    def _send(
        self,
        answer: Answer,
        *,
        whole: bool = True,
        readable: bool = True,
        retry_after_s: int | None = None,
    ) -> None:
        """Send it; most venues reflect the page's origin on what a browser may read."""
        body = answer.body if whole else answer.body[: len(answer.body) // 2]
        origin = self.headers.get("Origin", "null")
        self.send_response(answer.status)
        if readable and self.server.venue.in_browser and origin != "null":
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Headers", "Content-Type")
            self.send_header("Vary", "Origin")
        if retry_after_s is not None:
            self.send_header("Access-Control-Expose-Headers", "Retry-After")
            self.send_header("Retry-After", str(retry_after_s))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.write(body)


def _banned(seconds: float) -> Answer:
    until_ms = round(1000 * (time.time() + seconds))
    words = f"Way too many requests; IP(203.0.113.77) banned until {until_ms}."
    return Answer({"code": -1003, "msg": words}, HTTPStatus.IM_A_TEAPOT)


def _shuffled(rows: int) -> list[int]:
    return random.Random(rows).sample(range(rows), rows)


def _doubled(rows: int) -> list[int]:
    return [row for row in range(rows) for _ in range(2)]


_ORDERS = {"shuffled": _shuffled, "doubled": _doubled}
