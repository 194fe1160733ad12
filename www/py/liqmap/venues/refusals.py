"""What a venue's error means: the `LiqmapError` that a status, a code or a message leads to.

Each function that builds an error returns it; an adapter's `read` raises it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

from liqmap.data.symbols import quoted
from liqmap.errors import BadResponse, Busy, RateLimited, Refused, Unreachable
from liqmap.language import say
from liqmap.venues.adapter import Reply
from liqmap.words import clock_here

POLICY_VIOLATION, OF_APPLICATIONS = 1008, 4000
"""The codes with which a venue refuses a WebSocket: the one, and from the other on (RFC 6455)."""
MOST_BYTES = 32_000_000
DEEPEST = 64
"""JSON of more bytes, or of deeper brackets, is no answer: it would end the interpreter."""
MOST_WORDS = 4_000
"""Words are looked for in so many characters; a pattern over more holds the interpreter."""
NO_LIMITS: Mapping[Any, float] = MappingProxyType({})
_UNTIL = re.compile(r"\buntil (1[0-9]{12})\b")  # a time [ms], as Binance writes it
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
# Where venues put what they say, in the order in which to join it.
_MESSAGE_FIELDS = ("retMsg", "msg", "message", "error", "errors", "data", "reason", "param")


def message(body: bytes) -> str:
    """What the venue itself says in an answer, as plain text of at most 200 characters."""
    said = ""
    with suppress(ValueError):
        said = words_of(from_json(body))
    return said or plain(body[:MOST_WORDS].decode("utf-8", "replace"))


def closed(host: str, code: int, reason: str) -> Refused | None:
    """The refusal with which a WebSocket was closed; None where it was only lost."""
    if code != POLICY_VIOLATION and code < OF_APPLICATIONS:
        return None
    return Refused(
        say(
            "{host} closed the stream: “{words}”.",
            host=host,
            words=words_of(reason) or code,
        ),
        hint=say("It is tried again after a pause."),
    )


def words_of(answer: object) -> str:
    """The same of a decoded answer; empty where it has no words."""
    return plain(_message_of(answer))


def plain(text: str) -> str:
    """A venue's words without markup and the visitor's address, at most 200 characters.

    A time until which it bans him is as his clock shows it.
    """
    text = text[:MOST_WORDS]
    text = re.sub(r"<(script|style).*?</\1>|<[^>]*>", " ", text, flags=re.DOTALL | re.IGNORECASE)
    text = re.sub(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]*[.:][0-9A-Fa-f.:]+", _hidden, text)
    text = _UNTIL.sub(lambda found: f"until {clock_here(float(found[1]))}", text)
    return quoted(" ".join(text.split()), 200)


def _hidden(found: re.Match[str]) -> str:
    """`your address` in place of a network address; any other text as it is."""
    address = found[0].rstrip(".:")
    try:
        ip_address(address)
    except ValueError:
        return found[0]
    return say("your address") + found[0][len(address) :]


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
        say("{venue} does not serve your location or network: “{words}”.", venue=title, words=said),
        hint=say("Choose another venue, or try from another network."),
        blocked=True,
    )


def limited(title: str, said: str, wait_s: float, until_ms: float = 0.0) -> RateLimited:
    """The venue counts too many requests; the next may follow after `wait_s` and `until_ms`."""
    return RateLimited(
        say("{venue} asks for fewer requests: “{words}”.", venue=title, words=said),
        hint=say("Choose another venue meanwhile."),
        retry_after_s=wait_s,
        until_ms=until_ms,
    )


def refused(title: str, said: str, detail: str = "") -> Refused:
    """The venue rejects the request; asking again will not help."""
    return Refused(
        say("{venue} refused the request: “{words}”.", venue=title, words=said),
        hint=say("Choose another symbol, range or venue."),
        detail=detail,
    )


def busy(title: str, said: str) -> Busy:
    """The venue is overloaded or broken for the moment."""
    return Busy(
        say("{venue} has trouble of its own: “{words}”.", venue=title, words=said),
        hint=say("Try again in a minute, or choose another venue."),
    )


def unknown(title: str, complaint: str, detail: str = "", where: str = "") -> BadResponse:
    """The answer has no known shape; `complaint` says what is wrong with it, in a few words."""
    return BadResponse(
        say(
            "{venue} answered in a way that liqmap does not know: {complaint}.",
            venue=title,
            complaint=complaint,
        ),
        hint=say("Try again; if it stays so, choose another venue and report it."),
        detail=detail,
        where=where,
    )


def strange(title: str, detail: str) -> BadResponse:
    """The answer has not what the venue puts around every answer; `detail` says what."""
    return unknown(title, say("the answer has not its usual form"), detail)


def decode(
    reply: Reply,
    title: str,
    *,
    wait_s: float = 10.0,
    code: Sequence[str] = (),
    limits: Mapping[Any, float] = NO_LIMITS,
) -> Any:
    """JSON of a reply.

    `code` is the path of the venue's own code in an answer; `limits` are those codes that ask
    for a pause, and its length [s].

    Raises
    ------
    RateLimited
        418, 429, and a code of `limits` whatever the status. `wait_s` is what the venue asks
        for after a 429; what the answer itself says of it goes before.
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
    good = 200 <= status < 300
    answer: Any = None
    try:
        answer = decode_body(reply.body, title)
    except BadResponse:
        if good:
            raise
    pause_s = max(
        {429: wait_s, 418: max(wait_s, 120.0)}.get(status, 0.0),
        limits.get(_at(answer, code), 0.0),
    )
    if good and not pause_s:
        return answer
    said = message(reply.body) or f"HTTP {status}"
    if pause_s:
        raise limited(title, said, max(pause_s, _seconds(reply.retry_after)), _until_ms(reply))
    if status in (403, 451):
        raise blocked(title, said)
    if status >= 500:
        raise busy(title, said)
    raise refused(title, said, f"HTTP {status}")


