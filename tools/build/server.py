"""The site on localhost: right types, nothing stale, the build kept up to date."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import webbrowser
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tools.build import site
from tools.build.console import DIST, BuildError, say
from tools.build.listener import Handler, Listener
from tools.replay.market_file import MarketFile

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".zip": "application/zip",
}


class Site(Listener):
    """A folder under a path prefix, with its own answers for a few paths.

    Parameters
    ----------
    folder : Path
        The built site.
    port : int
        0 takes any free one.
    prefix : str
        Path below which the site stands, as on a shared host.
    origins, streams : mapping of str to str
        Venues answered by another origin, and heard at another address; they reach the page
        only through this server.
    timers : mapping of str to float
        Pauses of the page that differ from the package's, by the names of `site.site_json`.
    rebuild : bool
        Build again whenever the page itself is asked for, or its service worker whether there
        is another release.
    """

    def __init__(
        self,
        folder: Path = DIST,
        port: int = 0,
        *,
        prefix: str = "/",
        origins: Mapping[str, str] | None = None,
        streams: Mapping[str, str] | None = None,
        timers: Mapping[str, float] | None = None,
        rebuild: bool = False,
    ) -> None:
        super().__init__(_Handler, port)
        self.folder = folder
        self.prefix = "/" + prefix.strip("/") + "/" if prefix.strip("/") else "/"
        self.origins = dict(origins or {})
        self.streams = dict(streams or {})
        self.timers = dict(timers or {})
        self.rebuild = rebuild
        self.requests: list[str] = []
        """Paths that were asked for, oldest first."""
        self._building = threading.Lock()

    @property
    def address(self) -> str:
        """Where the page is."""
        return self.origin + self.prefix

    def content(self, path: str) -> bytes | None:
        """What stands at this path of the site, or None."""
        if path in ("index.html", "sw.js") and self.rebuild:
            with self._building:
                try:
                    site.build(self.folder)
                except BuildError as error:
                    say(str(error))
        if (self.origins or self.streams or self.timers) and path in _OVERRIDDEN:
            return self._overridden().get(path)
        return self._file(path)

    def _file(self, path: str) -> bytes | None:
        file = (self.folder / path).resolve()
        inside = file.is_relative_to(self.folder.resolve()) and file.is_file()
        return file.read_bytes() if inside else None

    def _overridden(self) -> dict[str, bytes]:
        """The page with the origins let through, and the release that agrees with it."""
        page = self._file("index.html") or b""
        hosts = [*self.origins.values(), *map(_origin, self.streams.values())]
        allowed = " ".join(["connect-src", *hosts, ""])
        changed = {
            "index.html": re.sub(rb"connect-src ", allowed.encode(), page, count=1),
            "site.json": site.site_json(self.origins, self.streams, self.timers),
        }
        listed = json.loads(self._file("manifest.json") or b"{}").get("files", {})
        files = {name: (entry["bytes"], entry["sha256"]) for name, entry in listed.items()}
        for name, content in changed.items():
            files[name] = len(content), hashlib.sha256(content).hexdigest()
        return changed | site.release(files)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


_OVERRIDDEN = frozenset({"index.html", "site.json", "manifest.json", "sw.js"})


class _Handler(Handler):
    server: Site

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if not path.startswith(self.server.prefix):
            self._redirect()
            return
        name = path.removeprefix(self.server.prefix)
        if not name or name.endswith("/"):
            name += "index.html"
        self.server.requests.append(name)
        content = self.server.content(name)
        if content is None and self.server.content(f"{name}/index.html") is not None:
            self._lead_to(urlsplit(self.path).path + "/")
            return
        if content is None:
            missing = self.server.content("404.html") or b"Not found."
            self._answer(HTTPStatus.NOT_FOUND, missing, TYPES[".html"])
            return
        self._answer(
            HTTPStatus.OK, content, TYPES.get(Path(name).suffix, "application/octet-stream")
        )

    do_HEAD = do_GET

    def _redirect(self) -> None:
        asked = urlsplit(self.path)
        if asked.path in ("/", self.server.prefix.rstrip("/")):
            self._lead_to(self.server.prefix)
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"", TYPES[".html"])

    def _lead_to(self, path: str) -> None:
        """The same query elsewhere."""
        self.send_response(HTTPStatus.FOUND)
        self.send_header("Location", urlsplit(self.path)._replace(path=path).geturl())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _answer(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
        known = status == HTTPStatus.OK and self.headers.get("If-None-Match") == tag
        self.send_response(HTTPStatus.NOT_MODIFIED if known else status)
        self.send_header("ETag", tag)
        self.send_header("Cache-Control", "no-cache")
        if not known:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if not known and self.command == "GET":
            self.write(content)


def serve(
    port: int,
    *,
    prefix: str = "/",
    show: bool = True,
    market: Path | None = None,
    live_s: float | None = None,
) -> None:
    """Build, then serve until interrupted; with a market file, the exchanges beside it."""
    site.build()
    with ExitStack() as open_:
        origins, streams = _replayed(market, live_s, open_) if market else ({}, {})
        try:
            page = Site(port=port, prefix=prefix, origins=origins, streams=streams, rebuild=True)
        except OSError as error:
            raise BuildError(f"Port {port} is taken ({error.strerror}). Try --port 0.") from error
        say(f"liqmap is at {page.address} (stop with Ctrl-C)")
        if show:
            webbrowser.open(page.address)
        with page:
            page.serve_forever()


@contextmanager
def on_bybit(
    market: MarketFile,
    timers: Mapping[str, float] | None = None,
    clock: Callable[[], int] | None = None,
) -> Iterator[Site]:
    """The site, started, with a stand-in for its first venue alone, whose time `clock` tells."""
    from tools.replay.exchanges import Replay
    from tools.replay.streams import ReplayStream

    with (
        Replay(market, clock=clock) as replay,
        ReplayStream(market, clock=clock) as stream,
        Site(
            origins={"bybit": replay.origin}, streams={"bybit": stream.url}, timers=timers
        ) as page,
    ):
        for one in (replay, stream, page):
            one.start()
        yield page


@contextmanager
def on_all(market: Path) -> Iterator[Site]:
    """The site, started, with stand-ins for all venues."""
    with ExitStack() as open_:
        origins, streams = _replayed(market, None, open_)
        page = open_.enter_context(Site(origins=origins, streams=streams))
        page.start()
        yield page


def _replayed(
    market: Path, live_s: float | None, open_: ExitStack
) -> tuple[dict[str, str], dict[str, str]]:
    """Stand-ins for all venues, started: origins and addresses of streams, by name."""
    from tools.replay import exchanges as replay
    from tools.replay import streams as replay_stream

    past = MarketFile.read(market)
    clock = replay.live(past, live_s) if live_s else None
    venues, streams = replay.replays(past, clock), replay_stream.streams(past, clock)
    for exchange in venues.values():
        open_.enter_context(exchange).start()
    for stream in streams.values():
        open_.enter_context(stream).start()
    if live_s:
        replay_stream.tell(streams.values(), live_s)
    say(f"{', '.join(venues)} are replayed from {market}")
    return (
        {name: one.origin for name, one in venues.items()},
        {name: one.url for name, one in streams.items()},
    )
