"""The browser itself: the only room that imports `js`."""

from __future__ import annotations

import asyncio
from typing import Any

import js
import pyodide_js
from pyodide.ffi import JsException, to_js

from liqmap.errors import Unreachable
from liqmap.exchanges.adapter import Reply


def plain(value: Any) -> Any:
    """A JavaScript value without proxies: dictionaries as objects, arrays as typed arrays."""
    return to_js(value, dict_converter=js.Object.fromEntries)


def post(message: dict[str, Any]) -> None:
    """Hand a message to the page; the buffers of its image are moved, not copied."""
    sent = plain(message)
    image = getattr(sent, "image", None)
    js.postMessage(sent, to_js([image.rgba.buffer, image.quote.buffer] if image else []))


async def send(url: str, body: str | None) -> Reply:
    """One request; cancelling the task aborts it.

    Raises
    ------
    Unreachable
        A browser hides why a request failed. A second one whose answer may not be read
        tells whether anybody is there: then the venue refuses this page or this place.
    """
    abort = js.AbortController.new()
    options: dict[str, Any] = {"signal": abort.signal, "cache": "no-store", "credentials": "omit"}
    if body is not None:
        options |= {
            "method": "POST",
            "body": body,
            "headers": {"Content-Type": "application/json"},
        }
    try:
        response = await js.fetch(url, plain(options))
        content = await response.arrayBuffer()
        return Reply(int(response.status), content.to_bytes())
    except asyncio.CancelledError:
        abort.abort()
        raise
    except JsException as error:
        host = str(js.URL.new(url).host)
        if await _answers(url):
            raise Unreachable(
                f"{host} answers, but not to this browser: blocked from your location or "
                "network, or asked too often.",
                hint="Choose another venue, or try again in some minutes.",
                detail=f"{url}: {error}",
                blocked=True,
            ) from None
        raise Unreachable(
            f"{host} cannot be reached.",
            hint="Check your connection, then try again.",
            detail=f"{url}: {error}",
        ) from None


async def _answers(url: str) -> bool:
    try:
        await js.fetch(url, plain({"mode": "no-cors", "cache": "no-store"}))
    except JsException:
        return False
    return True


async def site() -> dict[str, Any]:
    """What this place knows: `site.json` beside the page."""
    response = await js.fetch(js.URL.new("site.json", page_url()).href)
    known: dict[str, Any] = (await response.json()).to_py()
    return known


def page_url() -> str:
    """The folder of the page; the worker's own address is a blob."""
    return str(js.liqmapBase)


def heap_bytes() -> int:
    """Size of the WebAssembly heap; it never shrinks."""
    return int(pyodide_js._module.HEAP8.length)
