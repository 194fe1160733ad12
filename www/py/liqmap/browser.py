"""The browser itself: the only room that imports `js`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar
from urllib.parse import quote, unquote

import js
import pyodide_js
from pyodide.ffi import JsException, create_proxy, to_js

from liqmap.errors import LiqmapError, Unreachable
from liqmap.language import say
from liqmap.venues import refusals
from liqmap.venues.adapter import Reply

T = TypeVar("T")
STORE_S = 5.0
"""Storage that has not answered by then never will, as happens in some private windows."""


def plain(value: object) -> Any:
    """A JavaScript value without proxies: dictionaries as objects, arrays as typed arrays."""
    return to_js(value, dict_converter=js.Object.fromEntries)


def post(message: dict[str, Any]) -> None:
    """Hand a message to the page; the buffers of an image are moved, not copied."""
    sent = plain(message)
    moved = [sent.image.rgba.buffer, sent.image.quote.buffer] if "image" in message else []
    if "rgba" in message:
        moved = [sent.rgba.buffer]
    js.postMessage(sent, to_js(moved))


early: dict[str, Reply] = {}
"""Answers, by address, that the document has fetched before Python was there; each serves once."""


async def send(url: str, body: str | None) -> Reply:
    """One request; cancelling the task aborts it.

    Raises
    ------
    Unreachable
        A browser hides why a request failed. A second one whose answer may not be read
        tells whether anybody is there: then the venue refuses this page or this place.
    """
    if body is None and url in early:
        return early.pop(url)
    abort = js.AbortController.new()
    options: dict[str, object] = {
        "signal": abort.signal,
        "cache": "no-store",
        "credentials": "omit",
    }
    if body is not None:
        options |= {
            "method": "POST",
            "body": body,
            "headers": {"Content-Type": "application/json"},
        }
    try:
        response = await js.fetch(url, plain(options))
        content = await response.arrayBuffer()
        retry_after = response.headers.get("Retry-After") or ""
        return Reply(int(response.status), content.to_bytes(), retry_after)
    except asyncio.CancelledError:
        abort.abort()
        raise
    except JsException as error:
        host = str(js.URL.new(url).host)
        if await _answers(url):
            raise Unreachable(
                say(
                    "{host} answers, but not to this browser: blocked from your location or "
                    "network, or asked too often.",
                    host=host,
                ),
                hint=say("Choose another venue, or try again in some minutes."),
                detail=f"{url}: {error}",
                blocked=True,
            ) from None
        raise Unreachable(
            say("{host} cannot be reached.", host=host),
            hint=say("Check your connection, then try again."),
            detail=f"{url}: {error}",
        ) from None


async def _answers(url: str) -> bool:
    try:
        await js.fetch(url, plain({"mode": "no-cors", "cache": "no-store"}))
    except JsException:
        return False
    return True


async def connect(url: str) -> Socket:
    """Open a WebSocket; cancelling closes it.

    Raises
    ------
    Unreachable
        It did not open; a browser does not say why.
    """
    socket = Socket(js.WebSocket.new(url), url)
    try:
        await socket.opened
    except BaseException:
        await socket.close()
        raise
    return socket


class Socket:
    """A `liqmap.feed.stream.Socket` over the browser's own."""

    def __init__(self, socket: js.WebSocket, url: str) -> None:
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._socket = socket
        self._messages: asyncio.Queue[str | None] = asyncio.Queue()
        self._host = str(js.URL.new(url).host)
        self._lost: LiqmapError = Unreachable(
            say("The stream of {host} cannot be reached.", host=self._host),
            hint=say("It is tried again and again."),
            detail=url,
        )
        self._proxies = {
            "open": create_proxy(self._on_open),
            "message": create_proxy(self._on_message),
            "close": create_proxy(self._on_close),
        }
        for name, proxy in self._proxies.items():
            socket.addEventListener(name, proxy)

    async def send(self, text: str) -> None:
        """Send one message."""
        if self._socket.readyState != js.WebSocket.OPEN:
            raise self._lost
        self._socket.send(text)

    async def receive(self) -> str:
        """The next message."""
        text = await self._messages.get()
        if text is None:
            raise self._lost
        return text

    async def close(self) -> None:
        """Close it; nothing is heard any more."""
        for name, proxy in self._proxies.items():
            self._socket.removeEventListener(name, proxy)
            proxy.destroy()
        self._proxies = {}
        self._socket.close()

    def _on_open(self, _event: object) -> None:
        if not self.opened.done():
            self.opened.set_result(None)

    def _on_message(self, event: js.MessageEvent) -> None:
        if isinstance(event.data, str):
            self._messages.put_nowait(event.data)

    def _on_close(self, event: js.CloseEvent) -> None:
        self._lost = refusals.closed(self._host, event.code, event.reason) or self._lost
        if not self.opened.done():
            self.opened.set_exception(self._lost)
        self._messages.put_nowait(None)


