"""The page without a network: kept whole, replaced whole, cleared whole."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Timers, Visit
from tests.support.shown import STATUS, await_state, image
from tests.support.worker import await_listener
from tools.build import server, site
from tools.build.console import DIST
from tools.build.integrity import digest
from tools.build.server import Site

HEAVY = ("pyodide.*.wasm", "*.whl", "python_stdlib.zip")
SILENT = """export const version = "0";
export const loadPyodide = () => new Promise(() => {});
"""
KEPT = "The page itself is kept"
_READ = """() => [
  document.documentElement.dataset.release,
  String(globalThis.release),
]"""
_RELEASES = "async () => (await caches.keys()).filter(name => name.startsWith('liqmap-release'))"

Publish = Callable[..., None]


@pytest.fixture
def publish(served: Site, tmp_path: Path) -> Iterator[Publish]:
    """Put a release of the page on the server; two of its files say which one.

    Its worker never begins. `damaged` names a file that is not what the manifest says.
    """
    folder = tmp_path / "site"
    shutil.copytree(DIST, folder, ignore=shutil.ignore_patterns(*HEAVY))
    (folder / "runtime.mjs").write_text(SILENT)
    marks = {
        "index.html": ("<html ", '<html data-release="{}" '),
        "chart.js": ("", "globalThis.release = {};\n"),
    }
    plain = {name: (folder / name).read_text() for name in marks}
    plain["index.html"] = re.sub(r'<link rel="preload".*?>', "", plain["index.html"])

    def put(number: int, damaged: str = "") -> None:
        texts = {
            name: plain[name].replace(before, after.format(number), 1)
            for name, (before, after) in marks.items()
        }
        changed = {"runtime.mjs": SILENT} | texts
        texts["index.html"] = sealed(texts["index.html"], changed)
        for name, text in texts.items():
            (folder / name).write_text(text)
        files = site.files(folder).items()
        digests = {name: (len(one), hashlib.sha256(one).hexdigest()) for name, one in files}
        for name, content in site.release(digests).items():
            (folder / name).write_bytes(content)
        if damaged:
            (folder / damaged).write_text("damaged")

    served.folder, built = folder, served.folder
    yield put
    served.folder = built


def sealed(page: str, changed: dict[str, str]) -> str:
    """The page with the sums of changed files, and of the list of sums."""
    listing = re.compile(r'(?<=type="importmap">)(.*?)(?=</script>)')
    before = listing.search(page)
    assert before
    for name, text in changed.items():
        if name != "index.html":
            page = page.replace(digest((DIST / name).read_bytes()), digest(text.encode()))
    after = listing.search(page)
    assert after
    return page.replace(digest(before[1].encode()), digest(after[1].encode()))


@pytest.fixture
def browsing(opened: Callable[..., Page]) -> Page:
    """An empty page of a profile that may have service workers."""
    return opened(warm=False, service_workers="allow")


def shows(page: Page) -> list[str]:
    """Which releases the page and its script are of, once it has begun."""
    page.wait_for_function("globalThis.liqmap?.keepPage && globalThis.release")
    found: list[str] = page.evaluate(_READ)
    return found


def keep(page: Page, address: str, words: str = KEPT) -> None:
    """Open the page and have it kept, as it does itself after the first picture."""
    page.goto(address)
    await_listener(page)
    page.evaluate("() => { liqmap.keepPage(); }")
    expect(page.locator("#kept")).to_contain_text(words)


def update(page: Page) -> str:
    """Have the page look for another release; what became of its worker."""
    found: str = page.evaluate(
        """async () => {
          const found = await navigator.serviceWorker.getRegistration();
          await found.update().catch(() => {});
          const worker = found.installing ?? found.waiting ?? {state: "redundant"};
          const over = () => ["installed", "activated", "redundant"].includes(worker.state);
          while (!over()) await new Promise(done =>
            worker.addEventListener("statechange", done, {once: true}));
          return worker.state;
        }"""
    )
    return found


def script(page: Page) -> str:
    """Which release's script the page would get now."""
    text: str = page.evaluate("async () => (await fetch('chart.js')).text()")
    return text.partition("globalThis.release = ")[2][0]


