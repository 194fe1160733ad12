"""Charts beside and below the heatmap: those that have something to show, where there is room."""

from pyscript import ffi, window

from page import embed
from page.dom import liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pyscript import Event

small = window.matchMedia("(max-width: 480px), (max-height: 320px)")
wanted = {"map": True, "past": False, "strip": False, "context": False}
LOWEST_FIRST = (("context", "context_time_axis"), ("strip", "strip_time_axis"))


def show(name: str, visible: bool) -> None:
    """A chart has something to show, or nothing."""
    wanted[name] = visible
    fit()


def fit(event: Event | None = None) -> None:
    """A small frame has room for the heatmap alone; times stand below the lowest chart."""
    room = not (embed.on and small.matches)
    for name, visible in wanted.items():
        liqmap.named(name).visible = visible and room
    shown = False
    for chart, axis in LOWEST_FIRST:
        below = liqmap.named(chart).visible and not shown
        liqmap.named(axis).visible = below
        shown = shown or below
    liqmap.named("time_axis").visible = not shown


def watch() -> None:
    """Make room now, and when the frame changes."""
    if embed.on:
        liqmap.named("heat").toolbar_location = None
        small.addEventListener("change", ffi.create_proxy(fit))
        fit()
