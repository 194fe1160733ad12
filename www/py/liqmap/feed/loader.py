"""A whole market from one venue: the newest data first, then the history behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

import numpy as np

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import LiqmapError, NoData
from liqmap.feed.client import Line, Progress, together
from liqmap.venues.adapter import Adapter, Conversation, Series

_POLLED_BARS = 5


async def load_market(
    line: Line,
    instrument: Instrument,
    *,
    step_ms: int,
    window_ms: float,
    history_ms: float,
    before_ms: float = 0.0,
    say: Say | None = None,
) -> AsyncIterator[Market]:
    """Yield the market as soon as its newest page is here, then with all its history.

    And last with the longer bars of what was before, where the venue has them.

    Parameters
    ----------
    line : Line
    instrument : Instrument
    step_ms : int
        Length of a bar.
    window_ms, history_ms : float
        What is shown, and what the book needs before it. Both count back from the
        venue's newest bar, never from the visitor's clock.
    before_ms : float
        How far the longer bars reach back before that.
    say : Say, optional

    Raises
    ------
    LiqmapError
        Without candles or without any open interest there is no market. All else that
        is missing is a sentence in `Market.notices`.
    """
    market = None
    reading = _Reading(line, instrument, step_ms, say or _silent)
    async for market in _market(reading, window_ms, history_ms):
        yield market
    if market is not None and before_ms:
        deeper = await reading.before(market, before_ms)
        if deeper is not market:
            yield deeper


async def _market(reading: _Reading, window_ms: float, history_ms: float) -> AsyncIterator[Market]:
    line, instrument, step_ms = reading.line, reading.instrument, reading.step_ms
    venue, title = line.adapter.venue, line.adapter.title
    newest, tiers = await together([reading.newest(), reading.maintenance()])
    end_ms = float(newest.end_ms[-1])
    line.now_ms = float(newest.time_ms[-1])
    reach_ms = line.adapter.offers["candles"].reach_ms(step_ms)
    start_ms = end_ms - min(window_ms + history_ms, reach_ms)
    if reach_ms < window_ms:
        reading.note(f"{title} keeps bars of this length for {_span(reach_ms)} only.")
    newest = newest.rows(newest.time_ms >= start_ms)
    first_ms = float(newest.time_ms[0])

    behind = asyncio.ensure_future(reading.behind(start_ms, first_ms, end_ms))
    try:
        open_interest, mark = await together(
            [reading.open_interest(first_ms, end_ms), reading.mark(first_ms, end_ms)]
        )
        market = Market(venue, instrument, newest, open_interest, mark, tiers)
        said = reading.notices(market)
        yield replace(market, notices=said)
        older = await behind
    finally:
        behind.cancel()
    if older is None:
        if reading.notices(market) != said:  # why there is no more
            yield replace(market, notices=reading.notices(market))
        return
    candles, samples, marks = older
    if samples is not None and reading.has_history:
        open_interest = _joined_samples(samples, open_interest)
    if mark is not None and marks is not None:
        mark = _joined(marks, mark)
    market = Market(venue, instrument, _joined(candles, newest), open_interest, mark, tiers)
    yield replace(market, notices=reading.notices(market))


async def refresh_market(line: Line, market: Market) -> Market:
    """The market with what has happened since: its last bar anew, and bars after it.

    Open interest that has no history gets one sample a call, so that it grows one.

    Raises
    ------
    LiqmapError
        Without candles; what else fails stays as it was.
    """
    one, step_ms = market.instrument, int(market.candles.step_ms)
    last_ms = float(market.candles.time_ms[-1])
    reading = _Reading(line, one, step_ms, _silent)
    newest = await line.converse(line.adapter.candles(one, step_ms, newest=_POLLED_BARS))
    end_ms = float(newest.end_ms[-1])
    if newest.time_ms[0] > last_ms:
        newest = await line.converse(line.adapter.candles(one, step_ms, last_ms, end_ms))
    newest = newest.rows(newest.time_ms >= last_ms)
    since: list[Any] = await together(
        [reading.samples(last_ms, end_ms), reading.marks(market.mark, last_ms, end_ms)]
    )
    samples, mark = since
    kept = market.candles.rows(market.candles.time_ms < newest.time_ms[0])
    return replace(
        market,
        candles=_joined(kept, newest),
        open_interest=_joined_samples(market.open_interest, samples),
        mark=market.mark if mark is None else mark,
    )


def _joined(older: Candles, newer: Candles) -> Candles:
    taker = None
    if older.taker_buy_base is not None and newer.taker_buy_base is not None:
        taker = np.concatenate([older.taker_buy_base, newer.taker_buy_base])
    time_ms, opens, highs, lows, closes, volume = (
        np.concatenate([getattr(older, name), getattr(newer, name)])
        for name in ("time_ms", "open", "high", "low", "close", "volume_base")
    )
    return Candles(time_ms, opens, highs, lows, closes, volume, taker, newer.step_ms)


def _joined_samples(older: OpenInterest, newer: OpenInterest | None) -> OpenInterest:
    """Older samples, and newer ones in the place of those from their time on."""
    if newer is None:
        return older
    kept = older.time_ms < newer.time_ms[0]
    return OpenInterest(
        np.concatenate([older.time_ms[kept], newer.time_ms]),
        np.concatenate([older.open_interest_base[kept], newer.open_interest_base]),
    )