def _at(answer: Any, path: Sequence[str]) -> str | int | None:
    """The text or number at a path of keys, None where there is none."""
    for key in path:
        answer = answer.get(key) if isinstance(answer, dict) else None
    return answer if path and isinstance(answer, str | int) else None


def _until_ms(reply: Reply) -> float:
    """The time before which the venue wants no request [ms], 0 where it names none."""
    found = _UNTIL.search(reply.body[:MOST_WORDS].decode("utf-8", "replace"))
    if found:
        return float(found[1])
    with suppress(ValueError):
        at = datetime.strptime(reply.retry_after, "%a, %d %b %Y %H:%M:%S GMT")
        return at.replace(tzinfo=UTC).timestamp() * 1000
    return 0.0


def _seconds(retry_after: str) -> float:
    return float(retry_after) if re.fullmatch(r"[0-9]{1,9}", retry_after) else 0.0


def decode_body(body: bytes, title: str) -> Any:
    """JSON of a body; raises `BadResponse`."""
    body = body.strip()
    if not body:
        raise unknown(title, say("the answer is empty"))
    if body[:1] == b"<":
        page = message(body)[:80]
        raise unknown(title, say("a web page instead of data, “{words}”", words=page))
    try:
        return from_json(body)
    except ValueError as fault:
        start = plain(body[:80].decode("utf-8", "replace"))
        complaint = say("the answer is cut off or no JSON")
        raise unknown(title, complaint, f"{fault}; {start}") from fault


def from_json(body: bytes) -> Any:
    """The value that a body is; raises `ValueError` also where it is too large or too deep."""
    if len(body) > MOST_BYTES:
        raise ValueError(f"{len(body)} bytes")
    if _deeper_than(DEEPEST, body) and _deeper_than(DEEPEST, _without_texts(body)):
        raise ValueError("too many brackets in one another")
    return json.loads(body)


def _deeper_than(depth: int, body: bytes) -> bool:
    """Whether brackets are in one another so often, about; those within texts count, too."""
    left = body.translate(None, _NO_BRACKETS)
    for _ in range(depth):  # pairs with nothing in them go, level by level
        less = left.replace(b"[]", b"").replace(b"{}", b"")
        if len(less) == len(left):
            break
        left = less
    return len(left) > depth


def _without_texts(body: bytes) -> bytes:
    """JSON without what stands between quotation marks."""
    return b"".join(body.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
