"""Levels of the history: price bands where much was liquidated, and what the price did there after.

Every word (band, event, touch, outcome, control) is defined in docs/explanation/history-levels.md.
Shorts are longs on a price axis that is turned around, so all below is of a price that comes down.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import exp, floor, log, log1p, sqrt
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from liqmap.analysis.situation import daily_range_rate
from liqmap.data.liquidations import Liquidations
from liqmap.data.series import Array, Candles

GAP_MS = 3_600_000.0
"""Events of a band, and touches that count, are at least this far apart."""
HORIZON_MS = 12 * GAP_MS
"""From a touch on: what is not decided by then is undecided."""
LARGE_FRACTION = 0.02
"""An event holds at least this part of what was liquidated on its side."""
LEAST_N = 8
"""Fewer touches, or fewer of controls, prove nothing."""
BAND_RATES = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02)
_UNKNOWN_RATE = 0.002
_DAILY_PART = 0.1
_NORMAL_95 = 1.959963984540054

Outcome = Literal["held", "broken", "undecided", "open"]
"""Undecided: nothing within the horizon. Open: the newest bar is not so far."""


@dataclass(frozen=True, slots=True)
class Trials:
    """How many touches held, and how many broke."""

    held: int
    broken: int

    @property
    def n(self) -> int:
        """Decided touches."""
        return self.held + self.broken

    @property
    def share(self) -> float:
        """Held of all; 0 where there was none."""
        return self.held / self.n if self.n else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the share; (0, 1) where there was none."""
        return wilson(self.held, self.n)

    def differs(self, base: Trials) -> bool:
        """Whether enough was seen of both, and the interval leaves the base rate out."""
        low, high = self.interval
        return min(self.n, base.n) >= LEAST_N and not low <= base.share <= high


@dataclass(frozen=True, slots=True)
class Level:
    """A band where much was liquidated.

    Attributes
    ----------
    position_side : int
        +1: longs were liquidated, the price came down to it; -1: shorts, it came up.
    low_price, high_price : float
        Its ends [quote/base].
    amount_quote : float
        Liquidated in its events [quote].
    events : int
    first_ms, last_ms : float
        End of the first event, from which on it is a level, and of the newest.
    newest : Outcome
        What the price did last: after its newest event, or at the newest touch; `open` where
        nothing was decided yet.
    trials : Trials
        Touches after the first event.
    """

    position_side: int
    low_price: float
    high_price: float
    amount_quote: float
    events: int
    first_ms: float
    last_ms: float
    newest: Outcome
    trials: Trials


@dataclass(frozen=True, slots=True)
class Side:
    """All levels of a side together, and the controls of that side."""

    trials: Trials
    base: Trials


@dataclass(frozen=True, slots=True)
class History:
    """What was found in the time from `since_ms` to `end_ms`.

    `band_rate` is the width of a band over its lower end; `levels` are the largest first; `sides`
    are by position side.
    """

    since_ms: float
    end_ms: float
    band_rate: float
    levels: tuple[Level, ...]
    sides: dict[int, Side]


@dataclass(frozen=True, slots=True)
class _Event:
    band: int
    amount_quote: float
    start_ms: float
    end_ms: float


@dataclass(frozen=True, slots=True)
class _Touch:
    start_ms: float
    outcome: Outcome


@dataclass(frozen=True, eq=False, slots=True)
class _Bars:
    """Bars on a log axis on which the price comes down: `near` is as far as it came."""

    open_ms: Array
    end_ms: Array
    near: Array
    close: Array


