"""The title of the picture, and its notices."""

from __future__ import annotations

from liqmap.language import count, say
from liqmap.picture.heatmap import unit_of
from liqmap.session.as_of import unmet
from liqmap.session.messages import Heading
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.view import MODELS
from liqmap.words import instant


class HeadingPanel(Panel):
    """Contract, venue and unit of the amounts, and as of when; notices."""

    def about(self, state: State) -> object:
        return None if state.numbers is None else (state.numbers, unmet(state))

    def message(self, state: State) -> Heading:
        assert state.shown is not None
        notices = tuple(filter(None, (unmet(state), *state.shown.notices)))
        parts = [title(state.shown)]
        if state.then is not None:
            parts.append(say("as of {time}", time=instant(state.then.end_ms)))
        return Heading(title=" · ".join(parts), notices=notices)


def title(shown: Shown) -> str:
    """`BTC-USDT-PERP · Bybit · exposure`, `BTC perpetuals · 9 venues · exposure`."""
    view, unit = shown.view, unit_of(shown.shares)
    if view.versus != "none":
        slots = {"one": say(MODELS[view.model]), "other": say(MODELS[view.versus]), "unit": unit}
        if view.comparison == "side":
            unit = say("{one} beside {other}, {unit}", **slots)
        else:
            unit = say("{one} minus {other}, {unit}", **slots)
    return f"{_contract(shown)} · {_source(shown)} · {unit}"


def _contract(shown: Shown) -> str:
    instrument = shown.leader.instrument
    if len(shown.markets) == 1:
        return instrument.name
    return say("{coin} perpetuals", coin=instrument.base_coin)


def _source(shown: Shown) -> str:
    if shown.leader.simulated:
        return say("simulated")
    venue, *others = shown.markets
    if not others:
        return ADAPTERS[venue].title
    return count("{n} venue", "{n} venues", 1 + len(others))
