"""The cluster that a visitor chose, and the other estimates that it is looked up in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from liqmap.analysis.clusters import Cluster, largest_clusters
from liqmap.analysis.confluence import LARGEST
from liqmap.data.market import Market
from liqmap.estimate.api import estimate
from liqmap.estimate.density import Density
from liqmap.estimate.registry import MODELS
from liqmap.session.estimates import options, together
from liqmap.session.state import Chosen, Confluence, Shown, State
from liqmap.view import RANGES_MS

WINDOWS = ("24h", "3d", "7d")


class Selection:
    """Puts what is chosen into the state, then what other estimates say.

    Parameters
    ----------
    state : callable
        The state now.
    become : callable
        Replaces fields of it.
    """

    def __init__(self, state: Callable[[], State], become: Callable[..., Any]) -> None:
        self._state, self._become = state, become
        self._asking: tuple[object, ...] | None = None

    async def choose(self, position_side: int, price: float) -> None:
        """Choose the cluster of a side at a price; 0 chooses none."""
        self._become(chosen=Chosen(position_side, price) if position_side else None)
        shown, known = self._state().shown, self._state().confluence
        if not position_side or shown is None or self._asking == shown.doubts_about:
            return
        if known is not None and known.about == shown.doubts_about:
            return
        self._asking = shown.doubts_about
        try:
            await self._compare(shown)
        finally:
            self._asking = None

    async def _compare(self, shown: Shown) -> None:
        found: dict[str, tuple[Cluster, ...]] = {}
        last_ms = min(float(one.candles.time_ms[-1]) for one in shown.markets.values())
        for question in questions(shown):
            parts = {}
            for venue, market in shown.markets.items():
                await asyncio.sleep(0)
                parts[venue] = _last_columns(market, shown, question, last_ms)
            now = self._state().shown
            if now is None or now.doubts_about != shown.doubts_about:
                return
            total, _ = together(parts)
            found[question.name] = largest_clusters(total, shown.spot_price, LARGEST)
        self._become(confluence=Confluence(shown.doubts_about, found))


class Question(NamedTuple):
    """An estimate by a model, of bars from an instant on."""

    name: str
    model: str
    first_ms: float


def questions(shown: Shown) -> list[Question]:
    """Each model on the bars of each window that the loaded ones fill, else on all of these."""
    candles = shown.leader.candles
    begin_ms, end_ms = float(candles.time_ms[0]), float(candles.end_ms[-1])
    windows = {name: end_ms - RANGES_MS[name] for name in WINDOWS}
    fitting = {name: first for name, first in windows.items() if first >= begin_ms}
    return [
        Question(f"{one.title} {window}", model, first_ms)
        for model, one in MODELS.items()
        for window, first_ms in (fitting or {shown.view.range: begin_ms}).items()
    ]


def _last_columns(market: Market, shown: Shown, question: Question, first_ms: float) -> Density:
    """The columns since an instant, on the picture's price grid, of what a question asks for."""
    first = int(np.searchsorted(market.candles.time_ms, question.first_ms))
    candles = market.candles.rows(slice(min(first, len(market.candles) - 1), None))
    say = options(market, shown.frame, shown.view.leverages)
    say |= {"first_ms": first_ms, "every": 1}
    return estimate(candles, market.open_interest, model=question.model, **say)
