"""A density as a file: a row a column of time and price bin that holds anything.

| column | unit |
|---|---|
| `start_ms`, `end_ms` | of the density's column, UTC |
| `low_price`, `high_price` | of the bin, quote/base |
| `long_base`, `short_base` | base that waits in the bin at the column's END |
"""

from __future__ import annotations

import numpy as np

from liqmap.estimate.density import Density
from liqmap.files import table
from liqmap.files.table import Table


def write_density(path: str, density: Density) -> None:
    """Write the bins that hold anything; raises `InputError` where it cannot."""
    table.write(path, as_table(density))


def as_table(density: Density) -> Table:
    """A density as columns, oldest first, the lowest price first."""
    at, row = np.nonzero(((density.long_base > 0) | (density.short_base > 0)).T)
    edges_ms, edges = density.time_edges_ms, density.price_edges
    return Table(
        {
            "start_ms": edges_ms[at],
            "end_ms": edges_ms[at + 1],
            "low_price": edges[row],
            "high_price": edges[row + 1],
            "long_base": density.long_base[row, at].astype(np.float64),
            "short_base": density.short_base[row, at].astype(np.float64),
        }
    )
