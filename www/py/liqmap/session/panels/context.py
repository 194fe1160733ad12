"""What else the venue tells of the picture's time, or why it does not: the strip below it."""

from __future__ import annotations

from liqmap.data.market import Market
from liqmap.language import mark, say
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
from liqmap.words import instant

_HIDDEN = object()
_NAMES = {
    "oi": mark("Open interest"),
    "cvd": mark("Taker buys − sells"),
    "funding": mark("Funding rate per interval"),
    "ratio": mark("Long accounts ÷ short accounts"),
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
        if (why := _lacking(shown)) is not None:
            return _without(shown, why)
        if shown.view.context in ASKED:
            return _told(shown, state.told)
        return _of_market(shown)


def _without(shown: Shown, why: str) -> Context:
    name = say(_NAMES[shown.view.context])
    return words_only(say("{series}: {why}", series=name, why=why))


def _lacking(shown: Shown) -> str | None:
    """Why the picture's market has no such series."""
    asked, leader = shown.view.context, shown.leader
    if leader.simulated:
        return say("a simulated market has none") if asked in ASKED else None
    if asked in ASKED and len(shown.markets) > 1:
        return say("not of a sum, choose one venue")
    if _publishing(shown) is None:
        return _unpublished(shown)
    return None


def _unpublished(shown: Shown) -> str:
    several, venue = len(shown.markets) > 1, _title(shown.leader)
    if shown.view.context == "oi":
        if several:
            return say("no venue of the sum publishes its history to browsers")
        return say("{venue} does not publish its history to browsers", venue=venue)
    if several:
        return say("no venue of the sum publishes it to browsers")
    return say("{venue} does not publish it to browsers", venue=venue)


def _publishing(shown: Shown) -> Market | None:
    """The first of the picture's markets whose venue publishes the series; a simulation has it."""
    series = _SERIES[shown.view.context]
    return next(
        (
            one
            for venue, one in shown.markets.items()
            if one.simulated or series in ADAPTERS[venue].offers
        ),
        None,
    )


def _title(market: Market) -> str:
    return ADAPTERS[market.venue].title


def _of_market(shown: Shown) -> Context:
    """Of one market: open interest, or who took."""
    market, coin = _publishing(shown), shown.coin
    assert market is not None
    oi = shown.view.context == "oi"
    if oi:
        curve = open_interest_change(market.open_interest, shown.first_ms, shown.end_ms)
    else:
        curve = taker_delta(market.candles, shown.first_ms, shown.end_ms)
    if curve is None:
        return _without(shown, say("nothing was read of this time"))
    since = instant(curve.since_ms) if curve.since_ms > shown.first_ms else ""
    parts = [say(_NAMES[shown.view.context]), _since(since, oi=oi), coin]
    if len(shown.markets) > 1:
        parts.append(say("{venue} alone", venue=_title(market)))
    return strip(curve, ", ".join(parts), coin, shown.first_ms)


def _since(time: str, *, oi: bool) -> str:
    """Against what the curve is; without a time, against the left edge."""
    if oi:
        return say("change since {time}", time=time) if time else say("change since the left edge")
    return say("summed from {time}", time=time) if time else say("summed from the left edge")


def _told(shown: Shown, told: Told | None) -> Context:
    """Of what was read beside the market: funding, or accounts."""
    asked = shown.view.context
    if told is None or told.about != about_told(shown):
        return _without(shown, say("being read …"))
    if told.samples is None:
        return _without(shown, told.trouble)
    if asked == "funding":
        curve = funding_rate(told.samples, shown.first_ms, shown.end_ms)
    else:
        curve = account_ratio(told.samples, shown.first_ms, shown.end_ms)
    if curve is None:
        return _without(shown, _late(say("nothing was read of this time"), told))
    name = say(_NAMES[asked])
    if asked == "funding":
        return strip(curve, _late(f"{name}, %", told), "%", shown.first_ms)
    return strip(curve, _late(name, told), "", shown.first_ms, level=1.0, signed=False)


def _late(words: str, told: Told) -> str:
    """The words, and why there is nothing newer."""
    if not told.trouble:
        return words
    return say("{words} (not newer: {why})", words=words, why=told.trouble)
