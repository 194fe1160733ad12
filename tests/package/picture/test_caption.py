"""What the colours are: in English as it was, and in another language throughout."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from liqmap.evaluate.realised_share import Share, Shares, Whose
from liqmap.picture.caption import what
from liqmap.picture.heatmap import unit_of
from liqmap.view import LEVERAGES, MODELS, View
from tests.support.pseudo import english_in, pseudo

LONG = Share(0.015, 0.005, 0.045, "")
SHORT = Share(0.01, 0.003, 0.03, "")
RANGES = tuple(LEVERAGES.values())
KINDS: list[Whose | None] = [None, "all_exchanges", "this_venue"]
VIEWS = [
    View(model=model, comparison=comparison, positions=positions, bands=bands)
    for model, comparison, positions, bands in product(
        MODELS, ("difference", "side"), ("both", "long", "short"), ("both", "live", "cleared")
    )
]


def shares(whose: Whose | None) -> Shares | None:
    return None if whose is None else Shares(LONG, SHORT, whose)


def test_it_says_what_is_shown_and_of_what() -> None:
    view = View(positions="long", bands="live", leverages=tuple(LEVERAGES)[:1])
    said = what(view, None, "exposure", "", 0.00123)
    assert said == (
        f"Only longs, what the price has not reached since, {RANGES[0]}. Exposure: estimated open "
        "positions at the price that would liquidate them, in USD; each row: 0.12% of price. Not "
        "liquidations: these have not happened."
    )


def test_expected_liquidations_have_their_share_and_its_interval() -> None:
    one = shares("all_exchanges")
    assert one is not None
    said = what(View(model="survivor"), one, unit_of(one), "", 0.005)
    assert said.startswith(
        "By the model Survivor. Expected liquidations as reported by all exchanges, if price goes "
        "there, in USD; each row: 0.5% of price: estimated exposure × what all exchanges report, "
        "1.5% of longs (0.5% to 4.5%) and 1.0% of shorts (0.3% to 3.0%), "
    )


@pytest.mark.parametrize("whose", KINDS)
@pytest.mark.parametrize("other", ["", "turnover"])
def test_all_of_it_can_be_said_in_another_language(whose: Whose | None, other: str) -> None:
    with pseudo():
        for view in VIEWS:
            given = shares(whose)
            said = what(replace(view), given, unit_of(given), other.upper(), 0.005)
            assert "⟦" in said
            assert english_in(said, "TURNOVER", "USD", "measured", "ASSUMED") == [], said
