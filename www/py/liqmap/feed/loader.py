"""A whole market from one venue: the newest data first, then the history behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

from liqmap import language
from liqmap.data.market import Instrument, Market
from liqmap.data.plausible import plausible
from liqmap.data.series import Candles, OpenInterest
from liqmap.errors import NoData
from liqmap.feed.client import Client
from liqmap.feed.reader import Reader, Say, silent

_DAY_MS = 86_400_000.0
HELD_MS = 30 * _DAY_MS
"""Open interest that is not known is taken as constant for so long, and no longer is shown."""


async def load_market(
    client: Client,
    instrument: Instrument,
    *,
    step_ms: int,
    window_ms: float,
    history_ms: float,
    before_ms: float = 0.0,
    say: Say | None = None,
) -> AsyncIterator[Market]:
    """Yield the market once its newest page is read, and again with all its history.

    Last comes the market with the longer bars before that, where the venue has them.

    Parameters
    ----------
    client : Client
    instrument : Instrument
    step_ms : int
        Length of a bar.
    window_ms, history_ms : float
        What is shown, and what the book needs before it. Both count back from the
        venue's newest bar, never from the visitor's clock. Of a window for which the venue
        keeps no open interest only `HELD_MS` is shown.
    before_ms : float
        How far the longer bars reach back before that.
    say : Say, optional

    Raises
    ------
    LiqmapError
        Without candles or without any open interest but 0 there is no market. All else that
        is missing, or cannot be, is a sentence in `Market.notices`.
    """
    market = None
    reader = Reader(client, instrument, step_ms, say or silent)
    async for market in _market(reader, window_ms, history_ms):
        if market.open_interest.open_interest_base.any():  # else there may be some behind it
            yield plausible(market)
    if market is not None and not market.open_interest.open_interest_base.any():
        raise NoData(
            language.say(
                "{venue} gives {name} an open interest of 0: there is nothing to estimate.",
                venue=client.adapter.title,
                name=instrument.name,
            ),
            hint=language.say("Choose another contract or venue."),
        )
    if market is None or not before_ms:
        return
    first_ms, end_ms = float(market.candles.time_ms[0]), float(market.candles.end_ms[-1])
    longer = await reader.before(first_ms, end_ms, before_ms)
    if longer is not None:
        bars, samples = longer
        open_interest = market.open_interest
        if samples is not None:
            open_interest = OpenInterest.joined(samples, open_interest)
        yield plausible(replace(market, before=bars, open_interest=open_interest))


async def _market(reader: Reader, window_ms: float, history_ms: float) -> AsyncIterator[Market]:
    client, adapter = reader.client, reader.adapter
    newest, tiers = await reader.newest()
    end_ms = float(newest.end_ms[-1])
    client.now_ms = float(newest.time_ms[-1])
    reach_ms = adapter.offers["candles"].reach_ms(reader.step_ms)
    window_ms = _known(reader, window_ms)
    start_ms = end_ms - min(window_ms + history_ms, reach_ms)
    if reach_ms < window_ms:
        reader.note(
            language.say(
                "{venue} keeps bars of this length for {span} only.",
                venue=adapter.title,
                span=_span(reach_ms),
            )
        )
    newest = newest.rows(newest.time_ms >= start_ms)
    first_ms = float(newest.time_ms[0])

    behind = asyncio.ensure_future(reader.behind(start_ms, first_ms, end_ms))
    try:
        open_interest, mark = await reader.beside(first_ms, end_ms)
        market = Market(adapter.venue, reader.instrument, newest, open_interest, mark, tiers)
        said = reader.notices(market)
        yield replace(market, notices=said)
        older = await behind
    finally:
        behind.cancel()
    if older is None:
        if reader.notices(market) != said:  # why there is no more
            yield replace(market, notices=reader.notices(market))
        return
    candles, samples, marks = older
    if samples is not None and reader.has_history:
        open_interest = OpenInterest.joined(samples, open_interest)
    if mark is not None and marks is not None:
        mark = Candles.joined(marks, mark)
    market = replace(
        market, candles=Candles.joined(candles, newest), open_interest=open_interest, mark=mark
    )
    yield replace(market, notices=reader.notices(market))


async def refresh_market(client: Client, market: Market) -> Market:
    """The market up to now: its last bar read again, and the bars after it.

    Open interest that has no history gets one sample a call, so that it grows one.

    Raises
    ------
    LiqmapError
        Without candles; what else fails stays as it was.
    """
    reader = Reader(client, market.instrument, int(market.candles.step_ms))
    last_ms, mark = float(market.candles.time_ms[-1]), market.mark
    newest = await reader.polled(last_ms)
    end_ms = float(newest.end_ms[-1])
    samples, marks = await reader.since(last_ms, end_ms, mark=mark is not None)
    if mark is not None and marks is not None:
        mark = Candles.joined(mark, marks)
    held = market.open_interest
    now = replace(
        market,
        candles=Candles.joined(market.candles, newest),
        open_interest=held if samples is None else OpenInterest.joined(held, samples),
        mark=mark,
    )
    return plausible(now)


def _known(reader: Reader, window_ms: float) -> float:
    """How much of a window is shown, by how far back open interest is known, and a note on it."""
    adapter = reader.adapter
    depth = adapter.offers.get("open_interest")
    reach_ms = depth.reach_ms(reader.step_ms) if depth else 0.0
    longest_ms = max(reach_ms, HELD_MS)
    if window_ms <= longest_ms:
        return window_ms
    words = {"venue": adapter.title, "span": _span(longest_ms)}
    if depth:
        kept = language.say(
            "{venue} keeps {kept} of open interest: the picture is of {span}.",
            **words,
            kept=_span(reach_ms),
        )
    else:
        kept = language.say("{venue} keeps no open interest: the picture is of {span}.", **words)
    if longest_ms <= HELD_MS:
        kept += " " + language.say("The range 30d shows them in finer bars.")
    reader.note(kept)
    return longest_ms


def _span(length_ms: float) -> str:
    days = length_ms / _DAY_MS
    if days >= 2:
        return language.count("{n} day", "{n} days", round(days))
    return language.count("{n} hour", "{n} hours", round(24 * days))
