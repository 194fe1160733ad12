"""The strip below the picture: what else the venue tells of the same time."""

from pyscript import window

from page.dom import find, liqmap
from page.typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from liqmap.picture.context import Context

LOWEST_FIRST = (("context", "context_time_axis"), ("strip", "strip_time_axis"))


class Strip:
    """How its numbers are said."""

    caption = ""
    unit = ""
    signed = False
    decimals = 0


def show(message: Context) -> None:
    """Draw its line, or say why there is none; nothing where it is not asked for."""
    axes: Any = message.axes
    for name in ("caption", "unit", "signed", "decimals"):
        setattr(Strip, name, getattr(message, name))
    liqmap.fill(message)
    liqmap.named("context_caption").text = message.caption
    liqmap.named("context_axis").axis_label = message.unit
    level: Any = liqmap.named("context_level")
    level.location, level.visible = message.level, axes.context_axis.places.length > 0
    liqmap.named("context").visible = message.visible
    find("#picture").classList.toggle("context", message.visible)
    place_time_axis()


def place_time_axis() -> None:
    """Show the times below the lowest chart, and nowhere else."""
    shown = False
    for chart, axis in LOWEST_FIRST:
        below = liqmap.named(chart).visible and not shown
        liqmap.named(axis).visible = below
        shown = shown or below
    liqmap.named("time_axis").visible = not shown


def words(amount: float) -> str:
    """A number of the line with its unit."""
    if window.isNaN(amount):
        return "no data"
    form = "{:+,.{}f} {}" if Strip.signed else "{:,.{}f} {}"
    return form.format(amount, Strip.decimals, Strip.unit).replace("-", "−").strip()
