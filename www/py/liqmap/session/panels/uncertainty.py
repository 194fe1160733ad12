"""The uncertainty of the last column: the interval of each cluster, in the map and in the table."""

from __future__ import annotations

from liqmap.analysis.clusters import intervals_quote
from liqmap.picture.liquidation_map import whiskers
from liqmap.session.messages import Uncertainty
from liqmap.session.panels.clusters import UNKNOWN, clusters_of
from liqmap.session.panels.panel import MembersPanel
from liqmap.session.state import State
from liqmap.words import usd


class UncertaintyPanel(MembersPanel):
    """Intervals in words and whiskers; without members empty."""

    def message(self, state: State) -> Uncertainty:
        shown = state.standing
        assert shown is not None
        clusters, members, positions = clusters_of(shown), shown.members, shown.view.positions
        found = [] if members is None else intervals_quote(clusters, shown.amounts, members)
        return Uncertainty(
            sources={"profile_intervals": whiskers(shown.amounts, positions, clusters, found)},
            intervals=tuple(f"{usd(low)}–{usd(high)}" for low, high in found)
            or (UNKNOWN,) * len(clusters),
        )
