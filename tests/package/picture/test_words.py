"""What stands in the picture can be said in another language, and tells sides by codes."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from liqmap import words
from liqmap.analysis.cleared import Sweep
from liqmap.analysis.levels import Level, Outcome, Trials
from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument
from liqmap.data.positions import Positions
from liqmap.picture import account_lines, level_lines, position_lines, sweep_marks
from liqmap.picture.document import document_json
from liqmap.picture.heatmap import draw
from liqmap.picture.liquidation_chart import chart
from liqmap.picture.liquidation_map import profile
from liqmap.picture.ticks import plain_ticks
from liqmap.view import View
from tests.support.pseudo import english_in, pseudo
from tests.support.small_picture import density, market
from tools.build.sentences import of_package

PRICES = np.array([60_000.0, 100_000.0])
BTC = Instrument("BTC-USDC-PERP", "BTC", "BTC", "USDC", tick_size=1.0)
HELD = Positions(
    position_side=np.array([1.0, -1.0]),
    quantity_base=np.array([0.5, 0.1]),
    entry_price=np.array([80_000.0, 85_000.0]),
    liquidation_price=np.array([72_000.0, 90_000.0]),
    leverage=np.array([20.0, 10.0]),
    account=("0x" + "1" * 40, "0x" + "2" * 40),
    holders=3,
    held_long_base=0.5,
    held_short_base=0.1,
)
NOBODY = replace(HELD, holders=0)


def all_said(*texts: str) -> bool:
    """Whether each text is a sentence, and all of it was said."""
    return all("⟦" in one and english_in(one, "BTC", "Toy") == [] for one in texts)


def test_real_positions() -> None:
    with pseudo():
        lines = account_lines.layer(HELD, BTC, np.array([0.0, 1.0]), PRICES)
        assert all_said(*(one.partition(" · ")[0] for one in lines["words"]))
        for asked, held, known in [
            (0, HELD, 1.0),
            (3, NOBODY, 1.0),
            (3, HELD, 0.0),
            (3, HELD, 1.0),
            (3, HELD, 1e6),
        ]:
            said = account_lines.sentence(held, known, asked=asked, shown=1, venue="Toy")
            assert all_said(said)


def test_liquidations_seen() -> None:
    times, prices = np.array([0.0, 300_000.0]), np.array([80.0, 120.0])
    with pseudo():
        for sides in ([], [1.0, -1.0]):
            some = Liquidations.sorted(
                [1.0] * len(sides), sides, [100.0] * len(sides), [2.0] * len(sides)
            )
            drawn = chart(some, times, prices)
            assert all_said(drawn.title, *drawn.sources["events"]["words"])
            assert drawn.sources["events"]["side"] == ["long", "short"][: len(sides)]


def test_the_map() -> None:
    with pseudo():
        for spot in (100.0, 70.0):
            drawn = profile(density(), "both", spot)
            pain = drawn.sources["max_pain"]
            assert all_said(drawn.beyond, *pain["words"])
            assert {*pain["side"]} <= {"long", "short"}


@pytest.mark.parametrize("newest", ["broken", "held", "open"])
@pytest.mark.parametrize("side", [1, -1])
def test_levels(newest: Outcome, side: int) -> None:
    level = Level(side, 90.0, 91.0, 1e6, 3, 0.0, 1.0, newest, Trials(0, 0))
    with pseudo():
        assert all_said(level_lines.words_of(level))


def test_a_position_s_lines_and_sweeps() -> None:
    prices = {"entry": 100.0, "liquidation": 90.0, "bankruptcy": 89.0}
    sweeps = [Sweep(0.0, 100.0, side, 1e6) for side in (1, -1)]
    with pseudo():
        lines = position_lines.lines(prices, 1, 0.0, 1.0, 1)
        assert lines["baseline"] == ["bottom", "bottom", "top"]
        assert all_said(*lines["words"])
        marks = sweep_marks.marks(sweeps, 1.0)
        assert marks["side"] == ["long", "short"]
        assert all_said(*marks["words"])


def test_the_heatmap() -> None:
    with pseudo():
        drawn, _ = draw(market(simulated=True), density(), View(), versus=("turnover", density()))
        assert all_said(drawn.unit, drawn.model, drawn.versus, drawn.watermark)
        assert english_in(drawn.what, "USD") == []


def test_ticks_are_written_as_the_locale_does() -> None:
    words.use({**words.ENGLISH, "decimal": ",", "group": "."})
    try:
        assert plain_ticks(-0.5, 0.5, 4, signed=True).labels == ("−0,5", "0", "+0,5")
    finally:
        words.use(words.ENGLISH)


def test_every_word_of_the_chart_is_marked() -> None:
    """The page puts the translated ones in their place by the English."""
    document = document_json()
    shown = [
        *re.findall(r'"aria-label",\s*"([^"]*)"', document),
        *re.findall(r'"(?:axis_label|text)":"([^"]*[a-z]{2}[^"]*)"', document),
    ]
    assert len(shown) > 6, json.loads(document)
    marked = {one.one for one in of_package()}
    assert [one for one in shown if one not in marked] == []
