"""The history: price bands where much was liquidated, and what the price did there after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import floor, log10

import numpy as np

from liqmap.analysis.levels import LEAST_N, History, Level, Trials, history
from liqmap.data.liquidations import Liquidations
from liqmap.language import say
from liqmap.picture.level_lines import lines, words_of
from liqmap.session.desk_messages import Levels
from liqmap.session.heard import lenders
from liqmap.session.lender import listing
from liqmap.session.panels.panel import Panel
from liqmap.session.state import State
from liqmap.venues.registry import TITLES
from liqmap.words import digits_of, instant, number, percent, usd

MOST_ROWS = 12


class HistoryPanel(Panel):
    """Levels of the time that is loaded; found anew when more is known of bars that have ended."""

    def __init__(self) -> None:
        super().__init__()
        self._found: tuple[object, History] | None = None

    def about(self, state: State) -> object:
        """What was heard of ended bars, and the frame that the lines are drawn in."""
        return None if state.shown is None else (_known(state), state.shown.frame)

    def message(self, state: State) -> Levels:
        assert state.shown is not None
        shown, known = state.shown, _known(state)
        if self._found is None or self._found[0] != known:
            self._found = known, history_of(state)
        found = self._found[1]
        density = shown.density
        two_figures = 1 - floor(log10(found.band_rate * shown.spot_price))
        decimals = max(0, min(shown.decimals, two_figures))
        table = [*_sums(found), *(_row(one, found, decimals) for one in found.levels[:MOST_ROWS])]
        return Levels(
            sources={"level_lines": lines(found, density.time_edges_ms, density.price_edges)},
            rows=tuple(row for row, _ in table),
            proven=tuple(proven for _, proven in table),
            words=_words(found, shown.leader.venue, _lenders(state)),
        )


def history_of(state: State) -> History:
    """Levels of what was heard in the bars that have ended."""
    assert state.shown is not None
    ended = state.shown.leader.candles.rows(slice(0, -1))
    return history(Liquidations.joined(_seen(state).values()), ended)


def _known(state: State) -> tuple[object, ...]:
    """What levels depend on: bars that have ended, and the liquidations before the newest bar."""
    assert state.shown is not None
    leader, coin = state.shown.leader, state.shown.coin
    first_ms, opened_ms = leader.candles.time_ms[[0, -1]].tolist()
    counts = tuple(
        (venue, int(np.searchsorted(seen.time_ms, opened_ms)))
        for venue, seen in _seen(state).items()
    )
    return leader.instrument.native, coin, len(leader.candles), first_ms, opened_ms, counts


def _seen(state: State) -> Mapping[str, Liquidations]:
    """What was heard of the market that is shown; none while that is still of the one before."""
    assert state.shown is not None
    leader, heard = state.shown.leader, state.heard
    contract = None if heard is None else heard.contracts.get(leader.venue)
    if heard is None or contract is None or contract.native != leader.instrument.native:
        return {}
    return heard.seen


def _sums(found: History) -> Iterator[tuple[tuple[str, ...], bool]]:
    """A row of all levels of a side, where it has any."""
    for position_side, both in found.sides.items():
        own = [one for one in found.levels if one.position_side == position_side]
        if own:
            amount, events = sum(one.amount_quote for one in own), sum(one.events for one in own)
            cells = (say("All bands"), _liquidated(amount, position_side), number(events), "")
            yield _cells(cells, both.trials, both.base)


def _row(level: Level, found: History, decimals: int) -> tuple[tuple[str, ...], bool]:
    """Band, liquidated, events, what came last, held, controls; whether it differs from them."""
    band = f"{number(level.low_price, decimals)}–{number(level.high_price, decimals)}"
    liquidated = _liquidated(level.amount_quote, level.position_side)
    cells = (band, liquidated, number(level.events), words_of(level))
    return _cells(cells, level.trials, found.sides[level.position_side].base)


def _liquidated(amount_quote: float, position_side: float) -> str:
    """`$2.1M longs`."""
    amount = usd(amount_quote)
    if position_side > 0:
        return say("{amount} longs", amount=amount)
    return say("{amount} shorts", amount=amount)


def _cells(words: tuple[str, ...], trials: Trials, base: Trials) -> tuple[tuple[str, ...], bool]:
    return (*words, _held(trials), _rate(base)), trials.differs(base)


def _held(trials: Trials) -> str:
    """`3 of 4`, and the interval `30–95%` below; `–` where nothing came back yet."""
    if not trials.n:
        return "–"
    low, high = trials.interval
    held = say("{held} of {n}", held=number(trials.held), n=number(trials.n))
    return f"{held}\n{number(100 * low)}–{percent(high)}"


def _rate(base: Trials) -> str:
    """`66%`, and `of 120` below."""
    return f"{percent(base.share)}\n{say('of {n}', n=number(base.n))}" if base.n else "–"


def _elsewhere(venue: str) -> str:
    """Where past liquidations can be read, if not here."""
    if venue not in TITLES or venue in listing():
        return ""
    *others, last = (TITLES[one] for one in listing())
    return say(
        "{venue} keeps no list of past ones; what this page hears while it is open comes here. "
        "{others} and {last} keep one: choose one as the venue.",
        venue=TITLES[venue],
        others=", ".join(others),
        last=last,
    )


def _lenders(state: State) -> list[str]:
    """Venues whose liquidations stand in."""
    assert state.shown is not None
    return [] if state.heard is None else lenders(state.heard.contracts, state.shown)


def _words(found: History, venue: str, lent_by: list[str]) -> str:
    """What the table says, of which time."""
    lent = ""
    if lent_by:
        lent = say(
            "Liquidations on {lender}, since {venue} keeps no list.",
            lender=lent_by[0],
            venue=TITLES[venue],
        )
    if not found.levels:
        none = say("No large liquidation is known in the bars that have ended.")
        return f"{none} {lent or _elsewhere(venue)}".rstrip()
    return f"{_legend(found)} {lent}".rstrip()


def _legend(found: History) -> str:
    """What the columns mean."""
    return say(
        "Bands of {band} of the price where much was liquidated, since {time} ({days} days). "
        "Then: the newest outcome; weak: the price went through by more than a band. Held: later "
        "touches after which it came back, with a 95 % interval. Controls: the same of bands where "
        "nothing large happened. Grey: fewer than {least} touches, or no different from controls. "
        "What was is no promise of what comes.",
        band=percent(found.band_rate, digits_of(100 * found.band_rate)),
        time=instant(found.since_ms),
        days=number((found.end_ms - found.since_ms) / 86_400_000, 1),
        least=LEAST_N,
    )
