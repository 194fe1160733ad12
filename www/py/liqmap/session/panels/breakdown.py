"""What each venue adds to a sum."""

from __future__ import annotations

from collections.abc import Mapping

from liqmap.estimate.density import Density
from liqmap.session.desk_messages import Rows
from liqmap.session.messages import Breakdown
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import State
from liqmap.venues.registry import ADAPTERS
from liqmap.words import percent, usd


class BreakdownPanel(PicturePanel):
    """Each venue's part of a sum; no rows for a single venue."""

    def message(self, state: State) -> Breakdown:
        shown = state.standing
        assert shown is not None
        if len(shown.markets) == 1:
            return Breakdown(rows=())
        titled = {ADAPTERS[venue].title: shown.parts[venue] for venue in shown.markets}
        return Breakdown(rows=breakdown(titled, shown.view.positions))


def breakdown(parts: Mapping[str, Density], positions: str) -> Rows:
    """What each part adds at the last bar: title, longs, shorts, its share; largest first."""
    sums = {}
    for title, density in parts.items():
        longs, shorts = (
            float(base[:, -1] @ density.prices) if positions in ("both", side) else 0.0
            for side, base in (("long", density.long_base), ("short", density.short_base))
        )
        sums[title] = (longs, shorts)
    total = sum(map(sum, sums.values()))
    if len(sums) < 2 or total <= 0:
        return ()
    return tuple(
        (title, usd(sums[title][0]), usd(sums[title][1]), percent(sum(sums[title]) / total))
        for title in sorted(sums, key=lambda title: -sum(sums[title]))
    )
