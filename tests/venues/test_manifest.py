"""Where each fixture's shape comes from, and that it is whole."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.conversation import FIXTURES, fixture

VENUES = sorted(path.name for path in FIXTURES.iterdir())


def field_names(body: Any) -> set[str]:
    """Names of all fields, at any depth."""
    if isinstance(body, dict):
        return set(body).union(*map(field_names, body.values()))
    if isinstance(body, list):
        return set().union(*map(field_names, body))
    return set()


def replies(venue: str) -> dict[str, Any]:
    found: dict[str, Any] = fixture(venue, "replies")
    return found


def entries(venue: str) -> list[dict[str, Any]]:
    manifest = fixture(venue, "manifest")
    return [*manifest["replies"].values(), *manifest["stream"]]


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue != "gate"])
def test_every_reply_has_an_entry_with_all_of_its_fields(venue: str) -> None:
    listed = fixture(venue, "manifest")["replies"]
    assert list(listed) == list(replies(venue))
    for key, body in replies(venue).items():
        assert set(listed[key]["fields"]) == field_names(body), key
        assert key.startswith(listed[key]["endpoint"])
        assert listed[key]["method"] == ("POST" if "{" in key else "GET")


@pytest.mark.parametrize("venue", [venue for venue in VENUES if venue != "hyperliquid"])
def test_every_message_of_a_stream_has_an_entry_with_all_of_its_fields(venue: str) -> None:
    listed = fixture(venue, "manifest")["stream"]
    for entry, case in zip(listed, fixture(venue, "stream"), strict=True):
        assert set(entry["fields"]) == field_names(case.get("message")), entry["message"]
        assert entry["message"]


@pytest.mark.parametrize("venue", VENUES)
def test_an_entry_says_where_the_shape_is_from_and_what_is_to_be_checked(venue: str) -> None:
    for entry in entries(venue):
        assert entry["kind"] in ("documented", "captured")
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", entry["shape_date"])
        assert entry["documented"].startswith("https://")
        assert isinstance(entry["check_live"], str)
