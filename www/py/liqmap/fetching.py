"""Requests and streams of venues by CPython, as `browser` makes them in a page."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import aiohttp

from liqmap.errors import LiqmapError, Unreachable
from liqmap.venues import refusals
from liqmap.venues.adapter import Reply

TIMEOUT_S = 20.0
LONGEST_MESSAGE = 16 * 2**20


class Web:
    """The network; an asynchronous context manager, so that connections end with it.

    `send` is what `liqmap.feed.client.Client` sends by, `connect` what `liqmap.feed.stream.listen`
    and `liqmap.feed.recorder.Recorder` connect by. Proxies are taken from the environment.

    Parameters
    ----------
    timeout_s : float
        Without an answer after that time a request fails.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": "liqmap"},
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=True,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open().close()

    async def send(self, url: str, body: str | None) -> Reply:
        """What is answered at an address, whatever the status; with a body (JSON) it is a POST.

        Raises
        ------
        Unreachable
            Nothing was answered in time; its cause is the error of the network.
        """
        method, headers = ("POST", {"Content-Type": "application/json"}) if body else ("GET", {})
        try:
            async with self._open().request(method, url, data=body, headers=headers) as reply:
                again = reply.headers.get("Retry-After", "")
                return Reply(reply.status, await reply.read(), again)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Unreachable(
                f"{urlsplit(url).netloc} cannot be reached.",
                hint="Check your connection, then try again.",
                detail=f"{url}: {error!r}",
            ) from error

    async def connect(self, url: str) -> Socket:
        """Open a WebSocket; cancelling closes it.

        Raises
        ------
        Unreachable
            It did not open.
        """
        host = urlsplit(url).netloc
        lost = Unreachable(
            f"The stream of {host} cannot be reached.",
            hint="It is tried again and again.",
            detail=url,
        )
        try:
            async with asyncio.timeout(self._timeout.total):
                opened = await self._open().ws_connect(url, max_msg_size=LONGEST_MESSAGE)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise lost from error
        return Socket(opened, host, lost)

    def _open(self) -> aiohttp.ClientSession:
        assert self._session is not None, "use it as `async with Web() as web`"
        return self._session


class Socket:
    """A `liqmap.feed.stream.Socket` over aiohttp's."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, host: str, lost: LiqmapError
    ) -> None:
        self._socket, self._host, self._lost = socket, host, lost

    async def send(self, text: str) -> None:
        """Send one message."""
        try:
            await self._socket.send_str(text)
        except (aiohttp.ClientError, OSError, RuntimeError) as error:
            raise self._lost from error

    async def receive(self) -> str:
        """The next message of text."""
        while True:
            message = await self._socket.receive()
            if message.type is aiohttp.WSMsgType.TEXT:
                text: str = message.data
                return text
            if message.type is not aiohttp.WSMsgType.BINARY:
                raise self._ended(message.extra)

    async def close(self) -> None:
        """Close it; nothing is heard any more."""
        await self._socket.close()

    def _ended(self, reason: str | None) -> LiqmapError:
        """Why nothing comes any more."""
        refused = refusals.closed(self._host, self._socket.close_code or 0, reason or "")
        return refused or self._lost


async def fetched(url: str, body: str | None, timeout_s: float = TIMEOUT_S) -> Reply:
    """One request on a connection of its own; raises `Unreachable`."""
    async with Web(timeout_s) as web:
        return await web.send(url, body)
