"""The cluster that a visitor chose, and the other estimates that it is looked up in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from liqmap.analysis.cluster_origin import gone
from liqmap.analysis.clusters import Cluster, band_quote, by_leverage_quote, largest_clusters
from liqmap.analysis.confluence import LARGEST
from liqmap.data.market import Market
from liqmap.estimate.api import estimate
from liqmap.estimate.density import Density
from liqmap.estimate.registry import MODELS
from liqmap.language import say
from liqmap.session.estimates import estimate_in, options, together
from liqmap.session.panels.cluster_detail import fullest_about, row_of
from liqmap.session.panels.clusters import entries_of
from liqmap.session.state import Chosen, Confluence, Fullest, Shown, State
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
        self._busy = False

    async def choose(self, position_side: int, price: float) -> None:
        """Choose the cluster of a side at a price; 0 chooses none."""
        self._become(chosen=Chosen(position_side, price) if position_side else None)
        await self.learn()

    async def learn(self) -> None:
        """Ask other estimates of what is chosen, once all bars are here and the picture is new."""
        if self._busy:
            return
        self._busy = True
        try:
            while await self._look_back() or await self._compare():
                pass  # what was asked of may have become another meanwhile
        finally:
            self._busy = False

    def _about(self) -> tuple[Chosen, Shown] | None:
        """What is chosen, and on which picture; None where there is nothing to ask."""
        state = self._state()
        if state.chosen is None or state.shown is None:
            return None
        if state.loaded is None or not state.loaded.complete:
            return None
        return state.chosen, state.shown

    async def _look_back(self) -> bool:
        """Learn what the band held by leverage when it was fullest; whether there was need to."""
        asked = self._about()
        if asked is None:
            return False
        chosen, shown = asked
        row = row_of(chosen, shown)
        if row is None or (entry := entries_of(shown)[row]).swept:
            return False
        held, known = band_quote(shown.amounts, entry.cluster), self._state().fullest
        about = fullest_about(chosen, shown, held)
        if known is not None and known.about == about:
            return False
        most = gone(held)[1]
        then = [shown.density]  # which has the last column by leverage
        if most < held.size - 1:
            begin_ms, end_ms = shown.amounts.time_edges_ms[most : most + 2].tolist()
            frame = replace(shown.frame, first_ms=begin_ms, end_ms=end_ms, columns=1)
            then = []
            for market in shown.markets.values():
                await asyncio.sleep(0)
                then.append(estimate_in(market, frame, shown.view.model, shown.view.leverages))
        quote = np.sum([by_leverage_quote(one, entry.cluster) for one in then], axis=0)
        self._become(fullest=Fullest(about, quote))
        return True

    async def _compare(self) -> bool:
        """Find the largest clusters of other estimates; whether there was need to."""
        asked, known = self._about(), self._state().confluence
        if asked is None or (known is not None and known.about == asked[1].doubts_about):
            return False
        shown = asked[1]
        found: dict[str, tuple[Cluster, ...]] = {}
        last_ms = min(float(one.candles.time_ms[-1]) for one in shown.markets.values())
        for question in questions(shown):
            parts = {}
            for venue, market in shown.markets.items():
                await asyncio.sleep(0)
                parts[venue] = _last_columns(market, shown, question, last_ms)
            now = self._about()
            if now is None or now[1].doubts_about != shown.doubts_about:
                return True
            total, _ = together(parts)
            found[question.name] = largest_clusters(total, shown.spot_price, LARGEST)
        self._become(confluence=Confluence(shown.doubts_about, found))
        return True


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
        Question(f"{say(one.title)} {window}", model, first_ms)
        for model, one in MODELS.items()
        for window, first_ms in (fitting or {shown.view.range: begin_ms}).items()
    ]


def _last_columns(market: Market, shown: Shown, question: Question, first_ms: float) -> Density:
    """The columns since an instant, on the picture's price grid, of what a question asks for."""
    first = int(np.searchsorted(market.candles.time_ms, question.first_ms))
    candles = market.candles.rows(slice(min(first, len(market.candles) - 1), None))
    how = options(market, shown.frame, shown.view.leverages)
    how |= {"first_ms": first_ms, "every": 1}
    return estimate(candles, market.open_interest, model=question.model, **how)
