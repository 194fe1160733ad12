"""Tables on a narrow screen: a row shows its first figures, and the rest when it is opened."""

from pyscript import document, ffi

from liqmap.language import say
from page.dom import find, narrow
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Element, Event

FOLDED = {
    "#levels": (3, 5),
    "#history": (2, 4, 5),
    "#board": (3, 4, 5),
    "#cluster-leverages": (3, 4),
    "#cascade-steps": (4,),
}
"""Which cells of a table's rows are folded away."""
opened: set[str] = set()
"""Rows that are open, by their table, their first words and which of such rows it is."""


def fold(selector: str) -> None:
    """Fold the rows of a table, but those that were opened; a wide screen has room for all."""
    places = FOLDED[selector]
    heads = list(document.querySelectorAll(selector + " thead th"))
    for place in places:
        heads[place].className = "rest"
    named: dict[str, int] = {}
    for line in document.querySelectorAll(selector + " tbody tr"):
        button = line.querySelector(".more")
        whole = line.childElementCount < len(heads)  # a sentence in place of figures
        if whole or not narrow.matches:
            if button:
                button.remove()
            line.classList.toggle("open", False)
            continue
        for place in places:
            cell = line.children[place]
            cell.className = "rest"
            cell.dataset.label = heads[place].textContent
        if button is None:
            button = more(line)
        name = line.firstChild.textContent
        button.setAttribute("aria-label", say("More of {row}", row=name))
        named[name] = named.get(name, 0) + 1
        line.dataset.name = selector + name + str(named[name])
        mark(line, button, line.dataset.name in opened)


def more(line: Element) -> Element:
    """A button in a row's first cell; it has no words, for the cell's are read by others."""
    button = document.createElement("button")
    button.type, button.className = "button", "more"
    line.firstChild.append(button)
    return button


def mark(line: Element, button: Element, shown: bool) -> None:
    """Show a row's rest, or fold it."""
    line.classList.toggle("open", shown)
    button.setAttribute("aria-expanded", "true" if shown else "false")


def on_click(event: Event) -> None:
    """Open a row, or fold it again; the table hears nothing of that click."""
    button = event.target.closest(".more")
    if not button:
        return
    event.stopImmediatePropagation()
    line = button.parentNode.parentNode
    name = line.dataset.name
    shown = name not in opened
    if shown:
        opened.add(name)
    else:
        opened.remove(name)
    mark(line, button, shown)


def fit(event: Event | None = None) -> None:
    """Fold all tables, or none."""
    for selector in FOLDED:
        fold(selector)


def watch() -> None:
    """Hear clicks before the tables do, and of another width."""
    find("#desk").addEventListener("click", ffi.create_proxy(on_click), True)
    narrow.addEventListener("change", ffi.create_proxy(fit))
