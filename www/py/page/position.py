"""A position of the visitor's own: its form, and what the worker says of it.

It stays in this browser. A link has it only while the visitor wants that: behind the `#`, which no
server gets to see.
"""

import json

from pyscript import document, window

from page import offline
from page.dom import fill, find, liqmap
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Event

    from liqmap.session import desk_messages

KEY = "liqmap-position"
TAB = "#desk-position"
form = find("#position")
in_link = find("#position-link")


class Picture:
    """What is on screen."""

    coin = ""


def show(message: desk_messages.YourPosition) -> None:
    """Lines on the picture, figures in the table, complaints at their fields."""
    liqmap.fill(message)
    Picture.coin = message.coin
    find("#position [value=base]").textContent = message.coin
    body = find("#position-figures tbody")
    body.replaceChildren()
    for title, figure, words in message.rows:
        row, below, cell = [document.createElement(tag) for tag in ("tr", "tr", "td")]
        fill(row, "th", [title])
        cell.textContent = figure
        row.append(cell)
        fill(below, "td", [words])
        below.children[0].setAttribute("colspan", "2")
        body.append(row)
        body.append(below)
    fill(find("#position-notes"), "li", message.notes)
    complaints = {pair[0]: pair[1] for pair in message.complaints}
    for place in document.querySelectorAll("#position [data-field]"):
        name = place.dataset.field
        place.textContent = complaints.get(name, "")
        field = find("#position [name=" + name + "]")
        field.setAttribute("aria-invalid", "true" if name in complaints else "false")


def typed() -> dict[str, str]:
    """What stands in the form, by field, and the coin that it is about."""
    fields = {"coin": Picture.coin}
    for control in form.elements:
        if control.name and (control.type != "radio" or control.checked):
            fields[control.name] = control.value
    return fields


def linked() -> dict[str, str]:
    """The fields that the link names; none where it names no position."""
    name, mark, query = window.location.hash.partition("&")
    found = window.URLSearchParams.new(query)
    names = ["coin"] + [control.name for control in form.elements if control.name]
    return {one: found.get(one) or "" for one in names} if mark and name == TAB else {}


def show_kept() -> None:
    """Put what the link names, or what an earlier visit kept, into the form."""
    fields = linked()
    in_link.checked = bool(fields)
    try:
        fields = fields or json.loads(liqmap.kept(KEY) or "{}")
    except ValueError:  # not ours
        fields = {}
    for control in form.elements:
        value = fields.get(control.name)
        if value is not None and control.type == "radio":
            control.checked = control.value == value
        elif value is not None:
            control.value = value
    Picture.coin = fields.get("coin", "")


async def restore() -> None:
    """Tell the worker what stands in the form from the start."""
    if Picture.coin:
        await call("position", json.dumps(typed()))


async def on_change(event: Event) -> None:
    """Keep what stands in the form, in the link if it shall be there, and ask what it means."""
    fields = typed()
    put_in_link(fields)
    if not offline.cleared:
        liqmap.keep(KEY, json.dumps(fields))
    await call("position", json.dumps(fields))


def put_in_link(fields: dict[str, str]) -> None:
    """Name the position in the address, or no longer."""
    address = window.location.pathname + window.location.search
    if in_link.checked:
        query = window.URLSearchParams.new()
        for name, value in fields.items():
            query.append(name, value)
        window.history.replaceState(None, "", address + TAB + "&" + query.toString())
    elif "&" in window.location.hash:
        window.history.replaceState(None, "", address + TAB)


def on_submit(event: Event) -> None:
    """Enter in a field: its change has been seen."""
    event.preventDefault()


async def on_clear(event: Event) -> None:
    """Forget it."""
    form.reset()
    put_in_link({})
    liqmap.keep(KEY, "")
    await call("position", "{}")
