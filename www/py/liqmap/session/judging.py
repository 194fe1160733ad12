"""How right the picture was, and how many of its dollars are liquidated: as far as was seen."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from liqmap.data.liquidations import Liquidations
from liqmap.data.market import Market
from liqmap.errors import NoData
from liqmap.estimate.density import Density
from liqmap.evaluate.bootstrap import Score
from liqmap.evaluate.realised_share import DEFAULT_SHARE, Shares, measured_share
from liqmap.evaluate.scorecard import Row, actual_totals, scorecard, spans_of, swept_totals
from liqmap.feed.tape import Span


def longest(spans: Iterable[Span], density: Density) -> Span:
    """The longest time without a gap within the picture's; (0, 0) when there is none [ms]."""
    first, last = float(density.time_edges_ms[0]), float(density.time_edges_ms[-1])
    inside = [(max(start, first), min(end, last)) for start, end in spans]
    return max(inside, key=length, default=(0.0, 0.0))


def length(span: Span) -> float:
    """How long a span is [ms]; negative outside of the picture."""
    return span[1] - span[0]


def judged(market: Market, density: Density, seen: Liquidations, span: Span, model: str) -> Any:
    """The scorecard as the page shows it; `seen` is what happened in the span, on one venue."""
    card = scorecard(
        market.candles,
        market.open_interest,
        density,
        seen,
        start_ms=span[0],
        end_ms=span[1],
        name=model,
    )
    table = [*card.rows, *([card.lift] if card.lift else []), *card.by_price]
    return {
        "rows": [
            [row.name, _figure(row.long), _figure(row.short), _interval(row)] for row in table
        ],
        "beats": card.beats,
        "available": bool(card.rows),
        "words": card.words,
    }


def measured(density: Density, seen: Liquidations, span: Span) -> Shares:
    """The share that is really liquidated: as measured here, where enough was seen.

    Of `balance` with all its leverages; another density has another share.
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


def _figure(score: Score) -> str:
    return f"{score.value:.2f}"


def _interval(row: Row) -> str:
    long, short = row.long, row.short
    return f"{long.low:.2f} to {long.high:.2f}, {short.low:.2f} to {short.high:.2f}"
