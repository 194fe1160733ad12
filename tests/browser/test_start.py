"""A start that fails is told: each row breaks one thing, and says what a visitor reads."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

import pytest
from playwright.sync_api import Page, Route

from tests.support.shown import STATUS, await_state
from tests.support.worker import await_listener
from tools.build.server import Site

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


def cut(route: Route) -> None:
    reply = route.fetch()
    body = reply.body()
    route.fulfill(response=reply, body=body[: len(body) // 2])


def flipped(route: Route) -> None:
    reply = route.fetch()
    body = bytearray(reply.body())
    body[len(body) // 2] ^= 1
    route.fulfill(response=reply, body=bytes(body))


FILES = [
    "style.css",
    "boot.js",
    "chart.js",
    "figure.json",
    "py/main.py",
    "py/page.tar.gz",
    "py/worker.py",
    "runtime.mjs",
    "runtime/bokeh/bokeh.min.js",
    "runtime/pyscript/core.js",
    "runtime/pyscript/core-C9KDLldu.js",
    "runtime/micropython/micropython.mjs",
    "runtime/micropython/micropython.wasm",
    "runtime/pyodide/pyodide.mjs",
    "runtime/pyodide/pyodide.asm.mjs",
    "runtime/pyodide/pyodide.asm.wasm",
    "runtime/pyodide/python_stdlib.zip",
    "runtime/pyodide/pyodide-lock.json",
    "manifest.json",
]


PAIRS = [
    *((file, flipped) for file in FILES[:-1]),
    *zip(FILES, cycle([missing, portal, cut]), strict=False),
    ("py/main.py", missing),
    ("runtime/pyodide/pyodide.asm.wasm", missing),
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
    assert page.evaluate(STATUS).startswith(PUBLISHED.format(file))


@pytest.mark.parametrize("file", [*FILES[:-5], "runtime/pyodide/pyodide.asm.wasm", "manifest.json"])
def test_a_start_that_hangs_is_said_and_goes_on_when_the_file_comes(
    broken: Callable[..., Page], file: str
) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page = broken(file, hold, HURRIED)
    assert page.evaluate(STATUS).startswith("Nothing has come for 3 seconds.")
    by_worker = file in FILES[-5:]
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
