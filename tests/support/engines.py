"""One small face for three browsers, for the test that runs in all of them.

Chromium by Playwright; Firefox by WebDriver BiDi, which it speaks without a driver;
WebKitGTK by its WebDriver. Each waits for a condition in the page itself.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from playwright.sync_api import Browser, BrowserContext, Page, Playwright

from tools.build import browsers

SECONDS = 120.0


class Engine(Protocol):
    """A browser with one page."""

    errors: list[str]
    """What the page logged as an error, where the engine tells."""

    def goto(self, address: str) -> None: ...

    def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression; what it holds must be JSON."""
        ...


def wait_for(engine: Engine, expression: str, seconds: float = SECONDS) -> None:
    """Until the expression is true in the page."""
    until = time.monotonic() + seconds
    while not engine.evaluate(f"Boolean({expression})"):
        if time.monotonic() > until:
            seen = engine.evaluate("document.documentElement.outerHTML.slice(0, 1500)")
            raise TimeoutError(f"never became true: {expression}\n{engine.errors}\n{seen}")
        time.sleep(0.1)


class _Chromium:
    def __init__(self, page: Page) -> None:
        self._page = page
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on(
            "console",
            lambda entry: self.errors.append(entry.text) if entry.type == "error" else None,
        )

    def goto(self, address: str) -> None:
        self._page.goto(address)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)


@contextmanager
def chromium(playwright: Playwright) -> Iterator[Engine]:
    with launched(playwright) as browser:
        yield _Chromium(browser.new_page())


@contextmanager
def launched(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that knows nothing: each of its contexts begins anew."""
    browser = playwright.chromium.launch(
        executable_path=browsers.find("chromium"), args=_arguments()
    )
    try:
        yield browser
    finally:
        browser.close()


@contextmanager
def profile(playwright: Playwright, folder: Path, **options: Any) -> Iterator[BrowserContext]:
    """A Chromium that keeps in a folder what browsers keep: files, compiled code, storage."""
    context = playwright.chromium.launch_persistent_context(
        folder, executable_path=browsers.find("chromium"), args=_arguments(), **options
    )
    try:
        yield context
    finally:
        context.close()


def _arguments() -> list[str]:
    """It finds this machine and no other; its sandbox does not work for root."""
    alone = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]
    return [*alone, "--no-sandbox"] if os.geteuid() == 0 else alone


class _Firefox:
    def __init__(self, address: str) -> None:
        import websocket

        self._socket = websocket.create_connection(
            f"{address}/session", timeout=SECONDS, suppress_origin=True
        )
        self._numbers = itertools.count()
        self.errors: list[str] = []
        self._send("session.new", capabilities={})
        self._send("session.subscribe", events=["log.entryAdded"])
        tree = self._send("browsingContext.getTree", maxDepth=0)
        self._page = tree["contexts"][0]["context"]

    def goto(self, address: str) -> None:
        self._send("browsingContext.navigate", context=self._page, url=address, wait="complete")

    def evaluate(self, expression: str) -> Any:
        reply = self._send(
            "script.evaluate",
            expression=f"JSON.stringify({expression})",
            target={"context": self._page},
            awaitPromise=True,
        )
        if reply["type"] == "exception":
            raise AssertionError(reply["exceptionDetails"]["text"])
        return json.loads(reply["result"].get("value", "null"))

    def close(self) -> None:
        self._socket.close()

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv())
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(str(message["params"]["text"]))
            if message.get("id") == number:
                if message["type"] == "error":
                    raise AssertionError(f"{method}: {message['message']}")
                result: dict[str, Any] = message["result"]
                return result


@contextmanager
def firefox(_: Playwright) -> Iterator[Engine]:
    program = browsers.find("firefox")
    assert program, "no Firefox; `build.py test --engines all` installs one"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [str(program), "--headless", "--no-remote", "--profile", profile]
        process = subprocess.Popen(
            [*command, "--remote-debugging-port", "0", "about:blank"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr
            said = (re.search(r"BiDi listening on (ws://\S+)", line) for line in process.stderr)
            engine = _Firefox(next(match[1] for match in said if match))
            try:
                yield engine
            finally:
                engine.close()
        finally:
            process.terminate()
            process.communicate(timeout=30)


class _WebKit:
    def __init__(self, service: str, program: Path) -> None:
        self._session = f"{service}/session"
        wanted = {"binary": str(program), "args": ["--automation"]}
        made = self._send("", capabilities={"alwaysMatch": {"webkitgtk:browserOptions": wanted}})
        self._session += f"/{made['sessionId']}"
        self.errors: list[str] = []

    def goto(self, address: str) -> None:
        self._send("/url", url=address)

    def evaluate(self, expression: str) -> Any:
        script = f"return JSON.stringify({expression} ?? null)"
        return json.loads(self._send("/execute/sync", script=script, args=[]))

    def close(self) -> None:
        request = urllib.request.Request(self._session, method="DELETE")
        urllib.request.urlopen(request, timeout=SECONDS).close()

    def _send(self, path: str, **params: Any) -> Any:
        request = urllib.request.Request(self._session + path, json.dumps(params).encode())
        try:
            with urllib.request.urlopen(request, timeout=SECONDS) as reply:
                return json.load(reply)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


@contextmanager
def webkit(_: Playwright) -> Iterator[Engine]:
    program = browsers.find("webkit")
    assert program, "no WebKitGTK driver; `build.py test --engines all` installs one"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    unboxed = {"WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"} if os.geteuid() == 0 else {}
    with _display() as display:
        process = subprocess.Popen(
            [str(program), f"--port={port}"], env=os.environ | unboxed | {"DISPLAY": display}
        )
        try:
            _listening(port)
            shown = next(Path("/usr/lib").glob("*/webkit2gtk-4.*/MiniBrowser"))
            engine = _WebKit(f"http://127.0.0.1:{port}", shown)
            try:
                yield engine
            finally:
                engine.close()
        finally:
            process.terminate()
            process.wait(timeout=30)


def _listening(port: int) -> None:
    """Until something answers at the port."""
    until = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@contextmanager
def _display() -> Iterator[str]:
    """A display of our own that nobody sees."""
    reading, writing = os.pipe()
    process = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as answer:
            yield f":{answer.readline().strip()}"
    finally:
        process.terminate()
        process.wait(timeout=30)


ENGINES: dict[str, Callable[[Playwright], AbstractContextManager[Engine]]] = {
    "chromium": chromium,
    "firefox": firefox,
    "webkit": webkit,
}
"""A browser by name; only Chromium is driven by Playwright, which runs once in a process."""
