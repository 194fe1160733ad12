"""Every fixture says where it comes from, and nothing is said of one that is not there."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from liqmap.venues.registry import ADAPTERS, STREAMS
from tests.support.fixtures import FOLDER, Fixtures, fixtures
from tools.build.capture import name_of

ALL = [pytest.param(fixtures(path.name), id=path.name) for path in sorted(FOLDER.iterdir())]
DOCUMENTED = {"kind", "shape", "documented", "unchecked"}
"""The month the shape is of, its page in the exchange's documentation, and what is still to be
checked live."""
CAPTURED = {"kind", "shape", "url", "status"}
"""The day it came, from where, and with which status of HTTP."""


def entries(one: Fixtures) -> list[dict[str, Any]]:
    manifest = one.manifest
    several = [*manifest.get("replies", {}).values(), *manifest.get("stream", {}).values()]
    return [*several, *([manifest["errors"]] if one.errors else [])]


@pytest.mark.parametrize("one", ALL)
def test_every_file_has_an_entry_and_every_entry_a_file(one: Fixtures) -> None:
    for folder in ("replies", "stream"):
        files = {path.stem for path in (one.folder / folder).glob("*")}
        assert files == set(one.manifest.get(folder, {}))
    assert set(one.messages) == set(one.expected.get("stream", {}))


@pytest.mark.parametrize("one", ALL)
def test_every_entry_says_where_its_shape_is_from(one: Fixtures) -> None:
    for entry in entries(one):
        wanted = {"documented": DOCUMENTED, "captured": CAPTURED}[entry["kind"]]
        assert wanted <= entry.keys()
        assert re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])(-\d\d)?", entry["shape"])
        assert entry.get("documented", "https://").startswith("https://")
        assert entry.get("unchecked", "nothing")
    for name, entry in one.manifest.get("replies", {}).items():
        path, _, body = entry["request"].partition(" ")
        assert entry["method"] == ("POST" if body else "GET")
        assert re.fullmatch(re.escape(name_of(path, body)) + r"(-\d+)?", name)


@pytest.mark.parametrize("one", ALL)
def test_a_manifest_names_the_addresses_that_the_adapter_asks(one: Fixtures) -> None:
    manifest, venue = one.manifest, one.folder.name
    assert manifest["venue"] == venue
    adapter, stream = ADAPTERS.get(venue), STREAMS.get(venue)
    assert manifest.get("origin") == (adapter.origin if adapter else None)
    assert manifest.get("socket") == (stream.url if stream else None)


@pytest.mark.parametrize("one", ALL)
def test_bodies_are_json(one: Fixtures) -> None:
    for path in one.folder.rglob("*.json"):
        json.loads(path.read_text())