def evict(page: Page, name: str) -> None:
    """The browser loses a file."""
    assert page.evaluate(
        """async name => {
          for (const one of await caches.keys())
            if (await (await caches.open(one)).delete(new URL(name, location))) return true;
        }""",
        name,
    )


@pytest.mark.allow_errors("net::ERR")
def test_after_one_visit_the_page_opens_without_a_network(
    visit: Visit, browsing: Page, served: Site, timers: Timers
) -> None:
    timers["offline_s"] = 0.0
    served.requests.clear()
    page = visit(on=browsing)
    expect(page.locator("#kept")).to_contain_text(KEPT)
    begun = served.requests.index("sw.js")
    assert "manifest.json" in served.requests[:begun]
    assert "snapshot.mjs" not in served.requests[:begun], "the first visit pays for nothing"
    answered: dict[str, bool] = {}
    page.on("response", lambda reply: answered.update({reply.url: reply.from_service_worker}))
    page.context.set_offline(True)
    served.requests.clear()
    page.reload()
    await_state(page, "failed")
    assert page.evaluate(STATUS).startswith("None of 10 exchanges can be read from here.")
    visit("?venue=demo", on=page)
    assert image(page)[0].any(), "the simulation needs no network"
    assert set(served.requests) <= {"sw.js"}, "a browser looks for another release by itself"
    assert all(by_worker for url, by_worker in answered.items() if url.startswith(served.address))
    page.context.set_offline(False)
    visit(on=page)
    exchanges = [url for url in answered if not url.startswith(served.address)]
    assert exchanges
    assert not any(answered[url] for url in exchanges), "an exchange is not the worker's business"


def test_a_release_replaces_another_as_a_whole(
    publish: Publish, browsing: Page, served: Site
) -> None:
    publish(1)
    keep(browsing, served.address)
    browsing.reload()
    assert shows(browsing) == ["1", "1"]
    publish(2)
    assert script(browsing) == "1"
    keep(browsing, served.address)
    assert update(browsing) == "installed"
    expect(browsing.locator("#kept")).to_contain_text("A newer version is ready")
    assert script(browsing) == "1"
    assert len(browsing.evaluate(_RELEASES)) == 2
    served.requests.clear()
    browsing.reload()
    browsing.wait_for_selector("html[data-release='2']", state="attached")
    assert shows(browsing) == ["2", "2"]
    browsing.wait_for_function(f"({_RELEASES})().then(found => found.length === 1)")
    assert "chart.js" not in served.requests


def test_a_page_keeps_its_release_while_another_is_open(
    publish: Publish, browsing: Page, served: Site
) -> None:
    publish(1)
    keep(browsing, served.address)
    browsing.reload()
    other = browsing.context.new_page()
    other.goto(served.address)
    assert shows(other) == ["1", "1"]
    publish(2)
    assert update(other) == "installed"
    other.reload()
    assert shows(other) == ["1", "1"], "the first page would get another worker"
    assert script(browsing) == "1"
    other.close()
    browsing.reload()
    browsing.wait_for_selector("html[data-release='2']", state="attached")
    assert shows(browsing) == ["2", "2"]


def test_the_documents_beside_the_page_are_no_part_of_a_release(
    publish: Publish, browsing: Page, served: Site
) -> None:
    publish(1)
    keep(browsing, served.address)
    browsing.reload()
    document, icon = served.folder / "docs" / "index.html", "<link rel=icon href=data:,>"
    document.parent.mkdir(exist_ok=True)
    document.write_text(f"{icon}<p>of yesterday")
    other = browsing.context.new_page()
    other.goto(served.address + "docs/")
    document.write_text(f"{icon}<p>of today")
    reply = other.reload()
    assert reply
    assert (reply.text(), reply.from_service_worker) == (f"{icon}<p>of today", False)
    publish(2)
    assert update(browsing) == "installed"
    browsing.reload()
    browsing.wait_for_selector("html[data-release='2']", state="attached")
    assert shows(browsing) == ["2", "2"], "an open document does not hold it back"


