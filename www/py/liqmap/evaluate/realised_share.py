"""The part of swept exposure that is really liquidated: dollars that mean something.

Exposure is not forced selling. Most traders leave before the price reaches them, and what
is left is often margined anew. So exposure × share is an expectation of liquidations; the
share is measured where liquidations are seen, and assumed elsewhere (docs/explanation/accuracy.md).

Liquidated and reported are two numbers: most venues publish a sample. So a share says whose
liquidations it tells of, and an amount is never shown without that name.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple, TypeVar

import numpy as np

from liqmap.data.series import Array
from liqmap.errors import InputError, NoData
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.bootstrap import DAY_MS, RESAMPLES, blocks, drawn, interval, summed
from liqmap.language import count, mark, say
from liqmap.words import number

T = TypeVar("T", Density, Members)
Whose = Literal["all_exchanges", "this_venue"]
WHOSE: Mapping[Whose, str] = MappingProxyType(
    {
        "all_exchanges": mark("as reported by all exchanges"),
        "this_venue": mark("of this venue, which reports all of them"),
    }
)
"""Whose liquidations are expected, in words that follow `expected liquidations`."""
LEAST_SPANS = 24

MARKET_SPREAD = 0.25
"""Standard deviation of the log share from one month of a market to the next: what is
measured today is not known better than that for tomorrow."""
_QUANTILE = 1.645
_GOLDEN = 0.6180339887498949


class Share(NamedTuple):
    """Liquidated over swept, with a 90 % interval, and where it comes from.

    Of the swept exposure of `balance`; another model's exposure has another share.
    """

    value: float
    low: float
    high: float
    measured: str = ""
    """On what it was measured; empty where it is assumed."""

    @property
    def source(self) -> str:
        """Where it comes from."""
        factor = number(ASSUMED_FACTOR)
        return self.measured or say("assumed, right within a factor of {factor}", factor=factor)

    def updated(self, measured: Share) -> Share:
        """This share after a measurement: their mean in logs, each by its precision."""
        ours, theirs = self._spread(), math.hypot(measured._spread(), MARKET_SPREAD)
        precision = 1 / ours**2 + 1 / theirs**2
        middle = (math.log(self.value) / ours**2 + math.log(measured.value) / theirs**2) / precision
        reach = math.exp(_QUANTILE / math.sqrt(precision))
        value = math.exp(middle)
        return Share(value, value / reach, min(value * reach, 1.0), measured.measured)

    def guesses(self, count: int) -> Array:
        """So many equally likely values, half of them above `value`; in no order."""
        place = (np.arange(count) * _GOLDEN + 0.5 / count) % 1.0
        # The logistic distribution, near to the normal one.
        score = np.log(place / (1 - place)) / 1.702
        guesses: Array = self.value * np.exp(self._spread() * score)
        return guesses

    def _spread(self) -> float:
        return max(math.log(self.high / self.low) / (2 * _QUANTILE), 1e-3)


class Shares(NamedTuple):
    """Of each side, and whose liquidations they tell of.

    `all_exchanges`: what all exchanges report, over what price passed on the open interest of
    all of them; times the exposure of some of it, the part of the reports that belongs to that.
    `this_venue`: what one venue liquidates, over what price passed on its own open interest.
    """

    long: Share
    short: Share
    whose: Whose


def expected(exposure: T, shares: Shares | None) -> T:
    """Expected liquidations of an exposure: each side times its share; without shares all of it.

    Members have a guess of the share each, since it is not known either.
    """
    if shares is None:
        return exposure
    if isinstance(exposure, Members):
        count = len(exposure.long_base)
        long, short = (one.guesses(count)[:, None] for one in (shares.long, shares.short))
        return exposure.scaled(long, short)
    return exposure.scaled(shares.long.value, shares.short.value)


ASSUMED_FACTOR = 3.0
"""How far an assumed share may be off, up and down, with 90 % certainty."""


def _assumed(value: float) -> Share:
    factor = ASSUMED_FACTOR
    return Share(value, value / factor, value * factor)


ASSUMED: Mapping[Whose, Shares] = MappingProxyType(
    {
        "all_exchanges": Shares(_assumed(0.028), _assumed(0.019), "all_exchanges"),
        "this_venue": Shares(_assumed(0.33), _assumed(0.096), "this_venue"),
    }
)
"""Where nothing was heard yet, for coins and times on which they were not measured, too.

They belong to the default mix of leverages. With another one as much is liquidated and
something else swept: multiply all four by what `bench --skill` then measures over what it
measured with this mix, 0.328 of longs and 0.096 of shorts (docs/explanation/accuracy.md).
"""


def measured_share(
    swept_quote: Array,
    actual_quote: Array,
    start_ms: Array,
    *,
    open_interest_ratio: float = 1.0,
    source: str = "",
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Share:
    """Total liquidated over total swept of one side, with a day-block bootstrap interval.

    Parameters
    ----------
    swept_quote, actual_quote : array of shape (n,)
        [quote] in each span: exposure that price passed, and what was liquidated.
    start_ms : array of shape (n,)
        Of each span; hours or days.
    open_interest_ratio : float
        Open interest of the venue that liquidated over that of the venue that was swept,
        where they differ.
    source : str
        Where the totals are from.

    Raises
    ------
    InputError
    NoData
        Fewer than 24 spans, nothing swept, or nothing liquidated.
    """
    if not swept_quote.shape == actual_quote.shape == start_ms.shape:
        raise InputError("measured_share: expected arrays of one length.")
    if not 0 < open_interest_ratio < math.inf:
        raise InputError("open_interest_ratio: expected a positive number.")
    spans = swept_quote.size
    if spans < LEAST_SPANS or not (swept_quote.sum() > 0 and actual_quote.sum() > 0):
        raise NoData(
            f"Of {spans} hours or days watched, too few tell what part of the exposure is "
            "liquidated.",
            hint=f"It takes {LEAST_SPANS} and some liquidations of each side; until then the "
            "share is assumed.",
        )
    block = blocks(start_ms)
    weight = drawn(block, resamples, seed)
    swept = weight @ summed(block, swept_quote * open_interest_ratio, weight.shape[1])
    actual = weight @ summed(block, actual_quote, weight.shape[1])
    rates = np.divide(actual, swept, out=np.full_like(swept, np.nan), where=swept > 0)
    value, low, high = interval(rates[np.isfinite(rates)])
    days = np.unique(np.floor_divide(start_ms, DAY_MS)).size
    words = (
        count("measured over {n} day", "measured over {n} days", days)
        if days > 1
        else say("measured within a day")
    )
    return Share(value, max(low, 1e-2 * value), high, f"{words}, {source}" if source else words)
