"""A position of the visitor's own: its form, and what the worker says of it.

It stays in this browser; no link has it.
"""

import json

from pyscript import document

from page.dom import fill, find, liqmap
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Element, Event

    from liqmap.session import messages

KEY = "liqmap-position"
form = find("#position")


class Picture:
    """What is on screen."""

    coin = ""


def show(message: messages.YourPosition) -> None:
    """Lines on the picture, figures in the table, complaints at their fields."""
    liqmap.fill(message)
    Picture.coin = message.coin
    find("#position [value=base]").textContent = message.coin
    body = find("#position-figures tbody")
    body.replaceChildren()
    for title, figure, words in message.rows:
        row = document.createElement("tr")
        fill(row, "th", [title])
        fill_small(row.children[0], words)
        cell = document.createElement("td")
        cell.textContent = figure
        row.append(cell)
        body.append(row)
    fill(find("#position-notes"), "li", message.notes)
    complaints = {pair[0]: pair[1] for pair in message.complaints}
    for place in document.querySelectorAll("#position [data-field]"):
        name = place.dataset.field
        place.textContent = complaints.get(name, "")
        field = find("#position [name=" + name + "]")
        field.setAttribute("aria-invalid", "true" if name in complaints else "false")


def fill_small(cell: Element, words: str) -> None:
    """Add a line of small text to a cell."""
    small = document.createElement("small")
    small.textContent = words
    cell.append(small)


def typed() -> dict[str, str]:
    """What stands in the form, by field, and the coin that it is about."""
    fields = {"coin": Picture.coin}
    for control in form.elements:
        if control.name and (control.type != "radio" or control.checked):
            fields[control.name] = control.value
    return fields


def show_kept() -> None:
    """Put what an earlier visit kept into the form."""
    fields = json.loads(liqmap.kept(KEY) or "{}")
    for control in form.elements:
        value = fields.get(control.name)
        if value is not None and control.type == "radio":
            control.checked = control.value == value
        elif value is not None:
            control.value = value


async def restore() -> None:
    """Tell the worker what an earlier visit kept."""
    kept = liqmap.kept(KEY)
    if kept:
        await call("position", kept)


async def on_change(event: Event) -> None:
    """Keep what stands in the form here, never in the link, and ask what it means."""
    fields = json.dumps(typed())
    liqmap.keep(KEY, fields)
    await call("position", fields)


def on_submit(event: Event) -> None:
    """Enter in a field: its change has been seen."""
    event.preventDefault()


async def on_clear(event: Event) -> None:
    """Forget it."""
    form.reset()
    liqmap.keep(KEY, "")
    await call("position", "{}")