class Store:
    """A `liqmap.feed.cache.Store` in the browser's Cache Storage, which keeps the order of keys.

    Where that is missing, forbidden, or does not open within `PATIENCE_S`, all else fails at once.
    """

    NAME = "liqmap-kept"
    PATIENCE_S = 2.0
    closed = False
    """Whether the visitor wants nothing to be kept any more."""

    def __init__(self) -> None:
        self._silent = False

    async def get(self, key: str) -> bytes | None:
        """What was put under the key."""
        return await self._settled(self._get(key))

    async def put(self, key: str, content: bytes) -> None:
        """Keep it; the browser may refuse for want of room."""
        await self._settled(self._put(key, content))

    async def delete(self, key: str) -> None:
        """Keep it no longer."""
        await self._settled(self._delete(key))

    async def keys(self) -> list[str]:
        """All keys, the oldest first."""
        return await self._settled(self._keys())

    async def _get(self, key: str) -> bytes | None:
        reply = await (await self._cache()).match(_kept_at(key))
        return (await reply.arrayBuffer()).to_bytes() if reply else None

    async def _put(self, key: str, content: bytes) -> None:
        await (await self._cache()).put(_kept_at(key), js.Response.new(to_js(content)))

    async def _delete(self, key: str) -> None:
        await (await self._cache()).delete(_kept_at(key))

    async def _keys(self) -> list[str]:
        requests = await (await self._cache()).keys()
        return [unquote(request.url.removeprefix(_kept_at(""))) for request in requests]

    async def _settled(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of an access to storage; one that never answers is waited for once.

        Raises `OSError` where it fails.
        """
        if self._silent:
            work.close()
            raise OSError("Storage does not answer.")
        try:
            return await asyncio.wait_for(work, STORE_S)
        except TimeoutError:
            self._silent = True
            raise OSError("Storage does not answer.") from None
        except JsException as error:
            raise OSError(str(error)) from None

    async def _cache(self) -> js.Cache:
        if self.closed or not hasattr(js, "caches"):
            raise OSError("This page has no storage.")
        return await asyncio.wait_for(js.caches.open(self.NAME), self.PATIENCE_S)


def _kept_at(key: str) -> str:
    """Keys of Cache Storage are addresses; nothing stands at these."""
    return f"{page_url()}kept/{quote(key, safe='')}"


async def site() -> dict[str, Any]:
    """What this place knows: `site.json` beside the page."""
    response = await js.fetch(js.URL.new("site.json", page_url()).href)
    return (await response.json()).to_py()


async def own_file(path: str) -> bytes:
    """A file of the site; nothing where it does not come."""
    try:
        response = await js.fetch(js.URL.new(path, page_url()).href)
        return (await response.arrayBuffer()).to_bytes() if response.ok else b""
    except JsException:
        return b""


def take_early(answers: Iterable[js.EarlyAnswer]) -> None:
    """Keep what the document has fetched: address, status and body of each."""
    for one in answers:
        early[one.url] = Reply(int(one.status), one.body.to_bytes())


def page_url() -> str:
    """The folder of the page; the worker's own address is a blob."""
    return js.liqmapBase


def heap_bytes() -> int:
    """Size of the WebAssembly heap; it never shrinks."""
    return int(pyodide_js._module.HEAP8.length)
