"""The picture as of an earlier instant: of what was known then, and of nothing that came after."""

from __future__ import annotations

from dataclasses import replace

from liqmap.errors import LiqmapError
from liqmap.feed.recorder import Recorder
from liqmap.language import say
from liqmap.session.estimates import Estimates
from liqmap.session.realised import RealisedShares
from liqmap.session.state import DRAWING, Loaded, Shown, State
from liqmap.view import View
from liqmap.words import clock, instant


def cut(loaded: Loaded, instant_ms: float) -> Loaded | None:
    """The markets until an instant; None where none of them had a bar."""
    then = {venue: market.until(instant_ms) for venue, market in loaded.markets.items()}
    known = {venue: market for venue, market in then.items() if market is not None}
    return replace(loaded, markets=known) if known else None


class AsOf:
    """Draws what a page would have shown then, on the price axis of the picture of now.

    Parameters
    ----------
    recorder : Recorder
        Knows the liquidations that expected ones are measured by.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._about: tuple[object, ...] | None = None
        self._pictures = 0

    def shown(self, loaded: Loaded, now: Shown | None, before: Shown | None) -> Shown | None:
        """The picture as of the instant of a view, once all is loaded.

        None where the view is of now, and outside of the picture's time. It is the one before
        until the view asks for another: bars that come do not change it.
        """
        instant_ms = None if now is None or not loaded.complete else now.view.asof_ms
        if now is None or instant_ms is None or not now.first_ms < instant_ms < now.end_ms:
            return None
        then = cut(loaded, instant_ms)
        if then is None:
            return None
        asked = replace(now.view, low=now.frame.low_price, high=now.frame.high_price)
        drawing = {name: getattr(View(), name) for name in DRAWING}
        held = tuple(
            (one.venue, len(one.candles), len(one.open_interest)) for one in then.markets.values()
        )
        about = (instant_ms, replace(asked, **drawing), held)
        if before is None or self._about != about:
            before = self._drawn(then, asked)
            self._about = about
        return None if before is None else replace(before, view=now.view)

    def _drawn(self, then: Loaded, view: View) -> Shown | None:
        """As a page that has loaded nothing else draws it; None where there is too little."""
        shares = RealisedShares(self._recorder)
        try:
            found = Estimates().shown(then, view, None, shares=lambda: shares.of(then), anew=True)
        except LiqmapError:
            return None
        self._pictures += 1
        return replace(found, number=-self._pictures)  # apart from those of now


def unmet(state: State) -> str:
    """Why the page shows now, where its view asks for an instant; empty where it need not say."""
    shown, loaded = state.shown, state.loaded
    asked_ms = None if shown is None else shown.view.asof_ms
    if shown is None or state.then is not None or asked_ms is None:
        return ""
    if loaded is None or not loaded.complete:
        return ""  # its bars may be on their way
    return say(
        "{time} is not within the time of this picture, {begin} to {end}: this is now.",
        time=instant(asked_ms),
        begin=clock(shown.first_ms),
        end=clock(shown.end_ms),
    )
