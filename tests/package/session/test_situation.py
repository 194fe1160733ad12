"""The situation in words: of the small picture, by hand."""

from __future__ import annotations

from dataclasses import replace

from liqmap.session.messages import Situation
from liqmap.session.panels.situation import SituationPanel
from liqmap.session.state import Shown, State
from liqmap.view import View
from tests.support.small_picture import known, market, shown


def said(picture: Shown) -> dict[str, tuple[str, ...]]:
    """The cards by title."""
    message = SituationPanel().update(State(shown=picture))
    assert isinstance(message, Situation)
    return {title: tuple(lines) for title, *lines in message.cards}


def test_the_nearest_large_cluster_of_each_side_is_named() -> None:
    """Three bars are no day, and their closes say how far a price diffuses in 24 hours."""
    cards = said(shown())
    assert cards["Above"] == (
        "$1.24K shorts at 115.0",
        "+15.0%",
        "diffusion reaches it in 24h: 71%",
    )
    assert cards["Below"][:2] == ("$340 longs at 85.0", "−15.0%")


def test_intervals_come_with_the_members() -> None:
    panel = SituationPanel()
    first = panel.update(State(shown=shown()))
    second = panel.update(State(shown=shown(members=known())))
    assert isinstance(first, Situation)
    assert isinstance(second, Situation)
    assert len(first.cards[0]) == 4
    assert second.cards[0][4].startswith("P10–P90 $")
    assert panel.update(State(shown=shown(members=known()))) is not None
    same = shown(members=known())
    panel.update(State(shown=same))
    assert panel.update(State(shown=same)) is None


def test_what_waits_near_is_said_where_the_picture_reaches() -> None:
    """Of the row from 100 to 110, which holds 3 BTC of shorts, a fifth lies below 102."""
    assert said(shown())["Within ±2%"] == (
        "$0 longs, $63 shorts",
        "leans 100% to shorts",
        "±5%: $0 longs, $158 shorts",
    )


def test_what_was_swept_and_what_is_empty_is_said() -> None:
    assert said(shown())["Swept in 24 h"] == (
        "$0 longs, $0 shorts",
        "next to nothing below: 90.0–100.0",
    )


def test_one_side_alone_names_no_other() -> None:
    longs = replace(shown(), view=View(positions="long"))
    assert "Above" not in said(longs)
    assert "Below" in said(longs)


def test_a_simulation_has_no_age() -> None:
    live = SituationPanel().update(State(shown=shown()))
    assert isinstance(live, Situation)
    assert live.live
    assert live.step_ms == 300_000.0
    pretend = replace(shown(), markets={"demo": market(simulated=True)})
    told = SituationPanel().update(State(shown=pretend))
    assert isinstance(told, Situation)
    assert not told.live
