"""The desk: a panel for each question, one at a time, beside the picture or as a sheet over it."""

from pyscript import document, ffi, window

from page.dom import find, liqmap, start
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from collections.abc import Callable

    from pyscript import Element, Event, KeyboardEvent

KEY = "liqmap-desk"
LAYERS = {"desk-cleared": "sweep_marks"}
"""What stands on the picture while a panel is open."""
desk = find("#desk")
openers: list[Element] = []
"""What had the focus when the panel was opened."""
watchers: list[Callable[[str], None]] = []
"""Told which panel is open, by its id; empty when none is."""


def on_tab(event: Event) -> None:
    """A tab opens its panel, and closes it when it is open."""
    tab = event.target.closest("button")
    if tab:
        opened = tab.getAttribute("aria-expanded") == "true"
        show("" if opened else tab.getAttribute("aria-controls"))
        if window.getComputedStyle(desk).position == "fixed" and not opened:
            # above the sheet
            find("#picture").scrollIntoView(ffi.to_js({"block": "start"}))
            tab.scrollIntoView(ffi.to_js({"inline": "center", "block": "nearest"}))


def on_close(event: Event) -> None:
    """Give the picture its room back, and the focus to what opened the panel or to its tab."""
    tab, before = find("#tabs [aria-expanded=true]"), list(openers)
    show("")
    tab.focus()
    for opener in before:  # one that is hidden by now takes no focus
        opener.focus()


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
    openers[:] = [document.activeElement] if keep else []
    for tab in document.querySelectorAll("#tabs button"):
        panel = tab.getAttribute("aria-controls")
        tab.setAttribute("aria-expanded", "true" if panel == name else "false")
        find("#" + panel).hidden = panel != name
    desk.hidden = not opened()
    show_layers()
    if keep:
        liqmap.keep(KEY, name)
    start(call("desk", opened()))
    for heard in watchers:
        heard(name)


def show_layers() -> None:
    """Have the open panel's marks on the picture, and no other's; before there is one, nothing."""
    if hasattr(liqmap, "showLayer"):
        for panel, layer in LAYERS.items():
            liqmap.showLayer(layer, panel == opened())


def opened() -> str:
    """The id of the panel that is open, or nothing."""
    tab = find("#tabs [aria-expanded=true]")
    return tab.getAttribute("aria-controls") if tab else ""
