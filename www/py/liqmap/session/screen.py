"""What is on screen: the picture of some markets, and what is told beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Instrument, Market
from liqmap.data.series import Array
from liqmap.errors import named
from liqmap.estimate.api import spread
from liqmap.estimate.density import Density
from liqmap.estimate.ensemble import Sides
from liqmap.evaluate.realised_share import DEFAULT_SHARE, Shares
from liqmap.feed.recorder import Recorder
from liqmap.picture.heatmap import as_csv, draw, price_format
from liqmap.picture.liquidation_chart import chart
from liqmap.picture.viewport import Frame
from liqmap.session.estimates import Estimates, options, together
from liqmap.session.judging import judged, length, longest, measured
from liqmap.session.merging import in_units_of, liquidations_in_units_of
from liqmap.venues.registry import ADAPTERS
from liqmap.view import HOUR_MS, View

SOON_S = 1.0
"""What happens often is shown this late."""

LEAST_PRIOR = 0.05
"""Less than this share of the book need not be said."""

Markets = Mapping[str, Market]
Heard = Mapping[str, Instrument]
"""Who is listened to, and for which contract, by venue."""
Post = Callable[[dict[str, Any]], None]


class Screen:
    """The picture, and all that depends on it.

    Parameters
    ----------
    post : callable
        Takes one message for the page.
    recorder : Recorder
        What happened, as far as this browser knows.
    """

    def __init__(self, post: Post, recorder: Recorder) -> None:
        self._post, self._recorder = post, recorder
        self._estimates = Estimates()
        self._frame: Frame | None = None
        self._framed: tuple[object, ...] = ()
        self._rescaled: dict[tuple[str, str], tuple[Market, Market]] = {}
        self._density: Density | None = None
        self._shown: dict[str, Market] = {}
        self._coin = ""
        self._scale: Mapping[str, Any] | None = None
        self._scored: tuple[object, ...] = ()
        self._members: dict[tuple[object, ...], Sides] = {}
        self._shares = DEFAULT_SHARE
        self._drawn_shares: Shares | None = None
        self._soon: asyncio.TimerHandle | None = None
        self.shows_market = False
        """Whether a real market is on screen."""

    @property
    def first_ms(self) -> float:
        """Where the time axis begins."""
        return 0.0 if self._density is None else float(self._density.time_edges_ms[0])

    def draw(
        self,
        markets: Markets,
        view: View,
        *,
        notes: tuple[str, ...],
        status: Mapping[str, Any],
        anew: bool,
    ) -> None:
        """Estimate and post a picture; `anew` frames it by what the markets hold now."""
        shown = self._in_one_unit(markets, view)
        frame = self._framing(shown, view, anew=anew)
        parts = self._estimates.of(shown, frame, view.model, view.tiers)
        density, dropped = together(parts)
        several = len(shown) > 1
        shown = {venue: one for venue, one in shown.items() if venue not in dropped}
        leader = next(iter(shown.values()))
        notes += tuple(
            f"{ADAPTERS[venue].title} has no bars of all this time and is left out of the sum."
            for venue in dropped
        )
        for venue, market in shown.items():
            title = ADAPTERS[venue].title if several else ""
            notes += tuple(named(one, title) for one in market.notices)
        prior = float(density.prior_share[-1])
        if prior >= LEAST_PRIOR:
            notes += (f"{prior:.0%} of the book is from before the data: its place is assumed.",)
        other = None
        if view.versus != "none":
            others = self._estimates.of(shown, frame, view.versus, view.tiers)
            other = (view.versus, together(others)[0])
        titles = {ADAPTERS[venue].title: parts[venue] for venue in shown} if several else {}
        shares = self._shares if view.reading == "expected" else None
        if shares is not None and view.model != "balance":
            shares = None
            notes += ("Expected liquidations are known of Balance only: this is exposure.",)
        picture = draw(
            leader,
            density,
            view,
            shares=shares,
            versus=other,
            members=self._members.get(self._doubt(shown, view)),
            breakdown=titles,
            before=self._scale,
        )
        self._scale = picture.pop("scale")
        self._post(
            {
                "kind": "picture",
                "query": view.to_query(),
                "title": f"{_name(shown)} · {_title(shown)}",
                "market_notices": list(notes),
                **picture,
                **status,
            }
        )
        self._density, self._shown, self._drawn_shares = density, shown, shares
        self.shows_market = not leader.simulated

    async def learn(self, view: View) -> bool:
        """Find out how sure the last column is; True when that was not known before."""
        key, frame = self._doubt(self._shown, view), self._frame
        if view.model != "balance" or key in self._members or frame is None:
            return False
        several = []
        for one in list(self._shown.values()):
            await asyncio.sleep(0)  # whoever has something to say goes first
            say = options(one, frame, view.tiers)
            several.append(spread(one.history, one.open_interest, **say))
        longs = np.sum([one.long_base for one in several], axis=0)
        shorts = np.sum([one.short_base for one in several], axis=0)
        self._members = {key: Sides(longs, shorts)}
        return True

    def _doubt(self, shown: Markets, view: View) -> tuple[object, ...]:
        """What the members were drawn for: they last an hour."""
        newest = tuple(one.candles.end_ms[-1] // HOUR_MS for one in shown.values())
        return (self._frame, view.tiers, tuple(shown), newest)

    def axes(self) -> tuple[Array, Array, str]:
        """Time [ms] and price edges of the picture, and the coin its prices are of."""
        assert self._density is not None
        return self._density.time_edges_ms, self._density.price_edges, self._coin

    def csv(self) -> str:
        """The last column on screen: price bins with their longs and shorts [quote]."""
        return "" if self._density is None else as_csv(self._density, self._drawn_shares)

    def tell_happened_soon(self, heard: Heard, view: View) -> None:
        """Show what happened in a moment; several calls before that are one."""
        if self._soon is None:

            def now() -> None:
                self._soon = None
                self.tell_happened(heard, view)

            self._soon = asyncio.get_running_loop().call_later(SOON_S, now)

    def tell_happened(self, heard: Heard, view: View) -> None:
        """Post the liquidations of the time on screen, the score, and the state of the tape."""
        if self._density is None:
            return
        leader = next(iter(self._shown.values()))
        decimals, _ = price_format(leader.instrument.tick_size, float(leader.candles.close[-1]))
        time_edges_ms, price_edges, _ = self.axes()
        columns = chart(
            Liquidations.joined(self._seen(*one) for one in heard.items()),
            time_edges_ms,
            price_edges,
            words=self._recorder.words(heard),
            decimals=decimals,
        )
        self._post({"kind": "happened", **columns})
        count = len(self._recorder.tape)
        kept = f"{count:,} liquidations are kept in this browser."
        self._post({"kind": "tape", "count": count, "words": kept})
        self._tell_score(heard, view)

    def _tell_score(self, heard: Heard, view: View) -> None:
        """Post how right the picture was, by the venue that was listened to longest.

        Again only when a bar has closed since, or more is known.
        """
        assert self._density is not None
        spans = {
            venue: longest(self._recorder.watched(venue, one.name), self._density)
            for venue, one in heard.items()
        }
        venue = max(spans, key=lambda one: length(spans[one]))
        market = self._shown.get(venue) or next(iter(self._shown.values()))
        asked = (view.model, view.tiers, self._frame, venue, spans[venue], len(market.candles))
        if asked == self._scored:
            return
        self._scored = asked
        seen = self._seen(venue, heard[venue])
        card = judged(market, self._density, seen, spans[venue], view.model)
        self._post({"kind": "score", **card})
        if view.model == "balance" and not view.tiers and len(self._shown) == 1:
            self._shares = measured(self._density, seen, spans[venue])

    def _seen(self, venue: str, instrument: Instrument) -> Liquidations:
        """What happened on one venue, in units of the picture."""
        edges_ms, *_ = self.axes()
        seen = self._recorder.of(venue, instrument.name, float(edges_ms[0]), float(edges_ms[-1]))
        return liquidations_in_units_of(seen, instrument.base_coin, self._coin)

    def _framing(self, markets: Markets, view: View, *, anew: bool) -> Frame:
        framed = (view.venue, view.symbol, view.window_ms, view.low, view.high)
        several = list(markets.values())
        frame = self._frame
        if anew or frame is None or self._framed != framed or not frame.holds(several, view):
            self._frame = frame = Frame.around(several, view)
            self._framed = framed
        return frame

    def _in_one_unit(self, markets: Markets, view: View) -> dict[str, Market]:
        """All markets in units of the same coin; one that has not changed stays the same."""
        self._coin = coin = _coin(markets, view)
        shown = {}
        for venue, market in markets.items():
            kept = self._rescaled.get((venue, coin))
            if kept is None or kept[0] is not market:
                self._rescaled[venue, coin] = kept = (market, in_units_of(market, coin))
            shown[venue] = kept[1]
        return shown


def _coin(markets: Markets, view: View) -> str:
    """The coin of a sum is the link's; a single market keeps its own."""
    if view.venue == "all":
        return view.symbol.split("-")[0]
    return next(iter(markets.values())).instrument.base_coin


def _name(markets: Markets) -> str:
    one = next(iter(markets.values())).instrument
    return one.name if len(markets) == 1 else f"{one.base_coin} perpetuals"


def _title(markets: Markets) -> str:
    venue, one = next(iter(markets.items()))
    if one.simulated:
        return "simulated"
    return ADAPTERS[venue].title if len(markets) == 1 else f"{len(markets)} venues"
