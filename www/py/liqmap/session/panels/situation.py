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
from liqmap.language import mark, say
from liqmap.session.desk_messages import Rows
from liqmap.session.messages import Situation
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import MembersPanel
from liqmap.session.state import Shown, State
from liqmap.words import number, percent, usd

RATES = (0.02, 0.05)
SIDES = ((-1, mark("Above")), (1, mark("Below")))


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
        (say(title), *_cluster(near, shown))
        for side, title in SIDES
        if (near := nearest_large(clusters, side)) is not None
    )


def _cluster(near: Cluster, shown: Shown) -> tuple[str, ...]:
    candles = shown.leader.candles
    ranges = in_daily_ranges(near.distance_rate, candles)
    chance = reach_chance(near.distance_rate, deviation(candles, shown.view.window_ms))
    away = percent(near.distance_rate, 1, signed=True)
    lines = [
        held_at(near, shown),
        " · ".join([away, *([ranges] if ranges else [])]),
        say(
            "diffusion reaches it in {time}: {chance}",
            time=shown.view.range,
            chance=in_percent(chance),
        ),
    ]
    if shown.members is not None:
        ((low, high),) = intervals_quote([near], shown.amounts, shown.members)
        lines.append(say("P10–P90 {low}–{high}", low=usd(low), high=usd(high)))
    return tuple(lines)


def held_at(near: Cluster, shown: Shown) -> str:
    """`$23.3M shorts at 100.8`."""
    amount, price = usd(near.amount_quote), shown.price(near.price)
    if near.position_side > 0:
        return say("{amount} longs at {price}", amount=amount, price=price)
    return say("{amount} shorts at {price}", amount=amount, price=price)


def in_daily_ranges(rate: float, candles: Candles) -> str:
    """`2.5 daily ranges`, as far as a distance is; nothing where no whole day is known."""
    day = daily_range_rate(candles)
    return say("{n} daily ranges", n=number(abs(rate) / day, 1)) if day else ""


def in_percent(chance: float) -> str:
    """`17%`, `<1%`."""
    return percent(chance) if chance >= 0.005 else f"<{percent(0.01)}"


def _balance(shown: Shown) -> Rows:
    """What waits near the price, both sides."""
    found = [balance_within(shown.amounts, shown.spot_price, rate, shown.members) for rate in RATES]
    known = [one for one in found if one is not None]
    if not known:
        return ()
    first, *rest = known
    others = tuple(
        say("±{rate}: {amounts}", rate=percent(one.rate), amounts=_sides(one)) for one in rest
    )
    title = say("Within ±{rate}", rate=percent(first.rate))
    return ((title, _sides(first), _heavier(first), *others),)


def _sides(one: Balance) -> str:
    return both_sides(one.long_quote, one.short_quote)


def both_sides(long_quote: float, short_quote: float) -> str:
    """`$2.1M longs, $3.4M shorts`."""
    return say("{longs} longs, {shorts} shorts", longs=usd(long_quote), shorts=usd(short_quote))


def _heavier(one: Balance) -> str:
    """`leans 34% to shorts · P10–P90 −12% to 51%`; a negative end leans the other way."""
    lean = 1 if one.imbalance >= 0 else -1
    part = percent(abs(one.imbalance))
    words = (
        say("leans {part} to shorts", part=part)
        if lean > 0
        else say("leans {part} to longs", part=part)
    )
    if one.low is None or one.high is None:
        return words
    low, high = sorted((one.low * lean, one.high * lean))
    return say("{lean} · P10–P90 {low} to {high}", lean=words, low=percent(low), high=percent(high))


def _cleared(shown: Shown) -> Rows:
    """What the price swept in the last day, and where nothing is left to sweep."""
    longs, shorts = swept_since(shown.amounts, shown.end_ms - DAY_MS)
    lines = [both_sides(longs, shorts)]
    for side, _ in SIDES:
        found = vacuum(shown.amounts, shown.spot_price, side)
        if found is not None:
            low, high = map(shown.price, found)
            lines.append(
                say("next to nothing below: {low}–{high}", low=low, high=high)
                if side > 0
                else say("next to nothing above: {low}–{high}", low=low, high=high)
            )
    return ((say("Swept in 24 h"), *lines),)
