"""The scorecard: the picture compared with the liquidations seen, beside baselines."""

from __future__ import annotations

from liqmap.evaluate.scorecard import Row
from liqmap.session.messages import Score
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.venues.registry import TITLES
from liqmap.view import MODELS


class ScorePanel(Panel):
    """Rows of the scorecard as text."""

    def about(self, state: State) -> object:
        return state.judgement

    def message(self, state: State) -> Score:
        assert state.judgement is not None
        card, venue = state.judgement.card, state.judgement.venue
        by = f" Judged by liquidations on {TITLES[venue]}." if venue in TITLES else ""
        table = (*card.rows, *((card.lift,) if card.lift else ()), *card.by_price)
        return Score(
            rows=tuple(_words(row) for row in table),
            beats=card.beats,
            available=bool(card.rows),
            verdict=card.verdict,
            words=card.words + by if card.rows else card.words,
        )


_PLAIN = {
    "range × open interest": "Price range × open interest",
    "|return| × volume": "How far price moved × volume",
    "near the price": "All that is near the price",
    "fresh lows and highs": "Fresh lows and highs",
    "lift": "This map less the best rule",
    "density": "Within an hour, by price: this map",
    "age": "Within an hour, by price: age alone",
    "density beyond age": "Within an hour: this map beyond age",
}
"""What the rows are; the model has its title."""


def _words(row: Row) -> tuple[str, ...]:
    """Name, longs, shorts, intervals of both."""
    name = _PLAIN.get(row.name) or f"This map ({MODELS.get(row.name, row.name)})"
    long, short = row.long, row.short
    interval = f"{long.low:.2f} to {long.high:.2f}, {short.low:.2f} to {short.high:.2f}"
    return (name, f"{long.value:.2f}", f"{short.value:.2f}", interval)
