"""A start that fails is told: each row breaks one thing, and says what a visitor reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Error, Page, Playwright, Route, expect

from tests.browser.conftest import SECONDS, Visit
from tests.support import engines
from tests.support.shown import STATUS, await_state
from tests.support.worker import await_listener
from tools.build.server import Site
from tools.replay.exchanges import Replay

Answer = Callable[[Route], None]
HURRIED = "window.liqmapPatience_s = 3;"
PUBLISHED = "{} did not arrive as it was published. Try again."
DETAIL = "document.querySelector('#details pre').textContent"


def hang(route: Route) -> None:
    """Never answer."""


def missing(route: Route) -> None:
    route.fulfill(status=404, body="nothing here", content_type="text/html")


def portal(route: Route) -> None:
    """What a network answers that asks to sign in."""
    route.fulfill(status=200, body="<html>Sign in</html>", content_type="text/html")


def redirected(route: Route) -> None:
    """What another network answers that asks to sign in."""
    route.fulfill(status=302, headers={"Location": "http://portal.example/sign-in"})


def unresolved(route: Route) -> None:
    """The name of the site is not found any more."""
    route.abort("namenotresolved")


def cut(route: Route) -> None:
    reply = route.fetch()
    body = reply.body()
    route.fulfill(response=reply, body=body[: len(body) // 2])


def flipped(route: Route) -> None:
    reply = route.fetch()
    body = bytearray(reply.body())
    if body:  # none where the browser asks whether what it holds has changed
        body[len(body) // 2] ^= 1
    route.fulfill(response=reply, body=bytes(body))


FILES = [
    "chart.js",
    "py/page.tar.gz",
    "py/worker.py",
    "runtime.mjs",
    "runtime/bokeh/bokeh.min.js",
    "runtime/pyscript/core-C9KDLldu.js",
    "runtime/micropython/micropython.mjs",
    "runtime/micropython/micropython.wasm",
    "runtime/pyodide/pyodide.mjs",
    "runtime/pyodide/pyodide.asm.mjs",
    "runtime/pyodide/pyodide.asm.wasm",
    "runtime/pyodide/python_stdlib.zip",
    "manifest.json",
]


PAIRS = [
    *((file, flipped) for file in FILES[:-1]),
    *zip(FILES, cycle([missing, portal, cut]), strict=False),
    ("py/worker.py", missing),
    ("runtime/pyodide/pyodide.asm.wasm", missing),
    *((file, redirected) for file in ("chart.js", "py/page.tar.gz", "manifest.json")),
    *(
        (file, unresolved)
        for file in ("chart.js", "py/page.tar.gz", "runtime/pyodide/python_stdlib.zip")
    ),
]


@pytest.fixture
def broken(opened: Callable[..., Page], served: Site) -> Callable[..., Page]:
    """Open a page of which one file is answered so, after a script; it fails.

    The worker begins only where its files are meant.
    """

    def open_(file: str = "", answer: Answer = hang, script: str = "") -> Page:
        page = opened(warm=False)
        page.add_init_script(script)
        if not file.startswith(("runtime/pyodide/", "manifest")):
            page.context.route("**/manifest.json", hang)
        if file:
            page.context.route(served.address + file, answer)
        page.goto(served.address, wait_until="commit")
        await_state(page, "failed")
        assert page.is_visible("#retry")
        return page

    return open_


@pytest.mark.allow_errors("")
@pytest.mark.parametrize(("file", "answer"), PAIRS)
def test_a_file_that_is_not_the_one_published_is_named(
    broken: Callable[..., Page], file: str, answer: Answer
) -> None:
    page = broken(file, answer)
    said = page.evaluate(STATUS)
    assert said.startswith(PUBLISHED.format(file)), said


@pytest.mark.parametrize("file", [*FILES[:-4], "runtime/pyodide/pyodide.asm.wasm", "manifest.json"])
def test_a_start_that_hangs_is_said_and_goes_on_when_the_file_comes(
    broken: Callable[..., Page], file: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page = broken(file, hold, HURRIED)
    assert page.evaluate(STATUS).startswith("Nothing has come for 3 seconds.")
    by_worker = file in FILES[-4:]
    assert by_worker or file in page.evaluate(DETAIL)
    for route in held:
        route.continue_()
    if by_worker:
        await_state(page, "ready")
    else:
        await_listener(page)  # the page's Python is there
    assert page.is_hidden("#retry")


LACKS = {
    "WebAssembly": "delete window.WebAssembly",
    "workers": "delete window.Worker",
    "module workers": "window.Worker = function () {}",
    "BroadcastChannel": "delete window.BroadcastChannel",
    "BigInt": "delete window.BigInt",
    "canvas": "HTMLCanvasElement.prototype.getContext = () => null",
    "structuredClone": "delete window.structuredClone",
    "recent JavaScript": "delete Array.prototype.at",
}


@pytest.mark.allow_errors("")
@pytest.mark.parametrize("name", LACKS)
def test_what_a_browser_lacks_is_named(broken: Callable[..., Page], name: str) -> None:
    page = broken(script=LACKS[name])
    assert page.evaluate(STATUS).startswith("This browser lacks ")
    assert name in page.evaluate(STATUS).split(", or has it")[0].split("lacks ")[1].split(", ")
    assert "a newer browser helps" in page.evaluate(STATUS)


def test_a_worker_that_is_killed_while_it_starts_is_missed(visit: Visit, page: Page) -> None:
    page.add_init_script(HURRIED)
    visit("?venue=demo", state="booting")
    page.wait_for_function("document.querySelector('script[name=liqmap]')?.xworker")
    page.evaluate("document.querySelector('script[name=liqmap]').xworker.terminate()")
    await_state(page, "failed")
    assert page.evaluate(STATUS).startswith("Nothing has come for 3 seconds.")
    with page.expect_navigation():
        page.click("#retry")
    await_state(page, "ready")


SILENT = """
  const silence = "for (const name of ['open', 'match', 'has', 'delete'])"
    + "CacheStorage.prototype[name] = () => new Promise(() => {});";
  eval(silence);
  window.Blob = class extends Blob {
    constructor(parts, options) {
      super(options?.type === "text/javascript" ? [silence, ...parts] : parts, options);
    }
  };
