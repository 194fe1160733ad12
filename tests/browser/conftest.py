"""The built site in a Chromium, with exchanges of our own behind it.

Every page fails its test when it logs an error, throws, or asks an origin that is neither
the site nor a stand-in exchange; a test that provokes errors names them with
`@pytest.mark.allow_errors("words", …)`.

Pages share one browser profile, so that Python starts from compiled code and a kept image;
what the page itself remembers is forgotten before each test. A test of another screen has a
copy of that profile, and one about a start from nothing a profile that knows nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    Playwright,
    expect,
    sync_playwright,
)

from liqmap.session.lender import listing
from tests.support import engines
from tests.support.shown import await_state
from tests.support.small_page import show_small
from tests.support.venue import MARKET
from tests.support.worker import silence
from tools.build import site
from tools.build.server import Site
from tools.replay import exchanges as replay
from tools.replay import streams as replay_stream
from tools.replay.exchanges import Replay
from tools.replay.streams import ReplayStream

DESKTOP = {"viewport": {"width": 1440, "height": 900}}
PHONE = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
SECONDS = 60.0
expect.set_options(timeout=SECONDS * 1000)  # a busy computer is no failure
TIMERS = {"retry_s": 0.05}
"""Pauses of the page in all tests; those that wait for another one shorten it."""
_FORGET = """async () => {
  localStorage.clear();
  for (const name of await caches.keys()) if (name !== "liqmap-snapshot") await caches.delete(name);
}"""

Visit = Callable[..., Page]
Timers = dict[str, float]


class Profile(NamedTuple):
    """A profile that many tests use: its context, a page of the site, what its pages complain."""

    context: BrowserContext
    idle: Page
    complaints: list[str]


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
def unlent(replays: dict[str, Replay]) -> None:
    """No list of past liquidations comes to stand in for one that a venue does not keep."""
    for venue in listing():
        replays[venue].fail("slow", "liquidation", seconds=300)


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
    with Site(prefix="/liqmap/", origins=origins, streams=addresses, timers=TIMERS) as server:
        server.start()
        yield server


@pytest.fixture
def timers(served: Site) -> Iterator[Timers]:
    """Pauses of pages that are opened from now on, by the names of `site.json`."""
    yield served.timers
    served.timers.clear()
    served.timers |= TIMERS


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Where each context has a profile of its own, which knows nothing."""
    with engines.launched(playwright) as browser:
        yield browser


@pytest.fixture(scope="session")
def seasoned(
    playwright: Playwright, served: Site, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The folder of a profile that has seen the page once: compiled code, an image of Python."""
    folder = tmp_path_factory.mktemp("profile")
    with engines.profile(playwright, folder, service_workers="block", **DESKTOP) as context:
        context.set_default_timeout(SECONDS * 1000)
        (page,) = context.pages
        served.timers["snapshot_s"] = 0.0
        page.goto(served.address + "?venue=demo")
        await_state(page, "ready")
        page.wait_for_function("document.documentElement.dataset.keeping === ''")
        page.wait_for_function("document.documentElement.dataset.keeping === undefined")
        del served.timers["snapshot_s"]
        page.goto(served.address + "robots.txt")  # a page that keeps nothing when it is left
        page.evaluate(_FORGET)
    return folder


@pytest.fixture(scope="session")
def warm(
    playwright: Playwright, served: Site, seasoned: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Profile]:
    """A copy of that profile, which most tests share."""
    folder = shutil.copytree(seasoned, tmp_path_factory.mktemp("warm") / "profile")
    options = {"service_workers": "block", **DESKTOP}
    with engines.profile(playwright, folder, **options) as context:
        context.set_default_timeout(SECONDS * 1000)
        (idle,) = context.pages
        idle.route("**/favicon.ico", lambda route: route.fulfill(status=204))  # a text has none
        idle.goto(served.address + "robots.txt")
        yield Profile(context, idle, _guarded(context, served))


@pytest.fixture
def opened(
    browser: Browser,
    warm: Profile,
    seasoned: Path,
    playwright: Playwright,
    served: Site,
    replays: dict[str, Replay],
    streams: dict[str, ReplayStream],
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Page]]:
    """Open an empty page: of the shared profile; with Playwright's keywords, of a copy of it.

    `warm=False` asks for a profile that knows nothing.
    """
    heard = [warm.complaints]
    opened: list[Page | BrowserContext] = []
    warm.complaints.clear()
    warm.idle.evaluate(_FORGET)
    others = ExitStack()

    def open_(*, warm: bool = True, **options: Any) -> Page:
        if warm and not options:
            page = profile.context.new_page()
            opened.append(page)
            return page
        # Requests that a service worker answers are not seen; offline tests allow it.
        options = {"service_workers": "block", **DESKTOP, **options}
        if warm:
            folder = shutil.copytree(seasoned, tmp_path_factory.mktemp("copy") / "profile")
            context = others.enter_context(engines.profile(playwright, folder, **options))
        else:
            context = browser.new_context(**options)
        context.set_default_timeout(SECONDS * 1000)
        opened.append(context)
        heard.append(_guarded(context, served))
        return context.pages[0] if context.pages else context.new_page()

    profile = warm
    yield open_
    for one in opened:
        one.unroute_all(behavior="ignoreErrors")  # a request may still be held
        one.close()
    others.close()
    marker = request.node.get_closest_marker("allow_errors")
    allowed = marker.args if marker else ()
    complaints = [text for texts in heard for text in texts]
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
def unspoken(page: Page) -> Page:
    """An empty page on a desktop whose worker never begins: a test speaks for it."""
    silence(page)
    return page


@pytest.fixture
def shown(page: Page, served: Site) -> Page:
    """The page with the small picture, on a desktop."""
    return show_small(page, served.address)


@pytest.fixture
def small_phone(phone: Page, served: Site) -> Page:
    """The page with the small picture, on a small phone."""
    return show_small(phone, served.address)


@pytest.fixture
def visit(served: Site, page: Page) -> Visit:
    """Open the page with a query string and wait for a state."""

    def go(query: str = "", *, on: Page | None = None, state: str = "ready") -> Page:
        shown = on or page
        shown.goto(served.address + query)
        await_state(shown, state)
        return shown

    return go


def _guarded(context: BrowserContext, served: Site) -> list[str]:
    """Every error of its pages from now on, and every request to an origin that is not ours.

    The browser finds no host but this machine: such a request fails, too.
    """
    complaints: list[str] = []
    addresses = [served.address, *served.origins.values(), *served.streams.values()]
    known = {urlsplit(address).netloc for address in addresses}

    def look(address: str) -> None:
        if _foreign(address, known):
            complaints.append(f"a request to a foreign origin: {address}")

    context.on("request", lambda request: look(request.url))
    context.on("weberror", lambda error: complaints.append(f"uncaught: {error.error}"))
    context.on(
        "console",
        lambda entry: (
            complaints.append(f"console: {entry.text}") if entry.type == "error" else None
        ),
    )
    return complaints


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
def engine(
    request: pytest.FixtureRequest, playwright: Playwright, replays: dict[str, Replay]
) -> Iterator[engines.Engine]:
    """One of the three browsers, with one empty page."""
    with engines.ENGINES[request.param](playwright) as opened:
        yield opened
        assert not opened.errors, "the page complained:\n" + "\n".join(opened.errors)
