"""The view: the form and the address bar mirror it by name, the worker understands it."""

from pyscript import document, window

from page import link, notices, spoken
from page.dom import find, liqmap, show_theme
from page.typing import TYPE_CHECKING
from page.worker import Life, call

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterable
    from typing import Any

    from pyscript import Event

    from liqmap.session import messages

form = find("#view")
symbol = find("#view [name=symbol]")
FRAMING = ("venue", "symbol", "range", "low", "high")  # another one is seen as a whole
MARKET = ("venue", "symbol")  # another one has other clusters


class View:
    """The view's query string, and how the form is being used."""

    query = window.location.search  # as the worker understood it last
    touched = False  # whether a control was used
    repainting = False  # whether a handle of the legend moves
    asking = False  # whether a control asks for another view, which “back” shall leave


def asked() -> str:
    """The view that a visitor wants before the worker has said anything."""
    return query() if View.touched else window.location.search[1:]


def query() -> str:
    """The form as a query string."""
    text: str = window.URLSearchParams.new(window.FormData.new(form)).toString()
    return text


def mirror(controls: Iterable[tuple[str, str]]) -> None:
    """Put values into the controls of those names."""
    values = {pair[0]: pair[1] for pair in controls if pair[0]}  # buttons have no name
    for control in form.elements:
        value = values.get(control.name)
        if value is None:
            continue
        if control.type == "radio":
            control.checked = control.value == value
        elif control.type == "checkbox":
            control.checked = control.value in value.split("-")
        elif document.activeElement != control or control.type not in ("text", "range"):
            control.value = value
    if "theme" in values:
        show_theme(values["theme"])
    find("#real").hidden = values.get("accounts", "off") != "on"


def mirror_link(query: str) -> None:
    """Put what a link asks for into the form, as far as the form can show it."""
    query = query.replace("tiers=", "leverages=")  # the key of older links
    mirror(window.Array["from"](window.URLSearchParams.new(query).entries()))


def show(message: messages.Settings) -> None:
    """The view as the worker understood it, and what it did not."""
    View.query = message.query
    if View.repainting:  # a browser counts how often its address changes
        return
    link.show(message.query, leaving=View.asking)
    View.asking = False
    mirror(window.Object.entries(message.controls))
    spoken.follow()
    notices.of_link(message.notices)


async def ask(wanted: str) -> None:
    """Ask the worker for the view of a query string."""
    await call("show", wanted)


async def choose(typed: str) -> None:
    """Ask it for the contract that somebody typed: it knows which one is meant."""
    View.asking = True
    await call("choose", typed, query())


def on_change(event: Event) -> Coroutine[Any, Any, None]:
    """A control was used; after the symbol, a phone's keyboard goes."""
    View.touched = View.asking = True
    if event.target.name in FRAMING:
        find("[name=zoom]").value = ""
    if event.target.name in MARKET:
        find("[name=cluster]").value = ""
    if event.target.name == "leverages":
        single_out(event.target.value)
    if event.target.name != "symbol":
        return ask(query())
    typed = symbol.value.strip()
    symbol.blur()
    return choose(typed) if typed else ask(query())


def single_out(clicked: str) -> None:
    """While all ranges of leverage are shown, a click leaves the one that was clicked."""
    boxes = document.querySelectorAll("[name=leverages]")
    if [box.value for box in boxes if not box.checked] == [clicked]:
        for box in boxes:
            box.checked = box.value == clicked


def on_reset(event: Event) -> Coroutine[Any, Any, None]:
    """Back to the default view."""
    event.preventDefault()
    document.activeElement.blur()
    View.asking = True
    return ask("")


def on_submit(event: Event) -> None:
    """Enter in a text field: its change has been seen."""
    event.preventDefault()


def on_popstate(event: Event) -> Coroutine[Any, Any, None]:
    """Back and forth in the history."""
    document.activeElement.blur()
    return ask(window.location.search)


async def on_retry(event: Event) -> None:
    """Ask again, with fresh data; before there is a worker, `guard.js` hears the click."""
    if liqmap.worker:
        await call("again", View.query)
    elif Life.ended:
        window.location.reload()


def on_example(event: Event) -> Coroutine[Any, Any, None]:
    """The simulation, which only a visitor asks for."""
    find("[name=venue]").value = "demo"
    return ask(query())


def on_symbol_focus(event: Event) -> None:
    """An empty field offers every contract; what was there is kept until another is chosen."""
    symbol.placeholder = symbol.value
    symbol.value = ""


def on_symbol_blur(event: Event) -> None:
    """Nothing was chosen."""
    if not symbol.value.strip():
        symbol.value = symbol.placeholder
