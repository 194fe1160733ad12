"""A whole market from one venue: the newest data first, then the history behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from liqmap.data.market import Instrument, Market
from liqmap.data.series import Candles, OpenInterest
from liqmap.feed.client import Client, together
from liqmap.feed.reader import Reader, Say, silent, span

_POLLED_BARS = 5


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
    """Yield the market as soon as its newest page is here, then with all its history.

    And last with the longer bars of what was before, where the venue has them.

    Parameters
    ----------
    client : Client
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
    reader = Reader(client, instrument, step_ms, say or silent)
    async for market in _market(reader, window_ms, history_ms):
        yield market
    if market is not None and before_ms:
        deeper = await reader.before(market, before_ms)
        if deeper is not market:
            yield deeper


async def _market(reader: Reader, window_ms: float, history_ms: float) -> AsyncIterator[Market]:
    client, instrument, step_ms = reader.client, reader.instrument, reader.step_ms
    venue, title = client.adapter.venue, client.adapter.title
    newest, tiers = await together([reader.newest(), reader.maintenance()])
    end_ms = float(newest.end_ms[-1])
    client.now_ms = float(newest.time_ms[-1])
    reach_ms = client.adapter.offers["candles"].reach_ms(step_ms)
    start_ms = end_ms - min(window_ms + history_ms, reach_ms)
    if reach_ms < window_ms:
        reader.note(f"{title} keeps bars of this length for {span(reach_ms)} only.")
    newest = newest.rows(newest.time_ms >= start_ms)
    first_ms = float(newest.time_ms[0])

    behind = asyncio.ensure_future(reader.behind(start_ms, first_ms, end_ms))
    try:
        open_interest, mark = await together(
            [reader.open_interest(first_ms, end_ms), reader.mark(first_ms, end_ms)]
        )
        market = Market(venue, instrument, newest, open_interest, mark, tiers)
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
    market = Market(venue, instrument, Candles.joined(candles, newest), open_interest, mark, tiers)
    yield replace(market, notices=reader.notices(market))


async def refresh_market(client: Client, market: Market) -> Market:
    """The market with what has happened since: its last bar anew, and bars after it.

    Open interest that has no history gets one sample a call, so that it grows one.

    Raises
    ------
    LiqmapError
        Without candles; what else fails stays as it was.
    """
    one, step_ms = market.instrument, int(market.candles.step_ms)
    held = market.open_interest
    last_ms = float(market.candles.time_ms[-1])
    reader = Reader(client, one, step_ms, silent)
    newest = await client.converse(client.adapter.candles(one, step_ms, newest=_POLLED_BARS))
    end_ms = float(newest.end_ms[-1])
    if newest.time_ms[0] > last_ms:
        newest = await client.converse(client.adapter.candles(one, step_ms, last_ms, end_ms))
    newest = newest.rows(newest.time_ms >= last_ms)
    since: list[Any] = await together(
        [reader.samples(last_ms, end_ms), reader.marks(market.mark, last_ms, end_ms)]
    )
    samples, mark = since
    kept = market.candles.rows(market.candles.time_ms < newest.time_ms[0])
    return replace(
        market,
        candles=Candles.joined(kept, newest),
        open_interest=held if samples is None else OpenInterest.joined(held, samples),
        mark=market.mark if mark is None else mark,
    )
