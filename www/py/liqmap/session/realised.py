"""The realised shares of a view: assumed, and moved by what this browser has heard lately."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from liqmap.data.market import Market
from liqmap.data.series import Array
from liqmap.errors import NoData
from liqmap.estimate.api import estimate
from liqmap.evaluate.baselines import Sides
from liqmap.evaluate.realised_share import ASSUMED, Share, Shares, Whose, measured_share
from liqmap.evaluate.scorecard import actual_totals, spans_of, swept_totals
from liqmap.feed.recorder import Recorder
from liqmap.language import say
from liqmap.session.state import Loaded
from liqmap.venues.registry import ADAPTERS
from liqmap.view import HOUR_MS

PRICE_BINS = 10
"""Few, since the exposure that price passes does not depend on the grid."""


class Hours(NamedTuple):
    """Hours that a venue was listened to: their openings [ms], swept and liquidated [quote]."""

    start_ms: Array
    swept: Sides
    liquidated: Sides


class RealisedShares:
    """Measures the shares on all bars that are loaded, not on those of the picture alone.

    So what was heard in the week before a day's picture counts. A venue is measured again
    when an hour has passed, or when there is more that was listened to.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._kept: dict[tuple[str, str], tuple[tuple[object, ...], Hours | None]] = {}

    def of(self, loaded: Loaded) -> Shares:
        """The shares of expected liquidations on these markets."""
        found = {venue: self._hours(market) for venue, market in loaded.markets.items()}
        heard = {venue: hours for venue, hours in found.items() if hours is not None}
        assumed = ASSUMED[whose(loaded)]
        if not heard:
            return assumed
        titles = [ADAPTERS[venue].title for venue in heard if venue in ADAPTERS]
        source = say("simulated")
        if titles:
            source = say("heard here from {venues}", venues=", ".join(titles))
        return updated(assumed, tuple(heard.values()), source)

    def _hours(self, market: Market) -> Hours | None:
        """Swept and liquidated USD of the hours listened to; None without any."""
        key = (market.venue, market.instrument.name)
        first_ms, end_ms = float(market.candles.time_ms[0]), float(market.candles.end_ms[-1])
        watched = [
            (max(begin, first_ms), min(end, end_ms)) for begin, end in self._recorder.watched(*key)
        ]
        watched = [(begin, end) for begin, end in watched if end - begin >= HOUR_MS]
        hours = tuple((begin // HOUR_MS, end // HOUR_MS) for begin, end in watched)
        about = (first_ms, end_ms // HOUR_MS, hours)
        kept = self._kept.get(key)
        if kept is None or kept[0] != about:
            found = self._measured(market, watched) if watched else None
            self._kept[key] = kept = (about, found)
        return kept[1]

    def _measured(self, market: Market, watched: list[tuple[float, float]]) -> Hours:
        density = estimate(
            market.history,
            market.open_interest,
            price_bins=PRICE_BINS,
            maintenance=market.maintenance,
            kind=market.instrument.kind,
            mark=market.mark,
            first_ms=float(market.candles.time_ms[0]),
        )
        edges = [spans_of(density, *span) for span in watched]
        edges = [one for one in edges if one.size > 1]
        seen = self._recorder.of(
            market.venue, market.instrument.name, watched[0][0], watched[-1][1]
        )
        none = np.empty((2, 0))
        return Hours(
            np.concatenate([[], *(one[:-1] for one in edges)]),
            np.concatenate([none, *(swept_totals(density, one) for one in edges)], axis=1),
            np.concatenate([none, *(actual_totals(seen, one) for one in edges)], axis=1),
        )


def whose(loaded: Loaded) -> Whose:
    """A single venue's own where it reports all of them, else what all exchanges report."""
    if loaded.simulated:
        return "this_venue"
    if loaded.view.venue == "all":
        return "all_exchanges"
    (venue,) = loaded.markets
    return "this_venue" if ADAPTERS[venue].reports_all else "all_exchanges"


def updated(assumed: Shares, heard: tuple[Hours, ...], source: str) -> Shares:
    """The assumed shares, each side moved by what was heard where that is enough.

    Hours of several venues are added up: what they reported over what price passed on them.
    """
    start_ms, hour = np.unique(np.concatenate([one.start_ms for one in heard]), return_inverse=True)
    swept, liquidated = np.zeros((2, 2, start_ms.size))
    for side in (0, 1):
        np.add.at(swept[side], hour, np.concatenate([one.swept[side] for one in heard]))
        np.add.at(liquidated[side], hour, np.concatenate([one.liquidated[side] for one in heard]))

    def moved(share: Share, side: int) -> Share:
        try:
            measured = measured_share(swept[side], liquidated[side], start_ms, source=source)
        except NoData:
            return share
        return share.updated(measured)

    return Shares(moved(assumed.long, 0), moved(assumed.short, 1), assumed.whose)
