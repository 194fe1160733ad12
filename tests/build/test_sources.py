"""Files are read from servers whole, or by ranges where the server can."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tools.build.sources import RangeFile, SourceError, Url

BIG = bytes(range(256)) * 4096


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("before.bin", BIG)
        file.writestr("folder/wanted.txt", "the wanted member")
        file.writestr("after.bin", BIG)
    return buffer.getvalue()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, content: bytes, *, ranges: bool = True) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = content
        self.ranges = ranges
        self.sent = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"

    def __enter__(self) -> Server:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path == "/missing":
            self.send_error(404)
            return
        content, wanted = self.server.content, self.headers.get("Range")
        if wanted and self.server.ranges:
            first, last = (int(part) for part in wanted.removeprefix("bytes=").split("-"))
            piece = content[first : last + 1]
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        else:
            piece = content
            self.send_response(200)
        self.send_header("Content-Length", str(len(piece)))
        self.end_headers()
        self.wfile.write(piece)
        self.server.sent += len(piece)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(archive()) as running:
        yield running


def test_one_member_of_a_large_archive_costs_little(server: Server) -> None:
    with zipfile.ZipFile(io.BufferedReader(RangeFile(server.address), 1 << 14)) as file:
        assert file.read("folder/wanted.txt") == b"the wanted member"
    assert server.sent < len(server.content) / 10


def test_a_range_file_reads_as_a_file_does(server: Server) -> None:
    remote, local = RangeFile(server.address), io.BytesIO(server.content)
    for offset, whence, length in ((5, 0, 10), (-7, 2, 100), (3, 0, 0), (0, 2, 4), (9, 0, 70_000)):
        assert remote.seek(offset, whence) == local.seek(offset, whence)
        assert remote.read(length) == local.read(length)
        assert remote.tell() == local.tell()


def test_a_server_without_ranges_is_found_out() -> None:
    with Server(archive(), ranges=False) as server, pytest.raises(OSError, match="whole files"):
        RangeFile(server.address)


def test_an_address_gives_its_files(server: Server) -> None:
    assert dict(Url(server.address).members(["a"])) == {"a": server.content}


def test_a_missing_file_is_the_source_s_fault(server: Server) -> None:
    with pytest.raises(SourceError, match="404"):
        list(Url(server.address).members(["missing"]))


def test_a_dead_address_is_the_source_s_fault() -> None:
    with Server(b"") as server:
        address = server.address
    with pytest.raises(SourceError):
        list(Url(address, seconds=1).members(["a"]))
