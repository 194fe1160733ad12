"""What else the venue tells of the picture's time, or why it does not: the strip below it."""

from __future__ import annotations

from liqmap.picture.context import (
    Context,
    account_ratio,
    funding_rate,
    open_interest_change,
    strip,
    taker_delta,
    words_only,
)
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State, Told
from liqmap.session.told import ASKED, about_told
from liqmap.venues.adapter import Series
from liqmap.venues.registry import ADAPTERS
from liqmap.words import clock

_HIDDEN = object()
_NAMES = {
    "oi": "Open interest",
    "cvd": "Taker buys − sells",
    "funding": "Funding rate per interval",
    "ratio": "Long accounts ÷ short accounts",
}
_SERIES: dict[str, Series] = {"oi": "open_interest", "cvd": "taker_volume", **ASKED}


class ContextPanel(Panel):
    """The strip that a view asks for; a page that never asks hears nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self._said = _HIDDEN

    def about(self, state: State) -> object:
        if state.shown is None or state.shown.view.context == "none":
            return _HIDDEN
        return state.shown.number, state.shown.view.context, state.told

    def message(self, state: State) -> Context:
        shown = state.shown
        if shown is None or shown.view.context == "none":
            return words_only("", visible=False)
        name = _NAMES[shown.view.context]
        if (why := _lacking(shown)) is not None:
            return words_only(f"{name}: {why}")
        if shown.view.context in ASKED:
            return _told(shown, state.told)
        return _of_market(shown)


def _lacking(shown: Shown) -> str | None:
    """Why the picture's market has no such series."""
    asked, leader = shown.view.context, shown.leader
    if leader.simulated:
        return "a simulated market has none" if asked in ASKED else None
    if asked in ASKED and len(shown.markets) > 1:
        return "not of a sum, choose one venue"
    adapter = ADAPTERS[leader.venue]
    if _SERIES[asked] not in adapter.offers:
        what = "its history" if asked == "oi" else "it"
        return f"{adapter.title} does not publish {what} to browsers"
    return None


def _of_market(shown: Shown) -> Context:
    """Of the first market: open interest, or who took."""
    leader, coin = shown.leader, shown.coin
    whose = f", {ADAPTERS[leader.venue].title} alone" if len(shown.markets) > 1 else ""
    oi = shown.view.context == "oi"
    if oi:
        curve = open_interest_change(leader.open_interest, shown.first_ms, shown.end_ms)
    else:
        curve = taker_delta(leader.candles, shown.first_ms, shown.end_ms)
    if curve is None:
        return words_only(f"{_NAMES[shown.view.context]}: nothing was read of this time")
    late = curve.since_ms > shown.first_ms
    edge = f"{clock(curve.since_ms)} UTC" if late else "the left edge"
    what = f"change since {edge}" if oi else f"summed from {edge}"
    caption = f"{_NAMES[shown.view.context]}, {what}, {coin}{whose}"
    return strip(curve, caption, coin, shown.first_ms)


def _told(shown: Shown, told: Told | None) -> Context:
    """Of what was read beside the market: funding, or accounts."""
    asked = shown.view.context
    name = _NAMES[asked]
    if told is None or told.about != about_told(shown):
        return words_only(f"{name}: being read …")
    if told.samples is None:
        return words_only(f"{name}: {told.trouble}")
    late = f" (not newer: {told.trouble})" if told.trouble else ""
    if asked == "funding":
        curve = funding_rate(told.samples, shown.first_ms, shown.end_ms)
    else:
        curve = account_ratio(told.samples, shown.first_ms, shown.end_ms)
    if curve is None:
        return words_only(f"{name}: nothing was read of this time{late}")
    if asked == "funding":
        return strip(curve, f"{name}, %{late}", "%", shown.first_ms)
    return strip(curve, f"{name}{late}", "", shown.first_ms, level=1.0, signed=False)
