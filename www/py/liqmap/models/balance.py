"""The default estimator: mass balance, bar by bar (docs/model.md)."""

from __future__ import annotations

import numpy as np

from liqmap.density import Density
from liqmap.models.book import Book
from liqmap.models.canvas import Canvas
from liqmap.models.crowd import LONG, SHORT
from liqmap.models.inputs import Inputs, density_of


def estimate(inputs: Inputs) -> Density:
    """The columns of a book that lived through all bars."""
    book, canvas = _begun(inputs)
    book.advance(inputs.bars, canvas)
    return _density(inputs, book, canvas)


def _begun(inputs: Inputs) -> tuple[Book, Canvas]:
    book = Book.before(inputs.setup, float(inputs.bars.open[0]), inputs.prior_base)
    canvas = Canvas(inputs.grid, inputs.shown, len(inputs.candles), inputs.ends)
    canvas.begin((book.crowds[LONG][0], book.crowds[SHORT][0]), book.opened)
    return book, canvas


def _density(inputs: Inputs, book: Book, canvas: Canvas) -> Density:
    columns, bars = inputs.ends.size, len(inputs.candles)
    held = 2 * inputs.bars.open_interest_base[inputs.ends]
    prior = canvas.prior_base[inputs.ends]
    share = np.divide(prior, held, out=np.zeros(columns), where=held > 0)
    return density_of(
        inputs,
        (canvas.base[LONG][:, :columns], canvas.base[SHORT][:, :columns]),
        canvas.beyond_base[:, :columns],
        canvas.swept_base[:, :bars],
        canvas.swept_quote[:, :bars],
        (canvas.by_tier(*book.positions(LONG)), canvas.by_tier(*book.positions(SHORT))),
        np.clip(share, 0.0, 1.0),
    )
