"""Densities of the markets on screen, kept and advanced: a new bar costs the time of one bar."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from liqmap.data import symbols
from liqmap.data.market import Market
from liqmap.errors import named
from liqmap.estimate.api import Live, estimate, spread
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Members
from liqmap.evaluate.realised_share import Shares, expected
from liqmap.feed.limits import wall_ms
from liqmap.language import say
from liqmap.picture.viewport import PRICE_BINS, Frame, Window
from liqmap.session.cautions import cautions
from liqmap.session.state import Detail, Loaded, Shown
from liqmap.venues.registry import ADAPTERS
from liqmap.view import View
from liqmap.words import percent

LEAST_PRIOR = 0.05
"""A smaller share of the book from before the data is not mentioned."""
_ENOUGH = 0.9
"""The fraction of the longest venue's time that another must cover to be added."""


@dataclass(slots=True)
class _Kept:
    market: Market
    density: Density
    live: Live | None
    first_ms: float


class Estimates:
    """A density for each market and model, all in one frame; another frame drops them all.

    Parameters
    ----------
    wall_ms : callable
        The visitor's clock [ms].
    """

    def __init__(self, wall_ms: Callable[[], float] = wall_ms) -> None:
        self._wall_ms = wall_ms
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._rescaled: dict[tuple[str, str], tuple[Market, Market]] = {}
        self._frame: tuple[object, ...] | None = None
        self._pictures = 0
        self._detail: tuple[tuple[object, ...], Detail | None] | None = None

    def shown(
        self,
        loaded: Loaded,
        view: View,
        before: Shown | None,
        *,
        shares: Callable[[], Shares],
        anew: bool,
    ) -> Shown:
        """The picture of a view; `anew` frames it by what the markets hold now.

        `shares` gives those of expected liquidations, for a view that asks for these; the
        picture before gives its frame and its members while they are of the same.
        """
        coin = coin_of(loaded, view)
        markets = self._in_units_of(coin, loaded.markets)
        frame = _frame_of(markets, view, None if anew else before)
        found = self.of(markets, frame, view.model, view.leverages)
        density, dropped = together(found)
        markets = {venue: one for venue, one in markets.items() if venue not in dropped}
        notices = (
            *cautions(markets, frame, view, self._wall_ms()),
            *(*loaded.failed, *loaded.left_out, *loaded.late),
            *_notices(markets, dropped),
        )
        if (prior := float(density.prior_share[-1])) >= LEAST_PRIOR:
            part = percent(prior)
            notices += (say("{part} opened before our data; their prices are guesses.", part=part),)
        parts_of: Shares | None = None
        if view.reading == "expected" and view.model == "balance":
            parts_of = shares()
        elif view.reading == "expected":
            only = say("Expected liquidations are known of Balance only: this is exposure.")
            notices += (only,)
        versus = None
        if view.versus != "none":
            other, _ = together(self.of(markets, frame, view.versus, view.leverages))
            versus = expected(other, parts_of)
        self._pictures += 1
        picture = Shown(
            number=self._pictures,
            view=view,
            markets=markets,
            coin=coin,
            frame=frame,
            density=density,
            amounts=expected(density, parts_of),
            parts={venue: expected(found[venue], parts_of) for venue in markets},
            versus=versus,
            shares=parts_of,
            notices=notices,
        )
        if before is None or before.exposed is None:
            return picture
        same = picture.doubts_about == before.doubts_about
        return picture.doubted(before.exposed) if same else picture

    def detail(self, shown: Shown, window: Window) -> Detail | None:
        """The picture's amounts in a window of it, estimated for it alone; None without bars."""
        view, markets = shown.view, tuple(shown.markets.values())
        about = (window, view.model, view.versus, view.leverages, shown.shares, markets)
        if self._detail is None or self._detail[0] != about:
            self._detail = about, _detail(shown, Frame.within(window, markets))
        return self._detail[1]

    def of(
        self,
        markets: Mapping[str, Market],
        frame: Frame,
        model: str,
        leverages: tuple[int, ...],
    ) -> dict[str, Density]:
        """Densities by venue: the newest columns that fit the window."""
        if self._frame != (frame, leverages):
            self._kept.clear()
            self._frame = (frame, leverages)
        return {
            venue: self._one(market, frame, model, leverages).last(frame.columns)
            for venue, market in markets.items()
        }

    def _in_units_of(self, coin: str, markets: Mapping[str, Market]) -> dict[str, Market]:
        """All markets in units of one coin; one that has not changed stays the same object."""
        found = {}
        for venue, market in markets.items():
            kept = self._rescaled.get((venue, coin))
            if kept is None or kept[0] is not market:
                self._rescaled[venue, coin] = kept = (market, symbols.in_units_of(market, coin))
            found[venue] = kept[1]
        return found

    def _one(self, market: Market, frame: Frame, model: str, leverages: tuple[int, ...]) -> Density:
        key = (market.venue, market.instrument.name, model)
        kept = self._kept.get(key)
        if kept is not None and kept.market is market:
            return kept.density
        how = options(market, frame, leverages)
        live = None
        if model != "balance":  # as it was published: on the bars of the picture alone
            density = estimate(market.candles, market.open_interest, model=model, **how)
        elif kept is not None and kept.live is not None and kept.first_ms == how["first_ms"]:
            live = kept.live
            density = live.update(market.history, market.open_interest, market.mark)
        else:  # new, or there are columns before the first one now
            live = Live(market.history, market.open_interest, **how)
            density = live.density
        self._kept[key] = _Kept(market, density, live, how["first_ms"])
        return density


