"""What a venue's error means: by its status, and its own words."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from liqmap.errors import BadResponse, Busy, LiqmapError, RateLimited, Refused, Unreachable
from liqmap.venues import refusals
from liqmap.venues.adapter import Reply
from liqmap.venues.registry import ADAPTERS

IP_HIDDEN = "IP(your address) and your address, at 12:30:45"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"retMsg":"symbol params err"}', "symbol params err"),
        (b'{"errors":[{"msg":"blocked","code":"GEOBLOCKED"}]}', "blocked"),
        (b'{"error":{"message":"Invalid","data":{"reason":"why"}}}', "Invalid: why"),
        (b"<html><style>p{}</style><p>Access <b>denied</b></p></html>", "Access denied"),
        (b"plain words", "plain words"),
        (b"{}", "{}"),
        (b'{"msg":"IP(203.0.113.77) and 2001:db8::7, at 12:30:45"}', IP_HIDDEN),
        (b"x" * 999, "x" * 200),
        ("no\x00 \u202eeman\n".encode(), "no eman"),
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


TOO_MANY: dict[str, tuple[dict[str, Any], float]] = {
    "binance": ({"code": -1003, "msg": "no"}, 60),
    "aster": ({"code": -1003, "msg": "no"}, 60),
    "bybit": ({"retCode": 10006, "retMsg": "no", "result": {}}, 5),
    "okx": ({"code": "50011", "msg": "no", "data": []}, 2),
    "bitget": ({"code": "30007", "msg": "no", "data": None}, 5),
    "deribit": ({"error": {"code": 10028, "message": "no"}}, 1),
    "kraken": ({"result": "error", "error": "apiLimitExceeded"}, 10),
    "gate": ({"label": "TOO_MANY_REQUESTS", "message": "no"}, 10),
    "lighter": ({"code": 23000, "message": "no"}, 30),
}
"""What each venue says that counts requests by a code, and how long to wait [s]."""


@pytest.mark.parametrize("status", [200, 400, 403, 500])
@pytest.mark.parametrize("venue", TOO_MANY)
def test_a_limit_is_told_by_its_code_whatever_the_status(venue: str, status: int) -> None:
    body, wait_s = TOO_MANY[venue]
    with pytest.raises(RateLimited) as caught:
        ADAPTERS[venue].read(Reply(status, json.dumps(body).encode()))
    assert caught.value.retry_after_s == wait_s
    assert not caught.value.is_ban


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The visitor's clock, an hour before UTC in winter and two in summer."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_a_ban_is_told_in_the_visitor_s_clock_and_without_his_address() -> None:
    """Until 6 August 2026, 13:06:40 UTC, as Binance writes it."""
    words = "Way too many requests; IP(203.0.113.77) banned until 1786021600000. Use the stream."
    with pytest.raises(RateLimited) as caught:
        ADAPTERS["binance"].read(Reply(418, json.dumps({"code": -1003, "msg": words}).encode()))
    assert caught.value.until_ms == 1786021600000
    assert caught.value.is_ban
    assert caught.value.sentence == (
        "Binance asks for fewer requests: “Way too many requests; IP(your address) banned until "
        "06 Aug 15:06 your time. Use the stream.”."
    )


@pytest.mark.parametrize(
    ("retry_after", "retry_after_s", "until_ms"),
    [
        ("", 7, 0),
        ("120", 120, 0),
        ("2", 7, 0),
        ("Thu, 06 Aug 2026 13:06:40 GMT", 7, 1786021600000),
        ("soon", 7, 0),
        ("1e9", 7, 0),
    ],
)
def test_retry_after_is_kept(retry_after: str, retry_after_s: float, until_ms: float) -> None:
    with pytest.raises(RateLimited) as caught:
        refusals.decode(Reply(429, b'{"msg":"why"}', retry_after), "Toy", wait_s=7)
    assert (caught.value.retry_after_s, caught.value.until_ms) == (retry_after_s, until_ms)


@pytest.mark.parametrize(
    "body",
    [b"[" * 200_000, b"[" * 100_000 + b"]" * 100_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000],
    ids=["open", "closed", "objects"],
)
def test_brackets_that_would_end_the_interpreter_are_not_parsed(
    body: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json, "loads", lambda _: pytest.fail("it was parsed"))
    with pytest.raises(BadResponse, match="no JSON"):
        refusals.decode_body(body, "Bybit")
    assert refusals.message(body)


def test_what_is_as_deep_as_venues_go_is_read_and_so_is_what_has_many_rows() -> None:
    deep = b"[" * 60 + b"]" * 60
    assert refusals.decode_body(deep, "Bybit") == json.loads(deep)
    wide = json.dumps({"list": [{"row": [i, '"[\\']} for i in range(50)]}).encode()
    assert len(refusals.decode_body(wide, "Bybit")["list"]) == 50


def test_a_body_that_is_too_large_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusals, "MOST_BYTES", 21)
    assert refusals.decode_body(b"[" + b"1," * 9 + b"1]", "Bybit")
    with pytest.raises(BadResponse):
        refusals.decode_body(b"[" + b"1," * 10 + b"1]", "Bybit")


@pytest.mark.parametrize("text", ["<script", "12ab", "<", "1."])
def test_words_without_end_are_looked_at_only_so_far(text: str) -> None:
    """Patterns over all of it would take minutes."""
    words = json.dumps({"msg": "Too many. " + text * 100_000}).encode()
    assert refusals.message(words).startswith("Too many. ")
