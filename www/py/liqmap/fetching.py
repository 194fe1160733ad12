"""Requests to venues by CPython, as `browser` makes them in a page.

It never reaches the browser: the build and the tools ask with it.
"""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request
from http.client import HTTPException

from liqmap.errors import Unreachable
from liqmap.venues.adapter import Reply

TIMEOUT_S = 10.0


async def send(url: str, body: str | None) -> Reply:
    """One request, while others wait for theirs; raises `Unreachable`."""
    return await asyncio.to_thread(fetched, url, body)


def fetched(url: str, body: str | None, timeout_s: float = TIMEOUT_S) -> Reply:
    """What is answered at an address, whatever the status; with a body (JSON) it is a POST.

    Raises
    ------
    Unreachable
        Nothing was answered in time; its cause is the error of the network.
    """
    headers = {"User-Agent": "liqmap"} | ({"Content-Type": "application/json"} if body else {})
    asking = urllib.request.Request(url, body.encode() if body else None, headers)
    try:
        with urllib.request.urlopen(asking, timeout=timeout_s) as reply:
            return Reply(reply.status, reply.read())
    except urllib.error.HTTPError as error:
        with error:
            return Reply(error.code, error.read())
    except (OSError, HTTPException) as error:
        raise Unreachable(f"{url} cannot be reached: {error}.") from error
