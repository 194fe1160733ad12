"""The picture compared with the liquidations seen: the scorecard."""

from __future__ import annotations

from collections.abc import Iterable

from liqmap.estimate.density import Density
from liqmap.evaluate.scorecard import scorecard
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
    card = scorecard(
        market.candles,
        market.open_interest,
        shown.density,
        heard.seen[venue],
        start_ms=span[0],
        end_ms=span[1],
        name=view.model,
    )
    return Judgement(about, card, venue)


def longest(spans: Iterable[Span], density: Density) -> Span:
    """The longest time without a gap within the picture's; (0, 0) when there is none [ms]."""
    first, last = float(density.time_edges_ms[0]), float(density.time_edges_ms[-1])
    inside = [(max(start, first), min(end, last)) for start, end in spans]
    return max(inside, key=_length, default=(0.0, 0.0))


def _length(span: Span) -> float:
    """How long a span is [ms]; negative outside of the picture."""
    return span[1] - span[0]
