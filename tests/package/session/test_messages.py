"""What crosses to the page: plain objects, and texts that cannot cut or turn a sentence."""

from __future__ import annotations

from liqmap.session.messages import Found, Status, plain


def test_texts_lose_what_cuts_or_turns_them() -> None:
    odd = "no\0thing \u202egnihton\u2069 at\x1b all\u200f"
    assert plain(Status("failed", odd))["sentence"] == "nothing gnihton at all"
    rows = plain(Found("x", ((odd, "币安"),), "2 of 3, tab\tand\nline stay"))
    assert rows["rows"] == [["nothing gnihton at all", "币安"]]
    assert rows["words"] == "2 of 3, tab\tand\nline stay"


def test_a_message_has_its_kind_and_all_its_fields() -> None:
    assert plain(Status("ready", "Ready.")) == {
        "kind": "status",
        "state": "ready",
        "sentence": "Ready.",
        "detail": "",
        "retry": False,
        "example": False,
        "done": 0,
        "total": 0,
    }
