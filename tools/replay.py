"""A second origin that stands in for the exchange, and can be told to misbehave."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

from tools.bybit_replay import Bybit
from tools.market_file import MarketFile

Kind = Literal[
    "blocked", "forbidden", "limited", "failing", "html", "truncated", "empty", "slow", "down"
]
"""blocked: a good answer that the browser may not read · forbidden: 403 as of its firewall ·
limited: 429 · failing: 500 · html: a page in place of JSON · truncated: half the JSON ·
empty: no bytes · slow: late · down: no answer at all."""

_FORBIDDEN = b"access too frequent"
_PAGE = b"<!doctype html><title>Attention required</title>"


@dataclass(slots=True)
class Fault:
    """One way to misbehave, for paths that contain `path`; `times` 0 means always."""

    kind: Kind
    path: str = ""
    times: int = 0
    seconds: float = 30.0


class Replay(ThreadingHTTPServer):
    """The venue over HTTP with its CORS headers, its rate limit, its clock and its faults.

    Parameters
    ----------
    market : MarketFile
        What the venue remembers.
    port : int
        0 takes any free one.
    allowed, per_seconds : int, float
        Requests the venue lets one address make; more are forbidden.
    live_s : float, optional
        A new bar appears every so many seconds; the last day of the file is held back for it.
    """

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self,
        market: MarketFile,
        port: int = 0,
        *,
        allowed: int = 600,
        per_seconds: float = 5.0,
        live_s: float | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.venue = Bybit(market)
        self.requests: list[str] = []
        self.faults: list[Fault] = []
        self.clock: Callable[[], int] = _clock(market, live_s)
        self._allowed, self._per_seconds = allowed, per_seconds
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        self._healed = threading.Event()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fail(self, kind: Kind, path: str = "", *, times: int = 0, seconds: float = 30.0) -> None:
        """Misbehave from now on, for paths that contain `path`."""
        self._healed.clear()
        self.faults.append(Fault(kind, path, times, seconds))

    def reset(self) -> None:
        """Behave again, forget what was asked, show the whole file."""
        self.faults.clear()
        self._healed.set()
        with self._lock:
            self.requests.clear()
            self._recent.clear()
        self.clock = _clock(self.venue.market, None)

    def start(self) -> None:
        """Answer in a thread of its own."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def note(self, path: str) -> bool:
        """Remember a request; False when the address has asked too much."""
        now = time.monotonic()
        with self._lock:
            self.requests.append(path)
            while self._recent and self._recent[0] <= now - self._per_seconds:
                self._recent.popleft()
            self._recent.append(now)
            return len(self._recent) <= self._allowed

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


def _clock(market: MarketFile, live_s: float | None) -> Callable[[], int]:
    if live_s is None:
        return lambda: market.end_ms
    began, held_ms = time.monotonic(), market.end_ms - 86_400_000

    def now_ms() -> int:
        bars = int((time.monotonic() - began) / live_s)
        return min(held_ms + bars * market.step_ms, market.end_ms)

    return now_ms


class _Handler(BaseHTTPRequestHandler):
    server: Replay
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        allowed = self.server.note(self.path)
        fault = self.server.fault(self.path)
        match fault.kind if fault else None:
            case None | "slow" | "blocked" | "truncated" if not allowed:
                self._answer(HTTPStatus.FORBIDDEN, _FORBIDDEN, "text/plain", readable=False)
            case "down":
                self.close_connection = True
            case "forbidden":
                self._answer(HTTPStatus.FORBIDDEN, _FORBIDDEN, "text/plain", readable=False)
            case "limited":
                self._answer(HTTPStatus.TOO_MANY_REQUESTS, b"", "text/plain")
            case "failing":
                self._answer(HTTPStatus.INTERNAL_SERVER_ERROR, b"", "text/plain")
            case "html":
                self._answer(HTTPStatus.OK, _PAGE, "text/html")
            case "empty":
                self._answer(HTTPStatus.OK, b"")
            case kind:
                if fault and kind == "slow":
                    self.server.wait(fault.seconds)
                self._venue(readable=kind != "blocked", whole=kind != "truncated")

    def do_OPTIONS(self) -> None:
        self._answer(HTTPStatus.NO_CONTENT, b"")

    def _venue(self, *, readable: bool, whole: bool) -> None:
        body = self.server.venue.answer(self.path, self.server.clock())
        if body is None:
            where = urlsplit(self.path).path
            self._answer(HTTPStatus.NOT_FOUND, f"no endpoint {where}".encode(), "text/plain")
            return
        self._answer(HTTPStatus.OK, body if whole else body[: len(body) // 2], readable=readable)

    def _answer(
        self,
        status: HTTPStatus,
        body: bytes,
        kind: str = "application/json",
        *,
        readable: bool = True,
    ) -> None:
        """Send it; the venue reflects the page's origin on what a browser may read."""
        origin = self.headers.get("Origin", "null")
        self.send_response(status)
        if readable and origin != "null":
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Vary", "Origin")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing: `Replay.requests` remembers."""
