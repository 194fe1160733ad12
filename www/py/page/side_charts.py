"""Charts beside and below the heatmap: those that have something to show, where there is room.

A narrow screen shows the heatmap or, in its place, the map: a switch says which.
"""

from pyscript import document, ffi, window

from page import embed
from page.dom import find, liqmap, narrow
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

small = window.matchMedia("(max-width: 480px), (max-height: 320px)")
wanted = {"map": True, "past": False, "strip": False, "context": False}
BESIDE = ("map", "past")
LOWEST_FIRST = (("context", "context_time_axis"), ("strip", "strip_time_axis"))


class Chosen:
    """Which chart a narrow screen shows: `heat` or `map`."""

    chart = "heat"


def show(name: str, visible: bool) -> None:
    """A chart has something to show, or nothing."""
    wanted[name] = visible
    fit()


def fit(event: Event | None = None) -> None:
    """A small frame has room for the heatmap alone; times stand below the lowest chart."""
    one = narrow.matches and not embed.on
    on_map = one and Chosen.chart == "map"
    liqmap.arrange(on_map)
    find("#picture").classList.toggle("map", on_map)
    for name, visible in wanted.items():
        room = on_map == (name in BESIDE) if one else not (embed.on and small.matches)
        liqmap.named(name).visible = visible and room
    shown = False
    for chart, axis in LOWEST_FIRST:
        below = liqmap.named(chart).visible and not shown
        liqmap.named(axis).visible = below
        shown = shown or below
    liqmap.named("time_axis").visible = not shown


def on_choose(event: Event) -> None:
    """The other chart; what was read on the first one is none of its."""
    chosen = event.target.closest("button")
    if not chosen:
        return
    Chosen.chart = chosen.value
    for button in document.querySelectorAll("#charts button"):
        button.setAttribute("aria-pressed", "true" if button.value == Chosen.chart else "false")
    find("#readout").hidden = find("#as-of-here").hidden = True
    liqmap.pointAt(None, False, False)
    fit()


def watch() -> None:
    """Make room now, and when the frame changes."""
    if embed.on:
        liqmap.named("heat").toolbar_location = None
    for width in (small, narrow):
        width.addEventListener("change", ffi.create_proxy(fit))
    fit()
