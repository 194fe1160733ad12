"""The dev server: types, freshness, the path prefix, and who may be let through the CSP."""

from __future__ import annotations

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import pytest

from tools.build.server import TYPES, Site
from tools.build.site import files, manifest

PAGE = (
    '<meta http-equiv="Content-Security-Policy" content="connect-src \'self\' https://a.example">'
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "outside.txt").write_text("secret")
    site = tmp_path / "site"
    (site / "deep").mkdir(parents=True)
    (site / "index.html").write_text(PAGE)
    (site / "404.html").write_text("nothing here")
    (site / "site.json").write_text('{"origins": {}}')
    for suffix in TYPES:
        (site / "deep" / f"file{suffix}").write_text(suffix)
    listing = {
        name: (len(content), hashlib.sha256(content).hexdigest())
        for name, content in files(site).items()
    }
    (site / "manifest.json").write_bytes(manifest(listing))
    return site


@pytest.fixture
def server(folder: Path) -> Iterator[Site]:
    origins, streams = {"bybit": "http://127.0.0.1:9"}, {"okx": "ws://127.0.0.1:8/ws/v5"}
    timers = {"poll_s": 0.5}
    with Site(folder, prefix="liqmap", origins=origins, streams=streams, timers=timers) as running:
        running.start()
        yield running


def get(address: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(address, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.headers, reply.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers, error.read()


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".mjs", "text/javascript"),
        (".js", "text/javascript"),
        (".wasm", "application/wasm"),
        (".json", "application/json"),
        (".whl", "application/zip"),
        (".zip", "application/zip"),
        (".py", "text/plain"),
        (".webmanifest", "application/manifest+json"),
    ],
)
def test_files_have_the_types_browsers_insist_on(server: Site, suffix: str, kind: str) -> None:
    status, headers, content = get(f"{server.address}deep/file{suffix}")
    assert (status, content) == (200, suffix.encode())
    assert headers.get_content_type() == kind


def test_a_known_file_is_not_sent_again_and_a_changed_one_is(server: Site, folder: Path) -> None:
    address = server.address + "deep/file.py"
    _, headers, _ = get(address)
    assert headers["Cache-Control"] == "no-cache"
    tag = headers["ETag"]
    assert get(address, **{"If-None-Match": tag})[0] == 304
    (folder / "deep" / "file.py").write_text("changed")
    status, _, content = get(address, **{"If-None-Match": tag})
    assert (status, content) == (200, b"changed")


def test_everything_stands_below_the_prefix(server: Site) -> None:
    assert server.address.endswith("/liqmap/")
    assert get(server.address)[0] == 200
    root = server.address.removesuffix("liqmap/")
    assert get(root + "index.html")[0] == 404
    assert get(root)[2].startswith(b"<meta"), "the root leads to the page"


@pytest.mark.parametrize("path", ["nope", "deep/", "../outside.txt", "..%2foutside.txt"])
def test_what_is_not_there_is_404_with_a_page(server: Site, path: str) -> None:
    status, headers, content = get(server.address + path)
    assert (status, content) == (404, b"nothing here")
    assert headers.get_content_type() == "text/html"


def test_only_the_server_lets_another_origin_through(server: Site) -> None:
    """A link's query string must not be able to do that."""
    for query in ("", "?origins=http://evil", "?bybit=http://evil"):
        page = get(f"{server.address}{query}")[2].decode()
        assert "connect-src http://127.0.0.1:9 ws://127.0.0.1:8 'self' https://a.example" in page
        settings = json.loads(get(f"{server.address}site.json{query}")[2])
        assert settings["origins"] == {"bybit": "http://127.0.0.1:9"}
        assert settings["streams"] == {"okx": "ws://127.0.0.1:8/ws/v5"}
        assert settings["timers"] == {"poll_s": 0.5}


def test_a_folder_without_its_slash_leads_to_the_page(server: Site) -> None:
    folder = server.address.rstrip("/")
    with urllib.request.urlopen(folder + "?venue=demo", timeout=10) as reply:
        assert reply.url == server.address + "?venue=demo"
        assert reply.read().startswith(b"<meta")


def test_a_page_in_a_folder_is_found_without_its_slash(server: Site, folder: Path) -> None:
    (folder / "eth").mkdir()
    (folder / "eth" / "index.html").write_text("a coin")
    for asked in ("eth", "eth/", "eth/index.html"):
        with urllib.request.urlopen(f"{server.address}{asked}?venue=okx", timeout=10) as reply:
            assert reply.read() == b"a coin"
            assert reply.url.startswith(f"{server.address}eth/")
            assert reply.url.endswith("?venue=okx")


def test_the_service_worker_is_of_the_release_that_is_served(server: Site) -> None:
    listing = get(server.address + "manifest.json")[2]
    assert "site.json" not in json.loads(listing)["files"], "it differs from server to server"
    assert hashlib.sha256(listing).hexdigest() in get(server.address + "sw.js")[2].decode()


def test_the_manifest_agrees_with_what_is_served(server: Site) -> None:
    listed = json.loads(get(server.address + "manifest.json")[2])["files"]
    assert set(listed) >= {"index.html", "deep/file.wasm"}
    for path, entry in listed.items():
        content = get(server.address + path)[2]
        assert (entry["bytes"], entry["sha256"]) == (
            len(content),
            hashlib.sha256(content).hexdigest(),
        )
