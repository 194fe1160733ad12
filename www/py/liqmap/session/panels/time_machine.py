"""The time machine: what the visitor may go back to, and what came after."""

from __future__ import annotations

import math

from liqmap.analysis.aftermath import Passed, Path, passed_between, passed_within
from liqmap.analysis.clusters import nearest_large
from liqmap.analysis.situation import swept_since
from liqmap.language import mark, say
from liqmap.session.as_of import unmet
from liqmap.session.desk_messages import Rows, TimeMachine
from liqmap.session.panels.clusters import UNKNOWN, clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.panels.situation import SIDES, both_sides, held_at
from liqmap.session.state import Shown, State
from liqmap.words import clock, instant, percent, usd

RATES = (0.02, 0.05, 0.1)
MINUTE_MS = 60_000.0
_DAYS, _HOURS, _MINUTES = mark("{n} d"), mark("{n} h"), mark("{n} min")
_BEYOND = (UNKNOWN,) * 4
"""Of a distance that the price axis does not reach."""


class TimeMachinePanel(Panel):
    """The steps of the slider; as of an instant, what came after it until now."""

    def about(self, state: State) -> object:
        return None if state.numbers is None else (state.numbers, unmet(state))

    def message(self, state: State) -> TimeMachine:
        shown, then = state.shown, state.then
        assert shown is not None
        columns = math.ceil((shown.end_ms - shown.first_ms) / shown.column_ms)
        return TimeMachine(
            as_of="" if then is None else clock(then.end_ms),
            instant_minute=0 if then is None else round(then.end_ms / MINUTE_MS),
            spot=0.0 if then is None else then.spot_price,
            words=_words(state),
            first_minute=round(shown.first_ms / MINUTE_MS),
            step_minutes=round(shown.column_ms / MINUTE_MS),
            steps=columns,
            cards=() if then is None else _cards(then, shown),
            rows=() if then is None else _rows(then, shown),
        )


def _words(state: State) -> str:
    """What is shown, or why it is not what the link asks for."""
    if state.then is not None:
        return say(
            "Situation, map and clusters are estimated from what was known at {time}: "
            "no bar and no open interest from after it.",
            time=instant(state.then.end_ms),
        )
    return unmet(state) or say("Go back, and see what stood then and what came of it.")


def _cards(then: Shown, now: Shown) -> Rows:
    """What became of the nearest clusters; where the price went; what was swept."""
    path = Path.after(now.leader, then.end_ms)
    if not path.end_ms.size:
        return ()
    fates = tuple(
        (say(title), *_fate(side, path, then))
        for side, title in SIDES
        if nearest_large(clusters_of(then), side) is not None
    )
    longs, shorts = swept_since(now.amounts, then.end_ms)
    swept = (
        *(say("Swept since"), both_sides(longs, shorts)),
        say("of what waited then, and of what opened later"),
    )
    return (*fates, (say("Price since"), *_course(path, then, now)), swept)


def _fate(side: int, path: Path, then: Shown) -> tuple[str, ...]:
    """What stood where, whether and when it was reached, and what of it was passed."""
    near = nearest_large(clusters_of(then), side)
    assert near is not None
    passed = passed_between(then.amounts, side, near.low_price, near.high_price, path)
    reached_ms = path.reached_ms(near.price, side)
    if reached_ms is None:
        extreme = path.lowest if side > 0 else path.highest
        least = percent(abs(near.price / extreme - 1), 1)
        course = say("not reached: price came within {rate}", rate=least)
    else:
        length = _span(reached_ms - then.end_ms)
        course = say("reached by {time}, after {length}", time=clock(reached_ms), length=length)
    amount = usd(passed.passed_quote)
    return held_at(near, then), course, say("price passed {amount} of it", amount=amount)


def _course(path: Path, then: Shown, now: Shown) -> tuple[str, ...]:
    """How far the price went, and where it is."""
    spot = then.spot_price

    def move(price: float) -> dict[str, str]:
        return {"price": then.price(price), "move": percent(price / spot - 1, 1, signed=True)}

    return (
        say("{spot} to {price}, {move}", spot=then.price(spot), **move(now.spot_price)),
        say("lowest {price}, {move}", **move(path.lowest)),
        say("highest {price}, {move}", **move(path.highest)),
    )


def _rows(then: Shown, now: Shown) -> Rows:
    """Within, longs then, part passed, shorts then, part passed."""
    path = Path.after(now.leader, then.end_ms)
    found = ((rate, passed_within(then.amounts, then.spot_price, rate, path)) for rate in RATES)
    return tuple(
        (
            f"±{percent(rate)}",
            *(_BEYOND if sides is None else _passed(sides[0]) + _passed(sides[1])),
        )
        for rate, sides in found
    )


def _passed(one: Passed) -> tuple[str, str]:
    waited = usd(one.waited_quote)
    if one.rate is None or waited == usd(0.0):
        return waited, UNKNOWN
    return waited, percent(one.rate)


def _span(length_ms: float) -> str:
    """`25 min`, `4 h 10 min`, `2 d 3 h`."""
    minutes = round(length_ms / MINUTE_MS)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, _DAYS), (hours, _HOURS), (0 if days else rest, _MINUTES))
    return " ".join(say(form, n=many) for many, form in parts if many)
