"""What a venue's error means: by its status, and its own words."""

from __future__ import annotations

import pytest

from liqmap.errors import Busy, LiqmapError, RateLimited, Refused, Unreachable
from liqmap.venues import refusals
from liqmap.venues.adapter import Reply


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"retMsg":"symbol params err"}', "symbol params err"),
        (b'{"errors":[{"msg":"blocked","code":"GEOBLOCKED"}]}', "blocked"),
        (b'{"error":{"message":"Invalid","data":{"reason":"why"}}}', "Invalid: why"),
        (b"<html><style>p{}</style><p>Access <b>denied</b></p></html>", "Access denied"),
        (b"plain words", "plain words"),
        (b"{}", "{}"),
        (b"x" * 999, "x" * 200),
        (b'{"msg":' * 5000, '{"msg":' * 28 + '{"ms'),
    ],
)
def test_the_venues_own_words(body: bytes, said: str) -> None:
    assert refusals.message(body) == said


@pytest.mark.parametrize(
    ("status", "error", "retry_after_s"),
    [
        (429, RateLimited, 7),
        (418, RateLimited, 120),
        (403, Unreachable, None),
        (451, Unreachable, None),
        (500, Busy, None),
        (404, Refused, None),
    ],
)
def test_what_a_status_means(
    status: int, error: type[LiqmapError], retry_after_s: float | None
) -> None:
    with pytest.raises(LiqmapError, match=r"Toy .*: “why”") as caught:
        refusals.decode(Reply(status, b'{"msg":"why"}'), "Toy", wait_s=7)
    assert type(caught.value) is error
    assert getattr(caught.value, "retry_after_s", None) == retry_after_s
    assert getattr(caught.value, "blocked", False) == (error is Unreachable)


def test_a_status_without_words_is_said() -> None:
    with pytest.raises(Refused, match="Toy refused the request: “HTTP 404”"):
        refusals.decode(Reply(404, b""), "Toy")
