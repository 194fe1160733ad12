"""Columns of a market out of a venue's rows, in whatever order these come.

A row that cannot be read is left out and counted, see `parse.kept`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, MaintenanceTiers, Rule
from liqmap.data.samples import Samples
from liqmap.data.series import Array, Candles, OpenInterest
from liqmap.errors import NoData
from liqmap.language import say
from liqmap.venues import quantities
from liqmap.venues.parse import (
    FAULTS,
    Malformed,
    add_to_tally,
    check_time,
    instant_ms,
    kept,
    not_negative,
    number,
    positive,
)

STRAY_MS = 2 * 86_400_000.0
STRAY_BARS = 20
"""No venue is down for as long as the longer of these, and then has a single bar."""
Row = tuple[float, float, float, float]
"""A liquidation: time [ms], side of the position, price, quantity [base]; as JSON has them."""


def in_order(
    time_ms: Array, start_ms: float | None, end_ms: float | None, step_ms: float = 0.0
) -> NDArray[np.intp]:
    """Indices of the rows in [start_ms, end_ms), oldest first.

    Of rows with the same time the last in the table counts. With `step_ms`, every time must
    be a multiple of it: days of another zone than UTC are told by that.
    """
    check_time(time_ms)
    if step_ms and (time_ms % step_ms).any():
        raise Malformed("a bar does not open on a multiple of its length")
    _, last = np.unique(time_ms[::-1], return_index=True)
    order = time_ms.size - 1 - last
    return order[_within(time_ms[order], start_ms, end_ms)]


def _within(time_ms: Array, start_ms: float | None, end_ms: float | None) -> NDArray[np.bool_]:
    """Whether each time lies in [start_ms, end_ms); None leaves that end open."""
    first, end = (-inf if start_ms is None else start_ms), (inf if end_ms is None else end_ms)
    return (time_ms >= first) & (time_ms < end)


def candles(
    table: Sequence[Any],
    keys: Sequence[int | str],
    step_ms: int,
    start_ms: float | None,
    end_ms: float | None,
    *,
    read_time: Callable[[object], float] = number,
) -> Candles:
    """Bars from rows in any order; raises `NoData` when none opens in [start_ms, end_ms).

    `keys` are the fields of time, open, high, low, close and, as far as the venue gives
    them, volume and taker buy volume [base]. `read_time` makes milliseconds of the first.
    A bar that cannot be is left out.
    """

    def read(table: Sequence[Any]) -> Candles:
        time_ms = column(table, keys[0], read_time)
        order = in_order(time_ms, None, None, step_ms)
        opens, highs, lows, closes, *volumes = (column(table, key)[order] for key in keys[1:7])
        volume = volumes[0] if volumes else np.zeros(order.size)
        taker = volumes[1] if len(volumes) > 1 else None
        return Candles(time_ms[order], opens, highs, lows, closes, volume, taker, float(step_ms))

    try:
        bars = read(table)
    except FAULTS:  # one by one, which takes longer
        bars = read([row for row, _ in kept(list(table), lambda row: (row, read([row])))])
    bars = bars.rows(in_order(bars.time_ms, start_ms, end_ms))
    if start_ms is None:
        bars = _without_stray(bars)
    if not len(bars):
        raise NoData(say("There are no bars in that range."), hint=say("Choose another range."))
    return bars


def _without_stray(bars: Candles) -> Candles:
    """The newest bars without a last one that lies days ahead of all others.

    What is asked for next depends on the time of the last bar.
    """
    if len(bars) < 2:
        return bars
    ahead_ms = bars.time_ms[-1] - bars.time_ms[-2]
    span_ms = bars.time_ms[-2] - bars.time_ms[0]
    if ahead_ms <= max(STRAY_MS, span_ms, STRAY_BARS * bars.step_ms):
        return bars
    add_to_tally(len(bars), 1)
    return bars.rows(slice(-1))


def open_interest(
    table: Sequence[Any],
    read: Callable[[Any], tuple[Any, Any]],
    start_ms: float,
    end_ms: float,
) -> OpenInterest:
    """Samples in [start_ms, end_ms] from rows in any order; raises `NoData` without any.

    `read` gives the time [ms] and the one-sided open interest [base] of a row.
    """
    found = _samples(quantities.OPEN_INTEREST, table, read, not_negative, start_ms, end_ms)
    return OpenInterest(found.time_ms, found.value)


def funding(
    table: Sequence[Any],
    time_key: str,
    rate_key: str,
    start_ms: float,
    end_ms: float,
    *,
    read_time: Callable[[object], float] = instant_ms,
) -> Samples:
    """Funding rates in [start_ms, end_ms], as above; a row has its time and a fraction.

    `read_time` makes milliseconds of the first.
    """
    return _samples(
        quantities.FUNDING,
        table,
        lambda row: (read_time(row[time_key]), row[rate_key]),
        number,
        start_ms,
        end_ms,
    )


def ratios(
    table: Sequence[Any],
    read: Callable[[Any], tuple[Any, Any]],
    start_ms: float,
    end_ms: float,
) -> Samples:
    """Ratios of accounts in [start_ms, end_ms], as above; `read` gives time [ms] and ratio."""
    return _samples(quantities.RATIO, table, read, not_negative, start_ms, end_ms)


def _samples(
    series: str,
    table: Sequence[Any],
    read: Callable[[Any], tuple[Any, Any]],
    read_value: Callable[[object], float],
    start_ms: float,
    end_ms: float,
) -> Samples:
    def read_row(row: Any) -> tuple[float, float]:
        time_ms, value = read(row)
        return instant_ms(time_ms), read_value(value)

    found = np.array(kept(list(table), read_row)).reshape(-1, 2)
    order = in_order(found[:, 0], start_ms, end_ms + 1)
    if not order.size:
        raise NoData(
            say("There is no {series} in that range.", series=say(series)),
            hint=say("Choose a shorter range."),
        )
    return Samples(found[order, 0], found[order, 1])


def tiers(
    table: object,
    read: Callable[[Any], tuple[Any, Any] | None],
    *,
    by_floor: bool = False,
    rule: Rule = "exact",
) -> MaintenanceTiers:
    """Tiers from rows in any order; raises `NoData` without any.

    `read` gives the upper end of a tier [quote], with `by_floor` the lower, and its
    maintenance rate. Of tiers that contradict each other the most that agree are taken.

    At the border between two tiers both demand the same margin, so the deduction is
    A_n = A_{n-1} + floor_n·(m_n - m_{n-1}), with m the rate and floor_n the border.
    """

    def read_row(row: Any) -> tuple[float, float] | None:
        found = read(row)
        if found is None:
            return None
        end, rate = not_negative(found[0]), positive(found[1])
        if rate >= 1 or (not end and not by_floor):
            raise Malformed(f"expected a tier, found {row!r:.40}")
        return end, rate

    agreeing = _agreeing(sorted(kept(table, read_row)))
    if not agreeing:
        raise NoData(
            say("There are no maintenance margin tiers."), hint=say("A standard rate is used.")
        )
    ends, rates = np.array(agreeing).T
    caps = np.append(ends[1:], inf) if by_floor else ends
    deduction = np.concatenate([[0.0], np.cumsum(caps[:-1] * np.diff(rates))])
    return MaintenanceTiers(caps, rates, deduction, rule)


def _agreeing(tiers: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The longest sequence in which ends rise and rates do not fall."""
    longest: list[list[tuple[float, float]]] = []  # that ends in each tier
    for end, rate in tiers:
        before = (one for one in longest if one[-1][0] < end and one[-1][1] <= rate)
        longest.append([*max(before, key=len, default=[]), (end, rate)])
    return max(longest, key=len, default=[])


