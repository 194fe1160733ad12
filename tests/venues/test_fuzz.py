"""A taste of `bench --fuzz`, which bends a hundred thousand replies a venue."""

from __future__ import annotations

import pytest

from bench.fuzz import fuzz_venue
from liqmap.venues.registry import ADAPTERS, STREAMS


@pytest.mark.parametrize("venue", dict.fromkeys([*ADAPTERS, *STREAMS]))
def test_bent_replies_end_in_an_error_or_sound_columns(venue: str) -> None:
    outcomes = fuzz_venue(venue, 300, seed=1)
    assert outcomes["read"] > 50
    assert outcomes["BadResponse"] > 5