@pytest.mark.parametrize("name", ["chart.js", "manifest.json"])
def test_a_release_that_did_not_arrive_whole_never_serves(
    publish: Publish, browsing: Page, served: Site, name: str
) -> None:
    publish(1)
    keep(browsing, served.address)
    browsing.reload()
    publish(2, damaged=name)
    assert update(browsing) == "redundant"
    assert len(browsing.evaluate(_RELEASES)) == 1
    browsing.reload()
    assert shows(browsing) == ["1", "1"]
    publish(2)
    assert update(browsing) == "installed"
    browsing.reload()
    browsing.wait_for_selector("html[data-release='2']", state="attached")
    assert shows(browsing) == ["2", "2"]


@pytest.mark.allow_errors("net::ERR")
@pytest.mark.parametrize("name", ["chart.js", "index.html", "manifest.json"])
def test_a_lost_file_is_fetched_again(
    publish: Publish, browsing: Page, served: Site, name: str
) -> None:
    publish(1)
    keep(browsing, served.address)
    evict(browsing, name)
    browsing.reload()
    assert shows(browsing) == ["1", "1"]
    keep(browsing, served.address)
    browsing.context.set_offline(True)
    browsing.reload()
    assert shows(browsing) == ["1", "1"]


@pytest.mark.allow_errors("net::ERR")
def test_the_page_of_a_coin_forwards_with_query_and_fragment(
    publish: Publish, browsing: Page, served: Site
) -> None:
    """By the server first, then by the service worker, which has it without a network."""
    publish(1)
    for path in ("eth/", "eth", "eth/index.html"):
        browsing.goto(f"{served.address}{path}?range=7d#desk-board", wait_until="commit")
        assert shows(browsing) == ["1", "1"]
        assert browsing.url == f"{served.address}?symbol=ETH-USDT-PERP&range=7d#desk-board"
        if path == "eth/":
            keep(browsing, served.address)
            browsing.context.set_offline(True)


MUTE = b"""addEventListener("message", ({data}) => {
  if (data !== "mute") return;
  for (const name of ["open", "match", "has", "delete", "keys"])
    CacheStorage.prototype[name] = () => new Promise(() => {});
});
"""


