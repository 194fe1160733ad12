"""A book that bars are added to: an update costs what is new, not what is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Unpack

import numpy as np

from liqmap.data.series import Candles, OpenInterest
from liqmap.estimate.balance.book import Book
from liqmap.estimate.balance.model import begun, drawn
from liqmap.estimate.balance.raster import Raster, Sums
from liqmap.estimate.density import Density, Settled
from liqmap.estimate.inputs import Inputs, columns_of
from liqmap.estimate.leverage import mix_of
from liqmap.estimate.options import Options, bars_of, inputs_of

REPLAYED = 8
"""At most so many bars at the end are lived through again at each update, and those of a
column …"""
OPEN = 2
"""… and at least so many: the last bar changes, and the open interest at the end of the
one before it comes late."""

ROOM = 64
"""Bars that may come before the matrices have to be copied into larger ones."""


class Live:
    """`balance` on a market that goes on.

    Its density is to the last bit the one that `liqmap.estimate` makes of the same market
    on the same price grid.

    Parameters
    ----------
    candles, open_interest, mark : Candles, OpenInterest, Candles or None
        The market so far; its last bar need not have ended.
    **options
        As for `liqmap.estimate`, from `price_bins` on. Price grid, first column and `every`
        stay as they are here.

    Raises
    ------
    InputError
        As `liqmap.estimate`.
    """

    density: Density
    _inputs: Inputs
    _seen: tuple[OpenInterest, Candles | None]
    _book: Book
    _raster: Raster
    _sums: Sums

    def __init__(
        self,
        candles: Candles,
        open_interest: OpenInterest,
        *,
        mark: Candles | None = None,
        **options: Unpack[Options],
    ) -> None:
        self._options = options
        # They may be needed again.
        leverages, shown = options.get("leverages"), options.get("only_leverages")
        options["leverages"] = None if leverages is None else mix_of(leverages)
        options["only_leverages"] = None if shown is None else list(shown)
        self.density = self._begun(candles, open_interest, mark)

    def update(
        self, candles: Candles, open_interest: OpenInterest, mark: Candles | None = None
    ) -> Density:
        """The same market now.

        Where only its last two bars changed and others came after them, the time it takes
        is that of the new bars. Where anything else changed (data that was filled in, or
        bars that are gone) the book is made anew from all bars.

        Parameters
        ----------
        candles, open_interest, mark : Candles, OpenInterest, Candles or None
            All of it, not the new bars alone.

        Returns
        -------
        Density
            Also `density`. Its two matrices are read-only views of memory that later
            densities share: columns whose bars have ended stay as they are, whatever comes;
            the last columns, whose bars are replayed, are drawn again in place. Copy a
            matrix to keep its last columns. All other arrays are its own.

        Raises
        ------
        InputError
            As `liqmap.estimate`.
        """
        kept = self._book.bars
        if len(candles) <= kept or not self._same(candles, open_interest, mark):
            self.density = self._begun(candles, open_interest, mark)
            return self.density
        first, every = int(self._inputs.starts[0]), self._options.get("every", 1)
        starts, ends = columns_of(len(candles), first, every)
        bars = bars_of(candles, open_interest, mark, kept)
        self._inputs = replace(self._inputs, candles=candles, bars=bars, starts=starts, ends=ends)
        self._seen = (open_interest, mark)
        self._raster.resume(self._sums, len(candles), ends)
        self.density = self._advanced()
        return self.density

    def _begun(
        self, candles: Candles, open_interest: OpenInterest, mark: Candles | None
    ) -> Density:
        self._inputs = inputs = inputs_of(candles, open_interest, mark, self._options)
        self._options["price_range"] = (inputs.grid.low_price, inputs.grid.high_price)
        self._options["first_ms"] = float(candles.time_ms[inputs.starts[0]])
        self._seen = (open_interest, mark)
        self._book, self._raster = begun(inputs, ROOM)
        self._sums = self._raster.sums.copy()
        return self._advanced()

    def _advanced(self) -> Density:
        """Live through the bars since those that are kept; keep more where they are many."""
        bars, raster = self._inputs.bars, self._raster
        ended = self._ended() if bars.close.size > REPLAYED else 0
        if ended:
            self._book.advance(bars.rows(slice(ended)), raster)
            self._sums = raster.sums.copy()
            bars = bars.rows(slice(ended, None))
        book = self._book.copy()
        book.advance(bars, raster)
        density = drawn(self._inputs, book, raster)
        density.long_base.flags.writeable = density.short_base.flags.writeable = False
        kept = self._book.bars
        until_ms = float(self._inputs.candles.end_ms[kept - 1]) if kept else -np.inf
        return replace(density, settled=Settled(raster, until_ms))

    def _ended(self) -> int:
        """How many of the new bars will not change and are those of whole columns."""
        kept, ends = self._book.bars, self._inputs.ends + 1
        whole = ends[: np.searchsorted(ends, len(self._inputs.candles) - OPEN, "right")]
        return max(int(whole[-1]) - kept, 0) if whole.size else 0

    def _same(self, candles: Candles, open_interest: OpenInterest, mark: Candles | None) -> bool:
        """Whether the kept bars are what they were."""
        kept, before = self._book.bars, self._inputs.candles
        samples, marks = self._seen
        if not kept:
            return False
        opened_ms, ended_ms = candles.time_ms[kept - 1], candles.end_ms[kept - 1]
        return (
            candles.step_ms == before.step_ms
            and _equal(candles, before, kept, kept, _BAR)
            and _equal(open_interest, samples, *_counts(open_interest, samples, ended_ms), _SAMPLE)
            and (mark is None) == (marks is None)
            and (
                mark is None
                or marks is None
                or _equal(mark, marks, *_counts(mark, marks, opened_ms), _REACH)
            )
        )


_BAR = ("time_ms", "end_ms", "open", "high", "low", "close", "volume_base")
_SAMPLE = ("time_ms", "open_interest_base")
_REACH = ("time_ms", "low", "high")
Series = Candles | OpenInterest


def _counts(one: Series, other: Series, until_ms: float) -> tuple[int, int]:
    """How many rows of each are from no later than this; the first in any case."""
    return (
        max(int(np.searchsorted(one.time_ms, until_ms, "right")), 1),
        max(int(np.searchsorted(other.time_ms, until_ms, "right")), 1),
    )


def _equal(one: Series, other: Series, rows: int, others: int, names: tuple[str, ...]) -> bool:
    return rows == others and all(
        np.array_equal(getattr(one, name)[:rows], getattr(other, name)[:rows]) for name in names
    )
