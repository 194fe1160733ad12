"""What price has cleared since an instant that the visitor chooses, and marks of sweeps."""

from __future__ import annotations

from liqmap.analysis.aftermath import Passed
from liqmap.analysis.cleared import cleared_since, sweeps
from liqmap.language import say
from liqmap.picture.sweep_marks import marks
from liqmap.session.desk_messages import Cleared
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.words import instant, percent, usd


class ClearedPanel(Panel):
    """Shares of the book a side, by distance."""

    def about(self, state: State) -> object:
        if state.shown is None or state.desk != "desk-cleared":
            return None
        return state.shown.number, state.cleared_part

    def message(self, state: State) -> Cleared:
        assert state.shown is not None
        density, leader = state.shown.amounts, state.shown.leader
        columns = density.time_edges_ms.size - 1
        column = min(int(state.cleared_part * columns), columns - 1)
        found = cleared_since(density, leader, column)
        since_ms = float(density.time_edges_ms[column + 1])
        seen = sweeps(density, leader)
        return Cleared(
            since=say("Since {time}", time=instant(since_ms)),
            rows=tuple(_row(*one) for one in found),
            sources={"sweeps": marks(seen, state.shown.column_ms)},
        )


def _row(rate: float, sides: tuple[Passed, Passed] | None) -> tuple[str, ...]:
    """`±2%`, `25% of $12M`, the same of shorts."""
    if sides is None:
        beyond = say("beyond the picture")
        return (f"±{percent(rate)}", beyond, beyond)
    return (f"±{percent(rate)}", *map(_share, sides))


def _share(side: Passed) -> str:
    rate = side.rate
    if rate is None:
        return say("nothing waited")
    return say("{part} of {amount}", part=percent(rate), amount=usd(side.waited_quote))
