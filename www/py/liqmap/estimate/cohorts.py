"""Positions, column by column.

A short is a long in a mirror: `depth` is its liquidation price, for shorts negated, so that
a bar sweeps whatever lies at or above its `reach` (the low; for shorts minus the high).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from liqmap.data.series import Array

Rows = NDArray[np.intp]
Table = NDArray[np.float64]
"""Two dimensions."""
Cube = NDArray[np.float64]
"""Three."""

LONG, SHORT = 0, 1
SIGN = (1.0, -1.0)


class Cohorts(NamedTuple):
    """Positions in the order they were opened; arrays of shape (p,).

    `held` and `churned` are the parts of what holders and churners of its side opened at
    `birth`: 0 before the data, t + 1 in bar t. `kind` is side × K + the row of the range.
    """

    depth: Array
    held: Array
    churned: Array
    birth: Rows
    kind: Rows

    def rows(self, keep: slice | Rows) -> Cohorts:
        """Some of them."""
        depth, held, churned, birth, kind = self
        return Cohorts(depth[keep], held[keep], churned[keep], birth[keep], kind[keep])

    @property
    def price(self) -> Array:
        """Liquidation price [quote/base]."""
        return np.abs(self.depth)


class Events(NamedTuple):
    """Positions, and when something befalls them: side × n + row of the step's n bars.

    Ascending in `at`.
    """

    who: Cohorts
    at: Rows


def joined(crowds: Iterable[Cohorts]) -> Cohorts:
    """All of them, one after the other."""
    every = tuple(crowds)
    if len(every) == 1:
        return every[0]
    return Cohorts(*(np.concatenate(column) for column in zip(*every, strict=True)))


def tally(row: Rows, mass: Array, rows: int) -> Array:
    """Sum of the masses of each row, added in their order."""
    total: Any = np.bincount(row, mass, rows)
    return np.asarray(total, np.float64)


def first_reached(reach: Array, depth: Array, start: Rows) -> Rows:
    """First row ≥ start with reach[row] ≤ depth, else len(reach), for each (depth, start).

    Minima over doubling spans; a search walks them from the longest down.
    """
    minima = [np.append(reach, -np.inf)]
    while 2 ** len(minima) <= reach.size:
        last, span = minima[-1], 2 ** (len(minima) - 1)
        minima.append(np.minimum(last[:-span], last[span:]))
    row = start
    for level in range(len(minima) - 1, -1, -1):
        spans = minima[level]
        beyond = spans[np.minimum(row, spans.size - 1)] > depth
        row = row + (beyond.astype(np.intp) << level)
    return row