def wilson(held: int, n: int) -> tuple[float, float]:
    """95 % interval of a proportion (Wilson 1927); (0, 1) of nothing.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if n == 0:
        return 0.0, 1.0
    share, z2 = held / n, _NORMAL_95**2
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = _NORMAL_95 * sqrt(share * (1 - share) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return middle - half if held else 0.0, middle + half if held < n else 1.0


def band_rate_of(candles: Candles) -> float:
    """Width of a band: the largest step of `BAND_RATES` within a tenth of a mean daily range."""
    day = daily_range_rate(candles) if len(candles) else None
    if day is None:
        return _UNKNOWN_RATE
    fitting = [rate for rate in BAND_RATES if rate <= _DAILY_PART * day]
    return max(fitting, default=BAND_RATES[0])


def history(seen: Liquidations, candles: Candles, band_rate: float | None = None) -> History:
    """Levels, their touches, and the controls.

    Parameters
    ----------
    seen : Liquidations
        All that is known of the contract in the time of the candles; one that is not within a
        bar is left out.
    candles : Candles
        Bars that have ended.
    band_rate : float, optional
        Width of a band; by default `band_rate_of(candles)`.
    """
    rate = band_rate or band_rate_of(candles)
    if not len(candles):
        return History(0.0, 0.0, rate, (), {side: _nothing() for side in (1, -1)})
    end_ms = float(candles.end_ms[-1])
    inside = seen.rows((seen.time_ms >= candles.time_ms[0]) & (seen.time_ms < end_ms))
    if not len(inside):
        return History(end_ms, end_ms, rate, (), {side: _nothing() for side in (1, -1)})
    since_ms = float(inside.time_ms[0])
    candles = candles.rows(candles.end_ms > since_ms)
    events = {side: _by_band(_events(inside, side, rate)) for side in (1, -1)}
    begun_ms = _begun(event for bands in events.values() for own in bands.values() for event in own)
    found = {side: _side(side, candles, events[side], begun_ms, rate) for side in (1, -1)}
    levels = [level for own, _ in found.values() for level in own]
    return History(
        since_ms,
        end_ms,
        rate,
        tuple(sorted(levels, key=lambda one: -one.amount_quote)),
        {side: sums for side, (_, sums) in found.items()},
    )


def _nothing() -> Side:
    return Side(Trials(0, 0), Trials(0, 0))


def _events(seen: Liquidations, position_side: int, rate: float) -> Iterator[_Event]:
    """Large events of a side, band by band."""
    own = seen.rows(seen.position_side == position_side)
    amounts = own.quantity_quote
    band = np.floor(np.log(own.price) / log1p(rate)).astype(np.intp)
    order = np.lexsort((own.time_ms, band))
    anew = (np.diff(band[order]) != 0) | (np.diff(own.time_ms[order]) > GAP_MS)
    for rows in np.split(order, np.flatnonzero(anew) + 1):
        amount = float(amounts[rows].sum())
        if rows.size and amount >= LARGE_FRACTION * amounts.sum():
            first, last = float(own.time_ms[rows[0]]), float(own.time_ms[rows[-1]])
            yield _Event(int(band[rows[0]]), amount, first, last)


def _by_band(events: Iterable[_Event]) -> dict[int, list[_Event]]:
    bands: dict[int, list[_Event]] = {}
    for event in events:
        bands.setdefault(event.band, []).append(event)
    return bands


def _begun(events: Iterable[_Event]) -> dict[int, float]:
    """Begin of the first event of each band, of either side [ms]."""
    begun: dict[int, float] = {}
    for event in events:
        begun[event.band] = min(event.start_ms, begun.get(event.band, event.start_ms))
    return begun


def _side(
    side: int,
    candles: Candles,
    events: dict[int, list[_Event]],
    begun_ms: dict[int, float],
    rate: float,
) -> tuple[list[Level], Side]:
    """The levels of a side, and its sums: each band is a control until something happens there."""
    width = log1p(rate)
    far = candles.low if side > 0 else candles.high
    bars = _Bars(candles.time_ms, candles.end_ms, side * np.log(far), side * np.log(candles.close))
    lowest, highest = (
        floor(log(float(one)) / width) for one in (candles.low.min(), candles.high.max())
    )
    levels: list[Level] = []
    of_levels: list[_Touch] = []
    of_controls: list[_Touch] = []
    for band in sorted({*range(lowest, highest + 1), *events}):
        top = width * (band + 1 if side > 0 else -band)
        touches = _touches(bars, top, width)
        before_ms = begun_ms.get(band, np.inf)
        of_controls += [one for one in touches if one.start_ms < before_ms]
        if own := events.get(band):
            later = [one for one in touches if one.start_ms >= own[0].end_ms]
            of_levels += later
            outcomes = [_Touch(one.end_ms, _after(bars, top, width, one.end_ms)) for one in own]
            decided = [one for one in (*outcomes, *later) if one.outcome in ("held", "broken")]
            newest = max(decided, key=lambda one: one.start_ms, default=None)
            levels.append(
                Level(
                    side,
                    exp(width * band),
                    exp(width * (band + 1)),
                    sum(one.amount_quote for one in own),
                    len(own),
                    own[0].end_ms,
                    own[-1].end_ms,
                    newest.outcome if newest else "open",
                    _trials(later),
                )
            )
    return levels, Side(_trials(_apart(of_levels)), _trials(of_controls))


def _trials(touches: Iterable[_Touch]) -> Trials:
    outcomes = [one.outcome for one in touches]
    return Trials(outcomes.count("held"), outcomes.count("broken"))


def _apart(touches: list[_Touch]) -> list[_Touch]:
    """Those that begin `GAP_MS` or more after the one before that is kept."""
    kept: list[_Touch] = []
    for one in sorted(touches, key=lambda touch: touch.start_ms):
        if not kept or one.start_ms >= kept[-1].start_ms + GAP_MS:
            kept.append(one)
    return kept


def _touches(bars: _Bars, top: float, width: float) -> list[_Touch]:
    """All touches of a band whose upper end is at `top`, oldest first."""
    away = np.flatnonzero(bars.close >= top + width)
    there = np.flatnonzero(bars.near < top)
    touches: list[_Touch] = []
    bar, earliest_ms = 0, -np.inf
    while True:
        approach = _from(away, bar)
        touch = None if approach is None else _from(there, approach + 1)
        if touch is None:
            return touches
        bar = touch
        start_ms = float(bars.open_ms[touch])
        if start_ms >= earliest_ms:
            bar, outcome = _outcome(bars, top, width, touch)
            touches.append(_Touch(start_ms, outcome))
            earliest_ms = start_ms + GAP_MS


def _from(rows: NDArray[np.intp], least: int) -> int | None:
    """The first of ascending rows that is `least` or later."""
    at = int(np.searchsorted(rows, least))
    return int(rows[at]) if at < rows.size else None


def _after(bars: _Bars, top: float, width: float, end_ms: float) -> Outcome:
    """The outcome from the bar on in which an event ended."""
    return _outcome(bars, top, width, int(np.searchsorted(bars.end_ms, end_ms, side="right")))[1]


def _outcome(bars: _Bars, top: float, width: float, first: int) -> tuple[int, Outcome]:
    """The bar from which on something new may begin, and what the price did from `first` on."""
    last = int(np.searchsorted(bars.open_ms, bars.open_ms[first] + HORIZON_MS))
    close = bars.close[first:last]
    up, down = close >= top + width, close <= top - 2 * width
    decided = up | down
    if decided.any():
        at = int(np.argmax(decided))
        return first + at, "held" if up[at] else "broken"
    return last, "open" if last == bars.open_ms.size else "undecided"