def by_volume(instruments: Iterable[Instrument]) -> tuple[Instrument, ...]:
    """Contracts, largest 24 h volume first, then by name; raises `NoData` without any.

    Of contracts of the same name the first counts.
    """
    named: dict[str, Instrument] = {}
    for instrument in instruments:
        named.setdefault(instrument.name, instrument)
    ordered = sorted(named.values(), key=lambda each: (-each.volume_24h_quote, each.name))
    if not ordered:
        raise NoData(
            say("The venue lists no perpetual contract."), hint=say("Choose another venue.")
        )
    return tuple(ordered)


def liquidations(
    table: object,
    read: Callable[[Any], Iterable[Row]],
    start_ms: float | None = None,
    end_ms: float | None = None,
) -> Liquidations:
    """Liquidations in [start_ms, end_ms) from rows in any order; equal ones are all kept.

    `read` gives the liquidations of a row; none of another trade, or another contract.
    """

    def read_row(row: Any) -> list[Row]:
        return [(instant_ms(t), s, positive(p), positive(q)) for t, s, p, q in read(row)]

    found = [one for several in kept(table, read_row) for one in several]
    times, sides, prices, quantities = ([row[n] for row in found] for n in range(4))
    ordered = Liquidations.sorted(times, sides, prices, quantities)
    return ordered.rows(_within(ordered.time_ms, start_ms, end_ms))


def column(table: Sequence[Any], key: int | str, read: Callable[[object], float] = number) -> Array:
    """One field of every row, as numbers, shape (len(table),).

    Raises `Malformed` with the row and the field.
    """
    values = np.empty(len(table))
    for row, record in enumerate(table):
        try:
            values[row] = read(record[key])
        except Malformed as fault:
            raise Malformed(f"row {row}, field {key}: {fault}") from None
        except (KeyError, IndexError, TypeError):
            raise Malformed(f"row {row} has no field {key}") from None
    return values
