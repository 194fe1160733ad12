"""The bands of clusters, one of which is outlined on the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from liqmap.analysis.clusters import Cluster
from liqmap.data.series import Array

SOURCES = {"selection": ("left", "right", "bottom", "top")}
"""Column names of each source of the Bokeh document; the page fills it with one of `bands`."""


def bands(
    clusters: Sequence[Cluster], first_ms: float, until_ms: Sequence[float]
) -> dict[str, Array]:
    """Ends of each band: from when it was there, in the picture, until an instant of its own."""
    return {
        "left": np.array([max(one.since_ms, first_ms) for one in clusters]),
        "right": np.array(until_ms),
        "bottom": np.array([one.low_price for one in clusters]),
        "top": np.array([one.high_price for one in clusters]),
    }
