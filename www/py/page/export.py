"""What a visitor takes away: the link, the picture, and what it shows as a file."""

import asyncio

from pyscript import document, window

from liqmap.language import say
from page.dom import find, liqmap
from page.time_machine import Then
from page.typing import TYPE_CHECKING
from page.worker import call

if TYPE_CHECKING:
    from pyscript import Blob, Event

REVOKE_S = 10.0
"""A download has begun by then."""


async def save(content: str | Blob, name: str) -> None:
    """Hand a file to the visitor."""
    link = document.createElement("a")
    link.href = window.URL.createObjectURL(window.Blob.new(window.Array.of(content)))
    link.download = name
    link.click()
    await asyncio.sleep(REVOKE_S)
    window.URL.revokeObjectURL(link.href)


def file_name() -> str:
    """`liqmap-BTC-USDT-PERP-Bybit-exposure.png`: the title that the picture has."""
    words = find("#title").textContent.split(" · ")
    words += [find("[name=asof]").value.replace(":", "")] if Then.as_of else []
    return "liqmap-" + "-".join("-".join(words).split(" ")) + ".png"


async def on_share(event: Event) -> None:
    """Copy the link of this view."""
    button = find("#share")
    try:
        await window.navigator.clipboard.writeText(window.location.href)
        button.textContent = say("Copied")
    except Exception:
        window.prompt(say("Copy the link of this view"), window.location.href)
    await asyncio.sleep(2)
    button.textContent = say("Share")


async def on_png(event: Event) -> None:
    """Save the picture."""
    if liqmap.picture:
        await save(await liqmap.png(), file_name())


async def on_file(event: Event) -> None:
    """Save what was chosen in the format of the button."""
    found = await call("file", find("#export-what").value, event.target.value)
    if found and found[0]:
        find("#export-menu").hidePopover()
        await save(found[1], found[0])
