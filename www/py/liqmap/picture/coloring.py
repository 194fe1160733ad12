"""A picture before it has colours: other colours need nothing else anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from liqmap.picture.cells import Cells
from liqmap.picture.color_scale import (
    ColorBar,
    Scale,
    colored,
    colored_difference,
    legend,
    legend_difference,
)
from liqmap.view import View


@dataclass(frozen=True, eq=False, slots=True)
class Colors:
    """The picture that is there, in these colours."""

    kind: ClassVar[str] = "colors"
    query: str
    rgba: NDArray[np.uint32]
    """Flat, rows × columns, the lowest price first; even in log price where the axis is."""
    other_rgba: NDArray[np.uint32] | None
    """Of the model that is compared with, where both stand side by side."""
    colors: ColorBar


@dataclass(frozen=True, eq=False, slots=True)
class Uncolored:
    """What colours are made of."""

    cells: Cells
    scale: Scale
    other: tuple[Cells, Scale] | None
    """Of the model that is compared with, where both stand side by side."""
    diverging: bool
    """Whether the cells are a difference."""

    def colored(self, view: View, *, light: bool) -> Colors:
        """The colours of a view: its palette, floor and ceiling, on this ground."""
        paint, bar = (
            (colored_difference, legend_difference) if self.diverging else (colored, legend)
        )
        rgba = paint(self.cells.quote, self.scale, view, light=light)
        other = None
        if self.other is not None:
            cells, scale = self.other
            other = _rows(cells, colored(cells.quote, scale, view, light=light), view)
        return Colors(
            query=view.to_query(),
            rgba=_rows(self.cells, rgba, view),
            other_rgba=other,
            colors=bar(self.scale, view, light=light),
        )


def _rows(cells: Cells, rgba: NDArray[np.uint32], view: View) -> NDArray[np.uint32]:
    """Flat; where the axis is logarithmic the rows are moved."""
    if view.axis == "log":  # the page stretches an image evenly between its ends
        rgba = rgba[log_rows(cells.low_price, cells.row_price, len(rgba))]
    return rgba.ravel()


def log_rows(low: float, row_price: float, rows: int) -> NDArray[np.intp]:
    """Which row of so much price lies at each of as many rows that are even in log price."""
    middle = (np.arange(rows) + 0.5) / rows
    price = low * (1 + rows * row_price / low) ** middle
    return ((price - low) / row_price).astype(np.intp)
