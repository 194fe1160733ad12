"""The situation: a few figures in words above the picture."""

from __future__ import annotations

from liqmap.analysis.clusters import Cluster, intervals_quote, nearest_large
from liqmap.analysis.situation import (
    DAY_MS,
    Balance,
    balance_within,
    daily_range_rate,
    deviation,
    reach_chance,
    swept_since,
    vacuum,
)
from liqmap.data.series import Candles
from liqmap.session.desk_messages import Rows
from liqmap.session.messages import Situation
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import MembersPanel
from liqmap.session.state import Shown, State
from liqmap.words import usd

RATES = (0.02, 0.05)
SIDES = ((-1, "Above", "shorts"), (1, "Below", "longs"))


class SituationPanel(MembersPanel):
    """Cards of the nearest clusters, of what waits near, of what was swept."""

    def message(self, state: State) -> Situation:
        shown = state.standing
        assert shown is not None
        return Situation(
            cards=(*_nearest(shown), *_balance(shown), *_cleared(shown)),
            step_ms=shown.leader.candles.step_ms,
            live=not shown.leader.simulated,
        )


def _nearest(shown: Shown) -> Rows:
    """The nearest large cluster above, and below."""
    clusters = clusters_of(shown)
    return tuple(
        (title, *_cluster(near, words, shown))
        for side, title, words in SIDES
        if (near := nearest_large(clusters, side)) is not None
    )


def _cluster(near: Cluster, words: str, shown: Shown) -> tuple[str, ...]:
    candles = shown.leader.candles
    ranges = in_daily_ranges(near.distance_rate, candles)
    chance = reach_chance(near.distance_rate, deviation(candles, shown.view.window_ms))
    lines = [
        f"{usd(near.amount_quote)} {words} at {shown.price(near.price)}",
        " · ".join([f"{near.distance_rate:+.1%}", *([ranges] if ranges else [])]),
        f"diffusion reaches it in {shown.view.range}: {in_percent(chance)}",
    ]
    if shown.members is not None:
        ((low, high),) = intervals_quote([near], shown.amounts, shown.members)
        lines.append(f"P10–P90 {usd(low)}–{usd(high)}")
    return tuple(lines)


def in_daily_ranges(rate: float, candles: Candles) -> str:
    """`2.5 daily ranges`, as far as a distance is; nothing where no whole day is known."""
    day = daily_range_rate(candles)
    return f"{abs(rate) / day:.1f} daily ranges" if day else ""


def in_percent(chance: float) -> str:
    """`17%`, `<1%`."""
    return f"{chance:.0%}" if chance >= 0.005 else "<1%"


def _balance(shown: Shown) -> Rows:
    """What waits near the price, both sides."""
    found = [balance_within(shown.amounts, shown.spot_price, rate, shown.members) for rate in RATES]
    known = [one for one in found if one is not None]
    if not known:
        return ()
    first, *rest = known
    others = tuple(f"±{one.rate:.0%}: {_sides(one)}" for one in rest)
    return ((f"Within ±{first.rate:.0%}", _sides(first), _heavier(first), *others),)


def _sides(one: Balance) -> str:
    return f"{usd(one.long_quote)} longs, {usd(one.short_quote)} shorts"


def _heavier(one: Balance) -> str:
    """`leans 34% to shorts · P10–P90 −12% to 51%`; a negative end leans the other way."""
    lean = 1 if one.imbalance >= 0 else -1
    words = f"leans {abs(one.imbalance):.0%} to {'shorts' if lean > 0 else 'longs'}"
    if one.low is None or one.high is None:
        return words
    low, high = sorted((one.low * lean, one.high * lean))
    return f"{words} · P10–P90 {low:.0%} to {high:.0%}".replace("-", "−")


def _cleared(shown: Shown) -> Rows:
    """What the price swept in the last day, and where nothing is left to sweep."""
    longs, shorts = swept_since(shown.amounts, shown.end_ms - DAY_MS)
    lines = [f"{usd(longs)} longs, {usd(shorts)} shorts"]
    for side, title, _ in SIDES:
        found = vacuum(shown.amounts, shown.spot_price, side)
        if found is not None:
            low, high = map(shown.price, found)
            lines.append(f"next to nothing {title.lower()}: {low}–{high}")
    return (("Swept in 24 h", *lines),)