def _detail(shown: Shown, frame: Frame | None) -> Detail | None:
    if frame is None:
        return None
    view = shown.view

    def amounts(model: str) -> Density:
        parts = {
            venue: estimate_in(market, frame, model, view.leverages)
            for venue, market in shown.markets.items()
        }
        return expected(together(parts)[0], shown.shares)

    return Detail(amounts(view.model), None if view.versus == "none" else amounts(view.versus))


def estimate_in(
    market: Market,
    frame: Frame,
    model: str,
    leverages: tuple[int, ...],
    price_bins: int = PRICE_BINS,
) -> Density:
    """A density from the bars before a frame's end, by a model."""
    bars = market.history if model == "balance" else market.candles
    until = bars.rows(slice(max(1, int(np.searchsorted(bars.time_ms, frame.end_ms)))))
    how = options(market, frame, leverages)
    how["first_ms"] = min(how["first_ms"], float(until.time_ms[-1]))
    how["price_bins"] = price_bins
    return estimate(until, market.open_interest, model=model, **how)


def options(market: Market, frame: Frame, leverages: tuple[int, ...]) -> dict[str, Any]:
    """What `liqmap.estimate` is told of a market in a frame: its first bar begins a column."""
    starts_ms, last_ms = float(market.candles.time_ms[0]), float(market.candles.time_ms[-1])
    column_ms = frame.every * market.candles.step_ms
    late = math.ceil(max(0.0, starts_ms - frame.first_ms) / column_ms)
    return {
        "price_bins": PRICE_BINS,
        "price_range": (frame.low_price, frame.high_price),
        "only_leverages": leverages or None,
        "maintenance": market.maintenance,
        "kind": market.instrument.kind,
        "mark": market.mark,
        "every": frame.every,
        "first_ms": min(frame.first_ms + late * column_ms, last_ms),
    }


def together(parts: Mapping[str, Density]) -> tuple[Density, tuple[str, ...]]:
    """The sum of those that cover the time, and the venues that do not.

    A sum covers the time that all parts have, so a part with little of it would cut the others.
    """
    spans = {venue: (one.time_edges_ms[0], one.time_edges_ms[-1]) for venue, one in parts.items()}
    first, last = min(spans.values(), key=lambda span: span[0] - span[1])
    enough = _ENOUGH * (last - first)
    short = [
        venue
        for venue, (start, end) in spans.items()
        if min(end, last) - max(start, first) < enough
    ]
    left = {venue: one for venue, one in parts.items() if venue not in short}
    total = Density.sum(left.values()) if len(left) > 1 else next(iter(left.values()))
    return total, tuple(short)


async def members_of(shown: Shown) -> Members | None:
    """The last column under other assumptions, as exposure; None for a model without members.

    Other tasks may run between one venue and the next.
    """
    if shown.view.model != "balance":
        return None
    several = []
    for market in list(shown.markets.values()):
        await asyncio.sleep(0)
        how = options(market, shown.frame, shown.view.leverages)
        several.append(spread(market.history, market.open_interest, **how))
    longs = np.sum([found.long_base for found in several], axis=0)
    shorts = np.sum([found.short_base for found in several], axis=0)
    return Members(longs, shorts)


def coin_of(loaded: Loaded, view: View) -> str:
    """The coin of the picture: of a sum that of the view, else that of the market."""
    if view.venue == "all":
        return symbols.coin_of(view.symbol)
    return loaded.leader.instrument.base_coin


def _frame_of(markets: Mapping[str, Market], view: View, before: Shown | None) -> Frame:
    """The frame of the picture before, while it is of the same and holds what has come since."""
    several = list(markets.values())
    if before is None or framed(before.view) != framed(view):
        return Frame.around(several, view)
    return before.frame if before.frame.holds(several, view) else Frame.around(several, view)


def framed(view: View) -> tuple[object, ...]:
    """The settings that a frame depends on."""
    return (view.venue, view.symbol, view.window_ms, view.low, view.high)


def _notices(markets: Mapping[str, Market], dropped: tuple[str, ...]) -> tuple[str, ...]:
    """Venues left out of a sum, then notices of the others, with titles if they are several."""
    several = len(markets) + len(dropped) > 1
    left_out = say(
        "Left out of the sum, with too little of this time: {venues}.",
        venues=", ".join(ADAPTERS[venue].title for venue in dropped),
    )
    said = (
        named(notice, ADAPTERS[venue].title if several else "")
        for venue, market in markets.items()
        for notice in market.notices
    )
    return (left_out, *said) if dropped else tuple(said)