"""
"""Cache Storage that never answers, on the page and in PyScript's worker, which is a blob."""
OFF = "storage is off or full: the 0 liquidations here"


def test_storage_that_never_answers_is_passed_by(visit: Visit, opened: Callable[..., Page]) -> None:
    page = opened(warm=False)
    page.add_init_script(SILENT)
    visit(on=page)
    expect(page.locator("#tape")).to_contain_text(OFF, timeout=SECONDS * 1000)


def test_forbidden_storage_leaves_the_page_working(
    playwright: Playwright, served: Site, replays: dict[str, Replay], tmp_path: Path
) -> None:
    """As Chromium's setting «block all site data» does: every storage throws."""
    (tmp_path / "Default").mkdir()
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (tmp_path / "Default" / "Preferences").write_text(json.dumps(blocked))
    with engines.profile(playwright, tmp_path) as context:
        (page,) = context.pages
        page.goto(served.address)
        await_state(page, "ready")
        with pytest.raises(Error, match="Access is denied"):
            page.evaluate("localStorage.length")
        expect(page.locator("#tape")).to_contain_text(OFF, timeout=SECONDS * 1000)


def test_an_engine_of_a_wrong_type_runs_all_the_same(
    visit: Visit, opened: Callable[..., Page]
) -> None:
    page = opened(warm=False)

    def plain(route: Route) -> None:
        route.fulfill(response=route.fetch(), content_type="text/plain")

    page.context.route("**/pyodide.asm.wasm", plain)
    visit(on=page)


@pytest.mark.allow_errors("")
def test_a_page_whose_own_python_raises_says_so(broken: Callable[..., Page]) -> None:
    """`Array.from` is what the form is mirrored with."""
    page = broken(script=HURRIED + "Array.from = () => { throw new Error('sabotage'); }")
    assert "Try again" in page.evaluate(STATUS) or "try again" in page.evaluate(STATUS)


@pytest.mark.allow_errors("")
def test_another_try_fetches_what_was_damaged_past_the_browsers_memory(
    broken: Callable[..., Page], served: Site
) -> None:
    spy = """
      const plain = fetch;
      window.fetch = (input, options) => {
        if (options?.cache === "reload") sessionStorage.anew = input;
        return plain(input, options);
      };
    """
    page = broken("chart.js", flipped, spy)
    page.context.unroute(served.address + "chart.js")
    with page.expect_navigation(wait_until="commit"):
        page.click("#retry")
    page.wait_for_load_state("domcontentloaded")
    assert page.evaluate("sessionStorage.anew") == served.address + "chart.js"
    await_listener(page)
    assert page.is_hidden("#retry")
