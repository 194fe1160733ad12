"""Tables of what is on screen, by hand; and as text."""

from __future__ import annotations

import json
import math

import numpy as np

from liqmap.analysis.clusters import largest_clusters
from liqmap.analysis.levels import History, Level, Side, Trials
from liqmap.data.liquidations import Liquidations
from liqmap.picture import export
from liqmap.picture.cells import Cells
from tests.support.small_picture import density

ABOUT = {"nature": "estimate", "venues": "Bybit"}


def test_the_profile_is_the_last_column() -> None:
    lines = export.csv(export.profile(density(), "usdt", "exposure"), ABOUT).splitlines()
    assert lines[:3] == [
        "# nature: estimate",
        "# venues: Bybit",
        "price_low_usdt,price_high_usdt,long_exposure_usdt,short_exposure_usdt",
    ]
    assert lines[3] == "80,90,340,0"
    assert lines[6] == "110,120,0,920"


def test_the_matrix_has_a_column_a_time_and_nothing_in_a_gap() -> None:
    cells = Cells(
        np.array([[1, np.nan], [2.5, 4]], np.float32),
        begin_ms=1_769_904_000_000.0,
        column_ms=300_000.0,
        low_price=100.0,
        row_price=5.0,
    )
    lines = export.csv(export.matrix(cells, "usd"), {}).splitlines()
    assert lines == [
        "price_low_usd,price_high_usd,2026-02-01T00:00:00Z,2026-02-01T00:05:00Z",
        "100,105,1,",
        "105,110,2.5,4",
    ]


def test_clusters_have_their_interval_or_none() -> None:
    found = largest_clusters(density(), 100.0)
    table = export.clusters(found, [(1.0, 2.0)] * len(found), "usdt", "exposure")
    unknown = export.clusters(found, [], "usdt", "exposure")
    first = {name: column[0] for name, column in table.items()}
    assert first["position_side"] == ("long" if found[0].position_side > 0 else "short")
    assert first["exposure_usdt"] == found[0].amount_quote
    assert (first["p10_usdt"], first["p90_usdt"]) == (1, 2)
    assert all(math.isnan(one) for one in unknown["p10_usdt"])  # type: ignore[arg-type]


def test_levels_have_their_touches_and_those_of_controls() -> None:
    level = Level(1, 99.0, 100.0, 5e6, 2, 0.0, 60_000.0, "open", Trials(3, 1))
    found = History(0.0, 1.0, 0.01, (level,), {1: Side(Trials(3, 1), Trials(60, 40))})
    table = export.levels(found, "usdt")
    first = {name: column[0] for name, column in table.items()}
    assert first["position_side"] == "long"
    assert (first["touches"], first["held"]) == (4, 3)
    assert (first["controls"], first["controls_held"]) == (100, 60)
    assert (first["held_low_rate"], first["held_high_rate"]) == level.trials.interval
    assert (first["liquidated_usdt"], first["last_utc"]) == (5e6, "1970-01-01T00:01:00Z")


def test_json_says_what_it_is_and_keeps_gaps_apart_from_zero() -> None:
    seen = Liquidations.sorted([0.0], [-1], [101.25], [2])
    table = {**export.liquidations(seen, "usdt", "btc"), "gap": [np.nan]}
    assert json.loads(export.to_json(table, ABOUT)) == {
        "about": ABOUT,
        "columns": {
            "time_utc": ["1970-01-01T00:00:00Z"],
            "position_side": ["short"],
            "price_usdt": [101.25],
            "quantity_btc": [2],
            "notional_usdt": [202.5],
            "gap": [None],
        },
    }


def test_a_text_with_a_comma_stays_one_cell() -> None:
    assert export.csv({"leverages": ["5–10×, 50–100×"]}, {}) == 'leverages\n"5–10×, 50–100×"\n'
