"""The uncertainty of the last column: the band on the map, the intervals of the clusters."""

from __future__ import annotations

from liqmap.analysis.clusters import interval_quote
from liqmap.picture.liquidation_map import band, map_range
from liqmap.session.messages import Uncertainty
from liqmap.session.panels.clusters import UNKNOWN, clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State
from liqmap.words import usd


class UncertaintyPanel(Panel):
    """A message with every picture, and one more when members are known; without them empty."""

    def about(self, state: State) -> object:
        return None if state.shown is None else (state.shown.number, state.shown.exposed)

    def message(self, state: State) -> Uncertainty:
        assert state.shown is not None
        shown = state.shown
        positions, members = shown.view.positions, shown.members
        found = band(shown.amounts, positions, members)
        return Uncertainty(
            sources={"profile_band": found},
            ranges={"map_range": map_range(shown.amounts, positions, found["high"])},
            intervals=intervals(shown),
        )


def intervals(shown: Shown) -> tuple[str, ...]:
    """P10–P90 of each cluster of the table."""
    clusters, members = clusters_of(shown), shown.members
    if members is None:
        return (UNKNOWN,) * len(clusters)
    found = (interval_quote(cluster, shown.amounts, members) for cluster in clusters)
    return tuple(f"{usd(low)}–{usd(high)}" for low, high in found)
