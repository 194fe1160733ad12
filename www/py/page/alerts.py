"""Alerts: rules of the visitor, kept in this browser, and what of them came true since he came."""

import json
import time

from pyscript import document

from liqmap.language import say
from liqmap.words import amount, clock_here, digits_of, percent, usd_round
from page.attention import beep, may_notify, notify
from page.dom import find, liqmap
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Event

    from liqmap.session import desk_messages

KEY = "liqmap-alerts"
MOST = 50
"""Lines that stay: the newest."""
rules: list[dict[str, Any]] = []  # kind, amount [USD], rate, notify
form = find("#alert-form")
told = find("#alert-words")
tab = find("#tab-alerts")


def show(message: desk_messages.Alerts) -> None:
    """A line each, above the older ones; a dot on the tab, and what else was asked for."""
    lines = find("#alerts-fired")
    for place, sentence in message.fired:
        line = document.createElement("li")
        line.textContent = clock_here(1000 * time.time()) + ": " + sentence
        lines.prepend(line)
        if int(place) < len(rules) and rules[int(place)]["notify"] and not notify(sentence):
            told.textContent = say("This browser shows no notifications of a page: the list does.")
    while lines.childElementCount > MOST:
        lines.lastElementChild.remove()
    find("#alerts-none").hidden = True
    if find("#desk-alerts").hidden:
        tab.className = "fired"
    beep()


def on_seen(event: Event) -> None:
    """The tab was used: its dot goes."""
    tab.className = ""


async def restore() -> None:
    """Take up what an earlier visit kept."""
    kept = liqmap.kept(KEY)
    try:
        rules[:] = [one for one in json.loads(kept or "[]") if words(one)]
    except (ValueError, KeyError, TypeError):  # of another version
        rules.clear()
    draw()
    if rules:
        await call("alerts", json.dumps(rules))


def words(rule: dict[str, Any]) -> str:
    """`price within 1% of a cluster of $5M or more`."""
    least, kind = usd_round(rule["amount"]), rule["kind"]
    if kind == "near":
        text = say(
            "price within {distance} of a cluster of {least} or more",
            distance=percent(rule["rate"], digits_of(100 * rule["rate"])),
            least=least,
        )
    elif kind == "swept":
        text = say("a cluster of {least} or more swept", least=least)
    elif kind == "reclaimed":
        text = say("a cluster of {least} or more reclaimed", least=least)
    else:
        text = say("liquidations of {least} or more within a minute", least=least)
    return say("{rule}, with a notification", rule=text) if rule["notify"] else text


def draw() -> None:
    """The list of rules, each with a button that deletes it."""
    box = find("#alerts-rules")
    box.replaceChildren()
    for place, rule in enumerate(rules):
        line = document.createElement("li")
        line.textContent = words(rule) + " "
        delete = document.createElement("button")
        delete.type, delete.value, delete.textContent = "button", str(place), say("Delete")
        delete.setAttribute("aria-label", say("Delete: {rule}", rule=words(rule)))
        line.append(delete)
        box.append(line)


def changed(saying: str) -> Coroutine[Any, Any, None]:
    """Keep the rules here, and tell the worker."""
    text = json.dumps(rules)
    kept = liqmap.keep(KEY, text)
    told.textContent = (
        saying if kept else say("This browser keeps nothing: add it again next time.")
    )
    draw()
    return call("alerts", text)


def on_delete(event: Event) -> Coroutine[Any, Any, None] | None:
    """Delete a rule."""
    button = event.target.closest("button")
    if button is None:
        return None
    del rules[int(button.value)]
    return changed(say("Deleted."))


def on_kind(event: Event) -> None:
    """Only one kind has a distance."""
    find("#alert-distance").hidden = find("#alert-kind").value != "near"


def on_add(event: Event) -> Coroutine[Any, Any, None]:
    """Add a rule; nothing is sent anywhere."""
    event.preventDefault()
    return add()


async def add() -> None:
    """Add what the form says; the browser is asked for leave only for a notification."""
    try:
        least, rate = amount(find("#alert-amount").value), float(find("#alert-rate").value) / 100
    except ValueError:
        told.textContent = say("An amount is like 5M or 250K, a distance like 1 or 0.5 (per cent).")
        return
    if not (least > 0 and rate > 0):
        told.textContent = say("Amount and distance are above zero.")
        return
    kind, wanted = find("#alert-kind").value, find("#alert-notify").checked
    rate = rate if kind == "near" else 0.0
    rules.append({"kind": kind, "amount": least, "rate": rate, "notify": wanted})
    await changed(say("Added."))
    if wanted and not await may_notify():
        told.textContent = say("Added, but this browser allows this page no notifications.")
