"""What a venue's error means: the `LiqmapError` that a status, a code or a message leads to.

Each function that builds an error returns it; an adapter's `read` raises it.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any

from liqmap.errors import BadResponse, Busy, RateLimited, Refused, Unreachable
from liqmap.venues.adapter import Reply

# Where venues put what they say, in the order in which to join it.
_MESSAGE_FIELDS = ("retMsg", "msg", "message", "error", "errors", "data", "reason", "param")


def message(body: bytes) -> str:
    """What the venue itself says in an answer, as plain text of at most 200 characters."""
    text = ""
    with suppress(ValueError, RecursionError):
        text = _message_of(json.loads(body))
    text = text or body[:4000].decode("utf-8", "replace")
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    return " ".join(text.split())[:200]


def _message_of(answer: object, depth: int = 4) -> str:
    """Texts of the message fields of a JSON value, to some depth; of a list its first."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return _message_of(answer[0], depth - 1) if answer and depth else ""
    if not isinstance(answer, dict) or not depth:
        return ""
    parts = [_message_of(answer[key], depth - 1) for key in _MESSAGE_FIELDS if key in answer]
    return ": ".join(part for part in parts if part)


def blocked(title: str, said: str) -> Unreachable:
    """The venue does not serve this visitor."""
    return Unreachable(
        f"{title} does not serve your location or network: “{said}”.",
        hint="Choose another venue, or try from another network.",
        blocked=True,
    )


def limited(title: str, said: str, wait_s: float) -> RateLimited:
    """The venue counts too many requests; the next may follow after `wait_s`."""
    return RateLimited(
        f"{title} asks for fewer requests: “{said}”.",
        hint=f"Wait {wait_s:g} seconds and try again, or choose another venue.",
        retry_after_s=wait_s,
    )


def refused(title: str, said: str, detail: str = "") -> Refused:
    """The venue rejects the request; asking again will not help."""
    return Refused(
        f"{title} refused the request: “{said}”.",
        hint="Choose another symbol, range or venue.",
        detail=detail,
    )


def busy(title: str, said: str) -> Busy:
    """The venue is overloaded or broken for the moment."""
    return Busy(
        f"{title} has trouble of its own: “{said}”.",
        hint="Try again in a minute, or choose another venue.",
    )


def unknown(title: str, complaint: str, detail: str = "", where: str = "") -> BadResponse:
    """The answer has no known shape; `complaint` says what is wrong with it."""
    return BadResponse(
        f"{title} answered in a way that liqmap does not know: {complaint}.",
        hint="Try again; if it stays so, choose another venue and report it.",
        detail=detail,
        where=where,
    )


def decode(reply: Reply, title: str, *, wait_s: float = 10.0) -> Any:
    """JSON of a reply.

    Raises
    ------
    RateLimited
        418, 429; `wait_s` is what the venue asks for after a 429.
    Unreachable
        403, 451: blocked.
    Busy
        5xx.
    Refused
        Any other status that is not 2xx.
    BadResponse
        No JSON: truncated, a page of HTML, nothing.
    """
    status = reply.status
    if 200 <= status < 300:
        return decode_body(reply.body, title)
    said = message(reply.body) or f"HTTP {status}"
    if status == 429:
        raise limited(title, said, wait_s)
    if status == 418:
        raise limited(title, said, max(wait_s, 120.0))
    if status in (403, 451):
        raise blocked(title, said)
    if status >= 500:
        raise busy(title, said)
    raise refused(title, said, f"HTTP {status}")


def decode_body(body: bytes, title: str) -> Any:
    """JSON of a body; raises `BadResponse`."""
    body = body.strip()
    if not body:
        raise unknown(title, "the answer is empty")
    if body[:1] == b"<":
        raise unknown(title, f"a web page instead of data, “{message(body)[:80]}”")
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as fault:
        start = body[:80].decode("utf-8", "replace")
        raise unknown(title, "the answer is cut off or no JSON", f"{fault}; {start}") from fault
