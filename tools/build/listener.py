"""What every HTTP server of ours has in common: localhost, a thread of its own, no chatter."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Listener(ThreadingHTTPServer):
    """On localhost at a port; 0 takes any free one. Leaving its context stops it."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler: type[Handler], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self._started = False

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        """Answer in a thread of its own."""
        self._started = True
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def __exit__(self, *error: object) -> None:
        if self._started:
            self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    """Keeps connections open, and does not mind who leaves early."""

    protocol_version = "HTTP/1.1"

    def write(self, content: bytes) -> None:
        """Send a body after its headers."""
        try:
            self.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Say nothing: the browser's own tools show requests better."""
