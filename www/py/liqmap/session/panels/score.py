"""The scorecard: the picture compared with the liquidations seen, beside baselines."""

from __future__ import annotations

from liqmap.evaluate.scorecard import Row
from liqmap.language import mark, say
from liqmap.session.messages import Score
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.venues.registry import TITLES
from liqmap.view import MODELS
from liqmap.words import number


class ScorePanel(Panel):
    """Rows of the scorecard as text."""

    def about(self, state: State) -> object:
        return state.judgement

    def message(self, state: State) -> Score:
        assert state.judgement is not None
        card, venue = state.judgement.card, state.judgement.venue
        said = [card.words]
        if card.rows and venue in TITLES:
            said.append(say("Judged by liquidations on {venue}.", venue=TITLES[venue]))
        table = (*card.rows, *((card.lift,) if card.lift else ()), *card.by_price)
        return Score(
            rows=tuple(_words(row) for row in table),
            beats=card.beats,
            available=bool(card.rows),
            verdict=card.verdict,
            words=" ".join(said),
        )


_PLAIN = {
    "range × open interest": mark("Price range × open interest"),
    "|return| × volume": mark("How far price moved × volume"),
    "near the price": mark("All that is near the price"),
    "fresh lows and highs": mark("Fresh lows and highs"),
    "lift": mark("This map less the best rule"),
    "density": mark("Within an hour, by price: this map"),
    "age": mark("Within an hour, by price: age alone"),
    "density beyond age": mark("Within an hour: this map beyond age"),
}
"""What the rows are; the model has its title."""


def _words(row: Row) -> tuple[str, ...]:
    """Name, longs, shorts, intervals of both."""
    if row.name in _PLAIN:
        name = say(_PLAIN[row.name])
    else:
        name = say("This map ({model})", model=say(MODELS.get(row.name, row.name)))
    intervals = ", ".join(
        say("{low} to {high}", low=number(one.low, 2), high=number(one.high, 2))
        for one in (row.long, row.short)
    )
    return (name, number(row.long.value, 2), number(row.short.value, 2), intervals)
