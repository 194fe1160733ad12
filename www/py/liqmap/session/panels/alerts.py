"""Alerts: what of a visitor's rules has come true, in sentences."""

from __future__ import annotations

import json

from liqmap.analysis.alerts import Fired, Memory, Rule, Sight, advance
from liqmap.analysis.clusters import Cluster
from liqmap.data.liquidations import Liquidations
from liqmap.language import say
from liqmap.picture.heatmap import unit_of
from liqmap.session.desk_messages import Alerts
from liqmap.session.messages import Message
from liqmap.session.panels.clusters import clusters_of
from liqmap.session.panels.panel import Panel
from liqmap.session.state import Shown, State
from liqmap.venues.registry import ADAPTERS
from liqmap.words import percent, usd

KINDS = ("near", "swept", "reclaimed", "liquidations")


def read_rules(text: str) -> tuple[Rule, ...]:
    """The rules of a JSON list, `[{"kind": "near", "amount": 5e6, "rate": 0.01}]`.

    What another version kept and this one does not know is left out.
    """
    return tuple(
        Rule(one["kind"], float(one["amount"]), float(one["rate"]))
        for one in json.loads(text)
        if one.get("kind") in KINDS
    )


class AlertsPanel(Panel):
    """A message whenever something fires. It remembers what was true before."""

    def __init__(self) -> None:
        super().__init__()
        self._memory = Memory()

    def about(self, state: State) -> object:
        shown = state.shown
        return (shown.number, state.heard, state.rules) if shown and state.rules else None

    def update(self, state: State) -> Message | None:
        message = super().update(state)
        return message if isinstance(message, Alerts) and message.fired else None

    def message(self, state: State) -> Alerts:
        assert state.shown is not None
        shown = state.shown
        self._memory, fired = advance(state.rules, self._memory, _sight(state, shown))
        place = {rule: index for index, rule in enumerate(state.rules)}
        return Alerts(
            fired=tuple((str(place[one.rule]), _words(one, shown)) for one in fired),
        )


def _sight(state: State, shown: Shown) -> Sight:
    view, heard = shown.view, state.heard
    about = (tuple(shown.markets), shown.leader.instrument.name, view.model, view.reading)
    happened = None if heard is None else Liquidations.joined(heard.seen.values())
    return Sight(about, shown.leader.candles, clusters_of(shown), happened)


def _words(fired: Fired, shown: Shown) -> str:
    """`BTC-USDT-PERP, Bybit: price 99.0 is 1.80% from $23.3M of shorts (exposure) at 100.8.`"""
    venues = ", ".join(ADAPTERS[one].title for one in shown.markets if one in ADAPTERS)
    slots = {"contract": f"{shown.leader.instrument.name}, {venues or say('simulated')}"}
    if fired.cluster is None:
        slots["amount"] = usd(fired.amount_quote)
        return say("{contract}: {amount} liquidated within a minute.", **slots)
    one, spot = fired.cluster, shown.spot_price
    slots |= {"price": shown.price(spot), "cluster": _cluster(one, shown)}
    if fired.rule.kind == "near":
        slots["distance"] = percent(abs(one.price / spot - 1), 2)
        return say("{contract}: price {price} is {distance} from {cluster}.", **slots)
    if fired.rule.kind == "swept":
        return say("{contract}: price has swept {cluster}; it is {price} now.", **slots)
    return say("{contract}: price is back at {price} after it swept {cluster}.", **slots)


def _cluster(one: Cluster, shown: Shown) -> str:
    """`$23.3M of shorts (exposure) at 100.8`."""
    slots = {
        "amount": usd(one.amount_quote),
        "unit": unit_of(shown.shares),
        "price": shown.price(one.price),
    }
    if one.position_side > 0:
        return say("{amount} of longs ({unit}) at {price}", **slots)
    return say("{amount} of shorts ({unit}) at {price}", **slots)
