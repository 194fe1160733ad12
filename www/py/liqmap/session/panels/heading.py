"""The title of the picture, and its notices."""

from __future__ import annotations

from liqmap.picture.heatmap import unit_of
from liqmap.session.as_of import unmet
from liqmap.session.messages import Heading
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.view import MODELS
from liqmap.words import clock


class HeadingPanel(Panel):
    """Contract, venue and unit of the amounts, and as of when; notices."""

    def about(self, state: State) -> object:
        return None if state.numbers is None else (state.numbers, unmet(state))

    def message(self, state: State) -> Heading:
        assert state.shown is not None
        notices = tuple(filter(None, (unmet(state), *state.shown.notices)))
        as_of = "" if state.then is None else f" · as of {clock(state.then.end_ms)} UTC"
        return Heading(title=title(state.shown) + as_of, notices=notices)


def title(shown: Shown) -> str:
    """`BTC-USDT-PERP · Bybit · exposure`, `BTC perpetuals · 9 venues · exposure`."""
    view, unit = shown.view, unit_of(shown.shares)
    if view.versus != "none":
        how = "beside" if view.comparison == "side" else "minus"
        unit = f"{MODELS[view.model]} {how} {MODELS[view.versus]}, {unit}"
    return f"{_contract(shown)} · {_source(shown)} · {unit}"


def _contract(shown: Shown) -> str:
    instrument = shown.leader.instrument
    return instrument.name if len(shown.markets) == 1 else f"{instrument.base_coin} perpetuals"


def _source(shown: Shown) -> str:
    if shown.leader.simulated:
        return "simulated"
    venue, *others = shown.markets
    return f"{1 + len(others)} venues" if others else ADAPTERS[venue].title
