"""The default estimator: mass balance, bar by bar (docs/explanation/model.md)."""

from __future__ import annotations

import math

from liqmap.estimate.balance.book import Book
from liqmap.estimate.balance.raster import BREADTH_OF_GRID, BREADTH_RATE, Raster
from liqmap.estimate.cohorts import LONG, SHORT
from liqmap.estimate.density import Density
from liqmap.estimate.inputs import Inputs, density_of


def estimate(inputs: Inputs) -> Density:
    """The columns of a book that lived through all bars."""
    book, raster = begun(inputs)
    book.advance(inputs.bars, raster)
    return drawn(inputs, book, raster)


def begun(inputs: Inputs, room: int = 0) -> tuple[Book, Raster]:
    """The book before the first bar, drawn."""
    book = Book.before(inputs.setup, float(inputs.candles.open[0]), inputs.prior_base)
    grid, setup = inputs.grid, inputs.setup
    span = grid.high_price - grid.low_price
    broad = max(BREADTH_RATE * setup.first_price, BREADTH_OF_GRID * span)
    rows = broad / span * grid.bins if setup.width.any() else 1.0
    breadth = 2 ** round(math.log2(max(rows, 1.0)))
    raster = Raster(grid, inputs.shown, len(inputs.candles), inputs.ends, room, breadth)
    raster.begin(book)
    return book, raster


def drawn(inputs: Inputs, book: Book, raster: Raster) -> Density:
    """The density of a raster; its matrices are the raster's own, not copies."""
    columns, bars, ledger = inputs.ends.size, len(inputs.candles), raster.ledger
    return density_of(
        inputs,
        (raster.base[LONG][:, :columns], raster.base[SHORT][:, :columns]),
        raster.beyond_base[:, :columns].copy(),
        ledger.swept_base[:, :bars],
        ledger.swept_quote[:, :bars],
        raster.by_leverage(book.scale),
        ledger.prior_share[inputs.ends],
    )
