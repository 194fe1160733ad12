"""The keys of the picture, and the list of all keys."""

from pyscript import document

from liqmap.language import mark, say
from page import cluster, desk, embed, reading
from page.cluster import Chosen
from page.dom import fill_table, find, liqmap, typing
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from typing import Any

    from pyscript import Event, KeyboardEvent

KEYS = (
    ("← →", mark("crosshair by a bar; with Shift by ten")),
    ("↑ ↓", mark("crosshair by a row of prices; with Shift by ten")),
    (mark("Home, End"), mark("crosshair to the first and the last bar")),
    ("+, −", mark("zoom about the crosshair")),
    ("0", mark("refit: show all of the picture")),
    (mark("Enter"), mark("open the cluster at the crosshair")),
    (mark("Esc"), mark("close what is open, and go back to where you were")),
    (mark("/, Ctrl K, ⌘ K"), mark("search contracts")),
    ("?", mark("this list")),
)
STEPS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, 1), "ArrowDown": (0, -1)}
FAR = 10
"""Bars or rows, with Shift."""
ZOOMS = {"+": 1.25, "=": 1.25, "-": 0.8, "−": 0.8}
picture, box = find("#plot"), find("#keys")


def on_picture(event: KeyboardEvent) -> Coroutine[Any, Any, None] | None:
    """A key while the picture has the focus."""
    if liqmap.picture is None or event.ctrlKey or event.altKey or event.metaKey:
        return None
    key = event.key
    work = None
    if key in STEPS:
        columns, rows = STEPS[key]
        far = FAR if event.shiftKey else 1
        liqmap.crossBy(columns * far, rows * far)
    elif key in ("Home", "End"):
        liqmap.crossEnd(key == "End")
    elif key in ZOOMS:
        liqmap.zoomBy(ZOOMS[key])
    elif key == "0":
        liqmap.refit()
    elif key == "Enter" and not embed.on:
        work = open_cluster()
    elif key == "Escape" and not reading.readout.hidden:
        reading.hide()
        event.stopImmediatePropagation()
    else:
        return None
    event.preventDefault()
    return work


async def open_cluster() -> None:
    """Open the cluster at the crosshair, and go there; say so where none is listed."""
    row = liqmap.bandAt(liqmap.crossAt(), Chosen.message.bands) if Chosen.message else -1
    if row < 0:
        liqmap.crossBy(0, 0)
        reading.add(say("None of the largest clusters is here."))
        return
    if find("#desk-clusters").hidden:
        desk.show("desk-clusters")
    await cluster.choose(row, go=True)


def on_key(event: KeyboardEvent) -> None:
    """The question mark opens the list, unless somebody types into a field."""
    if event.key != "?" or typing(event) or document.querySelector("dialog[open]"):
        return
    event.preventDefault()
    on_open(event)


def on_open(event: Event) -> None:
    """Show all keys."""
    fill_table("#keys", [(say(keys), say(words)) for keys, words in KEYS])
    box.showModal()


def on_close(event: Event) -> None:
    """The browser gives the focus back."""
    box.close()
