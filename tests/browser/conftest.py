"""The built site in a Chromium, with exchanges of our own behind it.

Every page fails its test when it logs an error, throws, or asks an origin that is neither
the site nor a stand-in exchange; a test that provokes errors names them with
`@pytest.mark.allow_errors("words", …)`, and one that needs another exchange answers it
with `page.context.route`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

from tests.support import engines
from tools.build import site
from tools.build.server import Site
from tools.replay import SIMULATED
from tools.replay import exchanges as replay
from tools.replay import streams as replay_stream
from tools.replay.exchanges import Replay
from tools.replay.market_file import MarketFile
from tools.replay.streams import ReplayStream

MARKET = MarketFile.read(SIMULATED)
DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SECONDS = 60.0

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def exchanges() -> Iterator[dict[str, Replay]]:
    """Every stand-in exchange; tests take `replays`, which are clean for each."""
    with ExitStack() as running:
        every = replay.replays(MARKET)
        for one in every.values():
            running.enter_context(one).start()
        yield every


@pytest.fixture(scope="session")
def feeds() -> Iterator[dict[str, ReplayStream]]:
    """Every stand-in stream; tests take `streams`."""
    with ExitStack() as running:
        every = replay_stream.streams(MARKET)
        for one in every.values():
            running.enter_context(one).start()
        yield every


@pytest.fixture
def replays(exchanges: dict[str, Replay]) -> Iterator[dict[str, Replay]]:
    """The stand-in exchanges by name, behaving well until told otherwise."""
    for one in exchanges.values():
        one.reset()
    yield exchanges
    for one in exchanges.values():
        one.reset()


@pytest.fixture(name="replay")
def replay_of_bybit(replays: dict[str, Replay]) -> Replay:
    """The exchange that a page asks first."""
    return replays["bybit"]


@pytest.fixture
def streams(feeds: dict[str, ReplayStream]) -> Iterator[dict[str, ReplayStream]]:
    """The stand-in streams by name, without a listener, silent until told otherwise."""
    for one in feeds.values():
        one.reset()
    yield feeds
    for one in feeds.values():
        one.reset()


@pytest.fixture(scope="session")
def served(exchanges: dict[str, Replay], feeds: dict[str, ReplayStream]) -> Iterator[Site]:
    """The built site below a path prefix, as a shared host serves it."""
    site.build()
    origins = {name: one.origin for name, one in exchanges.items()}
    addresses = {name: one.url for name, one in feeds.items()}
    with Site(prefix="/liqmap/", origins=origins, streams=addresses) as server:
        server.start()
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright, engines.launched(playwright) as browser:
        yield browser


@pytest.fixture
def opened(
    browser: Browser,
    served: Site,
    replays: dict[str, Replay],
    streams: dict[str, ReplayStream],
    request: pytest.FixtureRequest,
) -> Iterator[Callable[..., Page]]:
    """Open an empty page; keywords are Playwright's for a context."""
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(**options: Any) -> Page:
        # Requests that a service worker answers escape `route`; offline tests allow it.
        context = browser.new_context(**{"service_workers": "block", **DESKTOP, **options})
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        addresses = [served.address, *served.origins.values(), *served.streams.values()]
        known = {urlsplit(address).netloc for address in addresses}
        _guard(context, known, complaints)
        return context.new_page()

    yield open_
    for context in contexts:
        context.close()
    marker = request.node.get_closest_marker("allow_errors")
    allowed = marker.args if marker else ()
    unexpected = [text for text in complaints if not any(word in text for word in allowed)]
    assert not unexpected, "the page complained:\n" + "\n".join(unexpected)


@pytest.fixture
def page(opened: Callable[..., Page]) -> Page:
    """An empty page on a desktop."""
    return opened()


@pytest.fixture
def phone(opened: Callable[..., Page]) -> Page:
    """An empty page on a small phone."""
    return opened(**PHONE)


@pytest.fixture
def visit(served: Site, page: Page) -> Visit:
    """Open the page with a query string and wait for a state."""

    def go(query: str = "", *, on: Page | None = None, state: str = "ready") -> Page:
        shown = on or page
        shown.goto(served.address + query)
        await_state(shown, state)
        return shown

    return go


def await_state(page: Page, state: str) -> None:
    """Until `<html data-state>` is this; says what the page says when it never is."""
    try:
        page.wait_for_selector(f"html[data-state={state}]", state="attached")
    except Exception as error:
        now = page.evaluate(
            "[document.documentElement.dataset.state, document.querySelector('#status')?.innerText]"
        )
        raise AssertionError(f"the page never became {state}; now {now}") from error


def _guard(context: BrowserContext, known: set[str], complaints: list[str]) -> None:
    """Note every error, and refuse every request to an origin that is not ours."""

    def refuse(route: Route) -> None:
        complaints.append(f"a request to a foreign origin: {route.request.url}")
        route.abort()

    context.route(lambda address: _foreign(address, known), refuse)
    context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
    context.on(
        "console",
        lambda entry: (
            complaints.append(f"console: {entry.text}") if entry.type == "error" else None
        ),
    )


def _foreign(address: str, known: set[str]) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.netloc not in known


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes `engine` in Chromium, or in every engine."""
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--engines")
        names = list(engines.ENGINES) if chosen == "all" else ["chromium"]
        metafunc.parametrize("engine", names, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, replays: dict[str, Replay]) -> Iterator[engines.Engine]:
    """One of the three browsers, with one empty page."""
    with engines.ENGINES[request.param]() as opened:
        yield opened
        assert not opened.errors, "the page complained:\n" + "\n".join(opened.errors)
