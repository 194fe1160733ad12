"""The default estimator: mass balance, bar by bar (docs/explanation/model.md)."""

from __future__ import annotations

from liqmap.estimate.balance.book import Book
from liqmap.estimate.balance.raster import Canvas
from liqmap.estimate.cohorts import LONG, SHORT
from liqmap.estimate.density import Density
from liqmap.estimate.inputs import Inputs, density_of


def estimate(inputs: Inputs) -> Density:
    """The columns of a book that lived through all bars."""
    book, canvas = begun(inputs)
    book.advance(inputs.bars, canvas)
    return drawn(inputs, book, canvas)


def begun(inputs: Inputs, room: int = 0) -> tuple[Book, Canvas]:
    """The book before the first bar, drawn."""
    book = Book.before(inputs.setup, float(inputs.candles.open[0]), inputs.prior_base)
    canvas = Canvas(inputs.grid, inputs.shown, len(inputs.candles), inputs.ends, room)
    canvas.begin(book)
    return book, canvas


def drawn(inputs: Inputs, book: Book, canvas: Canvas) -> Density:
    """What the canvas shows; its matrices are the canvas's own."""
    columns, bars, ledger = inputs.ends.size, len(inputs.candles), canvas.ledger
    return density_of(
        inputs,
        (canvas.base[LONG][:, :columns], canvas.base[SHORT][:, :columns]),
        canvas.beyond_base[:, :columns].copy(),
        ledger.swept_base[:, :bars],
        ledger.swept_quote[:, :bars],
        canvas.by_leverage(book.scale),
        ledger.prior_share[inputs.ends],
    )
