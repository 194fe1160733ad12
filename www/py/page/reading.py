"""The box that says in words what a pointer, a finger or the crosshair is at."""

from pyscript import document, ffi, window

from page import embed, speech
from page.dom import fill, find, liqmap, narrow
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyscript import Event, PlotEvent

readout = find("#readout")


def read_out(event: PlotEvent, lines: Sequence[str], side: str = "") -> None:
    """Show lines beside the pointer, where it is not: on the other side of the picture."""
    fill(readout, "div", lines)
    readout.firstChild.className = side
    heat = liqmap.named("heat")
    readout.classList.toggle("right", event.sx < heat.inner_width / 2)
    readout.classList.toggle("low", event.sy < heat.inner_height / 2)
    readout.hidden = False
    if narrow.matches and not embed.on:  # below the picture
        readout.scrollIntoView(ffi.to_js({"block": "nearest"}))
    speech.read(". ".join(lines))


def add(line: str) -> None:
    """One more line; it is said alone."""
    item = document.createElement("div")
    item.textContent = line
    readout.append(item)
    speech.read(line)


def on_leave(event: PlotEvent) -> None:
    """The pointer left the picture; a finger always does, and what it read stays."""
    if window.matchMedia("(hover: hover)").matches:
        hide()


def on_elsewhere(event: Event) -> None:
    """A touch beside the picture."""
    if not event.target.closest("#picture"):
        hide()


def hide() -> None:
    """Nothing is pointed at."""
    readout.hidden = True
    liqmap.pointAt(None, False, False)
    liqmap.hideCross()
