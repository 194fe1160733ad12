"""What the code can read, the page offers and is allowed to reach: nothing is forgotten."""

from __future__ import annotations

import re

import pytest

from liqmap.venues.adapter import Adapter
from liqmap.venues.registry import ADAPTERS
from tests.conftest import ROOT

PAGE = (ROOT / "www" / "index.html").read_text()

adapters = pytest.mark.parametrize("adapter", ADAPTERS.values(), ids=lambda one: one.venue)


@adapters
def test_a_venue_can_be_chosen_by_its_title(adapter: Adapter) -> None:
    assert re.search(rf'<option value="{adapter.venue}"[^>]*>{adapter.title}</option>', PAGE)


@adapters
def test_a_venue_may_be_reached(adapter: Adapter) -> None:
    allowed = re.search(r"connect-src ([^;]*);", PAGE)
    assert allowed
    assert adapter.origin in allowed[1].split()


@adapters
def test_a_venue_is_documented(adapter: Adapter) -> None:
    """With a line in the table of docs/reference/exchanges.md."""
    table = (ROOT / "docs" / "reference" / "exchanges.md").read_text()
    assert re.search(rf"^\| {adapter.title} \|", table, flags=re.MULTILINE)
