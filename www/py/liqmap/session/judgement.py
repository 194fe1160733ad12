"""The picture compared with the liquidations seen: the scorecard, and the realised shares."""

from __future__ import annotations

from collections.abc import Iterable

from liqmap.data.liquidations import Liquidations
from liqmap.errors import NoData
from liqmap.estimate.density import Density
from liqmap.evaluate.realised_share import DEFAULT_SHARE, Shares, measured_share
from liqmap.evaluate.scorecard import actual_totals, scorecard, spans_of, swept_totals
from liqmap.feed.tape import Span
from liqmap.session.state import Heard, Judgement, Shown


def judge(shown: Shown, heard: Heard, before: Judgement | None) -> Judgement:
    """The judgement by the venue that was listened to longest.

    It is `before` unless a bar has closed since, or more time was listened to.
    """
    spans = {venue: longest(heard.watched[venue], shown.density) for venue in heard.contracts}
    venue = max(spans, key=lambda name: _length(spans[name]))
    market = shown.markets.get(venue) or shown.leader
    view, span = shown.view, spans[venue]
    about = (view.model, view.leverages, shown.frame, venue, span, len(market.candles))
    if before is not None and about == before.about:
        return before
    seen = heard.seen[venue]
    card = scorecard(
        market.candles,
        market.open_interest,
        shown.density,
        seen,
        start_ms=span[0],
        end_ms=span[1],
        name=view.model,
    )
    shares = DEFAULT_SHARE if before is None else before.shares
    if view.model == "balance" and not view.leverages and len(shown.markets) == 1:
        shares = measured(shown.density, seen, span)
    return Judgement(about, card, shares)


def longest(spans: Iterable[Span], density: Density) -> Span:
    """The longest time without a gap within the picture's; (0, 0) when there is none [ms]."""
    first, last = float(density.time_edges_ms[0]), float(density.time_edges_ms[-1])
    inside = [(max(start, first), min(end, last)) for start, end in spans]
    return max(inside, key=_length, default=(0.0, 0.0))


def measured(density: Density, seen: Liquidations, span: Span) -> Shares:
    """The shares that are really liquidated: measured where enough was seen, else assumed.

    They hold for `balance` with all its leverages, not for another density.
    """
    edges_ms = spans_of(density, *span)
    if edges_ms.size < 2:
        return DEFAULT_SHARE
    swept, happened = swept_totals(density, edges_ms), actual_totals(seen, edges_ms)
    try:
        return Shares(
            *(
                assumed.updated(measured_share(mass, dollars, edges_ms[:-1]))
                for assumed, mass, dollars in zip(DEFAULT_SHARE, swept, happened, strict=True)
            )
        )
    except NoData:
        return DEFAULT_SHARE


def _length(span: Span) -> float:
    """How long a span is [ms]; negative outside of the picture."""
    return span[1] - span[0]
