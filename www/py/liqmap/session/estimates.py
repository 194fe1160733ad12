"""Densities of the markets on screen: new bars cost their own time, not everybody's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from liqmap.data.market import Market
from liqmap.estimate.api import Live, estimate
from liqmap.estimate.density import Density
from liqmap.picture.viewport import PRICE_BINS, Frame
from liqmap.session.merging import merged

_ENOUGH = 0.9
"""Part of the longest venue's time that another must have to be added."""


@dataclass(slots=True)
class _Kept:
    market: Market
    density: Density
    live: Live | None
    first_ms: float


class Estimates:
    """One density a market and model, all in one frame; another frame begins anew."""

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._frame: tuple[object, ...] | None = None

    def of(
        self,
        markets: Mapping[str, Market],
        frame: Frame,
        model: str,
        tiers: tuple[int, ...],
    ) -> dict[str, Density]:
        """By venue; only the columns that fit the window, the newest."""
        if self._frame != (frame, tiers):
            self._kept.clear()
            self._frame = (frame, tiers)
        return {
            venue: newest_columns(self._one(market, frame, model, tiers), frame.columns)
            for venue, market in markets.items()
        }

    def _one(self, market: Market, frame: Frame, model: str, tiers: tuple[int, ...]) -> Density:
        key = (market.venue, market.instrument.name, model)
        kept = self._kept.get(key)
        if kept is not None and kept.market is market:
            return kept.density
        say = options(market, frame, tiers)
        live = None
        if model != "balance":  # as it was published: on the bars of the picture alone
            density = estimate(market.candles, market.open_interest, model=model, **say)
        elif kept is not None and kept.live is not None and kept.first_ms == say["first_ms"]:
            live = kept.live
            density = live.update(market.history, market.open_interest, market.mark)
        else:  # new, or there are columns before the first one now
            live = Live(market.history, market.open_interest, **say)
            density = live.density
        self._kept[key] = _Kept(market, density, live, say["first_ms"])
        return density


def options(market: Market, frame: Frame, tiers: tuple[int, ...]) -> dict[str, Any]:
    """What `liqmap.estimate` is told of a market in a frame."""
    first_ms, last_ms = float(market.candles.time_ms[0]), float(market.candles.time_ms[-1])
    return {
        "price_bins": PRICE_BINS,
        "price_range": (frame.low_price, frame.high_price),
        "only_tiers": tiers or None,
        "maintenance": market.maintenance,
        "kind": market.instrument.kind,
        "mark": market.mark,
        "every": frame.every,
        "first_ms": min(max(frame.first_ms, first_ms), last_ms),
    }


def newest_columns(density: Density, most: int) -> Density:
    """The same density, its last columns only."""
    have = density.time_edges_ms.size - 1
    if have <= most:
        return density
    last = slice(have - most, None)
    by_column = (
        *("beyond_long_base", "beyond_short_base", "swept_long_base", "swept_short_base"),
        *("swept_long_quote", "swept_short_quote", "prior_share"),
    )
    return replace(
        density,
        time_edges_ms=density.time_edges_ms[last],
        long_base=density.long_base[:, last],
        short_base=density.short_base[:, last],
        **{name: getattr(density, name)[last] for name in by_column},
    )


def together(parts: Mapping[str, Density]) -> tuple[Density, tuple[str, ...]]:
    """The sum of those that cover the time, and the venues that do not.

    A sum is of the time that all have; one that has little of it would cut all others.
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
    total = merged(left) if len(left) > 1 else next(iter(left.values()))
    return total, tuple(short)
