"""The picture in a frame of another page: whether this is one, and the snippet that makes one."""

import asyncio

from pyscript import window

from liqmap.language import say
from page.dom import find, root
from page.snapshot import saves_data
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

on: bool = root.hasAttribute("data-embed")
spares = on and saves_data()
"""Whether the picture is drawn once and not updated, for the visitor's sake."""
KEY = "embed=1"
SANDBOX = "allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox"
"""Scripts of this site's own origin, whose files they read; the full page in a tab of its own."""
box = find("#embed")
code = find("#embed-code")


def kept(query: str) -> str:
    """The query of a view as this page's address has it: a frame stays one."""
    return "&".join(filter(None, (query, KEY))) if on else query


def on_open(event: Event) -> None:
    """The snippet of the view on screen."""
    box.showModal()
    write()


def write(event: Event | None = None) -> None:
    """Say it anew: with the colours of this view, or of the page around."""
    address = window.URL.new(window.location.href)
    address.hash = ""
    address.searchParams.set("embed", "1")
    if find("#embed-auto").checked:
        address.searchParams.set("theme", "auto")
    title = say("Estimated liquidations: {title}", title=find("#title").textContent)
    code.value = (
        f'<iframe src="{escaped(address.href)}" title="{escaped(title)}" width="100%" height="480" '
        f'style="border: 0" loading="lazy" sandbox="{SANDBOX}"></iframe>'
    )


def escaped(text: str) -> str:
    """Text as an attribute of HTML has it."""
    for letter, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(letter, "&" + name + ";")
    return text


async def on_copy(event: Event) -> None:
    """Copy the snippet; where the browser forbids it, mark it to be copied by hand."""
    button = find("#embed-copy")
    try:
        await window.navigator.clipboard.writeText(code.value)
        button.textContent = say("Copied")
    except Exception:
        code.focus()
        code.select()
        button.textContent = say("Copy it by hand")
    await asyncio.sleep(2)
    button.textContent = say("Copy")


def on_close(event: Event) -> None:
    """Back to the page."""
    box.close()
