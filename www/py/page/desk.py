"""The desk: a panel for each question, one at a time, beside the picture or as a sheet over it."""

from pyscript import document, window

from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyscript import Event, KeyboardEvent

KEY = "liqmap-desk"
desk = find("#desk")
watchers: list[Callable[[str], None]] = []
"""Told which panel is open, by its id; empty when none is."""


def on_tab(event: Event) -> None:
    """A tab opens its panel, and closes it when it is open."""
    tab = event.target.closest("button")
    if tab:
        opened = tab.getAttribute("aria-expanded") == "true"
        show("" if opened else tab.getAttribute("aria-controls"))


def on_close(event: Event) -> None:
    """Give the picture its room back."""
    tab = find("#tabs [aria-expanded=true]")
    show("")
    tab.focus()


def on_key(event: KeyboardEvent) -> None:
    """Escape closes the desk, unless something above it is open."""
    if event.key == "Escape" and not desk.hidden and not document.querySelector("dialog[open]"):
        on_close(event)


def restore() -> None:
    """Open what a link names, or what was open when this browser was here last."""
    named = window.location.hash[1:].split("&")[0]
    show(named if named.startswith("desk-") else liqmap.kept(KEY) or "", keep=False)


def show(name: str, keep: bool = True) -> None:
    """Show a panel by its id, and no other; an empty one closes the desk."""
    for tab in document.querySelectorAll("#tabs button"):
        chosen = tab.getAttribute("aria-controls") == name
        tab.setAttribute("aria-expanded", "true" if chosen else "false")
        find("#" + tab.getAttribute("aria-controls")).hidden = not chosen
    desk.hidden = not document.querySelector("#tabs [aria-expanded=true]")
    if keep:
        liqmap.keep(KEY, name)
    for heard in watchers:
        heard(name)