def test_storage_of_the_service_worker_that_never_answers_is_passed_by(
    publish: Publish, browsing: Page, served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The network's files take the place of the kept ones, if they are the same."""
    plain = served.content

    def mutable(path: str) -> bytes | None:
        found = plain(path)
        return MUTE + found if found and path == "sw.js" else found

    monkeypatch.setattr(served, "content", mutable)
    publish(1)
    keep(browsing, served.address)
    browsing.reload()
    assert shows(browsing) == ["1", "1"]
    browsing.evaluate("() => navigator.serviceWorker.controller.postMessage('mute')")
    served.requests.clear()
    browsing.reload()
    assert shows(browsing) == ["1", "1"]
    await_listener(browsing)
    assert {"index.html", "chart.js"} <= set(served.requests)


@pytest.mark.allow_errors("net::ERR", "Failed to load", "(reading 'then')", "PythonError")
@pytest.mark.parametrize("name", ["chart.js", "index.html"])
def test_a_lost_file_that_only_another_release_has_begins_that_release(
    publish: Publish, browsing: Page, served: Site, name: str
) -> None:
    """The page is never made of both."""
    publish(1)
    keep(browsing, served.address)
    evict(browsing, name)
    publish(2)
    browsing.goto(served.address)
    browsing.wait_for_selector("html[data-release='2']", state="attached")
    assert shows(browsing) == ["2", "2"]


@pytest.mark.allow_errors("net::ERR", "Failed to load")
def test_a_page_that_shows_something_is_told_to_reload(
    publish: Publish, browsing: Page, served: Site
) -> None:
    publish(1)
    keep(browsing, served.address)
    keep(browsing, served.address)
    browsing.evaluate("() => { document.documentElement.dataset.drawn = ''; }")
    evict(browsing, "chart.js")
    publish(2)
    assert browsing.evaluate("() => fetch('chart.js').then(() => 'mixed', () => 'refused')") == (
        "refused"
    )
    expect(browsing.locator("#kept")).to_contain_text("reload the page")
    assert shows(browsing) == ["1", "1"]


def test_a_browser_without_room_says_so_and_keeps_nothing(
    publish: Publish, browsing: Page, served: Site
) -> None:
    publish(1)
    devtools = browsing.context.new_cdp_session(browsing)
    origin = served.origin
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": origin, "quotaSize": 1_000_000})
    keep(browsing, served.address, "The page itself is not kept")
    assert browsing.evaluate(_RELEASES) == []
    browsing.reload()
    assert shows(browsing) == ["1", "1"]


def test_a_browser_that_forbids_it_has_the_page_all_the_same(
    publish: Publish, browsing: Page, served: Site
) -> None:
    """It forbids by throwing, which MicroPython cannot catch."""
    browsing.add_init_script(
        """const no = {get() { throw new Error("no"); }};
        Object.defineProperty(Navigator.prototype, "serviceWorker", no);
        Object.defineProperty(window, "caches", no);"""
    )
    publish(1)
    browsing.goto(served.address)
    assert shows(browsing) == ["1", "1"]
    browsing.evaluate("() => Promise.all([liqmap.keepPage(), liqmap.deleteStored()])")
    browsing.evaluate("() => liqmap.clearTabs()")


@pytest.mark.allow_errors("net::ERR")
@pytest.mark.parametrize("path", ["?range=7d", "index.html?range=7d"])
def test_a_subfolder_with_or_without_its_slash(
    publish: Publish, browsing: Page, served: Site, path: str
) -> None:
    publish(1)
    keep(browsing, served.address.rstrip("/") + "?venue=demo")
    assert browsing.url == served.address + "?venue=demo"
    browsing.context.set_offline(True)
    browsing.goto(served.address + path)
    assert browsing.url == served.address + path
    assert shows(browsing) == ["1", "1"]


@pytest.mark.allow_errors("net::ERR")
def test_a_host_that_redirects_its_index(
    publish: Publish, browsing: Page, served: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A redirected answer may not open a page."""
    plain = server._Handler.do_GET

    def redirecting(self: Any) -> None:
        if not self.path.endswith("/index.html"):
            plain(self)
            return
        self.send_response(HTTPStatus.PERMANENT_REDIRECT)
        self.send_header("Location", self.path.removesuffix("index.html"))
        self.send_header("Content-Length", "0")
        self.end_headers()

    monkeypatch.setattr(server._Handler, "do_GET", redirecting)
    publish(1)
    keep(browsing, served.address)
    browsing.context.set_offline(True)
    browsing.goto(served.address)
    assert shows(browsing) == ["1", "1"]


_STORED = """async () => ({
  local: Object.keys(localStorage),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""


def test_everything_stored_is_cleared_in_every_tab(
    visit: Visit, browsing: Page, timers: Timers
) -> None:
    timers.update(offline_s=0.0, snapshot_s=0.0, save_s=0.0)
    other = visit("?accounts=on", on=browsing.context.new_page())
    other.fill("#addresses", "0x" + "a" * 40)
    other.click("#addresses-use")
    page = visit(on=browsing)
    expect(page.locator("#kept")).to_contain_text(KEPT)
    page.wait_for_function("caches.has('liqmap-snapshot')")
    stored = page.evaluate(_STORED)
    assert set(stored["local"]) == {"liqmap-addresses", "liqmap-plan"}
    assert len(stored["caches"]) >= 3  # the last picture may be among them
    assert stored["workers"] == 1
    page.on("dialog", lambda asked: asked.accept())
    page.click("#clear")
    for one in (page, other):
        expect(one.locator("#kept")).to_contain_text("Everything stored was cleared")
        one.wait_for_function("document.querySelector('#addresses').value === ''")
    expect(other.locator("#tape")).to_contain_text("0 liquidations")
    nothing = {"local": [], "caches": [], "workers": 0}
    page.wait_for_function(f"({_STORED})().then(found => found.caches.length === 0)")
    assert page.evaluate(_STORED) == nothing
    for one in (page, other):
        one.check("[name=range][value='7d']")
        one.wait_for_function("liqmap.picture.query.includes('range=7d')")
        await_state(one, "ready")
    assert page.evaluate(_STORED) == nothing, "what is loaded anew is not kept"
