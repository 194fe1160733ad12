"""What price has cleared since an instant that the visitor chooses, and marks of sweeps."""

from __future__ import annotations

from liqmap.analysis import cleared
from liqmap.picture.sweep_marks import marks
from liqmap.session.messages import Cleared
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.words import clock, usd


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
        found = cleared.cleared_since(density, leader.candles, leader.mark, column)
        since_ms = float(density.time_edges_ms[column + 1])
        seen = cleared.sweeps(density, leader.candles, leader.mark)
        return Cleared(
            since=f"Since {clock(since_ms)} UTC",
            rows=tuple(_row(one) for one in found),
            sources={"sweeps": marks(seen, state.shown.column_ms)},
        )


def _row(one: cleared.Cleared) -> tuple[str, ...]:
    """`±2%`, `25% of $12M`, the same of shorts."""
    sides = ((one.long_quote, one.long_share), (one.short_quote, one.short_share))
    return (
        f"±{one.rate:.0%}",
        *(
            "nothing waited" if share is None else f"{share:.0%} of {usd(waited)}"
            for waited, share in sides
        ),
    )
