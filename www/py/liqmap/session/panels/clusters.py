"""The table of the largest clusters."""

from __future__ import annotations

from functools import lru_cache

from liqmap.analysis.clusters import Cluster, largest_clusters, listed
from liqmap.picture.heatmap import decimals_of, unit_of
from liqmap.session.messages import Clusters
from liqmap.session.panels.panel import PicturePanel
from liqmap.session.state import Shown, State
from liqmap.words import clock, usd

UNKNOWN = "–"
"""Stands for an interval that is not known yet, and for leverages that a model does not know."""


class ClustersPanel(PicturePanel):
    """The rows without intervals, which come with `Uncertainty`."""

    def message(self, state: State) -> Clusters:
        shown = state.standing
        assert shown is not None
        rows = tuple(_row(cluster, shown) for cluster in clusters_of(shown))
        return Clusters(unit=unit_of(shown.shares), rows=rows)


@lru_cache(maxsize=1)  # three panels ask
def clusters_of(shown: Shown) -> tuple[Cluster, ...]:
    """The clusters of the table, in its order."""
    return largest_clusters(shown.amounts, shown.spot_price, positions=shown.view.positions)


def _row(cluster: Cluster, shown: Shown) -> tuple[str, ...]:
    """Price, side, amount, interval, distance, leverages, since."""
    decimals = decimals_of(shown.leader.instrument.tick_size, shown.spot_price)
    return (
        f"{cluster.price:,.{decimals}f}",
        "long" if cluster.position_side > 0 else "short",
        usd(cluster.amount_quote),
        UNKNOWN,
        f"{cluster.distance_rate:+.2%}",
        listed(cluster.ranges) or UNKNOWN,
        ("before " if cluster.since_ms <= shown.first_ms else "") + clock(cluster.since_ms),
    )
