"""What a venue lacks can be said in another language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from liqmap.errors import NoData, Refused
from liqmap.venues.adapter import (
    Depth,
    Series,
)
from tests.support.pseudo import english_in, pseudo
from tests.support.toy_venue import BTC, NEWEST_MS, STEP_MS, Venue, load, without

LACKING: dict[str, tuple[dict[str, Any], int]] = {
    "unpublished": ({"offers": without("open_interest", "mark", "maintenance")}, 3),
    "failing": (
        {"fails": dict.fromkeys(("open_interest", "mark", "maintenance"), Refused("WHY."))},
        4,  # and so does what lies behind the newest page
    ),
    "gaps": ({"missing": frozenset({NEWEST_MS // STEP_MS - 3})}, 1),
    "short bars": ({"offers": {**Venue.offers, "candles": Depth(rows=576)}}, 1),
    "short samples": ({"offers": {**Venue.offers, "open_interest": Depth(rows=15)}}, 1),
}
"""What a venue lacks, and how many notices it leads to; `WHY` is what the venue says."""


@pytest.mark.parametrize("case", LACKING)
def test_every_notice_can_be_said_in_another_language(case: str) -> None:
    venue, (lacks, number_of) = Venue(), LACKING[case]
    for name, value in lacks.items():
        setattr(venue, name, value)
    with pseudo():
        *_, market = load(venue, 600 if case == "short bars" else 30)
    assert len(market.notices) == number_of
    for said in market.notices:
        assert english_in(said, "Toy", "WHY") == []


@pytest.mark.parametrize("offers", [Venue.offers, without("open_interest")])
def test_what_a_long_range_is_cut_to_can_be_said(offers: Mapping[Series, Depth]) -> None:
    venue = Venue()
    venue.offers = {**offers, **({"open_interest": Depth(rows=15)} if len(offers) > 3 else {})}
    with pseudo():
        *_, market = load(venue, 100 * 288)
        assert any("30" in said for said in market.notices)
        assert [word for said in market.notices for word in english_in(said, "Toy", "30d")] == []
        venue.offers, venue.held = without("open_interest"), 0.0
        with pytest.raises(NoData) as caught:
            load(venue, 5)
    assert english_in(str(caught.value), "Toy", BTC.name) == []
